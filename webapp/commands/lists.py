"""What commands about people share: the database with its tables, and lists for people and for programs."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from webapp.commands.catalogue import place
from webapp.context import Services
from webapp.db import engine_for
from webapp.inventories import Inventories
from webapp.migrate import upgrade
from webapp.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

as_json = click.option("--json", "as_json", is_flag=True, help="A JSON array, for programs.")


@contextmanager
def installation(*, changes: bool = True) -> Iterator[Services]:
    """The services of this installation; a command that changes something says where."""
    settings = load()
    engine = engine_for(settings.database_url)
    if changes:
        click.echo(f"Catalogue: {place(engine)}", err=True)
    try:
        upgrade(engine)
        yield Services(settings, engine, Inventories(engine, settings.spool, settings.inventory_cache_bytes))
    finally:
        engine.dispose()


def moment(at: int | None) -> str | None:
    """``2026-05-02T14:23:01Z`` of seconds since 1970 UTC."""
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def show(rows: Sequence[dict[str, Any]], none: str, *, as_json: bool) -> None:
    """Print rows of the same fields, as JSON or in columns; ``none`` is what to say if there are none."""
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    if not rows:
        click.echo(none, err=True)
        return
    table = [list(rows[0]), *([_plain(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "-"
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return "-" if value in {None, ""} else str(value)
