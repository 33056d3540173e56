"""The clock's chore that sends mail: once for each end of a delivery, once before it expires, at most five a day.

A mail is counted and marked in the database before it goes out, and marked again after. So a process that dies in
between leaves a mark: its mail about an end is sent once more, and then no more; its reminder is not. Whatever the
limit keeps back is remembered as told. What the server does not take for now is tried again for a day.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from webapp import clock
from webapp.db import reading, writing
from webapp.mail import valid_address
from webapp.mail.backoff import Backoff
from webapp.mail.server import MailServerError, Refused, connected, send
from webapp.mail.texts import EXPIRING, message
from webapp.queries import mail as query

if TYPE_CHECKING:
    import smtplib
    from collections.abc import Callable

    from sqlmodel import Session

    from webapp.context import Services
    from webapp.queries.mail import MailRow

A_DAY = 5  # mails for one session, and to one address
DAY = 86_400  # seconds
REMIND_SECONDS = 2 * DAY  # before the files expire
A_TICK = 20  # mails at most
SERVER = ""  # the server's key among the deliveries that wait
FIRST_TRY, SECOND_TRY = "sending ", "sending again "  # before the state, in Delivery.mailed

log = logging.getLogger(__name__)


def mailing() -> Callable[[Services], None]:
    """The chore. It remembers what has to wait."""
    backoff = Backoff()

    def mail(services: Services) -> None:
        send_due(services, backoff)

    return mail


def send_due(services: Services, backoff: Backoff) -> None:
    """Send what is due. Does nothing without a mail server; raises MailServerError where that cannot be used."""
    now = clock.now()
    waiting = backoff.waiting(now)
    if not services.settings.smtp_url or SERVER in waiting:
        return
    due = _due(services, now, waiting)
    if not due:
        return
    try:
        with connected(services.settings.smtp_url, services.settings.mail_from) as server:
            for row, what in due:
                if not _tell(services, server, row, what, now):
                    backoff.failed(row.id, now)
                    break  # it may have hung up, and the others would pay for it
    except MailServerError:
        backoff.failed(SERVER, now)
        raise
    backoff.succeeded(SERVER)


def _due(services: Services, now: int, waiting: set[str]) -> list[tuple[MailRow, str]]:
    with reading(services.engine) as session:
        ended = query.ended(session, since=now - DAY, besides=waiting, limit=A_TICK)
        soon = query.expiring(session, now=now, until=now + REMIND_SECONDS, besides=waiting, limit=A_TICK)
    return ([(row, row.state) for row in ended] + [(row, EXPIRING) for row in soon])[:A_TICK]


def _tell(services: Services, server: smtplib.SMTP, row: MailRow, what: str, now: int) -> bool:
    """Send one mail unless that is not to be. False if it was not taken, and should be tried later."""
    with writing(services.engine) as session:
        sent_id = _count(session, row, what, now)
    if sent_id is None:
        return True
    try:
        send(server, message(services.settings, row, what, now))
    except Refused as refusal:
        log.warning("A mail about the delivery %s was not taken: %s", row.id, refusal)
        if not refusal.for_good:
            with writing(services.engine) as session:
                query.take_back(session, sent_id)
                _mark(session, row, what, mailed=row.mailed, reminded_at=None)
            return False
    with writing(services.engine) as session:
        _mark(session, row, what, mailed=what, reminded_at=now)
    return True


def _count(session: Session, row: MailRow, what: str, now: int) -> int | None:
    """Count a mail and mark it as on its way; None, marked as told, if it is not to be sent."""
    over = query.most_sent(session, row.owner, row.email, now - DAY) >= A_DAY
    tried = row.mailed == SECOND_TRY + what
    if over or tried or valid_address(row.email) is None:
        log.info("No mail about the delivery %s: %s.", row.id, "the day's limit is reached" if over else "not possible")
        _mark(session, row, what, mailed=what, reminded_at=now)
        return None
    trying = (SECOND_TRY if row.mailed == FIRST_TRY + what else FIRST_TRY) + what
    _mark(session, row, what, mailed=trying, reminded_at=now)
    return query.add_sent(session, row, now)


def _mark(session: Session, row: MailRow, what: str, *, mailed: str | None, reminded_at: int | None) -> None:
    if what == EXPIRING:
        query.set_reminded(session, row.id, reminded_at)
    else:
        query.set_mailed(session, row.id, mailed)
