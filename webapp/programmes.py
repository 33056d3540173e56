"""Who may read a programme's files before their release date: people and teams, named by the archive's staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from webapp import accounts
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Reader, Rights, Team, TeamMember

if TYPE_CHECKING:
    from sqlmodel import Session

    from webapp.context import Services

LONGEST = 100  # characters, of a mission or a programme
TEAM = "team:"  # what a team's name begins with where people can stand too


def checked(services: Services, mission: str, programme: str) -> tuple[str, str]:
    """The two as the catalogue has them, missions in upper case. Raises UserError 422."""
    mission, programme = mission.strip().upper(), programme.strip()
    for what, word in (("mission", mission), ("programme", programme)):
        if not word or len(word) > LONGEST or not word.isprintable():
            raise UserError(
                422, f"A {what} has 1 to {LONGEST} characters.", "For example: mission JWST, programme 2733."
            )
    if not is_known(services, mission, programme) and is_known(services, mission, programme.lstrip("0")):
        programme = programme.lstrip("0")  # as in names of JWST's files: jw08912...
    return mission, programme


def is_known(services: Services, mission: str, programme: str) -> bool:
    """Whether the catalogue has ever had files of this programme."""
    with reading(services.engine) as session:
        return (
            session.execute(select(col(Rights.id)).filter_by(mission=mission, programme=programme)).first() is not None
        )


def allow(services: Services, mission: str, programme: str, name: str) -> bool:
    """Let an account, or a team (``team:NAME``), read a programme. False if it could before. Raises UserError 404."""
    with writing(services.engine) as session:
        values = {"mission": mission, "programme": programme, **_reader(services, session, name)}
        if session.execute(select(col(Reader.id)).filter_by(**values)).first() is not None:
            return False
        session.execute(insert(Reader).values(**values))
    return True


def deny(services: Services, mission: str, programme: str, name: str) -> bool:
    """Take that back, from now on. False if there was nothing to take back. Raises UserError 404."""
    with writing(services.engine) as session:
        values = {"mission": mission, "programme": programme, **_reader(services, session, name)}
        return bool(session.execute(delete(Reader).filter_by(**values)).rowcount)  # type: ignore[attr-defined]  # a DELETE has a row count


def create_team(services: Services, name: str) -> None:
    """A new team without members. Raises UserError 409 (taken), 422."""
    plain = accounts.checked_name(name)
    try:
        with writing(services.engine) as session:
            session.execute(insert(Team).values(name=plain))
    except IntegrityError as error:
        raise UserError(409, f"There is a team called {plain} already.", "Choose another name.") from error


def remove_team(services: Services, name: str) -> None:
    """Remove a team; its members may no longer read what it could. Raises UserError 404."""
    with writing(services.engine) as session:
        team_id = _team(session, name)
        for table in (TeamMember, Reader):
            session.execute(delete(table).where(col(table.team_id) == team_id))
        session.execute(delete(Team).where(col(Team.id) == team_id))


def add_member(services: Services, team: str, name: str) -> bool:
    """Put somebody into a team. False if they were in it before. Raises UserError 404."""
    account = accounts.called(services, name)
    with writing(services.engine) as session:
        values = {"team_id": _team(session, team), "account_id": account.id}
        if session.execute(select(col(TeamMember.team_id)).filter_by(**values)).first() is not None:
            return False
        session.execute(insert(TeamMember).values(**values))
    return True


def remove_member(services: Services, team: str, name: str) -> bool:
    """Take somebody out of a team. False if they were not in it. Raises UserError 404."""
    account = accounts.called(services, name)
    with writing(services.engine) as session:
        values = {"team_id": _team(session, team), "account_id": account.id}
        return bool(session.execute(delete(TeamMember).filter_by(**values)).rowcount)  # type: ignore[attr-defined]  # as above


def _reader(services: Services, session: Session, name: str) -> dict[str, int | None]:
    if name.startswith(TEAM):
        return {"team_id": _team(session, name.removeprefix(TEAM)), "account_id": None}
    return {"account_id": accounts.called(services, name).id, "team_id": None}


def _team(session: Session, name: str) -> int:
    query = select(col(Team.id)).where(col(Team.name) == name.strip().lower())
    found: int | None = session.execute(query).scalar_one_or_none()
    if found is None:
        raise UserError(404, f"There is no team called {name[:100]!r}.", "Make it first: skybasket team new NAME.")
    return found
