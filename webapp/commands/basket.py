"""``skybasket basket``: all that the page does, at any server, from a shell, from cron or CI. It asks by HTTP only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from jobs.dialects import comment
from webapp.commands.basket_download import download_command, plan_command
from webapp.commands.basket_filters import filters, paths
from webapp.commands.basket_memory import CURRENT, KEY
from webapp.commands.basket_references import references_command
from webapp.commands.basket_session import EXIT_CODES, asks
from webapp.commands.basket_words import amount, changed, content, line_of
from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from webapp.commands.basket_session import Session

text_file = click.File(encoding="utf-8", errors="replace")
one_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")


@click.group("basket", epilog=EXIT_CODES)
def basket_group() -> None:
    """Baskets of any server: make one, choose files, download them."""


@basket_group.command("new")
@click.argument("observations", metavar="[OBS]...", nargs=-1)
@click.option("--match", metavar="QUERY", help="All observations that this finds: 'mission=JWST&proposal=2733'.")
@click.option(
    "--from",
    "listed",
    type=text_file,
    help="A file with their names; - is what is piped in.",
)
@click.option("--name", default="", help="What the basket is called.")
@one_json
@asks
def new_command(
    session: Session, observations: tuple[str, ...], match: str | None, listed: Any, name: str, *, as_json: bool
) -> None:
    """Make a basket, and use it from now on.

    Of the observations OBS, as in JWST:jw02733-o001_t001_miri, or of those that --match or --from
    names. Its key is kept in a private file, so that the next commands may change it.
    """
    wanted = [*observations, *(_names(listed.read()) if listed else ())]
    if bool(wanted) == bool(match):
        raise UserError(400, "Say which observations: name them, or --match QUERY, or --from FILE.")
    session.memory.must_be_writable()
    made = session.sky.new_basket(wanted, match=match or "", name=name)
    kept = session.memory.put(f"{made.id}{KEY}", made.key)
    session.memory.put(CURRENT, made.id)
    if as_json:
        click.echo(json.dumps({**made.said, "key_file": str(kept)}))
        return
    click.echo(f"Made a basket: {amount(made.said)}. The next commands use it.\n{comment(made.url)}")
    click.echo(f"Its key, which lets you change it, is kept in {kept}", err=True)


@basket_group.command("use")
@click.argument("basket", metavar="ID|URL")
@click.option(
    "--key-file",
    type=text_file,
    help="Its key, to be remembered; - is what is piped in.",
)
@asks
def use_command(session: Session, basket: str, key_file: Any) -> None:
    """Use another basket from now on."""
    basket_id = session.id_of(basket, "baskets")
    said = session.sky.basket(basket_id).show()
    if key_file:
        session.memory.put(f"{basket_id}{KEY}", key_file.read().strip())
    session.memory.put(CURRENT, basket_id)
    click.echo(f"In use: {basket_id}, {amount(said)}.")


@basket_group.command("show")
@filters
@one_json
@asks
def show_command(session: Session, filters: str, *, as_json: bool) -> None:
    """Show totals, and what to filter by."""
    basket = session.basket()
    said = basket.show(filters)
    click.echo(json.dumps(said) if as_json else "\n".join(content(said, basket.url, filters)))


@basket_group.command("files")
@filters
@click.option("--json", "as_json", is_flag=True, help="JSON lines, one file each, for programs.")
@asks
def files_command(session: Session, filters: str, *, as_json: bool) -> None:
    """List the files that match; * is one that is selected. What is selected in all: --all --selected."""
    for each in session.basket().files(filters):
        click.echo(json.dumps(each) if as_json else line_of(each))


@basket_group.command("add")
@click.argument("observations", metavar="OBS...", nargs=-1, required=True)
@one_json
@asks
def add_command(session: Session, observations: tuple[str, ...], *, as_json: bool) -> None:
    """Put the observations OBS in."""
    _say(session.basket().add(observations), as_json=as_json)


@basket_group.command("share")
@filters
@one_json
@asks
def share_command(session: Session, filters: str, *, as_json: bool) -> None:
    """Make an address of it to cite or pass on.

    What it shows never changes; it opens with these filters.
    """
    url = session.basket().share(filters)
    click.echo(json.dumps({"url": url}) if as_json else comment(url))


def _chooser(name: str, about: str, *, careful: bool) -> Callable[..., None]:
    @basket_group.command(name, help=about)
    @click.argument("which", metavar="[PATH]...", nargs=-1, shell_complete=paths)
    @filters
    @one_json
    @asks
    def choose(session: Session, which: tuple[str, ...], filters: str, *, as_json: bool) -> None:
        if careful and not which and not filters:
            raise UserError(400, f"Say what to {name}: paths, filters, or --all.")
        change = getattr(session.basket(), name)
        _say(change(filters, paths=which or None), as_json=as_json)

    return choose


_WHICH = "Filters say which; without any, the recommended ones. A PATH that ends in / means what matches below it."
_chooser("select", f"Select files. {_WHICH}", careful=False)
_chooser("unselect", f"Unselect files. {_WHICH}", careful=False)
_chooser("remove", "Take files out. Which, has to be said by filters or PATHs. restore brings them back.", careful=True)
_chooser("restore", "Bring removed files back. Which, has to be said by filters or PATHs.", careful=True)
basket_group.add_command(references_command)
basket_group.add_command(plan_command)
basket_group.add_command(download_command)


def _say(said: dict[str, Any], *, as_json: bool) -> None:
    click.echo(json.dumps(said) if as_json else changed(said))


def _names(text: str) -> list[str]:
    from webapp.observation_names import split_names  # noqa: PLC0415 - it brings the database

    return split_names(text)
