"""Cells: the distinct (kind, rights) pairs of an inventory.

Every filter but the name pattern and "selected only" is the same for all files of a cell, so a filter click is
arithmetic over some hundred cells instead of a million files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from webapp.inventory.arrays import Bools, Index, Ints


@dataclass(frozen=True, eq=False)
class Sums:
    """Files, known bytes, and files of unknown size; int64, one entry per cell (or folder)."""

    files: Ints
    bytes: Ints
    unknown: Ints


@dataclass(frozen=True, eq=False)
class Cells:
    """``of_row`` int32 (n,) is the cell of each file; ``kind`` and ``rights`` int32 (c,) are its two halves."""

    of_row: Index
    kind: Index
    rights: Index
    known_size: Ints  # (n,), unknown as 0
    unknown: Bools | None  # (n,), None: all sizes are known
    sums: Sums  # of all files

    def sums_of(self, rows: Bools) -> Sums:
        """The sums over the files that ``rows`` marks; cost grows with the files marked."""
        return _sums(rows, self.of_row, self.known_size, self.unknown, len(self.kind))


def make_cells(kind: Index, rights: Index, size: Ints, rights_count: int) -> Cells:
    """Find the cells of the columns of an inventory."""
    pair = kind.astype(np.int64) * max(rights_count, 1) + rights
    pairs, of_row = np.unique(pair, return_inverse=True)
    of_row = of_row.astype(np.int32)
    missing = size < 0
    unknown = missing if missing.any() else None
    known = np.where(missing, 0, size) if unknown is not None else size
    everything = _sums(None, of_row, known, unknown, len(pairs))
    cell_kind, cell_rights = np.divmod(pairs, max(rights_count, 1))
    return Cells(of_row, cell_kind.astype(np.int32), cell_rights.astype(np.int32), known, unknown, everything)


def _sums(rows: Bools | None, of_row: Index, known: Ints, unknown: Bools | None, count: int) -> Sums:
    if rows is not None:
        of_row, known = of_row[rows], known[rows]
        unknown = unknown[rows] if unknown is not None else None
    total = np.zeros(count, np.int64)
    np.add.at(total, of_row, known)
    none_known = np.bincount(of_row[unknown], minlength=count) if unknown is not None else np.zeros(count, np.int64)
    return Sums(np.bincount(of_row, minlength=count), total, none_known)
