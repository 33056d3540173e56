"""While an ingest runs, everybody else goes on."""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.tables import ask_one, many, row, write
from webapp.db import writing
from webapp.ingest import IngestError, ingest_table
from webapp.ingest.lock import catalogue_lock
from webapp.ingest.merge import SLICE
from webapp.models import Basket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

SECONDS = 30  # that anything here may take


@pytest.fixture(params=[1000, pytest.param(SLICE, marks=pytest.mark.long)])
def sliced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows: a few more than are written in one transaction on SQLite."""
    size: int = request.param
    monkeypatch.setitem(vars(sys.modules["webapp.ingest.merge"]), "SLICE", size)  # the package has a function merge
    return size + 9


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
    thread.join(timeout=SECONDS)


def test_baskets_change_while_a_table_comes_in(
    engine: Engine, sliced: int, baskets_made: list[str], tmp_path: Path
) -> None:
    phases: dict[str, bool] = {}

    def wait_for_a_basket(doing: str, *_: int) -> None:
        before, until = len(baskets_made), time.monotonic() + SECONDS
        while len(baskets_made) == before and time.monotonic() < until:
            time.sleep(0.005)
        phases[doing] = phases.get(doing, True) and len(baskets_made) > before

    counts = ingest_table(engine, many(tmp_path / "many.csv", sliced), progress=wait_for_a_basket)
    assert counts.new == sliced
    assert phases == {"Reading": True, "Comparing": True, "Merging": True}


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
    thread.join(timeout=SECONDS)
    assert (waited, ended.is_set()) == (True, True)


def test_who_waits_too_long_is_told_so(engine: Engine) -> None:
    with (
        catalogue_lock(engine),
        pytest.raises(IngestError, match="still running"),
        catalogue_lock(engine, patience=0.1),
    ):
        pass


def test_an_ingest_that_was_killed_between_slices_goes_on_when_run_again(
    sqlite_engine: Engine, sliced: int, tmp_path: Path
) -> None:
    class Killed(Exception):  # noqa: N818 - it stands for a signal
        pass

    def kill(doing: str, done: int, _total: int) -> None:
        if doing == "Merging" and done == 2:
            raise Killed

    table = many(tmp_path / "many.csv", sliced)
    with pytest.raises(Killed):
        ingest_table(sqlite_engine, table, progress=kill)
    left = ask_one(sqlite_engine, "SELECT count(*) FROM product")
    counts = ingest_table(sqlite_engine, table)
    assert 0 < left < sliced
    assert counts.new + left == sliced
    assert ask_one(sqlite_engine, "SELECT count(*) FROM observation_product") == sliced


def test_staging_leaves_nothing_behind(sqlite_engine: Engine, tmp_path: Path) -> None:
    ingest_table(sqlite_engine, write(tmp_path / "t.csv", [row("jw02733002001_02103_00001_mirimage_cal.fits")]))
    with sqlite3.connect(str(sqlite_engine.url.database)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert not {name for name in names if name.startswith(("stage_", "ready_", "map_"))}
