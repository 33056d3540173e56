"""The mail server, spoken to by smtplib: every wait has a limit, and a certificate must be good."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from webapp.mail.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

SECONDS = 20.0  # for each answer of the server
PERMANENT = range(500, 600)  # RFC 5321 section 4.2.1: it will say so again


class MailServerError(Exception):
    """The mail server cannot be reached or will not talk to us; the text is a sentence."""


class Refused(Exception):  # noqa: N818 - it says what it is
    """The server did not take one mail. ``for_good``: asking again is of no use."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


@contextmanager
def connected(url: str, sender: str) -> Iterator[smtplib.SMTP]:
    """A server that is ready for mail from ``sender``. Raises MailServerError, also if it goes away meanwhile."""
    try:
        with _connection(url, sender.rpartition("@")[2]) as server:
            yield server
    except (OSError, smtplib.SMTPException) as error:  # a bad certificate is an OSError
        raise MailServerError(f"The mail server {parse_url(url).host} cannot be used: {error}") from error


def _connection(url: str, name: str) -> smtplib.SMTP:
    wanted = parse_url(url)
    tls = ssl.create_default_context()
    if wanted.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(wanted.host, wanted.port, name, timeout=SECONDS, context=tls)
    else:
        server = smtplib.SMTP(wanted.host, wanted.port, name, timeout=SECONDS)
    try:
        if wanted.scheme == "smtp+starttls":
            server.starttls(context=tls)  # raises if it is not offered
        if wanted.user:
            server.login(wanted.user, wanted.password)
    except BaseException:
        server.close()
        raise
    return server


def send(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Hand over one mail. Raises Refused; a lost connection goes through to ``connected``."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, reason),) = error.recipients.values()
        raise Refused(_text(code, reason), for_good=code in PERMANENT) from error
    except smtplib.SMTPResponseException as error:  # of the sender or the content
        raise Refused(_text(error.smtp_code, error.smtp_error), for_good=error.smtp_code in PERMANENT) from error


def _text(code: int, reason: bytes | str) -> str:
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return f"{code} {text}".replace("\n", " ")
