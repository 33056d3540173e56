"""Reads about deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlmodel import col

from webapp.models import Delivery

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True)
class DeliveryRecord:
    """A delivery as stored; see models.delivery.Delivery for the fields."""

    id: str
    owner: str
    basket_id: str | None
    files_id: str | None
    method: str
    format: str
    options: str
    name: str
    label: str
    digest: str
    files: int
    bytes: int
    unknown_size: int
    omitted: int
    exclusive: int
    heavy: bool
    run: int
    state: str | None
    sentence: str | None
    created_at: int
    finished_at: int | None
    expires_at: int | None
    extended_at: int | None
    deleted_at: int | None
    staged_bytes: int
    email: str | None


_COLUMNS = [col(getattr(Delivery, name)) for name in DeliveryRecord.__dataclass_fields__]


def delivery(session: Session, delivery_id: str) -> DeliveryRecord | None:
    """The delivery of that id."""
    row = session.execute(select(*_COLUMNS).where(col(Delivery.id) == delivery_id)).one_or_none()
    return None if row is None else DeliveryRecord(*row)


def of_request(session: Session, request_key: str) -> tuple[str, str | None] | None:
    """The delivery that was made under this key, and the hash of what was asked for."""
    query = select(col(Delivery.id), col(Delivery.request_body)).where(col(Delivery.request_key) == request_key)
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def unfinished(session: Session) -> list[DeliveryRecord]:
    """Deliveries whose end has not been harvested."""
    query = select(*_COLUMNS).where(col(Delivery.state).is_(None)).order_by(col(Delivery.created_at))
    return [DeliveryRecord(*row) for row in session.execute(query)]


def same_since(
    session: Session,
    *,
    owner: str,
    digest: str,
    method: str,
    format: str,  # noqa: A002 - the word of the API
    email: str | None,
    since: int,
) -> list[str]:
    """Deliveries of the very same that were asked for a moment ago and not known to have failed, newest first."""
    query = (
        select(col(Delivery.id))
        .where(
            col(Delivery.owner) == owner,
            col(Delivery.digest) == digest,
            col(Delivery.method) == method,
            col(Delivery.format) == format,
            col(Delivery.created_at) >= since,
            col(Delivery.email).is_(None) if email is None else col(Delivery.email) == email,
            or_(col(Delivery.state).is_(None), col(Delivery.state).in_(["Ready", "Finished with problems"])),
        )
        .order_by(col(Delivery.created_at).desc(), col(Delivery.id))
    )
    return list(session.execute(query).scalars())


def heavy_of(session: Session, owner: str) -> int:
    """How many long jobs of a user have not ended."""
    query = select(func.count()).where(col(Delivery.owner) == owner, col(Delivery.heavy), col(Delivery.state).is_(None))
    return int(session.execute(query).scalar_one())
