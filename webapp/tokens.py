"""API tokens: what a program shows to act for somebody, within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, update
from sqlmodel import col

from webapp import clock, secret_words
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Token
from webapp.queries import accounts as query

if TYPE_CHECKING:
    from collections.abc import Collection

    from webapp.context import Services
    from webapp.queries.accounts import AccountRow, TokenRow

DAY = 86_400  # seconds
DAYS, IDLE_DAYS = 60, 10
USED_SECONDS = 60  # between two notes of when it was used
READ, WRITE, DOWNLOAD = "read", "write", "download"
SCOPES = {
    READ: "see your baskets, downloads and shares",
    WRITE: "change them",
    DOWNLOAD: "order downloads and fetch files, exclusive ones included",
}
LONGEST_NAME = 100  # characters


def new(services: Services, account_id: int, name: str, scopes: Collection[str]) -> str:
    """A new token, which can never be seen again. Raises UserError 422."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    if not plain or len(plain) > LONGEST_NAME:
        raise UserError(422, f"A token needs a name of 1 to {LONGEST_NAME} characters.", "Say what it is for.")
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise UserError(422, f"A token is for one or more of {', '.join(SCOPES)}.", "Choose at least one.")
    word, now = secret_words.new(secret_words.TOKEN), clock.now()
    with writing(services.engine) as session:
        session.execute(
            insert(Token).values(
                account_id=account_id,
                name=plain,
                hash=secret_words.digest(word),
                hint=word[-4:],
                scopes=" ".join(scope for scope in SCOPES if scope in scopes),
                created_at=now,
                expires_at=now + DAYS * DAY,
            )
        )
    return word


def find(services: Services, word: str) -> tuple[TokenRow, AccountRow]:
    """A token, and whose it is. Notes that it was used. Raises UserError 401 if it is no good, or no good any more."""
    now = clock.now()
    with reading(services.engine) as session:
        found = query.token(session, secret_words.digest(word))
    if found is None or found[1].disabled_at is not None:
        raise UserError(401, "This token is not known here.", "Make a new one on the page /tokens.")
    token, _ = found
    if token.revoked_at is not None:
        raise UserError(401, "This token was revoked.", "Make a new one on the page /tokens.")
    if ended_at(token) <= now:
        raise UserError(401, "This token has expired.", "Make a new one on the page /tokens.")
    if token.used_at is None or token.used_at + USED_SECONDS <= now:
        with writing(services.engine) as session:
            session.execute(update(Token).where(col(Token.id) == token.id).values(used_at=now))
    return found


def ended_at(token: TokenRow) -> int:
    """When it stops to work: 60 days after it was made, or 10 after it was last used."""
    return min(token.expires_at, (token.used_at or token.created_at) + IDLE_DAYS * DAY)
