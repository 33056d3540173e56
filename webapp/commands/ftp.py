"""``skybasket ftp``: serves staged files by FTP over TLS."""

from __future__ import annotations

import logging
import signal
import sys

import click

from webapp.settings import load


@click.command("ftp")
def ftp_command() -> None:
    """Serve staged files by FTP over TLS, until stopped.

    Needs SKYBASKET_FTP_BIND and SKYBASKET_FTP_CERTIFICATE. Without them it waits and does nothing, because the
    Procfile names it, and a process that ends takes the others with it.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    settings = load()
    if not settings.serves_ftp:
        click.echo("FTP is off, as SKYBASKET_FTP_BIND is not set.")
        while True:
            signal.pause()
    from webapp.db import engine_for  # noqa: PLC0415 - where FTP is off, nothing more is loaded
    from webapp.ftp.server import server  # noqa: PLC0415 - as above

    logging.getLogger("pyftpdlib").setLevel(logging.WARNING)  # it names ids, which are secrets, for every command
    serving = server(settings, engine_for(settings.database_url))
    click.echo(f"FTP over TLS listens on {settings.ftp_bind}.")
    serving.serve_forever()
