"""The columns of a bundle: built, saved, mapped, sliced, and refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from jobs.errors import ManifestError
from jobs.formats import inner_of
from jobs.layout import Members
from tests.fixtures.formats import Contents, bundles

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [("a", 1, 7, 100), ("b/\u00e9", 0, 0xFFFFFFFF, -1), ("c", 1 << 40, 0, 1 << 40)]


def rows(members: Members) -> list[tuple[str, int, int, int]]:
    columns = (members.sizes.tolist(), members.crcs.tolist(), members.mtimes.tolist())
    return list(zip(map(members.name, range(len(members))), *columns, strict=True))


def test_columns_hold_their_rows() -> None:
    assert rows(Members.of(ROWS)) == ROWS


@pytest.mark.parametrize("count", [0, 1, 3])
def test_columns_read_back_are_those_saved(count: int, tmp_path: Path) -> None:
    Members.of(ROWS[:count]).save(tmp_path)
    assert rows(Members.load(tmp_path)) == ROWS[:count]
    assert not list(tmp_path.glob("*.part"))


def test_columns_are_mapped_not_read(tmp_path: Path) -> None:
    Members.of(ROWS).save(tmp_path)
    assert isinstance(Members.load(tmp_path).names.base, np.memmap)


def test_columns_saved_again_leave_those_mapped_before_as_they_were(tmp_path: Path) -> None:
    Members.of(ROWS).save(tmp_path)
    before = Members.load(tmp_path)
    Members.of([("z", 9, 9, 9)] * 3).save(tmp_path)
    assert rows(before) == ROWS


@given(bundles())
def test_a_slice_is_the_columns_of_those_files(contents: Contents) -> None:
    part = Contents(contents.files[1:3])
    assert rows(contents.members[1:3]) == rows(part.members)


def test_a_slice_of_a_slice_counts_from_its_first() -> None:
    assert rows(Members.of(ROWS)[1:3][1:2]) == ROWS[2:]


@pytest.mark.parametrize("part", [slice(3, 9), slice(2, 1), slice(0, 0)])
def test_a_slice_may_be_empty(part: slice) -> None:
    assert inner_of("zip").layout(Members.of(ROWS)[part]).length == 22


@pytest.mark.parametrize(
    "row",
    [
        ("", 1, 0, 0),
        ("x" * 65_536, 1, 0, 0),
        ("a\0b", 1, 0, 0),
        ("folder/", 1, 0, 0),
        ("\ud800", 1, 0, 0),
        ("a", -1, 0, 0),
        ("a", 1 << 63, 0, 0),
        ("a", 1, 1 << 32, 0),
        ("a", 1, -1, 0),
        ("a", 1, None, 0),
    ],
)
def test_a_row_that_no_bundle_can_hold_is_refused(row: tuple[str, int, int, int]) -> None:
    with pytest.raises(ManifestError, match="cannot be put into a bundle"):
        Members.of([row])


@pytest.mark.parametrize("name", ["names", "offsets", "sizes", "crcs", "mtimes"])
@pytest.mark.parametrize("damage", ["missing", "empty", "short", "other"])
def test_damaged_columns_are_refused(name: str, damage: str, tmp_path: Path) -> None:
    Members.of(ROWS).save(tmp_path)
    file = tmp_path / f"{name}.npy"
    if damage == "missing":
        file.unlink()
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "short":
        np.save(file, np.load(file)[:-1])
    else:
        np.save(file, np.zeros(3, "<f4"))
    with pytest.raises(ManifestError, match=tmp_path.name):
        Members.load(tmp_path)
