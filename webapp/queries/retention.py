"""Reads and writes about what is old: whose session is over, and what nobody names any more.

Each function that deletes is one short transaction's work; what is large goes in slices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, or_, select, union, update
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from webapp.models import (
    Basket,
    BasketAddition,
    BasketObservation,
    BasketRule,
    BasketStep,
    Delivery,
    InventoryOrder,
    Share,
    Snapshot,
)
from webapp.owners import ACCOUNT
from webapp.queries.chores import OVER

if TYPE_CHECKING:
    from sqlmodel import Session

SLICE = 10_000  # rows of a basket that one transaction deletes

_MEMBERS: tuple[tuple[type[SQLModel], Any, Any], ...] = (
    (BasketObservation, col(BasketObservation.basket_id), col(BasketObservation.observation_id)),
    (BasketAddition, col(BasketAddition.basket_id), col(BasketAddition.product_id)),
    (BasketRule, col(BasketRule.basket_id), col(BasketRule.basket_id)),
    (BasketStep, col(BasketStep.basket_id), col(BasketStep.id)),
    (BasketRule, col(BasketRule.basket_id), col(BasketRule.basket_id)),
)


def idle_owners(session: Session, since: int, limit: int) -> list[str]:
    """Who has a basket or a delivery, and has changed and asked for nothing since then; no account is among them.

    Whoever owns nothing but frozen baskets is nobody's session: those go when nothing names them.
    """
    of_baskets = select(col(Basket.owner)).where(col(Basket.snapshot).is_(None))
    owners = union(of_baskets, select(col(Delivery.owner))).subquery()
    basket, delivery, share = aliased(Basket), aliased(Delivery), aliased(Share)
    busy = or_(
        exists().where(col(basket.owner) == owners.c.owner, col(basket.changed_at) >= since),
        exists().where(col(delivery.owner) == owners.c.owner, _recent(delivery, since)),
        exists().where(col(share.owner) == owners.c.owner, col(share.created_at) >= since),
    )
    query = (
        select(owners.c.owner).where(~busy, ~owners.c.owner.startswith(ACCOUNT)).order_by(owners.c.owner).limit(limit)
    )
    return list(session.execute(query).scalars())


def _recent(delivery: Any, since: int) -> Any:
    """Not over yet, or something happened to it since then."""
    return or_(
        col(delivery.state).is_(None),
        *(col(getattr(delivery, at)) >= since for at in ("created_at", "finished_at", "expires_at", "extended_at")),
    )


def deliveries_of(session: Session, owner: str, limit: int) -> list[str]:
    """Ids of a session's deliveries."""
    query = select(col(Delivery.id)).where(col(Delivery.owner) == owner).order_by(col(Delivery.id)).limit(limit)
    return list(session.execute(query).scalars())


def deleted_deliveries(session: Session, before: int, limit: int) -> list[str]:
    """Deliveries that their owner took out of the history before then."""
    query = select(col(Delivery.id)).where(col(Delivery.deleted_at) < before, col(Delivery.state).in_(OVER))
    return list(session.execute(query.order_by(col(Delivery.id)).limit(limit)).scalars())


def delete_delivery(session: Session, delivery_id: str) -> None:
    """Forget a delivery."""
    session.execute(delete(Delivery).where(col(Delivery.id) == delivery_id))


def baskets_of(session: Session, owner: str, limit: int) -> list[str]:
    """Ids of a session's own baskets, the frozen ones left out."""
    query = select(col(Basket.id)).where(col(Basket.owner) == owner, col(Basket.snapshot).is_(None))
    return list(session.execute(query.order_by(col(Basket.id)).limit(limit)).scalars())


def unnamed_baskets(session: Session, before: int, limit: int) -> list[str]:
    """Frozen baskets, older than that, which no delivery and no share shows."""
    query = select(col(Basket.id)).where(
        col(Basket.snapshot).is_not(None),
        col(Basket.changed_at) < before,
        *(
            col(Basket.id).not_in(select(column).where(column.is_not(None)))
            for column in (col(Delivery.files_id), col(Delivery.basket_id), col(Share.basket_id))
        ),
    )
    return list(session.execute(query.order_by(col(Basket.id)).limit(limit)).scalars())


def deleted_baskets(session: Session, until: int, limit: int) -> list[str]:
    """Ids of baskets that their owner deleted then or before."""
    query = select(col(Basket.id)).where(col(Basket.deleted_at) <= until)
    return list(session.execute(query.order_by(col(Basket.id)).limit(limit)).scalars())


def delete_members(session: Session, basket_id: str) -> bool:
    """Delete a slice of what a basket holds. False if there was nothing left."""
    for table, basket, member in _MEMBERS:
        some = select(member).where(basket == basket_id).limit(SLICE)
        found = session.execute(delete(table).where(basket == basket_id, member.in_(some)))
        if found.rowcount:  # type: ignore[attr-defined]  # a DELETE has a row count
            return True
    return False


def delete_basket(session: Session, basket_id: str) -> None:
    """Delete a basket that holds nothing any more; deliveries of others that were chosen in it stay."""
    session.execute(update(Delivery).where(col(Delivery.basket_id) == basket_id).values(basket_id=None))
    session.execute(delete(Basket).where(col(Basket.id) == basket_id))


def delete_revoked_shares(session: Session, before: int) -> None:
    """Forget shares that were revoked before then; their frozen baskets are then named by nothing."""
    session.execute(delete(Share).where(col(Share.revoked_at) < before))


def delete_unnamed_snapshots(session: Session, before: int) -> None:
    """Delete inventories, kept before then, that no frozen basket shows."""
    named = select(col(Basket.snapshot)).where(col(Basket.snapshot).is_not(None))
    session.execute(delete(Snapshot).where(col(Snapshot.created_at) < before, col(Snapshot.digest).not_in(named)))


def delete_unnamed_orders(session: Session) -> None:
    """Delete the orders of inventories that no basket has any more."""
    named = select(col(Basket.digest)).where(col(Basket.digest).is_not(None))
    session.execute(delete(InventoryOrder).where(col(InventoryOrder.digest).not_in(named)))
