"""Reads about all baskets that somebody owns: one statement for each table, however many baskets there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlmodel import col

from webapp.basket_names import shown
from webapp.models import Basket, BasketObservation, BasketRule, Observation
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlmodel import Session


@dataclass(frozen=True)
class Owned:
    """A basket of somebody's, without its bits; see models.basket.Basket for the fields."""

    id: str
    name: str
    files: int
    created_at: int
    changed_at: int
    locked_at: int | None
    deleted_at: int | None
    has_key: bool

    @property
    def title(self) -> str:
        """How it is called on screen."""
        return shown(self.name, self.created_at)


def owned(session: Session, owner: str, limit: int) -> list[Owned]:
    """The baskets of an owner, deleted ones too, the one that was changed last first; no frozen ones."""
    return _owned(session, limit, col(Basket.owner) == owner)


def others(session: Session, owner: str, basket_id: str, limit: int) -> list[Owned]:
    """An owner's baskets aside from this one, the one that was changed last first."""
    beside = (col(Basket.id) != basket_id, col(Basket.deleted_at).is_(None))
    return _owned(session, limit, col(Basket.owner) == owner, *beside)


def _owned(session: Session, limit: int, *where: ColumnElement[bool]) -> list[Owned]:
    names = ("id", "name", "files", "created_at", "changed_at", "locked_at", "deleted_at")
    query = (
        select(*(getattr(Basket, name) for name in names), col(Basket.key_hash).is_not(None))
        .where(*where, col(Basket.snapshot).is_(None))
        .order_by(col(Basket.changed_at).desc(), col(Basket.created_at).desc(), col(Basket.id))
        .limit(limit)
    )
    return [Owned(*row) for row in session.execute(query)]


def with_observations_like(session: Session, owner: str, text: str) -> set[str]:
    """Ids of an owner's baskets that hold an observation whose id or target has this text in it."""
    like = or_(
        *(column.icontains(text, autoescape=True) for column in (col(Observation.obs_id), col(Observation.target)))
    )
    query = (
        select(col(BasketObservation.basket_id))
        .distinct()
        .join(Basket, col(Basket.id) == col(BasketObservation.basket_id))
        .join(Observation, col(Observation.id) == col(BasketObservation.observation_id))
        .where(col(Basket.owner) == owner, like)
    )
    return set(session.execute(query).scalars())


def selections(session: Session, ids: Sequence[str]) -> dict[str, bytes]:
    """The packed selection of each basket that has one."""
    query = select(col(Basket.id), col(Basket.selection)).where(
        one_of(session, col(Basket.id), ids), col(Basket.selection).is_not(None)
    )
    return {basket_id: bits or b"" for basket_id, bits in session.execute(query)}


def observation_counts(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """How many observations are in each basket that has any."""
    basket_id = col(BasketObservation.basket_id)
    query = select(basket_id, func.count()).where(one_of(session, basket_id, ids)).group_by(basket_id)
    return {each: int(count) for each, count in session.execute(query)}


def with_rules(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of the baskets that follow a rule."""
    basket_id = col(BasketRule.basket_id)
    return set(session.execute(select(basket_id).where(one_of(session, basket_id, ids))).scalars())


def has_key(session: Session, basket_id: str) -> bool:
    """Whether a basket has a key."""
    query = select(col(Basket.key_hash).is_not(None)).where(col(Basket.id) == basket_id)
    return bool(session.execute(query).scalar_one_or_none())
