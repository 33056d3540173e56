"""One writer of the catalogue at a time: ingests and checksums take turns, while everything else goes on."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.ingest.errors import CatalogueBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

PATIENCE = 600  # seconds; ten times what a million products take


@contextmanager
def catalogue_lock(engine: Engine, patience: float = PATIENCE) -> Iterator[None]:
    """Wait for the turn. Raises CatalogueBusy when another process keeps it too long.

    A file beside the SQLite database, an advisory lock in PostgreSQL: both go when their process dies.
    """
    late = time.monotonic() + patience
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()
            taken = "SELECT pg_try_advisory_lock(hashtext('skybasket.catalogue'))"
            while not connection.exec_driver_sql(taken).scalar_one():
                _pause(late)
            yield
        return
    with Path(f"{engine.url.database}.ingest").open("w", encoding="ascii") as file:
        while not _try(file.fileno()):
            _pause(late)
        yield


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pause(late: float) -> None:
    if time.monotonic() > late:
        raise CatalogueBusy("Another ingest or checksum is still running; try again when it has finished.")
    time.sleep(0.2)
