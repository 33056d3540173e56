"""The end of an account: what is its owner's alone goes, what others may hold a link to is nobody's from then on.

Baskets, shares, logins, tokens, links for a new password, memberships and rights to read early go. Deliveries stay
without name, label and mail address, each by itself, so that none leads to another; one that is under way goes on.
The account is gone at once, in one transaction. Its baskets, which can be large, belong to a session that nobody has
until they are deleted; what is left of them by a cut-off run goes as what idle sessions leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update
from sqlmodel import col

from webapp import new_passwords, owners, retention, throttle
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import (
    Account,
    Basket,
    Delivery,
    Login,
    LoginAttempt,
    MailSent,
    PasswordReset,
    Reader,
    Share,
    TeamMember,
    Token,
)
from webapp.queries import account_data as query

if TYPE_CHECKING:
    from sqlmodel import Session

    from webapp.context import Services
    from webapp.queries.accounts import AccountRow

OF_ACCOUNT = (Login, Token, PasswordReset, TeamMember, Reader)


def end(services: Services, account: AccountRow, proof: str) -> None:
    """Delete an account. ``proof`` is its password or, where it has none, its name.

    Raises UserError 403 (the password is wrong), 422 (another name was typed); TooMany.
    """
    if has_password(services, account.id):
        new_passwords.must_know(services, account, proof)
    elif proof.strip().lower() != account.name:
        raise UserError(422, f"You typed another name than {account.name}, so nothing was deleted.", "Try again.")
    remove(services, account)


def remove(services: Services, account: AccountRow) -> None:
    """The same, without a proof: for the archive's staff."""
    owner, left = owners.account(account.id), owners.new_session()
    attempts = throttle.of_account(account.id, account.name)
    with writing(services.engine) as session:
        _let_go_of_deliveries(session, owner)
        session.execute(delete(Share).where(col(Share.owner) == owner))
        session.execute(delete(MailSent).where(col(MailSent.owner) == owner))
        session.execute(delete(LoginAttempt).where(col(LoginAttempt.name).in_(attempts)))
        session.execute(update(Basket).where(col(Basket.owner) == owner).values(owner=left, name=""))
        for table in OF_ACCOUNT:
            session.execute(delete(table).where(col(table.account_id) == account.id))
        session.execute(delete(Account).where(col(Account.id) == account.id))
    with reading(services.engine) as session:
        kept = [each.id for each in query.baskets(session, left)]
    for basket_id in kept:
        retention.delete_basket(services, basket_id)


def has_password(services: Services, account_id: int) -> bool:
    """Whether an account can log in with a password."""
    with reading(services.engine) as session:
        return query.has_password(session, account_id)


def _let_go_of_deliveries(session: Session, owner: str) -> None:
    for delivery_id, files_id in query.frozen_of(session, owner):
        nobody = owners.new_session()
        session.execute(
            update(Delivery).where(col(Delivery.id) == delivery_id).values(owner=nobody, label="", email=None)
        )
        if files_id is not None:
            session.execute(
                update(Basket).where(col(Basket.id) == files_id, col(Basket.owner) == owner).values(owner=nobody)
            )
