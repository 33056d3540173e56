"""Which files of an inventory name which reference files: links as columns, counted under a selection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from webapp.inventory.arrays import distinct

if TYPE_CHECKING:
    from webapp.inventory.arrays import Bools, Index, Ints

NOTHING = -1


@dataclass(frozen=True, eq=False)
class Gap:
    """Files that name no reference of a type that others of their instrument and kind name.

    ``type`` as in ``Links.type``. ``rows`` int64: rows of the inventory, ascending.
    """

    type: int
    rows: Ints


@dataclass(frozen=True, eq=False)
class Links:
    """m links between n files and r references, each pair once.

    ``row`` and ``reference`` int32 (m,): a file's row in its inventory, and the number of a reference. ``type`` and
    ``instrument`` int32 (r,): numbers of each reference's; an instrument may be NOTHING. ``basic`` bool (types,): which
    types every exposure is expected to need. ``context`` int32 (n,): the number of the CRDS context that a file was
    made under, or NOTHING. ``kind`` int32 (n,): a number for each kind of files.
    """

    row: Index
    reference: Index
    type: Index
    instrument: Index
    basic: Bools
    context: Index
    kind: Index

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, with that of the helpers."""
        return 2 * (self.row.nbytes + self.reference.nbytes) + 10 * len(self.context)

    @cached_property
    def named(self) -> Bools:
        """Which files name any reference, bool (n,)."""
        found = np.zeros(len(self.context), np.bool_)
        found[self.row] = True
        return found

    def users(self, chosen: Bools) -> Ints:
        """How many of the chosen files (bool (n,)) name each reference, int64 (r,)."""
        return np.bincount(self.reference[chosen[self.row]], minlength=len(self.type))

    def rows_of(self, reference: int, chosen: Bools) -> Ints:
        """The rows of the chosen files that name a reference, ascending."""
        rows = self.row[self.reference == reference]
        return np.sort(rows[chosen[rows]]).astype(np.int64)

    def contexts(self, chosen: Bools) -> Ints:
        """How many of the chosen files were made under each context, int64 (highest number + 1,)."""
        found = self.context[chosen & self.named]
        return np.bincount(found[found != NOTHING])

    def in_context(self, context: int, chosen: Bools) -> Ints:
        """The rows of the chosen files that were made under a context, ascending."""
        return np.flatnonzero((self.context == context) & self.named & chosen)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """All there are of basic types, one for each."""
        told = self.instrument[self.reference] != NOTHING
        instrument = np.full(len(self.context), NOTHING, np.int64)
        instrument[self.row[told]] = self.instrument[self.reference[told]]
        files = np.flatnonzero(instrument != NOTHING)
        if not len(files):
            return ()
        kinds, types = int(self.kind.max()) + 1, int(self.type.max()) + 1
        alike_in = instrument[files] * kinds + self.kind[files]
        numbers = np.searchsorted(distinct(alike_in), alike_in)
        alike = np.full(len(self.context), NOTHING, np.int64)  # files of one instrument and kind have one number
        alike[files] = numbers
        type_of = self.type[self.reference]
        asked = self.basic[type_of]
        row, type_ = np.divmod(distinct(self.row[asked].astype(np.int64) * types + type_of[asked]), types)
        inside = alike[row] != NOTHING
        row, cell = row[inside], (alike[row] * types + type_)[inside]
        naming = np.bincount(cell, minlength=(int(numbers.max()) + 1) * types)
        of_all = np.repeat(np.bincount(numbers), types)
        found = []
        for at in np.flatnonzero((naming > 0) & (naming < of_all)).tolist():
            lacking = np.setdiff1d(files[numbers == at // types], row[cell == at], assume_unique=True)
            found.append(Gap(at % types, lacking))
        return _by_type(found)


def _by_type(gaps: list[Gap]) -> tuple[Gap, ...]:
    """One gap for each type, whatever instruments and kinds it is of."""
    rows: dict[int, list[Ints]] = {}
    for each in gaps:
        rows.setdefault(each.type, []).append(each.rows)
    return tuple(Gap(type_, np.sort(np.concatenate(parts))) for type_, parts in sorted(rows.items()))


def once(row: Ints, reference: Ints) -> tuple[Index, Index]:
    """The distinct pairs of two columns: where two keywords of a file name the same reference, it is one link."""
    width = int(reference.max()) + 1 if len(reference) else 1
    pairs = distinct(row * width + reference)
    return (pairs // width).astype(np.int32), (pairs % width).astype(np.int32)
