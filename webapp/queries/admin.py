"""Reads for the archive's staff: people, programmes, teams, deliveries, shares. Each is one statement, and bounded.

None of them tells what is in a file, and none has a secret in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, and_, case, cast, func, literal, or_, select, text, tuple_, union
from sqlmodel import col

from webapp.models import Account, Delivery, Login, Product, Reader, Rights, Share, Team, TeamMember, Token
from webapp.owners import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlmodel import Session


@dataclass(frozen=True)
class PersonRow:
    """An account; ``seen_at`` is when a browser or a token of it was last there, ``tokens`` are those that work."""

    id: int
    name: str
    email: str
    issuer: str | None
    admin: bool
    created_at: int
    disabled_at: int | None
    seen_at: int | None
    tokens: int


@dataclass(frozen=True)
class ProgrammeRow:
    """A programme with exclusive files, or with readers. ``open_end``: no date is known for some of the files."""

    mission: str
    programme: str
    files: int
    until: int | None
    open_end: bool


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery as stored; ``account`` is the name of whose it is, None for a browser or a key."""

    name: str
    method: str
    format: str
    state: str | None
    files: int
    bytes: int
    created_at: int
    owner: str
    account: str | None


@dataclass(frozen=True)
class ShareRow:
    """A share; ``account`` as above."""

    id: str
    title: str
    created_at: int
    revoked_at: int | None
    owner: str
    account: str | None


def people(session: Session, find: str, *, now: int, idle_since: int, limit: int) -> list[PersonRow]:
    """Accounts whose name or address has ``find`` in it, by name."""
    logins = select(func.max(col(Login.seen_at))).where(col(Login.account_id) == col(Account.id)).scalar_subquery()
    mine = col(Token.account_id) == col(Account.id)
    used = select(func.max(col(Token.used_at))).where(mine).scalar_subquery()
    works = (
        col(Token.revoked_at).is_(None),
        col(Token.expires_at) > now,
        func.coalesce(col(Token.used_at), col(Token.created_at)) > idle_since,
    )
    working = select(func.count()).select_from(Token).where(mine, *works).scalar_subquery()
    columns = [col(getattr(Account, name)) for name in list(PersonRow.__dataclass_fields__)[:-2]]
    query = select(*columns, logins, used, working).order_by(col(Account.name)).limit(limit)
    if find:
        query = query.where(_has(find, col(Account.name), col(Account.email)))
    found = []
    for *known, logged_in, used_at, count in session.execute(query):
        values = [*known, max((each for each in (logged_in, used_at) if each), default=None), count]
        found.append(PersonRow(*values))
    return found


def programmes(session: Session, find: str, *, only_mission: bool, now: int, limit: int) -> list[ProgrammeRow]:
    """Programmes with files that are not public yet, or with readers.

    ``find`` is in the mission's name or theirs or, with ``only_mission``, the mission's whole name.
    """
    counts = (
        select(
            col(Rights.mission),
            col(Rights.programme),
            func.count().label("files"),
            func.max(col(Rights.released_at)).label("until"),
            func.max(case((col(Rights.released_at).is_(None), 1), else_=0)).label("open_end"),
        )
        .join(Product, col(Product.rights_id) == col(Rights.id))
        .where(or_(col(Rights.released_at).is_(None), col(Rights.released_at) > now))
        .where(col(Product.withdrawn_at).is_(None))
        .group_by(col(Rights.mission), col(Rights.programme))
        .subquery()
    )
    named = union(
        select(counts.c.mission, counts.c.programme), select(col(Reader.mission), col(Reader.programme))
    ).subquery()
    same = and_(named.c.mission == counts.c.mission, named.c.programme == counts.c.programme)
    wanted = named.c.mission == find.upper() if only_mission else _has(find, named.c.mission, named.c.programme)
    query = (
        select(named.c.mission, named.c.programme, counts.c.files, counts.c.until, counts.c.open_end)
        .join(counts, same, isouter=True)
        .where(*([wanted] if find else []))
        .order_by(named.c.mission, named.c.programme)
        .limit(limit)
    )
    return [
        ProgrammeRow(mission, programme, files or 0, until, bool(open_end))
        for mission, programme, files, until, open_end in session.execute(query)
    ]


def readers(
    session: Session, programmes: Collection[tuple[str, str]], *, limit: int
) -> list[tuple[str, str, str | None, str | None]]:
    """``(mission, programme, account's name, team's name)`` of who may read these; one of the two names is None."""
    query = (
        select(col(Reader.mission), col(Reader.programme), col(Account.name), col(Team.name))
        .join(Account, col(Account.id) == col(Reader.account_id), isouter=True)
        .join(Team, col(Team.id) == col(Reader.team_id), isouter=True)
        .where(tuple_(col(Reader.mission), col(Reader.programme)).in_(list(programmes)))
        .order_by(col(Account.name), col(Team.name))
        .limit(limit)
    )
    return [(*row,) for row in session.execute(query)]


def teams(session: Session, name: str, *, limit: int) -> list[tuple[str, str | None]]:
    """``(team, member)``, a team without members once with None; of one team where a name is given."""
    query = (
        select(col(Team.name), col(Account.name))
        .join(TeamMember, col(TeamMember.team_id) == col(Team.id), isouter=True)
        .join(Account, col(Account.id) == col(TeamMember.account_id), isouter=True)
        .where(*([col(Team.name) == name] if name else []))
        .order_by(col(Team.name), col(Account.name))
        .limit(limit)
    )
    return [(*row,) for row in session.execute(query)]


def deliveries(session: Session, *, limit: int) -> list[DeliveryRow]:
    """The newest of all."""
    columns = [col(getattr(Delivery, name)) for name in list(DeliveryRow.__dataclass_fields__)[:-1]]
    newest = (col(Delivery.created_at).desc(), col(Delivery.id))
    query = select(*columns, col(Account.name)).join(Account, _whose(col(Delivery.owner)), isouter=True)
    return [DeliveryRow(*row) for row in session.execute(query.order_by(*newest).limit(limit))]


def shares(session: Session, *, limit: int) -> list[ShareRow]:
    """The newest of all."""
    columns = [col(getattr(Share, name)) for name in list(ShareRow.__dataclass_fields__)[:-1]]
    newest = (col(Share.created_at).desc(), col(Share.id))
    query = select(*columns, col(Account.name)).join(Account, _whose(col(Share.owner)), isouter=True)
    return [ShareRow(*row) for row in session.execute(query.order_by(*newest).limit(limit))]


def database_bytes(session: Session) -> int:
    """How large the database is."""
    if session.get_bind().dialect.name == "sqlite":
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        query = "SELECT pg_database_size(current_database())"
    return int(session.execute(text(query)).scalar_one())


def _whose(owner: Any) -> ColumnElement[bool]:
    """Whether an account owns something: computed from the owner, so that the account is found by its id."""
    number = cast(func.substr(owner, len(ACCOUNT) + 1), Integer)
    is_account = owner.like(f"{ACCOUNT}%")
    return and_(is_account, col(Account.id) == case((is_account, number), else_=literal(None)))


def _has(find: str, *columns: Any) -> ColumnElement[bool]:
    return or_(*(func.lower(each).contains(find.lower(), autoescape=True) for each in columns))
