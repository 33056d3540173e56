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
    from collections.abc import Iterable, Mapping

    from webapp.facets import Facet
    from webapp.inventory.arrays import Bools, Ints
    from webapp.inventory.filters import Filters
    from webapp.inventory.inventory import Inventory


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
    """One answer for all panes. ``shown`` is bool (n,); ``all`` covers what is not removed, ``matching`` what is shown."""

    inventory: Inventory
    shown: Bools
    selection: Bools
    all: Totals
    matching: Totals
    selected: Totals
    selected_shown: Totals
    selected_hidden: Totals
    recommended: int
    facets: tuple[FacetCounts, ...]

    @cached_property
    def selection_shown(self) -> Bools:
        """Shown and selected, bool (n,)."""
        return self.selection & self.shown

    @cached_property
    def folder_sums(self) -> Sums:
        """Over the shown files of each folder."""
        return _by_folder(self.inventory, self.shown)

    @cached_property
    def folder_selected(self) -> Ints:
        """How many of each folder's shown files are selected."""
        return _count_by_folder(self.inventory, self.selection_shown)


def panels(
    inventory: Inventory,
    *,
    filters: Filters,
    selection: Bools,
    removed: Bools,
    public: Bools,
    batch_missions: frozenset[str],
    name_rows: Bools | None = None,
) -> Panels:
    """Answer a filter state.

    ``selection`` and ``removed`` are bool (n,), ``public`` is bool over ``inventory.rights_ids``: may everybody read
    it now. ``batch_missions`` may hold ``*`` for all. ``name_rows`` is ``name_mask`` of ``filters.name``, where it is
    at hand. Raises ValueError for a choice in an unknown facet.
    """
    if unknown := filters.choices.keys() - FACETS.keys():
        raise ValueError(f"There is no filter called {min(unknown)}.")
    if filters.name is not None and name_rows is None:
        name_rows = name_mask(inventory, filters.name)
    cells = inventory.cells
    alive = ~removed if removed.any() else None
    selection = selection if alive is None else selection & alive
    narrowed = _and(_and(alive, name_rows), selection if filters.selected else None)

    everything = cells.sums if alive is None else cells.sums_of(alive)
    matching = everything if narrowed is alive else cells.sums_of(narrowed)
    selected = cells.sums_of(selection)
    selected_narrowed = selected if name_rows is None else cells.sums_of(selection & name_rows)

    recommended = np.array([kind.recommended for kind in inventory.kinds], bool)[cells.kind]
    allowed = recommended if filters.mrp else np.ones(len(cells.kind), bool)
    passes, values = {}, {}
    for facet in FACETS.values():
        values[facet.name] = _values(facet, inventory, public, batch_missions)
        passes[facet.name] = _passes(values[facet.name], filters.choices.get(facet.name))
    shown_cells = allowed & _all_of(passes.values(), len(allowed))
    shown = shown_cells[cells.of_row]
    if narrowed is not None:
        shown &= narrowed
    counts = []
    for name in FACETS:
        others = allowed & _all_of((mask for other, mask in passes.items() if other != name), len(allowed))
        counts.append(_count(FACETS[name], values[name], others, matching, everything, filters.choices))
    selected_total, selected_shown = _totals(selected), _totals(selected_narrowed, shown_cells)
    return Panels(
        inventory=inventory,
        shown=shown,
        selection=selection,
        all=_totals(everything),
        matching=_totals(matching, shown_cells),
        selected=selected_total,
        selected_shown=selected_shown,
        selected_hidden=Totals(
            selected_total.files - selected_shown.files,
            selected_total.bytes - selected_shown.bytes,
            selected_total.unknown_size - selected_shown.unknown_size,
        ),
        recommended=int(everything.files[recommended].sum()),
        facets=tuple(counts),
    )


def _and(left: Bools | None, right: Bools | None) -> Bools | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right


def _all_of(masks: Iterable[Bools], count: int) -> Bools:
    result = np.ones(count, bool)
    for mask in masks:
        result &= mask
    return result


def _values(facet: Facet, inventory: Inventory, public: Bools, batch: frozenset[str]) -> list[str]:
    """The facet's value of each cell."""
    cells = inventory.cells
    open_to_all = public[cells.rights].tolist() if len(cells.rights) else []
    return [
        facet.value(inventory.kinds[kind], is_public, batch)
        for kind, is_public in zip(cells.kind.tolist(), open_to_all, strict=True)
    ]


def _passes(values: list[str], chosen: frozenset[str] | None) -> Bools:
    if not chosen:
        return np.ones(len(values), bool)
    return np.array([value in chosen for value in values], bool)


def _count(
    facet: Facet,
    values: list[str],
    others: Bools,
    matching: Sums,
    everything: Sums,
    choices: Mapping[str, frozenset[str]],
) -> FacetCounts:
    chosen = choices.get(facet.name, frozenset())
    rows: dict[str, list[int]] = {value: [0, 0, 0] for value in chosen}
    for cell, value in enumerate(values):
        row = rows.setdefault(value, [0, 0, 0])
        row[1] += int(everything.files[cell])
        if others[cell]:
            row[0] += int(matching.files[cell])
            row[2] += int(matching.bytes[cell])
    return FacetCounts(
        facet.name,
        tuple(
            FacetValue(value, now, total, size, value in chosen)
            for value, (now, total, size) in sorted(rows.items(), key=lambda item: facet.sort_key(item[0]))
            if total or value in chosen
        ),
    )


def _totals(sums: Sums, where: Bools | None = None) -> Totals:
    if where is None:
        return Totals(int(sums.files.sum()), int(sums.bytes.sum()), int(sums.unknown.sum()))
    return Totals(int(sums.files[where].sum()), int(sums.bytes[where].sum()), int(sums.unknown[where].sum()))


def _by_folder(inventory: Inventory, rows: Bools) -> Sums:
    cells = inventory.cells
    files = _count_by_folder(inventory, rows)
    if not len(files):
        return Sums(files, files, files)
    total = np.add.reduceat(np.where(rows, cells.known_size, 0), inventory.starts[:-1])
    unknown = np.zeros_like(files) if cells.unknown is None else _count_by_folder(inventory, rows & cells.unknown)
    return Sums(files, total, unknown)


def _count_by_folder(inventory: Inventory, rows: Bools) -> Ints:
    running = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(rows, out=running[1:])
    return np.diff(running[inventory.starts])
