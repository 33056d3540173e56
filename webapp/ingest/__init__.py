"""How an archive gets in: product tables, FITS folders, checksums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    from webapp.ingest.counts import Counts
    from webapp.ingest.errors import Progress

__all__ = ["IngestError", "canonical", "ingest_table", "split_name"]


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
