"""RQ entry points: primitives in, nothing out but files. Each may be killed at any point and run again.

A folder with a ``state.json`` is finished: running its job again changes nothing.
"""

from __future__ import annotations

import fcntl
import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import listing, staging
from jobs.bundling import Wanted, prepare
from jobs.errors import JobError
from jobs.files import NO_ROOM
from jobs.results import FAILED, read_state, write_state
from jobs.storage import StoreMap

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

NO_ROOM_SENTENCE = "There is no room left on the server to prepare this. Please try again later, or tell the archive."


def prepare_script(folder: str, base_url: str, stores: list[list[str]], format: str, header: dict[str, Any]) -> None:  # noqa: A002 - the word of the API
    """Check every file of ``<folder>/manifest.jsonl`` in its store and write the script or list of that ``format``.

    ``header`` may hold ``archive``, ``link`` and ``citation``, which the script shows.
    """
    with _ending(Path(folder)) as place:
        if place is not None:
            listing.prepare(place, base_url, StoreMap(stores), format, header)


def prepare_bundle(
    folder: str,
    stores: list[list[str]],
    format: str,  # noqa: A002 - the word of the API
    options: dict[str, Any],
    header: dict[str, Any],
) -> None:
    """Prepare the bundles of ``<folder>/manifest.jsonl``: virtual ones, or ``<name>.tar.gz`` in the folder.

    ``options``: ``fail`` (rather not at all than without a file), ``most_bytes`` and ``most_files`` of one part.
    ``header``: ``archive``, ``link`` and ``citation``, for the papers inside.
    """
    with _ending(Path(folder)) as place:
        if place is not None:
            prepare(place, StoreMap(stores), Wanted(format, **options, **header))


def stage_batch(
    folder: str, stage: str, stores: list[list[str]], options: dict[str, Any], header: dict[str, Any]
) -> None:
    """Copy what ``<folder>/manifest.jsonl`` lists into ``stage``, a folder of this delivery alone, with a receipt.

    ``options``: ``layout``, which is ``files`` or the name of a bundle's format, and ``run``, which try it is.
    ``header``: ``archive``, ``link`` and ``citation``, for the papers in a bundle.
    """
    with _ending(Path(folder)) as place:
        if place is not None:
            staging.stage(place, Path(stage), StoreMap(stores), header, **options)


@contextmanager
def _ending(folder: Path) -> Iterator[Path | None]:
    """Hold the folder for one process, and turn what goes wrong into a terminal state. Yields None if it has ended.

    The lock is the lease: it goes with the process that holds it, however that dies, and whoever waited goes on.
    """
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if read_state(folder) is not None:
            yield None
            return
        try:
            yield folder
        except JobError as error:
            write_state(folder, FAILED, str(error))
        except Exception as error:
            log.exception("The job of %s failed.", folder.name)
            full = isinstance(error, OSError) and error.errno in NO_ROOM
            write_state(
                folder,
                FAILED,
                NO_ROOM_SENTENCE if full else "Something went wrong while this was being prepared. Please try again.",
            )
