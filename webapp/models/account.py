"""Accounts, their logins and tokens, and who may read a programme early. Secrets are kept as hashes only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """A person. One with ``issuer`` and ``subject`` logs in by OpenID Connect, one with ``password`` here."""

    __table_args__ = (
        UniqueConstraint("name"),
        UniqueConstraint("issuer", "subject"),
        {"sqlite_autoincrement": True},  # an id is in the owner text of what a person has, so none comes again
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str  # as typed at login: lower case
    email: str = ""
    password: str | None = None  # argon2id, in its own encoded form
    issuer: str | None = None
    subject: str | None = None  # who this is for the issuer, for ever
    admin: bool = False
    created_at: int = Field(sa_type=BigInteger)
    disabled_at: int | None = Field(default=None, sa_type=BigInteger)


class Login(SQLModel, table=True):
    """A browser in which somebody is logged in."""

    __table_args__ = (Index("ix_login_account", "account_id"),)

    id: str = Field(primary_key=True)  # SHA-256 (hex) of what its cookie holds
    account_id: int = Field(foreign_key="account.id")
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    agent: str  # the browser, as it calls itself


class Token(SQLModel, table=True):
    """What a program shows instead of a password."""

    __table_args__ = (UniqueConstraint("hash"), Index("ix_token_account", "account_id"))

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    name: str  # the user's own word for it
    hash: str  # SHA-256 (hex) of the token
    hint: str  # its last four characters
    scopes: str  # of read, write, download, with spaces between
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    used_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class PasswordReset(SQLModel, table=True):
    """A link that was mailed to somebody who forgot a password; good once."""

    __tablename__ = "password_reset"

    hash: str = Field(primary_key=True)  # SHA-256 (hex) of what the link holds
    account_id: int = Field(foreign_key="account.id")
    expires_at: int = Field(sa_type=BigInteger)


class LoginAttempt(SQLModel, table=True):
    """A login that failed, remembered for a while because there is a limit to them."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_at", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    name: str  # as typed, whether there is such an account or not
    address: str


class Team(SQLModel, table=True):
    """A group of people who may read the same programmes."""

    __table_args__ = (UniqueConstraint("name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str


class TeamMember(SQLModel, table=True):
    """Somebody in a team."""

    __tablename__ = "team_member"
    __table_args__ = (Index("ix_team_member_account", "account_id"),)

    team_id: int = Field(foreign_key="team.id", primary_key=True)
    account_id: int = Field(foreign_key="account.id", primary_key=True)


class Reader(SQLModel, table=True):
    """Who may read a programme's files before their release date: an account or a team."""

    __table_args__ = (
        UniqueConstraint("mission", "programme", "account_id"),
        UniqueConstraint("mission", "programme", "team_id"),
        Index("ix_reader_account", "account_id"),
        Index("ix_reader_team", "team_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    mission: str
    programme: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    team_id: int | None = Field(default=None, foreign_key="team.id")
