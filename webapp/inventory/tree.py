"""The tree of shown files: Mission, folder, file. Boxes cover what is shown; a folder with nothing shown is absent.

A path is ``MISSION/`` or ``MISSION/folder/`` for the shown files below it, or ``MISSION/folder/file`` for that file
whatever the filters. A folder's own path may hold slashes. Two products of one folder may have one file name: the path
then means both.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webapp.inventory.arrays import Bools, Ints
    from webapp.inventory.inventory import Inventory
    from webapp.inventory.panels import Panels

State: TypeAlias = Literal["true", "false", "mixed"]
Sort: TypeAlias = Literal["name", "size", "level"]


@dataclass(frozen=True)
class FolderRow:
    """A folder over its shown files; ``index`` is its place in ``Inventory.folders``."""

    index: int
    mission: str
    path: str
    files: int
    selected: int
    bytes: int
    unknown_size: int
    state: State


@dataclass(frozen=True)
class MissionRow:
    """A mission over its shown files; ``folders`` counts those with a shown file."""

    mission: str
    folders: int
    files: int
    selected: int
    bytes: int
    unknown_size: int
    state: State


def mission_rows(inventory: Inventory, panels: Panels) -> tuple[MissionRow, ...]:
    """The top level of the tree, by name."""
    sums, selected = panels.folder_sums, panels.folder_ticked
    rows = []
    for mission in inventory.missions:
        span = inventory.folder_range(mission)
        part = slice(span.start, span.stop)
        files, ticked = int(sums.files[part].sum()), int(selected[part].sum())
        if files:
            rows.append(
                MissionRow(
                    mission,
                    folders=int(np.count_nonzero(sums.files[part])),
                    files=files,
                    selected=ticked,
                    bytes=int(sums.bytes[part].sum()),
                    unknown_size=int(sums.unknown[part].sum()),
                    state=_state(ticked, files),
                )
            )
    return tuple(rows)


def folder_order(inventory: Inventory, panels: Panels, mission: str, sort: Sort) -> Ints:
    """The indices of a mission's folders that have a shown file, int64 (k,).

    ``size`` puts the most bytes first; ``level`` is ``name``, as a folder has many levels.
    """
    span = inventory.folder_range(mission)
    shown = np.flatnonzero(panels.folder_sums.files[span.start : span.stop]) + span.start
    if sort == "size":
        shown = shown[np.argsort(-panels.folder_sums.bytes[shown], kind="stable")]
    return shown


def file_order(inventory: Inventory, panels: Panels, folder_index: int, sort: Sort) -> Ints:
    """The rows of a folder's shown files, int64 (k,).

    ``size`` puts the largest first, ``level`` the highest, both with what is unknown last; then by name.
    """
    start, end = int(inventory.starts[folder_index]), int(inventory.starts[folder_index + 1])
    rows = np.flatnonzero(panels.shown[start:end]) + start
    if sort == "size":
        rows = rows[np.argsort(-inventory.size[rows], kind="stable")]
    elif sort == "level":
        rows = rows[np.argsort(-inventory.levels[inventory.kind[rows]], kind="stable")]
    return rows


def folder_row(inventory: Inventory, panels: Panels, index: int) -> FolderRow:
    """One folder, also if nothing in it is shown."""
    sums, selected = panels.folder_sums, int(panels.folder_ticked[index])
    mission, path = inventory.folders[index]
    files = int(sums.files[index])
    size, unknown = int(sums.bytes[index]), int(sums.unknown[index])
    return FolderRow(index, mission, path, files, selected, size, unknown, _state(selected, files))


def path_rows(inventory: Inventory, panels: Panels, path: str) -> Bools | None:
    """The rows that a path means, bool (n,); None for a path that is not in the inventory."""
    rows, unknown = paths_rows(inventory, panels, (path,))
    return None if unknown else rows


def paths_rows(inventory: Inventory, panels: Panels, paths: Iterable[str]) -> tuple[Bools, list[str]]:
    """The rows that any of these paths means, bool (n,), and the paths that are not in the inventory."""
    mask = np.zeros(len(inventory), bool)
    unknown = []
    for path in paths:
        part = _slice(inventory, path)
        if part is None:
            unknown.append(path)
        elif path.endswith("/"):
            mask[part] |= panels.shown[part]
        else:
            mask[part] = True
    return mask, unknown


def _slice(inventory: Inventory, path: str) -> slice | None:
    """The rows of a path, whatever the filters; None if there are none."""
    mission, slash, rest = path.partition("/")
    if not slash:
        return None
    if not rest:
        span = inventory.folder_range(mission)
        return slice(int(inventory.starts[span.start]), int(inventory.starts[span.stop])) if span else None
    folder, _, name = rest.rpartition("/")
    index = inventory.folder_index(mission, folder)
    if index is None:
        return None
    start, stop = int(inventory.starts[index]), int(inventory.starts[index + 1])
    if not name:
        return slice(start, stop)
    rows = range(start, stop)
    first, last = bisect_left(rows, name, key=inventory.name), bisect_right(rows, name, key=inventory.name)
    return slice(start + first, start + last) if first < last else None


def _state(selected: int, files: int) -> State:
    if not selected:
        return "false"
    return "true" if selected == files else "mixed"
