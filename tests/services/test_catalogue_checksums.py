"""Checksums of files in local stores, on both databases."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

import pytest

from jobs.storage import StoreMap
from tests.fixtures.tables import ask, ask_one, row, write
from webapp.ingest import ingest_table
from webapp.ingest.checksums import checksum

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from webapp.ingest.checksums import Outcome

NAMES = [f"jw02733002001_02103_{number:05d}_mirimage_cal.fits" for number in range(5)]
CONTENT = b"calibrated" * 1000


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder with files of 10,000 bytes."""
    folder = tmp_path / "store"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(CONTENT)
    return folder


def ingest(engine: Engine, tmp_path: Path, **cells: object) -> None:
    ingest_table(engine, write(tmp_path / "t.csv", [row(name, size=len(CONTENT)) | cells for name in NAMES]))


def run(engine: Engine, store: Path) -> Outcome:
    return checksum(engine, StoreMap([("mast:JWST/product/", store.as_uri())]), jobs=2)


def test_checksums_and_true_sizes_are_filled(engine: Engine, store: Path, tmp_path: Path) -> None:
    ingest(engine, tmp_path, size="")
    assert run(engine, store).hashed == 5
    found = ask(engine, "SELECT DISTINCT size, crc32, sha256, revision FROM product")
    assert found == [(10_000, zlib.crc32(CONTENT), hashlib.sha256(CONTENT).hexdigest(), 1)]


def test_what_is_known_is_not_read_again(engine: Engine, store: Path, tmp_path: Path) -> None:
    ingest(engine, tmp_path)
    run(engine, store)
    for name in NAMES:
        (store / name).unlink()
    outcome = run(engine, store)
    assert (outcome.hashed, outcome.missing) == (0, [])


def test_a_missing_file_is_listed_and_the_others_are_done(engine: Engine, store: Path, tmp_path: Path) -> None:
    ingest(engine, tmp_path)
    (store / NAMES[2]).unlink()
    outcome = run(engine, store)
    assert (outcome.hashed, outcome.missing) == (4, [f"mast:JWST/product/{NAMES[2]}"])


def test_a_size_that_was_wrong_becomes_a_revision(engine: Engine, store: Path, tmp_path: Path) -> None:
    ingest(engine, tmp_path, size=9)
    assert run(engine, store).corrected == 5
    assert ask(engine, "SELECT DISTINCT size, revision FROM product") == [(10_000, 2)]
    assert ask(engine, "SELECT DISTINCT revision, size FROM product_revision") == [(1, 9)]


def test_a_table_that_still_says_the_wrong_size_is_old_news(engine: Engine, store: Path, tmp_path: Path) -> None:
    ingest(engine, tmp_path, size=9)
    run(engine, store)
    ingest(engine, tmp_path, size=9)
    assert ask(engine, "SELECT DISTINCT size, revision FROM product") == [(10_000, 2)]


def test_only_sizes_that_change_raise_the_version(engine: Engine, store: Path, tmp_path: Path) -> None:
    ingest(engine, tmp_path)
    run(engine, store)
    same = ask_one(engine, "SELECT version FROM catalogue_state")
    ingest(engine, tmp_path, size=9)
    run(engine, store)
    assert (same, ask_one(engine, "SELECT version FROM catalogue_state")) == (1, 3)


def test_products_of_other_stores_are_only_counted(sqlite_engine: Engine, store: Path, tmp_path: Path) -> None:
    ingest(sqlite_engine, tmp_path, url="https://archive.example/x.fits")
    assert run(sqlite_engine, store).elsewhere == 5
