"""Reads about accounts: who they are, where they are logged in, their tokens, what they may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select
from sqlmodel import col

from webapp.models import Account, Basket, Login, Reader, TeamMember, Token

if TYPE_CHECKING:
    from typing import Any

    from sqlmodel import Session


@dataclass(frozen=True)
class AccountRow:
    """An account as stored, its password aside; see models.account.Account for the fields."""

    id: int
    name: str
    email: str
    issuer: str | None
    admin: bool
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True)
class LoginRow:
    """Where somebody is logged in; see models.account.Login."""

    id: str
    account_id: int
    created_at: int
    seen_at: int
    agent: str


@dataclass(frozen=True)
class TokenRow:
    """A token as stored, its hash aside; see models.account.Token."""

    id: int
    account_id: int
    name: str
    hint: str
    scopes: str
    created_at: int
    expires_at: int
    used_at: int | None
    revoked_at: int | None


def _columns(table: type, row: type) -> list[Any]:
    return [col(getattr(table, name)) for name in row.__dataclass_fields__]  # type: ignore[attr-defined]


def account(session: Session, account_id: int) -> AccountRow | None:
    """The account of that id."""
    row = session.execute(select(*_columns(Account, AccountRow)).where(col(Account.id) == account_id)).one_or_none()
    return None if row is None else AccountRow(*row)


def account_called(session: Session, name: str) -> tuple[AccountRow, str | None] | None:
    """The account of that name, and the hash of its password."""
    query = select(*_columns(Account, AccountRow), col(Account.password)).where(col(Account.name) == name)
    row = session.execute(query).one_or_none()
    return None if row is None else (AccountRow(*row[:-1]), row[-1])


def login(session: Session, login_id: str) -> tuple[LoginRow, AccountRow] | None:
    """A login, and whose it is."""
    columns = _columns(Login, LoginRow)
    query = (
        select(*columns, *_columns(Account, AccountRow))
        .join(Account, col(Account.id) == col(Login.account_id))
        .where(col(Login.id) == login_id)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (LoginRow(*row[: len(columns)]), AccountRow(*row[len(columns) :]))


def token(session: Session, token_hash: str) -> tuple[TokenRow, AccountRow] | None:
    """The token with that hash, and whose it is."""
    columns = _columns(Token, TokenRow)
    query = (
        select(*columns, *_columns(Account, AccountRow))
        .join(Account, col(Account.id) == col(Token.account_id))
        .where(col(Token.hash) == token_hash)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (TokenRow(*row[: len(columns)]), AccountRow(*row[len(columns) :]))


def tokens(session: Session, account_id: int, *, limit: int) -> list[TokenRow]:
    """An account's tokens: those that may still work first, then the newest."""
    order = (col(Token.revoked_at).is_not(None), col(Token.expires_at).desc(), col(Token.id).desc())
    query = select(*_columns(Token, TokenRow)).where(col(Token.account_id) == account_id).order_by(*order).limit(limit)
    return [TokenRow(*row) for row in session.execute(query)]


def newest_token(session: Session, account_id: int) -> int:
    """The id of the token that was made last; 0 if there is none."""
    query = select(func.max(col(Token.id))).where(col(Token.account_id) == account_id)
    return int(session.execute(query).scalar_one() or 0)


def basket_of_key(session: Session, key_hash: str) -> str | None:
    """The id of the basket that a key changes."""
    query = select(col(Basket.id)).where(col(Basket.key_hash) == key_hash, col(Basket.deleted_at).is_(None))
    return session.execute(query).scalar_one_or_none()


def programmes(session: Session, account_id: int) -> frozenset[tuple[str, str]]:
    """``(mission, programme)`` that an account may read early, by itself or by a team; none while it is disabled."""
    teams = select(col(TeamMember.team_id)).where(col(TeamMember.account_id) == account_id)
    active = exists().where(col(Account.id) == account_id, col(Account.disabled_at).is_(None))
    query = select(col(Reader.mission), col(Reader.programme)).where(
        active, or_(col(Reader.account_id) == account_id, col(Reader.team_id).in_(teams))
    )
    return frozenset((mission, programme) for mission, programme in session.execute(query))
