"""Reads and writes about mail: what is due, and what was sent within the last day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select, update
from sqlmodel import col

from jobs.results import FAILED, PROBLEMS, READY
from webapp.models import Delivery, MailSent

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlmodel import Session


@dataclass(frozen=True)
class MailRow:
    """A delivery as mail knows it; see models.delivery.Delivery for the fields."""

    id: str
    owner: str
    email: str
    files: int
    bytes: int
    state: str
    mailed: str | None
    expires_at: int | None
    extended_at: int | None


_COLUMNS = [col(getattr(Delivery, name)) for name in MailRow.__dataclass_fields__]


def ended(session: Session, *, since: int, besides: Collection[str], limit: int) -> list[MailRow]:
    """Deliveries that ended since then and whose state nobody was told of; the ids ``besides`` wait."""
    due = (
        col(Delivery.state).in_([READY, PROBLEMS, FAILED]),
        col(Delivery.finished_at) >= since,
        or_(col(Delivery.mailed).is_(None), col(Delivery.mailed) != col(Delivery.state)),
    )
    return _rows(session, due, besides, limit)


def expiring(session: Session, *, now: int, until: int, besides: Collection[str], limit: int) -> list[MailRow]:
    """Deliveries that expire between now and then and whose owners were not reminded."""
    due = (
        col(Delivery.state).in_([READY, PROBLEMS]),
        col(Delivery.expires_at) > now,
        col(Delivery.expires_at) <= until,
        col(Delivery.reminded_at).is_(None),
    )
    return _rows(session, due, besides, limit)


def _rows(
    session: Session, due: tuple[ColumnElement[bool], ...], besides: Collection[str], limit: int
) -> list[MailRow]:
    there = (col(Delivery.email).is_not(None), col(Delivery.deleted_at).is_(None))
    query = select(*_COLUMNS).where(*there, *due).order_by(col(Delivery.finished_at), col(Delivery.id))
    found = session.execute(query.limit(limit + len(besides)))
    return [MailRow(*row) for row in found if row.id not in besides][:limit]


def most_sent(session: Session, owner: str, address: str, since: int) -> int:
    """How many mails went out since then for this owner or to this address, whichever is more."""
    lower = address.lower()
    sent = select(
        func.count().filter(col(MailSent.owner) == owner), func.count().filter(col(MailSent.address) == lower)
    ).where(col(MailSent.at) > since)
    by_owner, to_address = session.execute(sent).one()
    return int(max(by_owner, to_address))


def add_sent(session: Session, row: MailRow, now: int) -> int:
    """Count a mail before it goes out; the id is for ``take_back``."""
    sent = MailSent(at=now, owner=row.owner, address=row.email.lower())
    session.add(sent)
    session.flush()
    if sent.id is None:
        raise RuntimeError
    return sent.id


def take_back(session: Session, sent_id: int) -> None:
    """A mail that was counted has not gone out."""
    session.execute(delete(MailSent).where(col(MailSent.id) == sent_id))


def forget_before(session: Session, at: int) -> None:
    """Nobody counts these any more."""
    session.execute(delete(MailSent).where(col(MailSent.at) <= at))


def set_mailed(session: Session, delivery_id: str, mailed: str | None) -> None:
    """Remember which state the owner was told of."""
    session.execute(update(Delivery).where(col(Delivery.id) == delivery_id).values(mailed=mailed))


def set_reminded(session: Session, delivery_id: str, at: int | None) -> None:
    """Remember that the owner was reminded."""
    session.execute(update(Delivery).where(col(Delivery.id) == delivery_id).values(reminded_at=at))
