"""Reads of what belongs to an account: its logins, its ways to log in, and all that goes into an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlmodel import col

from webapp.models import (
    Account,
    Basket,
    BasketAddition,
    BasketObservation,
    BasketRule,
    Delivery,
    Login,
    Observation,
    PasswordReset,
    Product,
    Share,
    Team,
    TeamMember,
    Token,
)
from webapp.queries.accounts import AccountRow, LoginRow, TokenRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlmodel import Session

A_TIME = 5_000  # rows fetched at once


@dataclass(frozen=True)
class BasketData:
    """A basket in an export; see models.basket.Basket for the fields."""

    id: str
    name: str
    files: int
    created_at: int
    changed_at: int
    locked_at: int | None
    deleted_at: int | None
    rule: str | None  # the filter that it follows, as a query string


@dataclass(frozen=True)
class DeliveryData:
    """A download in an export; see models.delivery.Delivery for the fields."""

    id: str
    name: str
    label: str
    method: str
    format: str
    files: int
    bytes: int
    state: str | None
    created_at: int
    finished_at: int | None
    deleted_at: int | None
    email: str | None


@dataclass(frozen=True)
class ShareData:
    """A share in an export; see models.delivery.Share for the fields."""

    id: str
    title: str
    note: str
    filters: str
    created_at: int
    revoked_at: int | None


def logins_of(session: Session, account_id: int) -> list[LoginRow]:
    """An account's logins, last seen first."""
    query = select(*_columns(Login, LoginRow)).where(col(Login.account_id) == account_id)
    return [LoginRow(*row) for row in session.execute(query.order_by(col(Login.seen_at).desc(), col(Login.id)))]


def has_password(session: Session, account_id: int) -> bool:
    """Whether an account can log in with a password."""
    query = select(col(Account.password).is_not(None)).where(col(Account.id) == account_id)
    return bool(session.execute(query).scalar_one_or_none())


def of_subject(session: Session, issuer: str, subject: str) -> AccountRow | None:
    """The account of whom an OpenID provider calls so."""
    query = select(*_columns(Account, AccountRow)).where(col(Account.issuer) == issuer, col(Account.subject) == subject)
    row = session.execute(query).one_or_none()
    return None if row is None else AccountRow(*row)


def with_name_or_mail(session: Session, text: str, *, limit: int) -> list[AccountRow]:
    """Accounts that log in with a password and have this name or this mail address; ``text`` in lower case."""
    query = select(*_columns(Account, AccountRow)).where(
        (col(Account.name) == text) | (func.lower(col(Account.email)) == text),
        col(Account.password).is_not(None),
        col(Account.disabled_at).is_(None),
    )
    return [AccountRow(*row) for row in session.execute(query.order_by(col(Account.id)).limit(limit))]


def reset(session: Session, word_hash: str, now: int) -> AccountRow | None:
    """Whose password the link with that hash is for; None if it is not good, or not any more."""
    query = (
        select(*_columns(Account, AccountRow))
        .join(PasswordReset, col(PasswordReset.account_id) == col(Account.id))
        .where(
            col(PasswordReset.hash) == word_hash,
            col(PasswordReset.expires_at) > now,
            col(Account.disabled_at).is_(None),
        )
    )
    row = session.execute(query).one_or_none()
    return None if row is None else AccountRow(*row)


def baskets(session: Session, owner: str) -> list[BasketData]:
    """An owner's baskets, those in the bin included, frozen ones left out."""
    names = [name for name in BasketData.__dataclass_fields__ if name != "rule"]
    query = (
        select(*(col(getattr(Basket, name)) for name in names), col(BasketRule.filters))
        .outerjoin(BasketRule, col(BasketRule.basket_id) == col(Basket.id))
        .where(col(Basket.owner) == owner, col(Basket.snapshot).is_(None))
        .order_by(col(Basket.created_at), col(Basket.id))
    )
    return [BasketData(*row) for row in session.execute(query)]


def observation_names(session: Session, basket_id: str) -> Iterator[str]:
    """``MISSION:obs_id`` of each observation in a basket."""
    query = (
        select(col(Observation.mission), col(Observation.obs_id))
        .join(BasketObservation, col(BasketObservation.observation_id) == col(Observation.id))
        .where(col(BasketObservation.basket_id) == basket_id)
        .order_by(col(Observation.mission), col(Observation.obs_id))
    )
    return (f"{mission}:{obs_id}" for mission, obs_id in _each(session, query))


def addition_uris(session: Session, basket_id: str) -> Iterator[str]:
    """URIs of the files that were added by themselves."""
    query = (
        select(col(Product.uri))
        .join(BasketAddition, col(BasketAddition.product_id) == col(Product.id))
        .where(col(BasketAddition.basket_id) == basket_id)
        .order_by(col(Product.uri))
    )
    return (uri for (uri,) in _each(session, query))


def deliveries(session: Session, owner: str) -> Iterator[DeliveryData]:
    """An owner's downloads, oldest first."""
    query = select(*_columns(Delivery, DeliveryData)).where(col(Delivery.owner) == owner)
    return (DeliveryData(*row) for row in _each(session, query.order_by(col(Delivery.created_at), col(Delivery.id))))


def frozen_of(session: Session, owner: str) -> list[tuple[str, str | None]]:
    """An owner's deliveries, each with its frozen basket."""
    query = select(col(Delivery.id), col(Delivery.files_id)).where(col(Delivery.owner) == owner)
    return [(delivery_id, files_id) for delivery_id, files_id in session.execute(query)]


def shares(session: Session, owner: str) -> Iterator[ShareData]:
    """An owner's shares, oldest first, revoked ones included."""
    query = select(*_columns(Share, ShareData)).where(col(Share.owner) == owner)
    return (ShareData(*row) for row in _each(session, query.order_by(col(Share.created_at), col(Share.id))))


def tokens(session: Session, account_id: int) -> Iterator[TokenRow]:
    """An account's tokens, oldest first, without what would let anybody use one."""
    query = select(*_columns(Token, TokenRow)).where(col(Token.account_id) == account_id)
    return (TokenRow(*row) for row in _each(session, query.order_by(col(Token.id))))


def teams(session: Session, account_id: int) -> list[str]:
    """Names of the teams that an account is in."""
    query = (
        select(col(Team.name))
        .join(TeamMember, col(TeamMember.team_id) == col(Team.id))
        .where(col(TeamMember.account_id) == account_id)
    )
    return list(session.execute(query.order_by(col(Team.name))).scalars())


def _columns(table: type, row: type) -> list[Any]:
    return [col(getattr(table, name)) for name in row.__dataclass_fields__]  # type: ignore[attr-defined]  # a dataclass


def _each(session: Session, query: Any) -> Iterator[Any]:
    """Rows as they come, so that a million of them take no room."""
    return iter(session.execute(query.execution_options(yield_per=A_TIME)))
