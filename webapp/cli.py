"""The ``skybasket`` command. A command's module is imported when it is asked for, so that each starts fast."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from webapp.errors import UserError
from webapp.settings import SettingsError

COMMANDS = {
    "basket": "webapp.commands.basket:basket_group",
    "checksum": "webapp.commands.catalogue:checksum_command",
    "clock": "webapp.commands.clock:clock_command",
    "completion": "webapp.commands.completion:completion_command",
    "demo": "webapp.commands.demo:demo_command",
    "doctor": "webapp.commands.doctor:doctor_command",
    "ftp": "webapp.commands.ftp:ftp_command",
    "ingest": "webapp.commands.ingest:ingest_group",
    "init": "webapp.commands.catalogue:init_command",
    "programme": "webapp.commands.programmes:programme_group",
    "team": "webapp.commands.programmes:team_group",
    "token": "webapp.commands.tokens:token_group",
    "up": "webapp.commands.up:up_command",
    "user": "webapp.commands.users:user_group",
    "worker": "webapp.commands.worker:worker_command",
}


class Refusal(click.ClickException):
    """An expected failure: one sentence and one hint on standard error, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the sentence as it is."""
        click.echo(self.message, file=file, err=file is None)


class Commands(click.Group):
    """The table above as a click group."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it refuses becomes a sentence."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            raise Refusal(" ".join(filter(None, (error.sentence, error.hint)))) from error
        except SettingsError as error:
            raise Refusal(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="skybasket", message="%(prog)s %(version)s")
def main() -> None:
    """Skybasket: a download basket for science archives. Start with: skybasket up."""


if __name__ == "__main__":
    main(prog_name="skybasket")
