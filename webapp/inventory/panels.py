"""All that a filter change shows, computed from one state: what is shown, totals, facet counts.

Values of one facet widen (OR), facets narrow each other (AND), and a facet's own choices do not shrink its own counts.
*Recommended only*, the name pattern and *selected only* shrink everything. Removed files exist nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from webapp.facets import FACETS
from webapp.inventory.cells import Sums
from webapp.inventory.filters import name_mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.facets import Facet
    from webapp.inventory.arrays import Bools, Ints
    from webapp.inventory.filters import Filters
    from webapp.inventory.inventory import Inventory, Kind


@dataclass(frozen=True)
class Totals:
    """``bytes`` counts files of known size; ``unknown_size`` is how many others there are."""

    files: int
    bytes: int
    unknown_size: int


@dataclass(frozen=True)
class FacetValue:
    """``matching`` now, of ``total`` in the basket; ``bytes`` of the matching ones."""

    value: str
    matching: int
    total: int
    bytes: int
    active: bool


@dataclass(frozen=True)
class FacetCounts:
    """The values of one facet that the basket has, and those chosen that it has not, in the facet's order."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, eq=False)
class Panels:
    """One answer for all panes.

    Bool (n,): ``shown``, and ``ticked``, the shown ones that are selected. ``public`` is bool over
    ``inventory.rights_ids``: may everybody read it now, and ``readable`` the same for whoever asks. ``all`` covers what
    is not removed, ``matching`` what is shown, ``recommended`` counts the recommended files among ``all``, ``locked``
    the selected ones that are not readable.
    """

    inventory: Inventory
    shown: Bools
    ticked: Bools
    public: Bools
    readable: Bools
    all: Totals
    matching: Totals
    selected: Totals
    selected_shown: Totals
    selected_hidden: Totals
    recommended: int
    locked: int
    facets: tuple[FacetCounts, ...]

    @cached_property
    def folder_sums(self) -> Sums:
        """Over the shown files of each folder, int64 (f,) each."""
        cells = self.inventory.cells
        unknown = None if cells.unknown is None else self.shown & cells.unknown
        files = self._by_folder(self.shown)
        return Sums(
            files,
            self._by_folder(cells.known_size * self.shown),
            np.zeros_like(files) if unknown is None else self._by_folder(unknown),
        )

    @cached_property
    def folder_ticked(self) -> Ints:
        """How many of each folder's shown files are selected, int64 (f,)."""
        return self._by_folder(self.ticked)

    def _by_folder(self, values: Bools | Ints) -> Ints:
        starts = self.inventory.starts[:-1]  # no folder is empty, or reduceat would count its neighbour
        return np.add.reduceat(values, starts, dtype=np.int64) if len(starts) else np.zeros(0, np.int64)


def panels(
    inventory: Inventory,
    *,
    filters: Filters,
    selection: Bools,
    removed: Bools,
    public: Bools,
    readable: Bools | None = None,
    batch_missions: frozenset[str],
    name_rows: Bools | None = None,
) -> Panels:
    """Answer a filter state.

    ``selection`` and ``removed`` are bool (n,), ``public`` is bool over ``inventory.rights_ids``: may everybody read
    it now; ``readable`` is the same for whoever asks (None: for nobody in particular). ``batch_missions`` may hold
    ``*`` for all. ``name_rows`` is the ``name_mask`` of ``filters.name``, where it is at hand. Raises ValueError for a
    choice in an unknown facet, and for an impossible pattern.
    """
    if unknown := filters.choices.keys() - FACETS.keys():
        raise ValueError(f"There is no filter called {min(unknown)}.")
    if filters.name is not None and name_rows is None:
        name_rows = name_mask(inventory, filters.name)
    cells = inventory.cells
    readable = public if readable is None else readable
    selection = selection & ~removed
    everything = matching = cells.sums_of(~removed)
    narrowed = selection if filters.selected else None
    if name_rows is not None:
        narrowed = name_rows & ~removed if narrowed is None else narrowed & name_rows
    if narrowed is not None:
        matching = cells.sums_of(narrowed)

    # From here on a class, (kind, public), stands for all its cells: 2 * kind + public.
    kinds = inventory.kinds
    of_cell = 2 * cells.kind.astype(np.int64) + public.astype(np.int64)[cells.rights]
    everything = everything.grouped(of_cell, 2 * len(kinds))
    matching = matching.grouped(of_cell, 2 * len(kinds))
    recommended = np.array([kind.recommended for kind in kinds for _ in range(2)], bool)
    answers = [_Answers(facet, kinds, batch_missions, filters.choices.get(facet.name)) for facet in FACETS.values()]
    failed = np.sum([answer.failed for answer in answers], axis=0) + (filters.mrp & ~recommended)
    passed = failed == 0
    shown = passed[of_cell].take(cells.of_row, mode="clip")  # clip: no bounds check, as every index is right
    if narrowed is not None:
        shown &= narrowed
    elif removed.any():
        shown &= ~removed
    ticked = selection & shown
    selected, selected_shown = Totals(*cells.totals_of(selection)), Totals(*cells.totals_of(ticked))
    return Panels(
        inventory=inventory,
        shown=shown,
        ticked=ticked,
        public=public,
        readable=readable,
        all=_totals(everything, slice(None)),
        matching=_totals(matching, passed),
        selected=selected,
        selected_shown=selected_shown,
        selected_hidden=Totals(
            selected.files - selected_shown.files,
            selected.bytes - selected_shown.bytes,
            selected.unknown_size - selected_shown.unknown_size,
        ),
        recommended=int(everything.files[recommended].sum()),
        locked=cells.count_of(selection, ~readable[cells.rights]),
        facets=tuple(answer.counts(everything, matching, failed == answer.failed) for answer in answers),
    )


def _totals(sums: Sums, where: Bools | slice) -> Totals:
    return Totals(int(sums.files[where].sum()), int(sums.bytes[where].sum()), int(sums.unknown[where].sum()))


class _Answers:
    """What one facet says of each class, and whether the class fails its choices (no choice: none fails)."""

    def __init__(
        self, facet: Facet, kinds: Sequence[Kind], batch: frozenset[str], chosen: frozenset[str] | None
    ) -> None:
        said = [facet.value(kind, public, batch) for kind in kinds for public in (False, True)]
        self.name = facet.name
        self.chosen = chosen or frozenset()
        self.values = sorted({*said, *self.chosen}, key=facet.sort_key)
        place = {value: index for index, value in enumerate(self.values)}
        self.value_of = np.array([place[value] for value in said], np.int64)
        failing = np.array([value not in chosen if chosen else False for value in self.values], bool)
        self.failed = failing[self.value_of].astype(np.int64)

    def counts(self, everything: Sums, matching: Sums, passed_others: Bools) -> FacetCounts:
        """Count each value among the classes that pass all other filters."""
        count = len(self.values)
        total = everything.grouped(self.value_of, count).files.tolist()
        now = matching.masked(passed_others).grouped(self.value_of, count)
        rows = zip(self.values, now.files.tolist(), total, now.bytes.tolist(), strict=True)
        return FacetCounts(
            self.name,
            tuple(
                FacetValue(value, files, of, size, value in self.chosen)
                for value, files, of, size in rows
                if of or value in self.chosen
            ),
        )
