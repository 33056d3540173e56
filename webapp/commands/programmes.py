"""``skybasket programme`` and ``skybasket team``: who may read a programme's files before all may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from webapp import admin_page, admin_rights
from webapp.admin import COMMAND_LINE
from webapp.commands.lists import as_json, installation, moment, show

if TYPE_CHECKING:
    from webapp.admin_rights import Change


def _said(change: Change) -> None:
    if change.warning:
        click.echo(f"Warning: {change.warning}", err=True)
    click.echo(change.sentence)


@click.group("programme")
def programme_group() -> None:
    """Who may read a programme's exclusive files: accounts, and teams as team:NAME."""


@programme_group.command("allow")
@click.argument("mission")
@click.argument("programme")
@click.argument("who")
def allow_command(mission: str, programme: str, who: str) -> None:
    """Let WHO read the exclusive files of a programme, from now on."""
    with installation() as services:
        _said(admin_rights.allow(services, mission, programme, who, COMMAND_LINE))


@programme_group.command("deny")
@click.argument("mission")
@click.argument("programme")
@click.argument("who")
def deny_command(mission: str, programme: str, who: str) -> None:
    """Take that back, from now on."""
    with installation() as services:
        _said(admin_rights.deny(services, mission, programme, who, COMMAND_LINE))


@programme_group.command("list")
@click.argument("mission", required=False, default="")
@as_json
def list_programmes_command(mission: str, *, as_json: bool) -> None:
    """List programmes with exclusive files, and who may read them."""
    with installation(changes=False) as services:
        page = admin_page.programmes(services, mission, only_mission=True)
    shown = [
        {
            "mission": row.mission,
            "programme": row.programme,
            "exclusive files": row.files,
            "until": None if row.open_end else moment(row.until),
            "readers": page.readers.get((row.mission, row.programme), []),
        }
        for row in page.rows
    ]
    show(shown, "All files are public, and nobody is let into a programme.", as_json=as_json)
    if page.more or page.more_readers:
        click.echo("There are more; name a mission.", err=True)


@click.group("team")
def team_group() -> None:
    """Teams: people who may read the same programmes."""


@team_group.command("new")
@click.argument("team")
def new_team_command(team: str) -> None:
    """Make a team without members."""
    with installation() as services:
        _said(admin_rights.new_team(services, team, COMMAND_LINE))


@team_group.command("remove")
@click.argument("team")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_team_command(team: str, *, yes: bool) -> None:
    """Remove a team; its members may no longer read what it could."""
    if not yes:
        click.confirm(f"Remove the team {team}, and what it may read, for good?", abort=True, err=True)
    with installation() as services:
        _said(admin_rights.remove_team(services, team, COMMAND_LINE))


@team_group.command("list")
@click.argument("team", required=False, default="")
@as_json
def list_teams_command(team: str, *, as_json: bool) -> None:
    """List teams with their members."""
    with installation(changes=False) as services:
        page = admin_page.teams(services, team)
    shown = [{"team": name, "members": members} for name, members in page.members.items()]
    show(shown, f"There is no team called {team!r}." if team else "There are no teams.", as_json=as_json)
    if page.more:
        click.echo("There are more; name a team.", err=True)


@team_group.command("add")
@click.argument("team")
@click.argument("name")
def add_command(team: str, name: str) -> None:
    """Put the account NAME into a team."""
    with installation() as services:
        _said(admin_rights.add_to_team(services, team, name, COMMAND_LINE))


@team_group.command("take")
@click.argument("team")
@click.argument("name")
def take_command(team: str, name: str) -> None:
    """Take the account NAME out of a team."""
    with installation() as services:
        _said(admin_rights.take_from_team(services, team, name, COMMAND_LINE))
