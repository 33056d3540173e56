"""The check of a manifest against its stores. What it leads to is in test_prepare_script.py."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from jobs.manifest import Entry, Totals
from jobs.preflight import UNKNOWN, Check
from jobs.storage import StoreMap, open_store
from tests.fixtures.upstream import CONTENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.upstream import Upstream


def entry(uri: str, size: int | None = 5, location: str | None = None) -> Entry:
    return Entry(uri, uri, size, "ab" * 32, 7, exclusive=False, location=location, wanted=uri)


def test_size_time_and_version_of_each_file_are_kept_in_order(tmp_path: Path) -> None:
    for n in range(1200):  # more than two batches
        (tmp_path / f"{n}").write_bytes(bytes(n))
        os.utime(tmp_path / f"{n}", ns=(0, (1_600_000_000 + n) * 10**9 + 5))
    check, store = Check(StoreMap([("a:", str(tmp_path))])), open_store(str(tmp_path))
    totals = check.run(iter([entry(f"a:{n}", n) for n in range(1200)]), 1200)
    assert totals == Totals(1200, sum(range(1200)), 0)
    assert list(check.sizes) == list(range(1200))
    assert list(check.mtimes) == [1_600_000_000 + n for n in range(1200)]
    assert list(check.versions) == [store.stat(f"{n}").version for n in range(1200)]
    assert check.findings == []


def test_a_file_that_is_not_there_has_no_version_and_the_size_that_was_promised(tmp_path: Path) -> None:
    check = Check(StoreMap([("a:", str(tmp_path))]))
    check.run(iter([entry("a:x"), entry("a:y", None)]), 2)
    assert list(check.sizes) == [5, UNKNOWN]
    assert list(check.mtimes) == list(check.versions) == [UNKNOWN, UNKNOWN]


def test_a_catalogue_that_says_empty_is_corrected_too(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12")
    check = Check(StoreMap([("a:", str(tmp_path))]))
    check.run(iter([entry("a:x", 0)]), 1)
    assert [finding.problem for finding in check.findings] == ["The file has 2 bytes; the catalogue says 0."]


def test_other_servers_are_asked_for_sizes_that_nobody_knows(tmp_path: Path, upstream: Upstream) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    check = Check(StoreMap([("a:", str(tmp_path)), ("b:", f"{upstream.url}/fine")]))
    rows = [entry("a:x"), entry("b:1", None), entry("c:2", None, f"{upstream.url}/fine/y?"), entry("b:3", len(CONTENT))]
    assert check.run(iter(rows), 4) == Totals(4, 5 + 3 * len(CONTENT), 0)
    assert list(check.mtimes)[1:] == [1_600_000_000] * 3
    assert [(finding.problem, finding.true_size) for finding in check.findings] == [("", len(CONTENT))] * 2


def test_a_server_that_fails_for_every_file_is_not_asked_for_ever(upstream: Upstream) -> None:
    check = Check(StoreMap([("b:", f"{upstream.url}/403")]))
    check.run(iter([entry(f"b:{n}") for n in range(1000)]), 1000)
    assert len(check.findings) == 1000
    assert "was not asked for this one" in check.findings[-1].problem
    assert len(upstream.asked) < 400  # of 2,000: threads that had begun may end


def test_missing_files_do_not_speak_against_a_server(upstream: Upstream) -> None:
    check = Check(StoreMap([("b:", f"{upstream.url}/404")]))
    check.run(iter([entry(f"b:{n}") for n in range(100)]), 100)
    assert len(upstream.asked) == 100


@pytest.mark.parametrize("uri", ["z:1", "a:../x"])
def test_a_file_without_a_place_is_a_problem(tmp_path: Path, uri: str) -> None:
    check = Check(StoreMap([("a:", str(tmp_path))]))
    check.run(iter([entry(uri)]), 1)
    assert len(check.findings) == 1
