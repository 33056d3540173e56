"""The basket that this browser works with: the one whose page its owner opened here last, else what they changed last.

A deleted basket, or one of somebody else, is not theirs to work with, whatever the session remembers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import session

from webapp import baskets
from webapp.context import services
from webapp.identity import asker, owner

if TYPE_CHECKING:
    from webapp.queries.baskets import Current

_KEPT = "basket"


def opened_last() -> str | None:
    """The id of the basket that was opened last in this browser; a token has opened none."""
    found: str | None = session.get(_KEPT) if asker().scopes is None else None
    return found


def work_in(basket_id: str) -> None:
    """From now on this browser works with that basket."""
    if asker().scopes is None and session.get(_KEPT) != basket_id:
        session[_KEPT] = basket_id


def current() -> Current | None:
    """The basket that whoever asks works with."""
    return baskets.current(services(), owner(), opened_last())


def name_among_several() -> str:
    """How it is called; empty where there is no other to take it for."""
    found = current()
    return found.title if found and found.several else ""
