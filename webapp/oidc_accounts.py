"""Accounts of people who log in at an OpenID provider: found by issuer and subject only, made at their first login.

Never by mail address: whoever can write any address into their profile there would get the account that has it here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from webapp import accounts, clock
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Account
from webapp.queries import account_data as query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webapp.context import Services
    from webapp.queries.accounts import AccountRow

LONGEST = 90  # characters of a name, with room for a number
TRIES = 1_000  # numbers behind a name
ODD = re.compile(r"[^a-z0-9._@+-]+")


def account_of(services: Services, issuer: str, claims: Mapping[str, Any]) -> AccountRow:
    """The account of whom the provider names. Raises UserError 403 for one that the archive has switched off."""
    found = _known(services, issuer, claims["sub"]) or _made(services, issuer, claims)
    if found.disabled_at is not None:
        raise UserError(403, "Your account here is switched off.", "Ask the archive's staff.")
    return found


def name_of(claims: Mapping[str, Any]) -> str:
    """A name that accounts can have, as near as can be to how the provider calls somebody."""
    for claim in ("preferred_username", "email", "sub"):
        said = claims.get(claim)
        ascii_ = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode() if isinstance(said, str) else ""
        plain = ODD.sub("-", ascii_.lower()).strip("-._@+")[:LONGEST]
        if accounts.NAME.fullmatch(plain):
            return plain
    return "person"


def _known(services: Services, issuer: str, subject: str) -> AccountRow | None:
    with reading(services.engine) as session:
        return query.of_subject(session, issuer, subject)


def _made(services: Services, issuer: str, claims: Mapping[str, Any]) -> AccountRow:
    name, subject = name_of(claims), claims["sub"]
    values = {"email": _email(claims), "issuer": issuer, "subject": subject, "admin": False, "created_at": clock.now()}
    for number in range(1, TRIES):
        try:
            with writing(services.engine) as session:
                session.execute(
                    insert(Account)
                    .values(name=name if number == 1 else f"{name}-{number}", **values)
                    .returning(col(Account.id))
                )
        except IntegrityError:  # the name is taken, or the same person has just come in another tab
            if (found := _known(services, issuer, subject)) is not None:
                return found
        else:
            break
    found = _known(services, issuer, subject)
    if found is None:
        raise UserError(409, f"There are too many accounts called {name}.", "Ask the archive's staff for one.")
    return found


def _email(claims: Mapping[str, Any]) -> str:
    try:
        return accounts.checked_email(str(claims.get("email") or ""))
    except UserError:
        return ""
