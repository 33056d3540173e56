"""What somebody did before logging in comes along into the account: baskets, downloads, shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlmodel import col

from webapp.db import writing
from webapp.models import Basket, Delivery, MailSent, Share

if TYPE_CHECKING:
    from webapp.context import Services


@dataclass(frozen=True)
class Brought:
    """How many came along; baskets that hold nothing are not counted."""

    baskets: int
    deliveries: int
    shares: int

    @property
    def sentence(self) -> str:
        """What to tell; empty if nothing came."""
        parts = [
            f"{count:,} {word}{'' if count == 1 else 's'}"
            for count, word in ((self.baskets, "basket"), (self.deliveries, "download"), (self.shares, "share"))
            if count
        ]
        return f"Brought into your account: {', '.join(parts)}." if parts else ""


def move(services: Services, session_owner: str, account_owner: str) -> Brought:
    """Give all that a browser session owns to an account, in one transaction."""
    with writing(services.engine) as session:
        full = (
            col(Basket.owner) == session_owner,
            col(Basket.snapshot).is_(None),
            col(Basket.deleted_at).is_(None),
            col(Basket.files) > 0,
        )
        baskets = session.execute(select(func.count()).select_from(Basket).where(*full)).scalar_one()
        moved = [
            session.execute(update(table).where(col(table.owner) == session_owner).values(owner=account_owner)).rowcount  # type: ignore[attr-defined]  # an UPDATE has a row count
            for table in (Delivery, Share, Basket, MailSent)
        ]
    return Brought(baskets, moved[0], moved[1])
