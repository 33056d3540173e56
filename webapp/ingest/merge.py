"""Brings a staged table into the catalogue.

Everything that takes long, finding what is there and what differs, happens before, in temporary tables. What is then
written goes in one short transaction. On SQLite, where a write keeps all others waiting, a table with more than 50,000
changes is written in slices of that many with a pause between them, so that a tick waits well under a second; the
table was checked as a whole before, and an ingest that is killed between slices continues when it is run again.
"""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from webapp.ingest import staging
from webapp.ingest.compare import Comparison
from webapp.ingest.counts import Counts
from webapp.ingest.lock import catalogue_lock
from webapp.ingest.write import raise_version, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from webapp.ingest.compare import Plan
    from webapp.ingest.errors import Progress
    from webapp.ingest.rows import Rows

SLICE = 50_000  # rows; 0.2 s on a laptop
HELD = 0.5  # seconds of writing before others get their turn
PAUSE = 0.12  # seconds; SQLite's waiting writers look every 0.1 s


def merge(engine: Engine, rows: Rows, *, complete: bool, progress: Progress) -> Counts:
    """Stage, compare and write. Raises IngestError, having changed nothing, when a row is refused."""
    with _own_connection(engine) as connection:
        with connection.begin(), _no_garbage():
            staging.create(connection)
            for batch in rows.staged():
                staging.fill(connection, "stage_product", batch.products)
                staging.fill(connection, "stage_link", batch.links)
                staging.fill(connection, "stage_reference", batch.references)
                staging.fill(connection, "stage_use", batch.uses)
            staging.finish(connection, rows.late_sizes)
        progress("Comparing", 0, 1)
        with catalogue_lock(engine):
            with connection.begin():
                plan = Comparison(connection, rows, complete=complete).plan
            if plan.changed:
                _write(connection, plan, progress)
    duplicates = rows.rows - rows.products
    return Counts(plan.new, plan.updated, plan.unchanged, duplicates, plan.withdrawn, plan.changed, uses=plan.uses)


def _write(connection: Connection, plan: Plan, progress: Progress) -> None:
    connection.execution_options(skybasket_write=True)
    if connection.dialect.name == "postgresql" or plan.size <= SLICE:
        progress("Merging", 0, 1)
        with connection.begin():
            for step in steps(connection, plan, plan.size):
                step()
            raise_version(connection)
        progress("Merging", 1, 1)
        return
    todo = list(steps(connection, plan, SLICE))
    since = time.monotonic()
    for done, step in enumerate(todo, 1):
        with connection.begin():
            step()
            raise_version(connection)  # each time: whoever looks now must not remember it as the state of before
        progress("Merging", done, len(todo))
        if time.monotonic() - since > HELD:
            time.sleep(PAUSE)
            since = time.monotonic()


@contextmanager
def _own_connection(engine: Engine) -> Iterator[Connection]:
    """A connection that is closed for good afterwards, its temporary tables with it."""
    with engine.connect() as connection:
        connection.detach()
        yield connection


@contextmanager
def _no_garbage() -> Iterator[None]:
    """No search for reference cycles while millions of plain values pass: it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
