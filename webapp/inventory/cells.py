"""Cells: the distinct (kind, rights) pairs of an inventory.

Every filter but the name pattern and *selected only* is the same for all files of a cell, so a filter click is
arithmetic over cells, which are thousands at most, instead of a million files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from webapp.inventory.arrays import Bools, Index, Ints


@dataclass(frozen=True, eq=False)
class Sums:
    """Files, bytes of known sizes, and files of unknown size: int64, one entry per group. Integers, so always exact."""

    files: Ints
    bytes: Ints
    unknown: Ints

    def without(self, other: Sums) -> Sums:
        """The difference, entry by entry."""
        return Sums(self.files - other.files, self.bytes - other.bytes, self.unknown - other.unknown)

    def masked(self, where: Bools) -> Sums:
        """The entries of ``where``, and 0 for the others."""
        return Sums(self.files * where, self.bytes * where, self.unknown * where)

    def grouped(self, group: Ints, count: int) -> Sums:
        """Sums of sums: entry i goes to ``group[i]``, below ``count``."""
        return Sums(*(_add_up(group, each, count) for each in (self.files, self.bytes, self.unknown)))


@dataclass(frozen=True, eq=False)
class Cells:
    """``of_row`` int32 (n,) is the cell of each file; ``kind`` and ``rights`` int32 (c,) are its two halves.

    ``known_size`` int64 (n,) has 0 where the size is unknown; ``unknown`` bool (n,) tells those, None if there is none.
    ``sums`` are over all files.
    """

    of_row: Index
    kind: Index
    rights: Index
    known_size: Ints
    unknown: Bools | None
    sums: Sums

    def sums_of(self, rows: Bools) -> Sums:
        """The sums of each cell over the files that ``rows`` marks; cost grows with the smaller part, marked or not."""
        if 2 * np.count_nonzero(rows) > len(rows):
            return self.sums.without(self.sums_of(~rows))
        places, count = np.flatnonzero(rows), len(self.kind)
        cell = self.of_row.take(places)
        unknown = np.zeros(count, np.int64)
        if self.unknown is not None:
            unknown = np.bincount(cell[np.flatnonzero(self.unknown.take(places))], minlength=count)
        size = _add_up(cell, self.known_size.take(places), count)
        return Sums(np.bincount(cell, minlength=count), size, unknown)

    def totals_of(self, rows: Bools) -> tuple[int, int, int]:
        """Files, known bytes and files of unknown size that ``rows`` marks."""
        places = np.flatnonzero(rows)
        unknown = 0 if self.unknown is None else int(np.count_nonzero(self.unknown & rows))
        return len(places), int(self.known_size.take(places).sum()), unknown

    def count_of(self, rows: Bools, cells: Bools) -> int:
        """How many of the files that ``rows`` marks are in the cells that ``cells``, bool (c,), marks.

        1 ms of a million files; nothing where no cell is marked, as in a basket of public files.
        """
        if not cells.any() or not rows.any():
            return 0
        return int(np.count_nonzero(cells.take(self.of_row, mode="clip") & rows))


def make_cells(kind: Index, rights: Index, size: Ints, rights_count: int) -> Cells:
    """Find the cells of an inventory's columns."""
    pairs, of_row = np.unique(kind.astype(np.int64) * max(rights_count, 1) + rights, return_inverse=True)
    missing = size < 0
    known, unknown = (np.where(missing, 0, size), missing) if missing.any() else (size, None)
    cell_kind, cell_rights = np.divmod(pairs, max(rights_count, 1))
    count = len(pairs)
    sums = Sums(
        np.bincount(of_row, minlength=count),
        _add_up(of_row, known, count),
        _add_up(of_row, missing.astype(np.int64), count),
    )
    halves = cell_kind.astype(np.int32), cell_rights.astype(np.int32)
    return Cells(of_row.astype(np.int32), *halves, known, unknown, sums)


def _add_up(group: Index | Ints, values: Ints, count: int) -> Ints:
    total = np.zeros(count, np.int64)
    np.add.at(total, group, values)  # not bincount(weights=...), which adds in float64 and is exact below 2**53 only
    return total
