"""Puts the demo archive in the catalogue, by the same doors as any archive: product tables, and headers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from webapp.ingest.demo.build import TABLES
from webapp.ingest.errors import IngestError, no_progress
from webapp.ingest.fits_headers import facts, read_cards
from webapp.ingest.merge import merge
from webapp.ingest.names import with_operators
from webapp.ingest.product_table import read
from webapp.ingest.rows import Rows
from webapp.stores import add_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from webapp.ingest.errors import Progress
    from webapp.ingest.names import Missions
    from webapp.ingest.product_table import Batch, Reference
    from webapp.settings import Settings

SCHEME = "mast:"


def load_demo(engine: Engine, settings: Settings, folder: Path, *, progress: Progress = no_progress) -> None:
    """Record the archive in ``folder``: its store, its product tables, and the references that its headers name.

    Doing it again changes nothing. Raises IngestError if the archive has been damaged.
    """
    folder = folder.absolute()
    add_store(settings, SCHEME, str(folder))
    missions = with_operators(settings.missions)
    tables = sorted((folder / TABLES).glob("*.ecsv"))
    for done, file in enumerate(tables, 1):
        table = read(file)
        with_references = replace(table, batches=_with_references(table.batches, folder, missions))
        merge(engine, Rows(with_references, missions, mission=None, obs_id=None), complete=True, progress=no_progress)
        progress("Filling the catalogue", done, len(tables))


def _with_references(batches: Iterable[Batch], folder: Path, missions: Missions) -> Iterator[Batch]:
    """The batches, and with the first row of each FITS file what its header names."""
    seen: set[str | None] = set()
    for batch in batches:
        named: list[tuple[Reference, ...]] = []
        for uri in batch.cells["uri"]:
            named.append(() if uri is None or uri in seen else _references(uri, folder, missions))
            seen.add(uri)
        yield replace(batch, references=named)


def _references(uri: str, folder: Path, missions: Missions) -> tuple[Reference, ...]:
    file = folder / uri.removeprefix(SCHEME)
    if file.suffix != ".fits":
        return ()
    try:
        with file.open("rb") as stream:
            return facts(read_cards(stream, file.name, file.stat().st_size), file.name, missions).references
    except OSError as error:
        raise IngestError(f"{file} cannot be read: {error.strerror or error}.") from error
