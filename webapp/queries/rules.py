"""Reads about the filters that baskets follow: what they had brought, and what was only removed by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from webapp.models import BasketRule, BasketStep, Product
from webapp.queries.inventory import members
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session


def seen(session: Session, basket_id: str) -> bytes | None:
    """What a basket's rule had brought when its owner last looked, as it is stored."""
    query = select(col(BasketRule.seen)).where(col(BasketRule.basket_id) == basket_id)
    return session.execute(query).scalar_one_or_none()


def listed(session: Session, basket_id: str, ids: Sequence[int]) -> list[int]:
    """Those of these products (any number) that a basket's observations and additions list."""
    inside = members(basket_id)
    query = select(inside.c.product_id).where(one_of(session, inside.c.product_id, ids))
    return list(session.execute(query).scalars())


def steps_since(session: Session, basket_id: str, at: int) -> list[bytes]:
    """What undoes each step of a basket from then on that has not been undone."""
    query = select(col(BasketStep.undo)).where(
        col(BasketStep.basket_id) == basket_id, col(BasketStep.at) >= at, col(BasketStep.undone).is_(False)
    )
    return list(session.execute(query).scalars())


def names(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """``{product id: (uri, file name)}``, in tree order within each mission."""
    query = select(col(Product.id), col(Product.uri), col(Product.filename)).where(
        one_of(session, col(Product.id), ids)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}
