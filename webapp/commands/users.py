"""``skybasket user``: accounts, as the archive's staff makes and changes them."""

from __future__ import annotations

import sys

import click

from webapp import account_end, accounts, admin, admin_page, new_passwords
from webapp.admin import COMMAND_LINE
from webapp.commands.lists import as_json, installation, moment, show
from webapp.errors import UserError


@click.group("user")
def user_group() -> None:
    """Accounts: people who log in."""


@user_group.command("add")
@click.argument("name")
@click.option("--email", default="", help="Where mail goes, such as a link for a new password.")
@click.option("--admin", "is_admin", is_flag=True, help="May open the pages of administration.")
def add_command(name: str, email: str, *, is_admin: bool) -> None:
    """Make an account. The password is asked for, or read from standard input."""
    name, email = accounts.checked_name(name), accounts.checked_email(email)
    password = _password()
    with installation() as services:
        accounts.create(services, name, password, email=email, admin=is_admin)
    click.echo(f"Made the account {name}{', an administrator' if is_admin else ''}.")


@user_group.command("list")
@as_json
@click.option("--find", default="", help="Only those with this in their name or mail address.")
def list_command(find: str, *, as_json: bool) -> None:
    """List accounts by name."""
    with installation(changes=False) as services:
        rows = admin_page.people(services, find)
    shown = [
        {
            "name": row.name,
            "email": row.email,
            "admin": row.admin,
            "made": moment(row.created_at),
            "seen": moment(row.seen_at),
            "tokens": row.tokens,
            "disabled": moment(row.disabled_at),
        }
        for row in rows
    ]
    show(shown, "There is no such account." if find else "There are no accounts.", as_json=as_json)
    if len(rows) == admin_page.MOST_PEOPLE:
        click.echo(f"These are the first {len(rows):,}; find others with --find.", err=True)


@user_group.command("password")
@click.argument("name")
def password_command(name: str) -> None:
    """Give an account another password, and end its logins."""
    with installation() as services:
        account = accounts.called(services, name)
        if account.issuer is not None:
            raise UserError(409, f"{account.name} logs in by {account.issuer}, and has no password here.")
        new_passwords.give(services, account, _password())
        admin.note(COMMAND_LINE, f"gave {account.name} another password")
    click.echo(f"{account.name} has another password, and has to log in again.")


@user_group.command("disable")
@click.argument("name")
def disable_command(name: str) -> None:
    """Let an account in no more: its logins and tokens end at once, all else stays."""
    with installation() as services:
        name = admin.disable(services, accounts.called(services, name).id, COMMAND_LINE)
    click.echo(f"Disabled {name}: logged out everywhere, and all tokens revoked.")


@user_group.command("enable")
@click.argument("name")
def enable_command(name: str) -> None:
    """Let an account in again."""
    with installation() as services:
        name = admin.enable(services, accounts.called(services, name).id, COMMAND_LINE)
    click.echo(f"{name} can log in again.")


@user_group.command("admin")
@click.argument("name")
@click.option("--off", is_flag=True, help="Take it back.")
def admin_command(name: str, *, off: bool) -> None:
    """Make an account an administrator."""
    with installation() as services:
        name = admin.set_admin(services, accounts.called(services, name).id, COMMAND_LINE, on=not off)
    click.echo(f"{name} is no administrator any more." if off else f"{name} is an administrator now.")


@user_group.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_command(name: str, *, yes: bool) -> None:
    """Delete an account with its baskets, shares and tokens. Its deliveries stay, without its name."""
    with installation() as services:
        account = accounts.called(services, name)
        if not yes:
            click.confirm(f"Delete {account.name} with all baskets, shares and tokens, for good?", abort=True, err=True)
        account_end.remove(services, account)
        admin.note(COMMAND_LINE, f"removed the account {account.name}")
    click.echo(f"Removed {account.name}.")


def _password() -> str:
    """Asked twice without showing it; where nobody types, the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))
    return sys.stdin.readline().rstrip("\r\n")
