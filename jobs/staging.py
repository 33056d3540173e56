"""Batch staging: puts the files of a manifest into the staging store, verified, with a receipt.

A run that was killed or cancelled, or that found no room, leaves whole files and a journal. The next one goes on from
there, and ends with the same files and the same receipt as one that nobody disturbed.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from jobs.batches import Batch, EndedByOthers
from jobs.copying import Copier
from jobs.errors import JobError
from jobs.files import NO_ROOM
from jobs.formats import formats
from jobs.manifest import MANIFEST_FILE, read_head
from jobs.receipts import Journal
from jobs.staged_bundles import StagedBundle

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.manifest import Entry
    from jobs.receipts import Row
    from jobs.results import Artefact
    from jobs.storage import StoreMap

FILES = "files"
PARTS = ".skybasket"  # below the staged folder: what is not complete; no delivered file has this name (jobs.names)


def stage(folder: Path, place: Path, stores: StoreMap, header: dict[str, Any], *, layout: str, run: int = 1) -> None:
    """Put the files of ``<folder>/manifest.jsonl``, or a bundle of them, into ``place``, then write the state.

    ``layout``: ``files``, which keeps the manifest's paths, or a format of bundles; ``run``: which try it is. Raises
    JobError; then what is there stays for a retry.
    """
    if layout not in {FILES, *formats()}:
        raise JobError(f"Nothing can be staged as {layout!r}; there are: {', '.join([FILES, *formats()])}.")
    parts = place / PARTS
    copier = Copier(stores, parts)
    made: list[Artefact] = []
    try:
        parts.mkdir(parents=True, exist_ok=True)
        with Journal(folder, read_head(folder / MANIFEST_FILE).files) as journal:
            batch = Batch(folder, journal)
            if layout == FILES:
                _copy(batch, place, copier)
            else:
                made = StagedBundle(batch, place, parts, stores, layout, header, run).make(copier)
            shutil.rmtree(parts)
            batch.end(place, made)
    except EndedByOthers:
        return
    except OSError as error:
        raise JobError(_unwritable(error)) from error


def _copy(batch: Batch, place: Path, copier: Copier) -> None:
    def is_there(entry: Entry, row: Row) -> bool:
        try:
            found = (place / entry.path).stat(follow_symlinks=False)
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (row.size, row.mtime_ns)

    batch.work(lambda number, entry: copier.copy(number, entry, place / entry.path), is_there, copier)


def _unwritable(error: OSError) -> str:
    if error.errno in NO_ROOM:
        return "There is no room left in the staging store. What is there stays, and a retry goes on from it."
    return f"The staging store cannot be written: {error.strerror}. What is there stays, and a retry goes on from it."
