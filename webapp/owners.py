"""Whose baskets, downloads and shares are: an owner is a text that is kept with each of them.

It is a browser session (128 random bits), an account, or the holder of a basket's key; NOBODY has the frozen baskets
of shares. No two kinds can be taken for each other, since a session's text has no colon.
"""

from __future__ import annotations

import secrets

NOBODY = ""  # owns the frozen basket of a share, which is reached by the share alone
ACCOUNT = "account:"  # what the owner of an account's things begins with
_KEY = "key:"


def new_session() -> str:
    """A browser session that nobody has yet."""
    return secrets.token_urlsafe(16)


def account(account_id: int) -> str:
    """What an account owns is kept under this."""
    return f"{ACCOUNT}{account_id}"


def key_holder(basket_id: str) -> str:
    """Whoever holds a basket's key may change that basket, and owns what they order with it."""
    return f"{_KEY}{basket_id}"


def basket_of_key(owner: str) -> str | None:
    """The id of the basket whose key this owner holds; None for everybody else."""
    return owner.removeprefix(_KEY) if owner.startswith(_KEY) else None


def is_account(owner: str) -> bool:
    """Whether it is an account's, which is not forgotten when nobody comes for a while."""
    return owner.startswith(ACCOUNT)


def account_of(owner: str) -> int | None:
    """The id of the account that it is."""
    return int(owner.removeprefix(ACCOUNT)) if is_account(owner) else None


def may_change(owner: str | None, basket_id: str, basket_owner: str) -> bool:
    """Whether this owner may change a basket: it is theirs, or they hold its key."""
    return owner is not None and owner != NOBODY and owner in {basket_owner, key_holder(basket_id)}
