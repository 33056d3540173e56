"""``skybasket token``: API tokens of an account."""

from __future__ import annotations

import click

from webapp import accounts, clock, tokens
from webapp.admin import COMMAND_LINE, note
from webapp.commands.lists import as_json, installation, moment, show


@click.group("token")
def token_group() -> None:
    """API tokens: what a program shows to act for somebody."""


@token_group.command("new")
@click.argument("name")
@click.option("--for", "what", required=True, help="What it is for, in the user's words.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(list(tokens.SCOPES)),
    default=(tokens.READ, tokens.DOWNLOAD),
    show_default=True,
    help="What it may do; several are possible.",
)
def new_command(name: str, what: str, scopes: tuple[str, ...]) -> None:
    """Make a token for the account NAME. It alone is printed on standard output, this once."""
    with installation() as services:
        account = accounts.called(services, name)
        word = tokens.new(services, account.id, what, scopes)
        note(COMMAND_LINE, f"made a token for {account.name}")
    click.echo(
        f"A token of {account.name}, which may {', '.join(scopes)}. It works for {tokens.DAYS} days, and ends earlier "
        f"when nothing uses it for {tokens.IDLE_DAYS}. It is shown this once:",
        err=True,
    )
    click.echo(word)


@token_group.command("list")
@click.argument("name")
@as_json
def list_command(name: str, *, as_json: bool) -> None:
    """List the tokens of the account NAME."""
    now = clock.now()
    with installation(changes=False) as services:
        rows, _ = tokens.listed(services, accounts.called(services, name).id)
    shown = [
        {
            "id": row.id,
            "for": row.name,
            "last four": row.hint,
            "scopes": row.scopes.split(),
            "state": tokens.state(row, now),
            "made": moment(row.created_at),
            "used": moment(row.used_at),
            "ends": moment(row.revoked_at if row.revoked_at is not None else tokens.ended_at(row)),
        }
        for row in rows
    ]
    show(shown, "There are none.", as_json=as_json)
    if len(rows) == tokens.MOST_LISTED:
        click.echo(f"Only {len(rows):,} are listed, those that work first.", err=True)


@token_group.command("revoke")
@click.argument("name")
@click.argument("id", type=click.IntRange(min=0))
def revoke_command(name: str, id: int) -> None:  # noqa: A002 - the word of the list
    """End the token ID of the account NAME for good."""
    with installation() as services:
        account = accounts.called(services, name)
        what = tokens.revoke(services, account.id, id)
        note(COMMAND_LINE, f"revoked the token {id} of {account.name}")
    click.echo(f"Revoked {what!r} of {account.name}.")
