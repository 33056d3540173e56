"""Reads of the Download History."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from webapp.models import Delivery
from webapp.queries.deliveries import DeliveryRecord

if TYPE_CHECKING:
    from sqlmodel import Session


def of_owner(session: Session, owner: str) -> list[DeliveryRecord]:
    """A session's deliveries that it has not deleted, newest first."""
    query = (
        select(*(col(getattr(Delivery, name)) for name in DeliveryRecord.__dataclass_fields__))
        .where(col(Delivery.owner) == owner, col(Delivery.deleted_at).is_(None))
        .order_by(col(Delivery.created_at).desc(), col(Delivery.id))
    )
    return [DeliveryRecord(*row) for row in session.execute(query)]
