"""``skybasket ingest``: bring product tables, FITS files, MAST's products and reference links into the catalogue."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import click

from webapp.commands.bars import bar
from webapp.commands.catalogue import open_catalogue
from webapp.commands.ingest_mast import mast_command
from webapp.errors import UserError
from webapp.ingest import IngestError, ingest_fits, ingest_table
from webapp.ingest.names import MissionsError
from webapp.ingest.reference_table import ingest_references
from webapp.ingest.uris import UriError, canonical
from webapp.settings import load
from webapp.stores import add_store, store_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from webapp.settings import Settings

MOST_SENTENCES = 20  # about damaged files, before the rest is only counted


@click.group("ingest")
def ingest_group() -> None:
    """Bring holdings into the catalogue. Doing it again changes nothing; bad input changes nothing."""


@ingest_group.command("table")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--mission", help="The mission of all products, whatever the table says.")
@click.option("--obs-id", help="The observation of all products, whatever the table says.")
@click.option("--complete", is_flag=True, help="The table lists all products of its observations: withdraw others.")
def table_command(files: tuple[Path, ...], mission: str | None, obs_id: str | None, *, complete: bool) -> None:
    """Product tables: CSV, ECSV, VOTable, FITS table, or the JSON answer of MAST's product service."""
    settings = load()
    with _catalogue(settings) as engine:
        for file in files:
            with bar() as progress:
                counts = ingest_table(
                    engine,
                    file,
                    mission=mission,
                    obs_id=obs_id,
                    complete=complete,
                    missions=settings.missions,
                    progress=progress,
                )
            click.echo(f"{file.name}: {counts}")


@ingest_group.command("fits")
@click.argument("location", metavar="PATH")
@click.option("--prefix", help="What the products' URIs begin with. Default: local:<name of the folder>/")
@click.option("--mission", help="The mission of all files, whatever headers and names say.")
@click.option("--skip-damaged", is_flag=True, help="Leave damaged files out. Without it, one damaged file stops all.")
def fits_command(location: str, prefix: str | None, mission: str | None, *, skip_damaged: bool) -> None:
    """A folder (or any fsspec URL) of FITS files, read by their headers; the files are served from there at once."""
    settings = load()
    url, name = _store_of(location)
    chosen = _checked_prefix(prefix or f"local:{name}/")
    kept = dict(store_pairs(settings)).get(chosen)
    if kept not in {None, url}:
        raise UserError(409, f"{chosen} already stands for {kept}.", "Choose another with --prefix.")
    with _catalogue(settings) as engine, bar() as progress:
        counts = ingest_fits(
            engine,
            location,
            prefix=chosen,
            mission=mission,
            skip_damaged=skip_damaged,
            missions=settings.missions,
            progress=progress,
        )
        if kept is None:
            add_store(settings, chosen, url)
    _say("Left out:", counts.skipped)
    if counts.ignored:
        click.echo(f"{counts.ignored:,} files belong to no observation here and were left alone.", err=True)
    click.echo(f"{chosen}: {counts}")
    if counts.uses.links or counts.uses.removed:
        click.echo(f"References: {counts.uses}")


@ingest_group.command("references")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--skip-unknown", is_flag=True, help="Leave out products that the catalogue does not have.")
def references_command(file: Path, *, skip_unknown: bool) -> None:
    """Which calibration references products were made with: a table of product, reference, keyword and context."""
    settings = load()
    with _catalogue(settings) as engine, bar() as progress:
        linked = ingest_references(
            engine, file, skip_unknown=skip_unknown, missions=settings.missions, progress=progress
        )
    _say("Left out: the catalogue does not have", linked.unknown)
    _say("Missing: the archive does not have", linked.missing)
    if gone := linked.counts.uses.removed:
        click.echo(f"{gone:,} earlier links of these files are gone: the table says all that they have.", err=True)
    click.echo(f"{file.name}: {linked}")


ingest_group.add_command(mast_command)


def _say(what: str, each: Sequence[str]) -> None:
    """On standard error; the first ones by name."""
    for one in each[:MOST_SENTENCES]:
        click.echo(f"{what} {one}", err=True)
    if len(each) > MOST_SENTENCES:
        click.echo(f"{what} {len(each) - MOST_SENTENCES:,} more.", err=True)


@contextmanager
def _catalogue(settings: Settings) -> Iterator[Engine]:
    """The database, with its tables; what is refused becomes a sentence."""
    try:
        with open_catalogue(settings) as engine:
            yield engine
    except (IngestError, MissionsError) as error:
        sentences = str(error).splitlines()
        rest = [f"... and {len(sentences) - MOST_SENTENCES:,} more."] if len(sentences) > MOST_SENTENCES else []
        raise UserError(422, "\n".join(sentences[:MOST_SENTENCES] + rest), "It changed nothing.") from error


def _store_of(location: str) -> tuple[str, str]:
    """``(URL of the store, name of the folder)``."""
    remote = re.match(r"[a-z][a-z0-9+]+://", location)
    url = location.rstrip("/") if remote else Path(location).resolve().as_uri()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", unquote(url.rpartition("/")[2]))
    return url, name or "files"


def _checked_prefix(prefix: str) -> str:
    try:
        canonical(f"{prefix}x")
    except UriError as error:
        raise UserError(422, f"The prefix {prefix!r} cannot begin a URI: {error}") from error
    if not prefix.endswith(("/", ":")):
        raise UserError(422, f"The prefix {prefix!r} must end with / or :.", "For example: --prefix local:holdings/")
    return prefix
