"""Reads and writes about what deliveries take on disk, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import col

from jobs.results import CANCELLED, FAILED, PROBLEMS, READY
from webapp.db import take_turns
from webapp.models import Delivery
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session

BATCH = "batch"
EXPIRED = "Expired"
THERE = (READY, PROBLEMS)  # the states in which files can be fetched
OVER = (*THERE, FAILED, CANCELLED, EXPIRED)


@dataclass(frozen=True)
class Kept:
    """How long a delivery is kept; see models.delivery.Delivery for the fields."""

    id: str
    owner: str
    method: str
    state: str | None
    expires_at: int | None
    extended_at: int | None


_COLUMNS = [col(getattr(Delivery, name)) for name in Kept.__dataclass_fields__]


def kept(session: Session, delivery_id: str) -> Kept | None:
    """The delivery of that id."""
    row = session.execute(select(*_COLUMNS).where(col(Delivery.id) == delivery_id)).one_or_none()
    return None if row is None else Kept(*row)


def is_staged(session: Session, delivery_id: str, now: int) -> bool:
    """Whether a delivery's files are in the stage, for it to be fetched."""
    query = select(col(Delivery.id)).where(
        col(Delivery.id) == delivery_id,
        col(Delivery.method) == BATCH,
        col(Delivery.state).in_(THERE),
        or_(col(Delivery.expires_at).is_(None), col(Delivery.expires_at) > now),
        col(Delivery.deleted_at).is_(None),
    )
    return session.execute(query).one_or_none() is not None


def due_to_expire(session: Session, now: int, limit: int) -> list[Kept]:
    """Deliveries whose time is over, and expired ones whose staged files may still be there."""
    query = select(*_COLUMNS).where(
        or_(
            and_(col(Delivery.state).in_(THERE), col(Delivery.expires_at) <= now),
            and_(col(Delivery.state) == EXPIRED, col(Delivery.staged_bytes) > 0),
        )
    )
    return [Kept(*row) for row in session.execute(query.order_by(col(Delivery.expires_at)).limit(limit))]


def given_up(session: Session, before: int, limit: int) -> list[str]:
    """Failed and cancelled deliveries that hold room in the stage and that nobody has retried since then."""
    query = select(col(Delivery.id)).where(
        col(Delivery.state).in_([FAILED, CANCELLED]),
        col(Delivery.staged_bytes) > 0,
        or_(col(Delivery.finished_at).is_(None), col(Delivery.finished_at) < before),
    )
    return list(session.execute(query.order_by(col(Delivery.created_at)).limit(limit)).scalars())


def set_expired(session: Session, delivery_id: str, sentence: str, now: int | None = None) -> bool:
    """End what can be fetched; with ``now`` only if its time is over. False if it cannot be fetched, or not yet."""
    condition = [col(Delivery.id) == delivery_id, col(Delivery.state).in_(THERE)]
    if now is not None:
        condition.append(col(Delivery.expires_at) <= now)
    return _changed(session, update(Delivery).where(*condition).values(state=EXPIRED, sentence=sentence))


def set_extended(session: Session, found: Kept, expires_at: int, now: int) -> bool:
    """Move the end of a delivery that is as ``found``; it may be reminded of anew. False if it has changed."""
    condition = (
        col(Delivery.id) == found.id,
        col(Delivery.state).in_(THERE),
        col(Delivery.expires_at) == found.expires_at,
        col(Delivery.extended_at).is_(None),
    )
    values = {"expires_at": expires_at, "extended_at": now, "reminded_at": None}
    return _changed(session, update(Delivery).where(*condition).values(**values))


def release_stage(session: Session, delivery_id: str, states: Sequence[str]) -> None:
    """It takes no room in the stage any more, if it is still in one of these states."""
    condition = (col(Delivery.id) == delivery_id, col(Delivery.state).in_(states))
    session.execute(update(Delivery).where(*condition).values(staged_bytes=0))


def _changed(session: Session, statement: Any) -> bool:
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # an UPDATE has a row count


def staged_bytes(session: Session, owner: str) -> tuple[int, int]:
    """Bytes that deliveries hold in the stage: of this owner, and in all. Others who ask wait for this transaction."""
    take_turns(session, "staging")
    total = func.coalesce(func.sum(col(Delivery.staged_bytes)), 0)
    of_owner = select(total).where(col(Delivery.owner) == owner).scalar_subquery()
    mine, every = session.execute(select(of_owner, total)).one()
    return int(mine), int(every)


def evictable(session: Session, ids: Sequence[str]) -> set[str]:
    """Which of these deliveries are over, and have nothing in the stage that their folder in the spool describes."""
    query = select(col(Delivery.id)).where(
        one_of(session, col(Delivery.id), ids),
        col(Delivery.state).in_(OVER),
        or_(col(Delivery.method) != BATCH, col(Delivery.state) == EXPIRED),
    )
    return set(session.execute(query).scalars()) if ids else set()


def known(session: Session, ids: Sequence[str]) -> set[str]:
    """Which of these deliveries there are."""
    query = select(col(Delivery.id)).where(one_of(session, col(Delivery.id), ids))
    return set(session.execute(query).scalars()) if ids else set()
