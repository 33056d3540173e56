"""What accounts leave behind goes: attempts that count no more, logins that are over, resets that expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_
from sqlmodel import col

from webapp import clock
from webapp.db import writing
from webapp.logins import DAY, IDLE_DAYS, MOST_DAYS
from webapp.models import Login, LoginAttempt, PasswordReset
from webapp.throttle import KEPT_SECONDS

if TYPE_CHECKING:
    from webapp.context import Services


def forget_old(services: Services) -> None:
    """Delete them; the clock's chore."""
    now = clock.now()
    idle, old = now - IDLE_DAYS * DAY, now - MOST_DAYS * DAY  # see logins.is_over
    with writing(services.engine) as session:
        session.execute(delete(LoginAttempt).where(col(LoginAttempt.at) <= now - KEPT_SECONDS))
        session.execute(delete(Login).where(or_(col(Login.seen_at) <= idle, col(Login.created_at) <= old)))
        session.execute(delete(PasswordReset).where(col(PasswordReset.expires_at) <= now))
