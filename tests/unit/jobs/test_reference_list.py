from __future__ import annotations

import csv
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.errors import ManifestError
from jobs.omitted import MISSING
from jobs.reference_list import (
    IN_DELIVERY,
    LEFT_OUT,
    REFERENCES_CSV,
    ReferenceRow,
    write_delivered,
    write_references,
)

if TYPE_CHECKING:
    from pathlib import Path

DARK, FLAT = "JWST/references/jwst_miri_dark_0001.fits", "JWST/references/jwst_miri_flat_0002.fits"
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['=1+1"', "a\rb", "\n", ",", "@x"]
)


def row(path: str, reference_path: str = "", status: str = IN_DELIVERY) -> ReferenceRow:
    return ReferenceRow(path, "R_DARK", "jwst_miri_dark_0001.fits", "jwst_1180.pmap", reference_path, status)


def delivered(folder: Path, rows: list[ReferenceRow], *left_out: str) -> list[tuple[str, ...]]:
    """The table, without its heading, when the job has been over it."""
    (folder / "papers").mkdir(exist_ok=True)
    write_references(folder / REFERENCES_CSV, rows)
    made = write_delivered(folder, folder / "papers", left_out)
    assert made is not None
    with made.open(encoding="utf-8", newline="") as lines:
        heading, *found = csv.reader(lines)
    assert heading == ["path", "keyword", "reference", "context", "reference_path", "status"]
    return [tuple(each) for each in found]


@given(rows=st.lists(st.builds(ReferenceRow, *[CELLS] * 6), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_whatever_is_in_a_cell_arrives_as_it_was(tmp_path: Path, rows: list[ReferenceRow]) -> None:
    assert delivered(tmp_path, rows) == rows


def test_the_rows_of_a_file_that_is_left_out_go_with_it(tmp_path: Path) -> None:
    assert delivered(tmp_path, [row("a", DARK), row("b", DARK), row("b", FLAT)], "b") == [row("a", DARK)]


def test_a_reference_that_is_left_out_loses_its_path_and_no_other_does(tmp_path: Path) -> None:
    rows = [row("a", DARK), row("a", FLAT), row("b", "", MISSING)]
    assert delivered(tmp_path, rows, DARK) == [row("a", "", LEFT_OUT), *rows[1:]]


def test_a_delivery_without_a_table_gets_none(tmp_path: Path) -> None:
    assert (write_delivered(tmp_path, tmp_path, ()), [*tmp_path.iterdir()]) == (None, [])


@pytest.mark.parametrize(
    "damage", [b"", b"path,keyword\r\n", b"\xff\xfe", b'HEAD"x\r\n', b"HEADa,b\r\n", b'HEAD"a\r\n']
)
def test_a_damaged_table_is_refused_and_leaves_nothing(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "papers").mkdir()
    heading = ",".join(ReferenceRow._fields).encode() + b"\r\n"
    (tmp_path / REFERENCES_CSV).write_bytes(damage.replace(b"HEAD", heading))
    with pytest.raises(ManifestError, match="list of references"):
        write_delivered(tmp_path, tmp_path / "papers", ())
    assert [*(tmp_path / "papers").iterdir()] == []


def test_a_long_table_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    rows = 20_000
    tracemalloc.start()
    try:
        write_references(tmp_path / REFERENCES_CSV, (row(f"JWST/{n}/{n}_cal.fits", DARK) for n in range(rows)))
        (tmp_path / "papers").mkdir()
        write_delivered(tmp_path, tmp_path / "papers", {DARK})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / REFERENCES_CSV).stat().st_size > rows * 100
    assert peak < 1_000_000
