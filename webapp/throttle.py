"""Limits to what a stranger may try: logging in, signing up, having mail sent.

An attempt is counted before it is looked at, so that many at once are counted too, and a known name is counted like an
unknown one. Whoever is over a limit is told when to try again; that costs no hash of a password and counts as nothing.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert
from sqlmodel import col

from webapp import clock
from webapp.db import take_turns, writing
from webapp.errors import UserError
from webapp.models import LoginAttempt
from webapp.queries import attempts as query
from webapp.template_filters import duration

if TYPE_CHECKING:
    from webapp.context import Services

MINUTE, HOUR, DAY = 60, 3_600, 86_400  # seconds
KEPT_SECONDS = DAY  # the longest window of all limits
LONGEST_NAME = 100  # characters
SIGN_UP, MAIL, IN, PROOF = (
    " sign-up",
    " mail",
    " in ",
    " proof ",
)  # as no name that was typed begins: those are stripped
A_NETWORK = 64  # bits of an IPv6 address: one customer has all that begin alike


class TooMany(UserError):  # noqa: N818 - it says what it is
    """Over a limit. ``retry_after`` is in seconds."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(429, sentence, f"Try again in {duration(retry_after)}.")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    """At most ``count`` within ``seconds``, by name, by address, or by both together."""

    count: int
    seconds: int
    by_name: bool = False
    by_address: bool = False


LOGINS = (
    Limit(5, 15 * MINUTE, by_name=True, by_address=True),
    Limit(30, 15 * MINUTE, by_address=True),
    Limit(100, HOUR, by_name=True),
)
RIGHT_ONES = (Limit(60, 15 * MINUTE, by_name=True),)  # each takes time and memory for a hash
PROOFS = (Limit(10, 15 * MINUTE, by_name=True),)  # of somebody who is logged in, and whom strangers cannot lock out
SIGN_UPS = (Limit(20, DAY, by_name=True, by_address=True),)
QUESTIONS = (Limit(10, HOUR, by_name=True, by_address=True),)  # for a new password, from one address
MAILS = (Limit(3, HOUR, by_name=True),)  # to one account
MAILS_TO_ONE = (Limit(10, HOUR, by_name=True),)  # to one mail address, whosever accounts name it


def log_in(services: Services, name: str, address: str) -> int:
    """Count a login as failed; returns what ``forgive`` takes. Raises TooMany."""
    return _count(services, plain(name), address, LOGINS, "There were too many failed logins.")


def let_in(services: Services, attempt: int, name: str, address: str) -> None:
    """It was the name's owner: forget what failed with this name from this address. Raises TooMany."""
    clear(services, name, address)
    forgive(services, attempt)
    _count(services, f"{IN}{plain(name)}"[:LONGEST_NAME], "", RIGHT_ONES, "There were too many logins of this name.")


def prove(services: Services, account_id: int) -> int:
    """Count a password that somebody who is logged in gives as a proof; ``forgive`` takes it back. Raises TooMany."""
    return _count(services, f"{PROOF}{account_id}", "", PROOFS, "There were too many wrong passwords.")


def sign_up(services: Services, address: str) -> int:
    """Count a new account. Raises TooMany."""
    sentence = "There were too many new accounts from where you are."
    return _count(services, SIGN_UP, address, SIGN_UPS, sentence)


def ask_for_mail(services: Services, address: str) -> None:
    """Count a question for a new password. Raises TooMany."""
    _count(services, MAIL, address, QUESTIONS, "There were too many questions for a new password from where you are.")


def mail(services: Services, account_id: int, to: str) -> None:
    """Count a mail to an account's mail address. Raises TooMany."""
    _count(services, f"{MAIL} {account_id}", "", MAILS, "This account was sent too many mails.")
    _count(services, f"{MAIL} {to.lower()}"[:LONGEST_NAME], "", MAILS_TO_ONE, "This address was sent too many mails.")


def forgive(services: Services, attempt: int) -> None:
    """Do not count an attempt after all."""
    with writing(services.engine) as session:
        session.execute(delete(LoginAttempt).where(col(LoginAttempt.id) == attempt))


def clear(services: Services, name: str, address: str) -> None:
    """Forget what failed with this name from this address: it was the name's owner."""
    with writing(services.engine) as session:
        session.execute(
            delete(LoginAttempt).where(
                col(LoginAttempt.name) == plain(name), col(LoginAttempt.address) == network(address)
            )
        )


def of_account(account_id: int, name: str) -> list[str]:
    """What all attempts with an account are kept under."""
    typed = plain(name)
    return [typed, f"{IN}{typed}"[:LONGEST_NAME], f"{PROOF}{account_id}", f"{MAIL} {account_id}"]


def plain(name: str) -> str:
    """A name as typed, as it is counted."""
    return "".join(each for each in name if each.isprintable()).strip().lower()[:LONGEST_NAME]


def network(address: str) -> str:
    """Where a client is: its IPv4 address, the first half of its IPv6 address, or whatever else there is."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST_NAME]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, A_NETWORK), strict=False))
    return str(found)


def _count(services: Services, name: str, address: str, limits: tuple[Limit, ...], sentence: str) -> int:
    now, where = clock.now(), network(address)
    with writing(services.engine) as session:
        take_turns(session, "throttle")
        for limit in limits:
            since = now - limit.seconds
            begun = query.full_since(
                session,
                name=name if limit.by_name else None,
                address=where if limit.by_address else None,
                since=since,
                count=limit.count,
            )
            if begun is not None:
                raise TooMany(sentence, max(1, begun - since))
        made = session.execute(
            insert(LoginAttempt).values(at=now, name=name, address=where).returning(col(LoginAttempt.id))
        )
        return int(made.scalar_one() or 0)
