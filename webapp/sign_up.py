"""Accounts that people make for themselves, where the archive allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp import accounts, throttle
from webapp.errors import UserError

if TYPE_CHECKING:
    from webapp.context import Services


def sign_up(services: Services, name: str, password: str, *, email: str, address: str) -> int:
    """A new account; returns its id. ``address`` is the client's.

    Raises UserError 404 (closed), 409 (the name is taken, which counts, as else names could be tried), 422; TooMany.
    """
    must_be_open(services)
    attempt = throttle.sign_up(services, address)
    try:
        return accounts.create(services, name, password, email=email)
    except UserError as error:
        if error.status != 409:  # noqa: PLR2004 - the status of a name that is taken
            throttle.forgive(services, attempt)
        raise


def must_be_open(services: Services) -> None:
    """Raises UserError 404 where only the archive's staff makes accounts."""
    if not services.settings.signup:
        whom = services.settings.contact or "the archive's staff"
        raise UserError(404, "Nobody can sign up here.", f"Ask {whom} for an account.")
