"""How an archive gets in: product tables, FITS folders, checksums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from webapp.ingest.counts import Counts
from webapp.ingest.errors import IngestError, no_progress
from webapp.ingest.merge import merge
from webapp.ingest.names import split_name, with_operators
from webapp.ingest.product_table import read
from webapp.ingest.rows import Rows
from webapp.ingest.uris import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from webapp.ingest.errors import Progress

__all__ = ["Counts", "IngestError", "canonical", "ingest_fits", "ingest_table", "split_name"]


def ingest_table(
    engine: Engine,
    path: str | Path,
    *,
    mission: str | None = None,
    obs_id: str | None = None,
    complete: bool = False,
    missions: Mapping[str, Any] | None = None,
    progress: Progress = no_progress,
) -> Counts:
    """Bring one product table into the catalogue; doing it again changes nothing.

    ``mission`` and ``obs_id`` go over what the table says. ``complete``: the table lists all products of its
    observations, so that absent ones are withdrawn. ``missions`` is ``settings.missions``. Raises IngestError, one
    sentence naming file, row and column, having changed nothing.
    """
    table = read(path, progress)
    if complete and table.more_pages:
        raise IngestError(f"{table.file} is one page of a longer answer, so it is not complete; leave out --complete.")
    rows = Rows(table, with_operators(missions or {}), mission=mission, obs_id=obs_id)
    return merge(engine, rows, complete=complete, progress=progress)


def ingest_fits(
    engine: Engine,
    location: str | Path,
    *,
    prefix: str,
    mission: str | None = None,
    skip_damaged: bool = False,
    missions: Mapping[str, Any] | None = None,
    progress: Progress = no_progress,
) -> Counts:
    """Bring a folder (or any fsspec URL) of FITS files into the catalogue, by their headers.

    URIs are ``prefix`` + the path below the folder; whoever calls records the store (webapp/stores.py). ``mission``
    goes over what headers and names say. Raises IngestError with a sentence for each damaged file, having changed
    nothing, unless ``skip_damaged``; then they are left out and named in the counts, as always links that leave the
    folder and what is no regular file.
    """
    from webapp.ingest import fits_folder  # noqa: PLC0415 - astropy takes longer to import than most tables to read

    known = with_operators(missions or {})
    folder = fits_folder.Folder.open(str(location))
    found = fits_folder.survey(folder, known, mission, progress)
    if found.damaged and not skip_damaged:
        raise IngestError("\n".join(found.damaged))
    if not found.facts:
        raise IngestError("\n".join([f"{location} holds no FITS files.", *folder.left_out]))
    table = fits_folder.as_table(found, prefix, known)
    rows = Rows(table, known, mission=mission, obs_id=None)
    counts = merge(engine, rows, complete=False, progress=progress)
    return replace(counts, ignored=found.ignored, skipped=(*folder.left_out, *found.damaged))
