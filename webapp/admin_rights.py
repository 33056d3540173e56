"""Rights and teams as the archive's staff changes them: each change says in a sentence what it did, and is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webapp import programmes
from webapp.admin import note

if TYPE_CHECKING:
    from webapp.context import Services


class Change(NamedTuple):
    """``done``: it was not so before."""

    done: bool
    sentence: str
    warning: str = ""


def allow(services: Services, mission: str, programme: str, who: str, by: str) -> Change:
    """Let an account or ``team:NAME`` read a programme early, from now on. Raises UserError 404, 422."""
    mission, programme = programmes.checked(services, mission, programme)
    who = who.strip().lower()
    done = programmes.allow(services, mission, programme, who)
    sentence = f"{who} may read {mission} {programme}" + ("." if done else " already, so nothing changed.")
    is_known = programmes.is_known(services, mission, programme)
    warning = "" if is_known else f"The catalogue has no programme {mission} {programme} so far."
    return _noted(by, sentence, done=done, warning=warning)


def deny(services: Services, mission: str, programme: str, who: str, by: str) -> Change:
    """Take that back, from now on. Raises UserError 404, 422."""
    mission, programme = programmes.checked(services, mission, programme)
    who = who.strip().lower()
    done = programmes.deny(services, mission, programme, who)
    this = f"{mission} {programme}"
    sentence = (
        f"{who} may no longer read {this} before its release date."
        if done
        else f"{who} was not let into {this} by name, so nothing changed."
    )
    return _noted(by, sentence, done=done)


def new_team(services: Services, team: str, by: str) -> Change:
    """A team without members. Raises UserError 409, 422."""
    programmes.create_team(services, team)
    return _noted(by, f"Made the team {_plain(team)}.")


def remove_team(services: Services, team: str, by: str) -> Change:
    """Remove a team and what it may read. Raises UserError 404."""
    programmes.remove_team(services, team)
    return _noted(by, f"Removed the team {_plain(team)}.")


def add_to_team(services: Services, team: str, name: str, by: str) -> Change:
    """Put an account into a team. Raises UserError 404."""
    done = programmes.add_member(services, team, name)
    words = "is in the team" if done else "was in the team already:"
    return _noted(by, f"{_plain(name)} {words} {_plain(team)}.", done=done)


def take_from_team(services: Services, team: str, name: str, by: str) -> Change:
    """Take an account out of a team. Raises UserError 404."""
    done = programmes.remove_member(services, team, name)
    words = "is not in the team" if done else "was not in the team"
    return _noted(by, f"{_plain(name)} {words} {_plain(team)}{' any more' if done else ''}.", done=done)


def _noted(by: str, sentence: str, *, done: bool = True, warning: str = "") -> Change:
    if done:
        note(by, sentence)
    return Change(done, sentence, warning)


def _plain(name: str) -> str:
    return name.strip().lower()
