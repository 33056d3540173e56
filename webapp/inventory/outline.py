"""The visible rows of the tree as one list, so that a page of it costs the same wherever it is.

Missions and folders in order, and below an open folder its shown files. A level of 30,000 folders and a folder of
30,000 files are both just rows; a page is a window of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from webapp.inventory.tree import file_order, folder_order, folder_row, mission_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.inventory.arrays import Ints
    from webapp.inventory.inventory import Inventory
    from webapp.inventory.panels import Panels
    from webapp.inventory.tree import FolderRow, MissionRow, Sort

Depth: TypeAlias = Literal[1, 2, 3]


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One visible row: ``item`` is a mission, a folder, or the row number of a file in the inventory.

    ``place`` of ``count`` siblings, counted from 1.
    """

    depth: Depth
    item: MissionRow | FolderRow | int
    place: int
    count: int
    is_open: bool


@dataclass(frozen=True)
class Outline:
    """A window of rows; ``total`` visible rows in all."""

    rows: tuple[OutlineRow, ...]
    total: int


def outline(
    inventory: Inventory,
    panels: Panels,
    *,
    opened: frozenset[int],
    closed: frozenset[str],
    sort: Sort,
    first: int,
    last: int,
) -> Outline:
    """The visible rows ``first`` (from 0) to ``last`` (not included).

    ``opened`` holds indices of open folders; ``closed`` the missions that are folded away, all others are open.
    """
    rows: list[OutlineRow] = []
    missions = mission_rows(inventory, panels)
    position = 0
    for place, mission in enumerate(missions, 1):
        is_open = mission.mission not in closed
        if first <= position < last:
            rows.append(OutlineRow(1, mission, place, len(missions), is_open))
        position += 1
        if not is_open:
            continue
        order = folder_order(inventory, panels, mission.mission, sort)
        extents = np.ones(len(order), np.int64)
        unfolded = np.isin(order, np.fromiter(opened, np.int64, len(opened)))
        extents[unfolded] += panels.folder_sums.files[order[unfolded]]
        ends = position + np.cumsum(extents)
        start = int(np.searchsorted(ends, first, side="right"))
        stop = int(np.searchsorted(ends - extents, last, side="left"))
        for i in range(start, stop):
            at = int(ends[i] - extents[i])
            rows += _folder(inventory, panels, order, i, at, bool(unfolded[i]), sort, first, last)
        position = int(ends[-1]) if len(ends) else position
    return Outline(tuple(rows), position)


def _folder(  # noqa: PLR0917 - one call site, above
    inventory: Inventory,
    panels: Panels,
    order: Ints,
    i: int,
    at: int,
    is_open: bool,  # noqa: FBT001 - one call site
    sort: Sort,
    first: int,
    last: int,
) -> Iterator[OutlineRow]:
    """The rows of one folder that lie in the window; the folder's own row is at ``at``."""
    index = int(order[i])
    if first <= at:
        yield OutlineRow(2, folder_row(inventory, panels, index), i + 1, len(order), is_open)
    if is_open:
        files = file_order(inventory, panels, index, sort)
        start, stop = max(0, first - at - 1), max(0, last - at - 1)
        for place, row in enumerate(files[start:stop].tolist(), start + 1):
            yield OutlineRow(3, row, place, len(files), is_open=False)
