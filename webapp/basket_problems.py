"""Why there is no basket at an address: it never was, was deleted, or was shown by a share that is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp import clock
from webapp.errors import UserError

if TYPE_CHECKING:
    from webapp.queries.baskets import BasketRow

DAY = 86_400  # seconds
DELETED_DAYS = 30  # for so long a deleted basket can be brought back
NO_BASKET = ("There is no basket at this address.", "It may have been typed wrong, or have expired.")
REVOKED = ("This share was revoked by the person who made it.", "Ask them for a new link.")


class DeletedBasket(UserError):  # noqa: N818 - it says what it is
    """A basket that its owner deleted, and can bring back for a while."""

    def __init__(self, found: BasketRow) -> None:
        hint = f"Its owner can bring it back from the list of baskets for {DELETED_DAYS} days."
        super().__init__(410, "This basket was deleted.", hint)
        self.row = found

    @property
    def back_until(self) -> int | None:
        """The last moment (seconds since 1970) at which it can be brought back; None when that has passed."""
        until = back_until(self.row.deleted_at or 0)
        return until if clock.now() < until else None


def back_until(deleted_at: int) -> int:
    """When a basket that was deleted then can no longer be brought back (seconds since 1970)."""
    return deleted_at + DELETED_DAYS * DAY
