"""What the archive's staff changes: accounts switched off and on, made administrators; others' shares closed.

Each change is logged with who did it: a name, or the command line. Rights to files are in webapp/programmes.py;
an administrator has none by being one.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlmodel import col

from webapp import clock, tokens
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Account, Login, Share
from webapp.queries import accounts as query

if TYPE_CHECKING:
    from sqlmodel import Session

    from webapp.context import Services
    from webapp.queries.accounts import AccountRow

COMMAND_LINE = "The command line"  # whoever may run commands may do all of this
MOST_ID = 2**31 - 1  # what the column holds on PostgreSQL

log = logging.getLogger(__name__)


def note(by: str, what: str) -> None:
    """Log a change that a person made: no secrets in it."""
    log.info("%s: %s", by, what)


def account(services: Services, account_id: int) -> AccountRow:
    """The account of that id. Raises UserError 404."""
    found = None
    if account_id <= MOST_ID:
        with reading(services.engine) as session:
            found = query.account(session, account_id)
    if found is None:
        raise UserError(404, "There is no such account.", "It may have been removed.")
    return found


def disable(services: Services, account_id: int, by: str, *, keep_one: bool = False) -> str:
    """Let an account in no more: its logins and tokens end now, for good; all else stays. Returns its name.

    With ``keep_one`` raises UserError 409 for the last administrator.
    """
    found = account(services, account_id)
    with writing(services.engine) as session:
        if keep_one:
            _must_leave_another(session, found.id)
        this = update(Account).where(col(Account.id) == found.id, col(Account.disabled_at).is_(None))
        session.execute(this.values(disabled_at=clock.now()))
        session.execute(delete(Login).where(col(Login.account_id) == found.id))
        tokens.end_all(session, found.id)
    note(by, f"disabled the account {found.name}")
    return found.name


def enable(services: Services, account_id: int, by: str) -> str:
    """Let an account in again. Returns its name."""
    found = account(services, account_id)
    with writing(services.engine) as session:
        session.execute(update(Account).where(col(Account.id) == found.id).values(disabled_at=None))
    note(by, f"enabled the account {found.name}")
    return found.name


def set_admin(services: Services, account_id: int, by: str, *, on: bool, keep_one: bool = False) -> str:
    """Make an account an administrator, or not any more. Returns its name. ``keep_one`` as above."""
    found = account(services, account_id)
    with writing(services.engine) as session:
        if keep_one and not on:
            _must_leave_another(session, found.id)
        session.execute(update(Account).where(col(Account.id) == found.id).values(admin=on))
    note(by, f"made {found.name} an administrator" if on else f"{found.name} is no administrator any more")
    return found.name


def set_share_closed(services: Services, share_id: str, by: str, *, closed: bool) -> None:
    """Close anybody's share, or open it again. Raises UserError 404."""
    with writing(services.engine) as session:
        this = update(Share).where(col(Share.id) == share_id)
        done = session.execute(this.values(revoked_at=clock.now() if closed else None, closed_by_archive=closed))
        if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE has a row count
            raise UserError(404, "There is no such share.", "It may have been removed.")
    note(by, f"{'closed' if closed else 'opened'} the share that begins with {share_id[:6]}")


def _must_leave_another(session: Session, account_id: int) -> None:
    query = select(col(Account.id)).where(col(Account.admin), col(Account.disabled_at).is_(None)).with_for_update()
    if set(session.execute(query).scalars()) == {account_id}:
        raise UserError(
            409, "This is the last administrator, and one has to be left.", "Make somebody else an administrator first."
        )
