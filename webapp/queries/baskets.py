"""Reads about baskets: their rows, their observations, their recent steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select, union, union_all
from sqlmodel import col

from webapp.basket_names import shown
from webapp.models import (
    Basket,
    BasketAddition,
    BasketObservation,
    BasketRule,
    BasketStep,
    InventoryOrder,
    Observation,
    ObservationProduct,
    Product,
    Share,
    Snapshot,
)
from webapp.owners import basket_of_key
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CompoundSelect
    from sqlmodel import Session


@dataclass(frozen=True)
class BasketRow:
    """A basket as stored; see models.basket.Basket for the fields."""

    id: str
    owner: str
    version: int
    content: int
    digest: str | None
    digest_for: str | None
    selection: bytes | None
    removed: bytes | None
    snapshot: str | None
    files: int
    created_at: int
    changed_at: int
    name: str
    locked_at: int | None
    deleted_at: int | None
    rule: RuleRow | None

    @property
    def frozen(self) -> bool:
        """Whether what is in it never changes."""
        return self.snapshot is not None

    @property
    def title(self) -> str:
        """How it is called on screen."""
        return shown(self.name, self.created_at)


@dataclass(frozen=True)
class RuleRow:
    """A filter that a basket follows; ``seen_bytes`` tells two sets of seen products apart where all else is alike."""

    filters: str
    seen_at: int
    seen_bytes: int


@dataclass(frozen=True)
class StepRow:
    """A step that can be undone, or was."""

    id: int
    at: int
    sentence: str
    undone: bool


@dataclass(frozen=True)
class BasketObservationRow:
    """An observation in a basket, with what it brings (products that are not withdrawn)."""

    id: int
    mission: str
    obs_id: str
    target: str | None
    instrument: str | None
    files: int
    bytes: int
    unknown_size: int


def basket(session: Session, basket_id: str, *, lock: bool = False) -> BasketRow | None:
    """The basket of that id; ``lock`` keeps other writers out until the transaction ends."""
    names = [name for name in BasketRow.__dataclass_fields__ if name != "rule"]
    rule = col(BasketRule.filters), col(BasketRule.seen_at), func.length(col(BasketRule.seen))
    query = (
        select(*(getattr(Basket, name) for name in names), *rule)
        .outerjoin(BasketRule, col(BasketRule.basket_id) == col(Basket.id))
        .where(col(Basket.id) == basket_id)
    )
    row = session.execute(query.with_for_update(of=Basket) if lock else query).one_or_none()
    if row is None:
        return None
    *known, filters, seen_at, seen_bytes = row
    values = (*known, None if filters is None else RuleRow(filters, seen_at, seen_bytes))
    return BasketRow(*values)


@dataclass(frozen=True)
class Current:
    """The basket that somebody works with; ``several``: they have others beside it."""

    id: str
    files: int
    title: str
    several: bool


def current_of(session: Session, owner: str, opened: str | None) -> Current | None:
    """The basket of that id if it is this owner's, else the one that they changed last; the holder of a key has one.

    Frozen and deleted ones are none to work with.
    """
    held = basket_of_key(owner)
    whose = col(Basket.owner) == owner if held is None else col(Basket.id) == held
    names = col(Basket.id), col(Basket.files), col(Basket.name), col(Basket.created_at), func.count().over()
    query = (
        select(*names)
        .where(whose, col(Basket.snapshot).is_(None), col(Basket.deleted_at).is_(None))
        .order_by(
            case((col(Basket.id) == opened, 0), else_=1),
            col(Basket.changed_at).desc(),
            col(Basket.created_at).desc(),
            col(Basket.id),
        )
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Current(row[0], row[1], shown(row[2], row[3]), row[4] > 1)


def observation_ids(session: Session, basket_id: str) -> list[int]:
    """Ids of the observations in a basket."""
    query = select(col(BasketObservation.observation_id)).where(col(BasketObservation.basket_id) == basket_id)
    return list(session.execute(query).scalars())


def addition_ids(session: Session, basket_id: str) -> list[int]:
    """Ids of the products that were added by themselves."""
    query = select(col(BasketAddition.product_id)).where(col(BasketAddition.basket_id) == basket_id)
    return list(session.execute(query).scalars())


def observation_count(session: Session, basket_id: str) -> int:
    """How many observations are in a basket."""
    query = select(func.count()).select_from(BasketObservation).where(col(BasketObservation.basket_id) == basket_id)
    return int(session.execute(query).scalar_one())


def observations(session: Session, basket_id: str, *, limit: int, offset: int = 0) -> list[BasketObservationRow]:
    """One page of a basket's observations by mission and obs id, with files and bytes."""
    page = (
        select(col(Observation.id))
        .join(BasketObservation, col(BasketObservation.observation_id) == col(Observation.id))
        .where(col(BasketObservation.basket_id) == basket_id)
        .order_by(col(Observation.mission), col(Observation.obs_id))
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    files = func.count(col(Product.id))
    query = (
        select(
            col(Observation.id),
            col(Observation.mission),
            col(Observation.obs_id),
            col(Observation.target),
            col(Observation.instrument),
            files,
            func.coalesce(func.sum(col(Product.size)), 0),
            files - func.count(col(Product.size)),
        )
        .join(page, page.c.id == col(Observation.id))
        .outerjoin(ObservationProduct, col(ObservationProduct.observation_id) == col(Observation.id))
        .outerjoin(
            Product, (col(Product.id) == col(ObservationProduct.product_id)) & col(Product.withdrawn_at).is_(None)
        )
        .group_by(
            col(Observation.id),
            col(Observation.mission),
            col(Observation.obs_id),
            col(Observation.target),
            col(Observation.instrument),
        )
        .order_by(col(Observation.mission), col(Observation.obs_id))
    )
    return [
        BasketObservationRow(i, mission, obs_id, target, instrument, count, int(size), unknown)
        for i, mission, obs_id, target, instrument, count, size, unknown in session.execute(query)
    ]


def file_count(session: Session, basket_id: str, extra: Sequence[int], limit: int) -> int:
    """How many files a basket would hold with extra observations (any number of them), withdrawn ones included.

    Exact where over ``limit``; up to there a file counts once for each of its observations, which costs a fifth.
    """
    inside = select(col(BasketObservation.observation_id)).where(col(BasketObservation.basket_id) == basket_id)
    outside = select(col(Observation.id)).where(one_of(session, col(Observation.id), extra))
    linked = select(col(ObservationProduct.product_id)).where(
        col(ObservationProduct.observation_id).in_(union(inside, outside))
    )
    added = select(col(BasketAddition.product_id)).where(col(BasketAddition.basket_id) == basket_id)
    at_most = _count(session, union_all(linked, added))
    return at_most if at_most <= limit else _count(session, union(linked, added))


def _count(session: Session, query: CompoundSelect[tuple[int]]) -> int:
    return int(session.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def step(session: Session, basket_id: str, step_id: int) -> tuple[str, bytes, bool] | None:
    """``(sentence, undo, undone)`` of a destructive step."""
    query = select(col(BasketStep.sentence), col(BasketStep.undo), col(BasketStep.undone)).where(
        col(BasketStep.basket_id) == basket_id, col(BasketStep.id) == step_id
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def steps(session: Session, basket_id: str, *, limit: int) -> list[StepRow]:
    """The newest steps of a basket, the newest first."""
    columns = (col(getattr(BasketStep, name)) for name in StepRow.__dataclass_fields__)
    query = select(*columns).where(col(BasketStep.basket_id) == basket_id).order_by(col(BasketStep.id).desc())
    return [StepRow(*row) for row in session.execute(query.limit(limit))]


def order(session: Session, digest: str) -> bytes | None:
    """The compressed product ids of an inventory in tree order."""
    query = select(col(InventoryOrder.product_ids)).where(col(InventoryOrder.digest) == digest)
    return session.execute(query).scalar_one_or_none()


def snapshot(session: Session, digest: str) -> bytes:
    """The compressed inventory that frozen baskets of that digest show; empty if it is not kept."""
    query = select(col(Snapshot.content)).where(col(Snapshot.digest) == digest)
    return session.execute(query).scalar_one_or_none() or b""


def has_snapshot(session: Session, digest: str) -> bool:
    """Whether an inventory is kept already."""
    query = select(col(Snapshot.digest)).where(col(Snapshot.digest) == digest)
    return session.execute(query).scalar_one_or_none() is not None


def share_is_open(session: Session, basket_id: str) -> bool | None:
    """Whether the share of a frozen basket that nobody owns can be opened; None if there is no such share."""
    query = select(col(Share.revoked_at).is_(None)).where(col(Share.id) == basket_id)
    return session.execute(query).scalar_one_or_none()
