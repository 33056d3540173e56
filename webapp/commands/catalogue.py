"""``skybasket init`` and ``skybasket checksum``: the catalogue's tables, and the checksums of its local files."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from webapp.commands.bars import bar
from webapp.db import engine_for
from webapp.errors import UserError
from webapp.ingest.checksums import checksum
from webapp.ingest.errors import IngestError
from webapp.migrate import upgrade
from webapp.settings import load
from webapp.stores import store_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from webapp.settings import Settings

MOST_LISTED = 1_000


def place(engine: Engine) -> str:
    """The database as an operator may be shown it: the file, or the address without password and options."""
    url = engine.url
    if engine.dialect.name == "sqlite" and url.database:
        return url.database
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def open_catalogue(settings: Settings) -> Iterator[Engine]:
    """The database, with its tables; says on standard error where it is."""
    engine = engine_for(settings.database_url)
    click.echo(f"Catalogue: {place(engine)}", err=True)
    try:
        upgrade(engine)
        yield engine
    finally:
        engine.dispose()


@click.command("init")
def init_command() -> None:
    """Create the database's tables, or bring them to this version. Run it after each update."""
    settings = load()
    engine = engine_for(settings.database_url)
    click.echo(f"Catalogue: {place(engine)}")
    upgrade(engine)
    click.echo("It is ready.")
    engine.dispose()


@click.command("checksum")
@click.option("--jobs", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default="one per processor")
def checksum_command(jobs: int) -> None:
    """Fill CRC-32, SHA-256 and true size of products in local stores. Stop it any time; it goes on where it was."""
    settings = load()
    try:
        with open_catalogue(settings) as engine, bar() as progress:
            outcome = checksum(engine, store_map(settings), jobs=jobs, progress=progress)
    except IngestError as error:
        raise UserError(409, str(error)) from error
    problems = [f"Missing: {uri}" for uri in outcome.missing] + outcome.failed
    for line in problems[:MOST_LISTED]:
        click.echo(line, err=True)
    if len(problems) > MOST_LISTED:
        click.echo(f"... and {len(problems) - MOST_LISTED:,} more.", err=True)
    click.echo(
        f"{outcome.hashed:,} hashed ({outcome.corrected:,} differed from the catalogue), "
        f"{outcome.elsewhere:,} not in a local store, {len(outcome.missing):,} missing, {len(outcome.failed):,} failed"
    )
    if problems:
        sys.exit(1)
