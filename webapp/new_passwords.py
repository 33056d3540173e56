"""Another password for an account: by its owner, who knows the old one, or by a link that was mailed.

Either way it ends all logins and all links of the account, so that whoever knew the old one is out. API tokens stay.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, update
from sqlmodel import col

from webapp import accounts, clock, passwords, secret_words, throttle
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.mail import valid_address
from webapp.mail.server import MailServerError, Refused, connected, send
from webapp.mail.texts import letter
from webapp.models import Account, Login, PasswordReset
from webapp.queries import account_data as query

if TYPE_CHECKING:
    from sqlmodel import Session

    from webapp.context import Services
    from webapp.queries.accounts import AccountRow

GOOD_SECONDS = 3_600  # a link
MOST_ACCOUNTS = 10  # of one mail address that are written to
OVER = (
    "This link is not good any more.",
    "It works once, for an hour. Ask for a new one on the page /login/forgot.",
)

log = logging.getLogger(__name__)
# Who is written to is found, and written to, beside the request: the answer takes the same time for all.
postman = ThreadPoolExecutor(1, thread_name_prefix="postman")


def change(services: Services, account: AccountRow, old: str, new: str) -> None:
    """Give an account another password, and log it out everywhere.

    Raises UserError 403 (the old one is wrong), 422 (the new one will not do); TooMany.
    """
    must_know(services, account, old)
    made = passwords.hashed(new, name=account.name)
    with writing(services.engine) as session:
        _set(session, account.id, made)


def change_email(services: Services, account: AccountRow, email: str, password: str) -> None:
    """Give an account another mail address, to which links for new passwords go from then on.

    ``password`` is asked for where there is one. Raises UserError 403, 422; TooMany.
    """
    checked = accounts.checked_email(email)
    with reading(services.engine) as session:
        asked = query.has_password(session, account.id)
    if asked:
        must_know(services, account, password)
    with writing(services.engine) as session:
        session.execute(update(Account).where(col(Account.id) == account.id).values(email=checked))
        session.execute(delete(PasswordReset).where(col(PasswordReset.account_id) == account.id))


def give(services: Services, account: AccountRow, new: str) -> None:
    """Staff gives an account another password, which logs it out everywhere. Raises UserError 422."""
    made = passwords.hashed(new, name=account.name)
    with writing(services.engine) as session:
        _set(session, account.id, made)


def must_know(services: Services, account: AccountRow, password: str) -> None:
    """Raises UserError 403 unless this is the account's password; TooMany. For somebody who is logged in."""
    attempt = throttle.prove(services, account.id)
    found = accounts.with_password(services, account.name)
    if not passwords.is_right(password, found[1] if found else None):
        raise UserError(403, "That is not your password, so nothing was changed.", "Try again; capital letters matter.")
    throttle.forgive(services, attempt)


def ask(services: Services, text: str, address: str) -> None:
    """Mail a link to whoever has this name or mail address; says nothing of whether anybody does. Raises TooMany."""
    throttle.ask_for_mail(services, address)
    if services.settings.smtp_url:
        postman.submit(_write, services, throttle.plain(text))


def whose(services: Services, word: str) -> AccountRow:
    """Whose password a link is for. Raises UserError 410."""
    with reading(services.engine) as session:
        found = query.reset(session, secret_words.digest(word), clock.now())
    if found is None:
        raise UserError(410, *OVER)
    return found


def set_forgotten(services: Services, word: str, new: str) -> AccountRow:
    """Use a link: the account has another password, and is logged out everywhere. Raises UserError 410, 422."""
    account = whose(services, word)
    made = passwords.hashed(new, name=account.name)
    with writing(services.engine) as session:
        used = delete(PasswordReset).where(
            col(PasswordReset.hash) == secret_words.digest(word), col(PasswordReset.expires_at) > clock.now()
        )
        if not session.execute(used).rowcount:  # type: ignore[attr-defined]  # a DELETE has a row count
            raise UserError(410, *OVER)  # by another request meanwhile
        _set(session, account.id, made)
    return account


def _set(session: Session, account_id: int, made: str) -> None:
    session.execute(update(Account).where(col(Account.id) == account_id).values(password=made))
    session.execute(delete(Login).where(col(Login.account_id) == account_id))
    session.execute(delete(PasswordReset).where(col(PasswordReset.account_id) == account_id))


def _write(services: Services, text: str) -> None:
    try:
        with reading(services.engine) as session:
            found = query.with_name_or_mail(session, text, limit=MOST_ACCOUNTS) if text else []
        for account in found:
            _write_to(services, account)
    except Exception as error:  # noqa: BLE001 - nobody waits for it, so it must be said here
        log.error("A link for a new password was not mailed: %s", error)  # noqa: TRY400 - a trace could show the link


def _write_to(services: Services, account: AccountRow) -> None:
    to = valid_address(account.email)
    if to is None:
        log.info("No link for a new password is mailed to account %d: it has no mail address.", account.id)
        return
    try:
        throttle.mail(services, account.id, to)
    except throttle.TooMany as error:
        log.info("No link for a new password is mailed to account %d: %s", account.id, error.sentence)
        return
    word, now, settings = secret_words.new(), clock.now(), services.settings
    with writing(services.engine) as session:
        session.execute(
            insert(PasswordReset).values(
                hash=secret_words.digest(word), account_id=account.id, expires_at=now + GOOD_SECONDS
            )
        )
    mail = letter(settings, to, "reset", now, person=account.name, link=f"{settings.base_url}/login/reset/{word}")
    try:
        with connected(settings.smtp_url, settings.mail_from) as server:
            send(server, mail)
    except (MailServerError, Refused) as error:
        log.warning("A link for a new password was not mailed to account %d: %s", account.id, error)
