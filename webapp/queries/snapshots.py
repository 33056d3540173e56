"""Reads about frozen baskets: what the catalogue did since, and whose files they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select
from sqlmodel import col

from webapp.access import ReadRights
from webapp.models import Delivery, Product, ProductRevision, Rights
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session


@dataclass(frozen=True)
class DeliveryName:
    """The delivery whose files a frozen basket shows."""

    id: str
    name: str
    label: str
    created_at: int


def moved_on(session: Session, ids: Sequence[int], since: int) -> tuple[list[int], list[int]]:
    """The products among ``ids`` (any number) that are withdrawn now, and those replaced at ``since`` or later."""
    replaced = exists(
        select(col(ProductRevision.product_id)).where(
            col(ProductRevision.product_id) == col(Product.id), col(ProductRevision.replaced_at) >= since
        )
    )
    withdrawn = col(Product.withdrawn_at).is_not(None)
    query = select(col(Product.id), withdrawn, replaced).where(
        one_of(session, col(Product.id), ids), or_(withdrawn, replaced)
    )
    rows = session.execute(query).all()
    return [row[0] for row in rows if row[1]], [row[0] for row in rows if row[2] and not row[1]]


def delivery_of(session: Session, owner: str, basket_id: str) -> DeliveryName | None:
    """The first delivery that named a frozen basket as its files."""
    query = (
        select(*(col(getattr(Delivery, name)) for name in DeliveryName.__dataclass_fields__))
        .where(col(Delivery.owner) == owner, col(Delivery.files_id) == basket_id)
        .order_by(col(Delivery.created_at), col(Delivery.id))
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else DeliveryName(*row)


def rights(session: Session, ids: Sequence[int]) -> list[ReadRights]:
    """The rules of these ids (any number of them)."""
    query = select(col(Rights.mission), col(Rights.programme), col(Rights.released_at)).where(
        one_of(session, col(Rights.id), ids)
    )
    return [ReadRights(*row) for row in session.execute(query)]
