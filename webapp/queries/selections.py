"""Reads about what is selected, as a whole: by the ids of its products or of its rules, any number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlmodel import col

from webapp.access import ReadRights
from webapp.models import Product, Rights
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlmodel import Session

CHUNK = 5_000  # ids in one statement


def rules(session: Session, rights_ids: Sequence[int]) -> list[ReadRights]:
    """The rules with these ids."""
    query = select(col(Rights.mission), col(Rights.programme), col(Rights.released_at))
    return [ReadRights(*row) for row in session.execute(query.where(one_of(session, col(Rights.id), rights_ids)))]


def without_sha256(session: Session, ids: Sequence[int]) -> int:
    """How many of these products have no SHA-256 in the catalogue."""
    query = select(func.count()).select_from(Product).where(col(Product.sha256).is_(None))
    counts = (session.execute(query.where(one_of(session, col(Product.id), chunk))) for chunk in _chunks(ids))
    return sum(int(count.scalar_one()) for count in counts)


def places(session: Session, ids: Sequence[int]) -> Iterator[tuple[str, str | None]]:
    """URI and recorded location of these products, in any order."""
    for chunk in _chunks(ids):
        query = select(col(Product.uri), col(Product.location)).where(one_of(session, col(Product.id), chunk))
        yield from ((row[0], row[1]) for row in session.execute(query))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
