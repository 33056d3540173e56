"""Which files of an inventory name which reference files: sets that files share, counted under a selection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from webapp.inventory.arrays import distinct, numbered

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
    """What n files name, of r references: files that name the same ones share one of s sets.

    ``set_of`` int32 (n,): the number of each file's set, or NOTHING. ``member_of`` and ``reference`` int32 (m,): which
    set names which, each once. ``type`` and ``instrument`` int32 (r,): numbers of each reference's; an instrument may
    be NOTHING. ``basic`` bool (types,): which types every exposure is expected to need. ``context_of`` and ``context``
    int32 (k,): which set was made under which CRDS context, each once; most have one. ``kind`` int32 (n,): a number for
    each kind of files.
    """

    set_of: Index
    member_of: Index
    reference: Index
    type: Index
    instrument: Index
    basic: Bools
    context_of: Index
    context: Index
    kind: Index

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, with that of the helpers that were asked for."""
        gaps: tuple[Gap, ...] = vars(self).get("gaps", ())
        sets = 8 * (len(self.reference) + len(self.context))
        return 9 * len(self.set_of) + sets + sum(each.rows.nbytes for each in gaps)

    @cached_property
    def sets(self) -> int:
        """How many there are."""
        highest = [int(each.max(initial=NOTHING)) for each in (self.set_of, self.member_of, self.context_of)]
        return max(highest) + 1

    @cached_property
    def named(self) -> Bools:
        """Which files name any reference, bool (n,)."""
        named: Bools = self.set_of != NOTHING
        return named

    def _files(self, chosen: Bools) -> Ints:
        """How many of the chosen files have each set, int64 (s,)."""
        return np.bincount(self.set_of[chosen & self.named], minlength=self.sets)

    def _rows(self, sets: Index, chosen: Bools) -> Ints:
        """The rows of the chosen files that have one of these sets, ascending."""
        asked = np.zeros(self.sets + 1, np.bool_)  # NOTHING is the last
        asked[sets] = True
        return np.flatnonzero(asked[self.set_of] & chosen)

    def users(self, chosen: Bools) -> Ints:
        """How many of the chosen files (bool (n,)) name each reference, int64 (r,)."""
        files = self._files(chosen)[self.member_of]
        return np.bincount(self.reference, weights=files, minlength=len(self.type)).astype(np.int64)

    def rows_of(self, reference: int, chosen: Bools) -> Ints:
        """The rows of the chosen files that name a reference, ascending."""
        return self._rows(self.member_of[self.reference == reference], chosen)

    def contexts(self, chosen: Bools) -> Ints:
        """How many of the chosen files were made under each context, int64 (highest number + 1,)."""
        return np.bincount(self.context, weights=self._files(chosen)[self.context_of]).astype(np.int64)

    def in_context(self, context: int, chosen: Bools) -> Ints:
        """The rows of the chosen files that were made under a context, ascending."""
        return self._rows(self.context_of[self.context == context], chosen)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """All there are of basic types, one for each."""
        instrument = self._instruments()
        files = np.flatnonzero(np.append(instrument, NOTHING)[self.set_of] != NOTHING)
        if not len(files):
            return ()
        kinds, sets = int(self.kind.max()) + 1, self.sets
        alike = instrument[self.set_of[files]] * kinds + self.kind[files]  # files of one instrument and kind
        cells, cell = numbered(alike * sets + self.set_of[files])  # with their set
        group = numbered(cells // sets)[1]
        set_of, count = cells % sets, np.bincount(cell)
        of_all = np.bincount(group, weights=count)
        found = []
        for type_ in np.flatnonzero(self.basic).tolist():
            having = np.zeros(sets, np.bool_)
            having[self.member_of[self.type[self.reference] == type_]] = True
            names = having[set_of]
            naming = np.bincount(group, weights=count * names)
            lacking = ~names & ((naming > 0) & (naming < of_all))[group]
            if lacking.any():
                found.append(Gap(type_, files[lacking[cell]]))
        return tuple(found)

    def _instruments(self) -> Ints:
        """The instrument of each set, int64 (s,): what most of it are of, as instruments share some; or NOTHING."""
        most = int(self.instrument.max(initial=NOTHING)) + 1
        own = self.instrument[self.reference].astype(np.int64)
        told = own != NOTHING
        votes = np.bincount(self.member_of[told] * most + own[told], minlength=self.sets * most)
        if not most:
            return np.full(self.sets, NOTHING, np.int64)
        table = votes.reshape(-1, most)
        return np.where(table.any(axis=1), table.argmax(axis=1), NOTHING)


def once(member_of: Ints, reference: Ints | Index) -> tuple[Index, Index]:
    """The distinct pairs of two columns: where two keywords of a set name the same reference, it is in there once."""
    width = int(reference.max()) + 1 if len(reference) else 1
    pairs = distinct(member_of * width + reference)
    return (pairs // width).astype(np.int32), (pairs % width).astype(np.int32)
