"""While an ingest runs, everybody else goes on."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.tables import ask_one, row, write
from webapp.db import writing
from webapp.ingest import IngestError, ingest_table
from webapp.ingest.lock import catalogue_lock
from webapp.ingest.merge import SLICE
from webapp.models import Basket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(scope="module")
def big_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More rows than are written in one transaction on SQLite."""
    rows = [row(f"jw02733002001_02103_{n:05d}_mirimage_{n % 7}_cal.fits", obsID=n % 3000 + 1) for n in range(SLICE + 9)]
    return write(tmp_path_factory.mktemp("big") / "big.csv", rows)


@pytest.fixture
def baskets_made(engine: Engine) -> Iterator[list[str]]:
    """Someone makes a basket again and again while the test runs; their ids."""
    made: list[str] = []
    stop = threading.Event()

    def make() -> None:
        while not stop.wait(0.01):
            with writing(engine) as session:
                session.add(Basket(id=f"b{len(made)}", owner="someone", created_at=0, changed_at=0))
            made.append(f"b{len(made)}")

    thread = threading.Thread(target=make)
    thread.start()
    yield made
    stop.set()
    thread.join(timeout=30)


def test_baskets_change_while_a_big_table_comes_in(engine: Engine, big_table: Path, baskets_made: list[str]) -> None:
    phases: dict[str, list[int]] = {}
    counts = ingest_table(
        engine, big_table, progress=lambda doing, *_: phases.setdefault(doing, []).append(len(baskets_made))
    )
    after = len(baskets_made)
    assert counts.new == SLICE + 9
    assert after > phases["Comparing"][0] > 0


def test_a_second_ingest_waits_for_the_first(engine: Engine, tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", [row("jw02733002001_02103_00001_mirimage_cal.fits")])
    ended = threading.Event()

    def second() -> None:
        ingest_table(engine, table)
        ended.set()

    with catalogue_lock(engine):
        thread = threading.Thread(target=second)
        thread.start()
        waited = not ended.wait(1)
    thread.join(timeout=30)
    assert (waited, ended.is_set()) == (True, True)


def test_who_waits_too_long_is_told_so(engine: Engine) -> None:
    with (
        catalogue_lock(engine),
        pytest.raises(IngestError, match="still running"),
        catalogue_lock(engine, patience=0.1),
    ):
        pass


def test_an_ingest_that_was_killed_between_slices_goes_on_when_run_again(
    sqlite_engine: Engine, big_table: Path
) -> None:
    class Killed(Exception):  # noqa: N818 - it stands for a signal
        pass

    def kill(doing: str, done: int, _total: int) -> None:
        if doing == "Merging" and done == 2:
            raise Killed

    with pytest.raises(Killed):
        ingest_table(sqlite_engine, big_table, progress=kill)
    left = ask_one(sqlite_engine, "SELECT count(*) FROM product")
    counts = ingest_table(sqlite_engine, big_table)
    assert 0 < left < SLICE + 9
    assert counts.new + left == SLICE + 9
    assert ask_one(sqlite_engine, "SELECT count(*) FROM observation_product") == SLICE + 9


def test_staging_leaves_nothing_behind(sqlite_engine: Engine, tmp_path: Path) -> None:
    ingest_table(sqlite_engine, write(tmp_path / "t.csv", [row("jw02733002001_02103_00001_mirimage_cal.fits")]))
    with sqlite3.connect(str(sqlite_engine.url.database)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert not {name for name in names if name.startswith(("stage_", "ready_", "map_"))}
