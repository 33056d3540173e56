"""API tokens: what a program shows to act for somebody, within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update
from sqlmodel import col

from webapp import clock, secret_words
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Account, Token
from webapp.queries import accounts as query

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlmodel import Session

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
MOST_ID = 2**31 - 1  # what the column holds on PostgreSQL
MOST = 50  # that work, of one account
MOST_LISTED = 500  # more than can be unrevoked and younger than 60 days
WORKS, IDLE, EXPIRED, REVOKED = "works", f"not used for {IDLE_DAYS} days", "expired", "revoked"
WHY = {IDLE: f"was {IDLE}", EXPIRED: "has expired", REVOKED: "was revoked"}


def new(services: Services, account_id: int, name: str, scopes: Collection[str], *, newest: int | None = None) -> str:
    """A new token, which can never be seen again. Raises UserError 422, and 409 for one too many.

    ``newest`` is the token that was made last when the form was shown: if another one was made since, the form was
    sent twice, and 409 is raised.
    """
    plain = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    if not plain or len(plain) > LONGEST_NAME:
        raise UserError(422, f"A token needs a name of 1 to {LONGEST_NAME} characters.", "Say what it is for.")
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise UserError(422, f"A token is for one or more of {', '.join(SCOPES)}.", "Choose at least one.")
    word, now = secret_words.new(secret_words.TOKEN), clock.now()
    with writing(services.engine) as session:
        session.execute(select(col(Account.id)).where(col(Account.id) == account_id).with_for_update())
        if newest is not None and query.newest_token(session, account_id) != newest:
            raise UserError(
                409,
                "A token was made since this form was shown, so this one was not.",
                "See the list. A token is shown only once: revoke the one that you did not copy.",
            )
        kept = query.tokens(session, account_id, limit=MOST_LISTED)
        if sum(state(each, now) == WORKS for each in kept) >= MOST:
            raise UserError(409, f"{MOST} tokens of this account work, and no more can.", "Revoke some of them first.")
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
    if (wrong := state(token, now)) != WORKS:
        raise UserError(401, f"This token {WHY[wrong]}.", "Make a new one on the page /tokens.")
    if token.used_at is None or token.used_at + USED_SECONDS <= now:
        with writing(services.engine) as session:
            session.execute(update(Token).where(col(Token.id) == token.id).values(used_at=now))
    return found


def listed(services: Services, account_id: int) -> tuple[list[TokenRow], int]:
    """The tokens of an account, those that may work first, ``MOST_LISTED`` of them; and the newest one's id, or 0."""
    with reading(services.engine) as session:
        return query.tokens(session, account_id, limit=MOST_LISTED), query.newest_token(session, account_id)


def revoke(services: Services, account_id: int, token_id: int) -> str:
    """End a token of this account for good; returns its name. Raises UserError 404."""
    mine = (col(Token.id) == token_id, col(Token.account_id) == account_id)
    with writing(services.engine) as session:
        name: str | None = None
        if token_id <= MOST_ID:
            name = session.execute(select(col(Token.name)).where(*mine)).scalar_one_or_none()
        if name is None:
            raise UserError(404, "There is no such token of yours.", "See the list on the page /tokens.")
        session.execute(update(Token).where(*mine, col(Token.revoked_at).is_(None)).values(revoked_at=clock.now()))
    return name


def revoke_all(services: Services, account_id: int) -> None:
    """End all tokens of this account for good."""
    with writing(services.engine) as session:
        end_all(session, account_id)


def end_all(session: Session, account_id: int) -> None:
    """The same, in a transaction that does more."""
    mine = (col(Token.account_id) == account_id, col(Token.revoked_at).is_(None))
    session.execute(update(Token).where(*mine).values(revoked_at=clock.now()))


def state(token: TokenRow, now: int) -> str:
    """Whether it works, and why not."""
    if token.revoked_at is not None:
        return REVOKED
    if token.expires_at <= now:
        return EXPIRED
    return IDLE if ended_at(token) <= now else WORKS


def ended_at(token: TokenRow) -> int:
    """When it stops to work: 60 days after it was made, or 10 after it was last used."""
    return min(token.expires_at, (token.used_at or token.created_at) + IDLE_DAYS * DAY)
