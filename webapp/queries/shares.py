"""Reads about shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from webapp.models import Basket, Share

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True)
class ShareRow:
    """A share as stored; see models.delivery.Share for the fields."""

    id: str
    owner: str
    filters: str
    title: str
    note: str
    created_at: int
    revoked_at: int | None
    closed_by_archive: bool


@dataclass(frozen=True)
class ShareEntry:
    """A share in its owner's list: how many files it shows, and how many of them are selected."""

    id: str
    title: str
    created_at: int
    revoked_at: int | None
    closed_by_archive: bool
    files: int
    selected: int


_COLUMNS = [col(getattr(Share, name)) for name in ShareRow.__dataclass_fields__]


def share(session: Session, share_id: str) -> ShareRow | None:
    """The share of that id, revoked or not."""
    row = session.execute(select(*_COLUMNS).where(col(Share.id) == share_id)).one_or_none()
    return None if row is None else ShareRow(*row)


def of_owner(session: Session, owner: str, *, limit: int) -> list[ShareEntry]:
    """A session's shares, newest first, revoked ones included."""
    query = (
        select(
            *(col(getattr(Share, name)) for name in ("id", "title", "created_at", "revoked_at", "closed_by_archive")),
            col(Basket.files),
            col(Basket.selection),
        )
        .join(Basket, col(Basket.id) == col(Share.basket_id))
        .where(col(Share.owner) == owner)
        .order_by(col(Share.created_at).desc(), col(Share.id))
        .limit(limit)
    )
    return [
        ShareEntry(id_, title, created, revoked, closed, files, int.from_bytes(selection or b"", "big").bit_count())
        for id_, title, created, revoked, closed, files, selection in session.execute(query)
    ]
