"""What mail says: ``templates/mail/*.txt``, whose first line is the subject.

Only numbers, dates, the archive's name and the link go in, never a label, a title or a file's name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.results import FAILED, PROBLEMS, READY
from webapp import template_filters
from webapp.assets import asset_folder

if TYPE_CHECKING:
    from webapp.queries.mail import MailRow
    from webapp.settings import Settings

POLICY = SMTP.clone(max_line_length=200)  # at 78 a subject with a long name of an archive would be broken
EXPIRING = "Expiring"
TEMPLATES = {READY: "ready", PROBLEMS: "problems", FAILED: "failed", EXPIRING: "expiring"}


def message(settings: Settings, row: MailRow, what: str, now: int) -> EmailMessage:
    """The mail that tells of a delivery's state, or that it is ``EXPIRING``."""
    return letter(
        settings,
        row.email,
        TEMPLATES[what],
        now,
        footer="footer",
        files=template_filters.files(row.files),
        size=template_filters.size(row.bytes),
        link=f"{settings.base_url}/deliveries/{row.id}",
        until=template_filters.moment(row.expires_at),
        last_day=template_filters.date(row.expires_at),
        extendable=row.extended_at is None,
    )


def letter(
    settings: Settings, to: str, name: str, now: int, *, footer: str = "footer_account", **values: str | bool
) -> EmailMessage:
    """A mail to a valid address: a template with its values, and whose footer says why one gets it."""
    archive = " ".join(settings.archive_name.split())
    subject, _, body = _templates().get_template(f"mail/{name}.txt").render(archive=archive, **values).partition("\n")
    made = EmailMessage(policy=POLICY)
    made["From"] = Address(archive, addr_spec=settings.mail_from)
    made["To"] = Address(addr_spec=to)
    made["Subject"] = f"[{archive}] {subject}"
    made["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    made["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice answers it
    made.set_content(
        body.strip("\n") + "\n\n" + _templates().get_template(f"mail/{footer}.txt").render(archive=archive)
    )
    return made


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(asset_folder("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - plain text
    )
