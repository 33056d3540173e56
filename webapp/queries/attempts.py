"""Reads about attempts that are limited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from webapp.models import LoginAttempt

if TYPE_CHECKING:
    from sqlmodel import Session


def full_since(session: Session, *, name: str | None, address: str | None, since: int, count: int) -> int | None:
    """When the oldest of the last ``count`` attempts after ``since`` was made; None if there were fewer.

    A ``name`` or an ``address`` of None is anybody's.
    """
    query = select(col(LoginAttempt.at)).where(col(LoginAttempt.at) > since)
    if name is not None:
        query = query.where(col(LoginAttempt.name) == name)
    if address is not None:
        query = query.where(col(LoginAttempt.address) == address)
    found: int | None = session.execute(
        query.order_by(col(LoginAttempt.at).desc()).limit(1).offset(count - 1)
    ).scalar_one_or_none()
    return found
