"""Accounts: made, found, given another password, switched off and on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from webapp import clock, passwords
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Account
from webapp.queries import accounts as query

if TYPE_CHECKING:
    from webapp.context import Services
    from webapp.queries.accounts import AccountRow

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
LONGEST_EMAIL = 254  # characters, as in RFC 5321


def create(services: Services, name: str, password: str, *, email: str = "", admin: bool = False) -> int:
    """A new account that logs in with a password; returns its id. Raises UserError 409 (taken), 422."""
    name, email = checked_name(name), checked_email(email)
    values = {"name": name, "email": email, "password": passwords.hashed(password, name=name), "admin": admin}
    try:
        with writing(services.engine) as session:
            made = session.execute(insert(Account).values(**values, created_at=clock.now()).returning(col(Account.id)))
            return int(made.scalar_one() or 0)
    except IntegrityError as error:
        raise UserError(409, f"There is an account called {name} already.", "Choose another name.") from error


def checked_name(name: str) -> str:
    """The name as it is kept. Raises UserError 422."""
    plain = name.strip().lower()
    if not NAME.fullmatch(plain):
        raise UserError(
            422,
            "A name has 2 to 100 characters: letters from a to z, digits, and . _ @ + - between them.",
            "Choose another name.",
        )
    return plain


def checked_email(email: str) -> str:
    """The address, or nothing. Raises UserError 422."""
    plain = email.strip()
    if plain and not (len(plain) <= LONGEST_EMAIL and plain.isprintable() and EMAIL.fullmatch(plain)):
        raise UserError(422, f"{plain[:60]!r} is no mail address.", "It looks like name@example.org; it may be empty.")
    return plain


def called(services: Services, name: str) -> AccountRow:
    """The account of a name. Raises UserError 404."""
    found = with_password(services, name)
    if found is None:
        raise UserError(404, f"There is no account called {name[:100]!r}.", "A team is written team:NAME.")
    return found[0]


def with_password(services: Services, name: str) -> tuple[AccountRow, str | None] | None:
    """The account of a name as typed, and the hash of its password; None if there is none."""
    plain = name.strip().lower()
    if not NAME.fullmatch(plain):  # PostgreSQL takes no NUL in a text
        return None
    with reading(services.engine) as session:
        return query.account_called(session, plain)


def set_password(services: Services, account_id: int, password: str, *, name: str) -> None:
    """Another password. Raises UserError 422."""
    set_values(services, account_id, password=passwords.hashed(password, name=name))


def set_values(services: Services, account_id: int, **values: str | int | bool | None) -> None:
    """Change columns of an account."""
    with writing(services.engine) as session:
        session.execute(update(Account).where(col(Account.id) == account_id).values(**values))
