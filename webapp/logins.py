"""Logins: a browser that shows a cookie is somebody until they log out or do not come back for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update
from sqlmodel import col

from webapp import accounts, clock, passwords, secret_words, throttle
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Login
from webapp.queries import account_data
from webapp.queries import accounts as query

if TYPE_CHECKING:
    from webapp.context import Services
    from webapp.queries.accounts import AccountRow, LoginRow

DAY = 86_400  # seconds
IDLE_DAYS, MOST_DAYS = 30, 180
SEEN_SECONDS = 600  # between two notes of when somebody was seen: a write for each request would be slow
LONGEST_AGENT = 300  # characters
WRONG = ("Name and password do not belong together.", "Try again; in the password, capital letters matter.")


def with_password(services: Services, name: str, password: str, address: str) -> AccountRow:
    """Who has this name and password; ``address`` is the client's.

    Raises UserError 403, in the same words and time whatever is wrong; TooMany 429 without looking at the password.
    """
    attempt = throttle.log_in(services, name, address)
    found = accounts.with_password(services, name)
    account, kept = found if found is not None else (None, None)
    try:
        right = passwords.is_right(password, kept)
    except UserError:  # nobody looked at it
        throttle.forgive(services, attempt)
        raise
    if not right or account is None or account.disabled_at is not None:
        raise UserError(403, *WRONG)
    throttle.let_in(services, attempt, name, address)
    if kept is not None and passwords.is_dated(kept):
        accounts.set_password(services, account.id, password, name="")
    return account


def begin(services: Services, account_id: int, agent: str) -> str:
    """Log somebody in; returns what the browser's cookie is to hold."""
    word, now = secret_words.new(), clock.now()
    plain = "".join(each for each in agent if each.isprintable())[:LONGEST_AGENT]
    with writing(services.engine) as session:
        session.add(
            Login(id=secret_words.digest(word), account_id=account_id, created_at=now, seen_at=now, agent=plain)
        )
    return word


def find(services: Services, word: str) -> tuple[LoginRow, AccountRow] | None:
    """The login that a cookie shows, and whose it is; None if it is over. Notes that it was seen."""
    now = clock.now()
    with reading(services.engine) as session:
        found = query.login(session, secret_words.digest(word))
    if found is None or found[1].disabled_at is not None or is_over(found[0], now):
        return None
    if found[0].seen_at + SEEN_SECONDS <= now:
        with writing(services.engine) as session:
            session.execute(update(Login).where(col(Login.id) == found[0].id).values(seen_at=now))
    return found


def is_over(login: LoginRow, now: int) -> bool:
    """Whether it was not used for too long, or is too old."""
    return login.seen_at + IDLE_DAYS * DAY <= now or login.created_at + MOST_DAYS * DAY <= now


def of_account(services: Services, account_id: int) -> list[LoginRow]:
    """Where somebody is logged in, last seen first."""
    now = clock.now()
    with reading(services.engine) as session:
        return [each for each in account_data.logins_of(session, account_id) if not is_over(each, now)]


def end(services: Services, login_id: str) -> None:
    """Log a browser out."""
    with writing(services.engine) as session:
        session.execute(delete(Login).where(col(Login.id) == login_id))


def end_one(services: Services, account_id: int, login_id: str) -> bool:
    """Log out one of somebody's browsers. False if there is no such login, or not any more."""
    with writing(services.engine) as session:
        condition = (col(Login.id) == login_id, col(Login.account_id) == account_id)
        return bool(session.execute(delete(Login).where(*condition)).rowcount)  # type: ignore[attr-defined]  # a DELETE has a row count


def end_all(services: Services, account_id: int) -> None:
    """Log somebody out everywhere."""
    with writing(services.engine) as session:
        session.execute(delete(Login).where(col(Login.account_id) == account_id))
