"""The rules of the core once more, slowly: files are values in lists, sets hold product ids, everything is a loop."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CATEGORY_ORDER = ["SCIENCE", "AUXILIARY", "CATALOG", "CALIBRATION", "PREVIEW", "INFO"]
LEVEL_ORDER = ["-1", "0", "1", "2", "3", "4", "unknown"]


@dataclass(frozen=True)
class File:
    product: int
    mission: str
    folder: str
    name: str
    category: str
    ext: str
    group: str
    level: int | None
    recommended: bool
    rights: int
    size: int | None

    @property
    def path(self) -> str:
        return f"{self.mission}/{self.folder}/{self.name}"


@dataclass(frozen=True)
class State:
    """All that decides what is shown. ``choices`` maps a facet to the values chosen."""

    mrp: bool
    choices: dict[str, set[str]]
    name: str | None
    only_selected: bool
    selection: set[int]
    removed: set[int]
    public: set[int]
    batch: set[str]


def value(facet: str, file: File, state: State) -> str:
    return {
        "category": file.category,
        "type": "reference" if file.category == "CALIBRATION" else "science",
        "level": "unknown" if file.level is None else str(file.level),
        "ext": file.ext or "none",
        "mission": file.mission,
        "access": "public" if file.rights in state.public else "exclusive",
        "batch": "1" if file.mission in state.batch or "*" in state.batch else "0",
        "group": file.group,
    }[facet]


FACET_NAMES = ["category", "type", "level", "ext", "mission", "access", "batch", "group"]


def in_tree_order(files: Iterable[File]) -> list[File]:
    return sorted(files, key=lambda file: (file.mission, file.folder, file.name, file.product))


def passes(file: File, state: State, *, but: str | None = None) -> bool:
    """Whether a file passes all filters, but for the choices of one facet."""
    if file.product in state.removed:
        return False
    if state.mrp and not file.recommended:
        return False
    if state.only_selected and file.product not in state.selection:
        return False
    if state.name is not None and not fnmatchcase(file.name.lower(), state.name.lower()):
        return False
    for facet, chosen in state.choices.items():
        if facet != but and chosen and value(facet, file, state) not in chosen:
            return False
    return True


def shown(files: list[File], state: State) -> list[File]:
    return [file for file in files if passes(file, state)]


def totals(files: Iterable[File]) -> tuple[int, int, int]:
    count = known = unknown = 0
    for file in files:
        count += 1
        if file.size is None:
            unknown += 1
        else:
            known += file.size
    return count, known, unknown


def facet(name: str, files: list[File], state: State) -> dict[str, tuple[int, int, int, bool]]:
    """Per value: matching, total, bytes of the matching, active."""
    counts: dict[str, tuple[int, int, int, bool]] = {}
    chosen = state.choices.get(name, set())
    for each in chosen:
        counts[each] = (0, 0, 0, True)
    for file in files:
        if file.product in state.removed:
            continue
        its = value(name, file, state)
        matching, total, size, active = counts.get(its, (0, 0, 0, its in chosen))
        if passes(file, state, but=name):
            matching += 1
            size += file.size or 0
        counts[its] = (matching, total + 1, size, active)
    return counts


def tri_state(files: list[File], selection: set[int]) -> str:
    ticked = [file.product in selection for file in files]
    if all(ticked) and ticked:
        return "true"
    return "mixed" if any(ticked) else "false"


def grouped(files: list[File], key: Callable[[File], object]) -> dict[object, list[File]]:
    groups: dict[object, list[File]] = {}
    for file in files:
        groups.setdefault(key(file), []).append(file)
    return groups


def at_path(files: list[File], state: State, path: str) -> set[int] | None:
    """The products that a path means, or None."""
    if path.endswith("/"):
        below = [file for file in files if path in {f"{file.mission}/", f"{file.mission}/{file.folder}/"}]
        return {file.product for file in below if passes(file, state)} if below else None
    found = {file.product for file in files if file.path == path}
    return found or None


def tick(state: State, target: set[int]) -> set[int]:
    target = target - state.removed
    if target <= state.selection:
        return state.selection - target
    return state.selection | target


def stand_ins(links: list[tuple[int, int]], files: list[File]) -> set[int]:
    """``links`` are (observation, product)."""
    by_product = {file.product: file for file in files}
    result = set()
    for observation in {observation for observation, _ in links}:
        own = [by_product[product] for each, product in links if each == observation]
        if any(file.recommended for file in own):
            continue
        science = [file for file in own if file.category == "SCIENCE"]
        if not science:
            result.update(file.product for file in own)
            continue
        highest = max(-9 if file.level is None else file.level for file in science)
        result.update(file.product for file in science if (-9 if file.level is None else file.level) == highest)
    return result


def outline(
    files: list[File], state: State, opened: set[tuple[str, str]], closed: set[str], sort: str
) -> list[tuple[object, ...]]:
    """All visible rows: depth, what, place, count, is_open; for a mission and a folder also what its columns say."""
    rows: list[tuple[object, ...]] = []
    missions = grouped(shown(files, state), lambda each: each.mission)
    for place, (mission, below) in enumerate(missions.items(), 1):
        folders = grouped(below, lambda each: each.folder)
        is_open = mission not in closed
        rows.append((1, mission, place, len(missions), is_open, len(folders), *_columns(below, state)))
        by_size = sorted(folders.items(), key=lambda folder: -totals(folder[1])[1])
        in_order = by_size if sort == "size" else list(folders.items())
        for folder_place, (folder, inside) in enumerate(in_order if is_open else [], 1):
            unfolded = (mission, folder) in opened
            rows.append((2, folder, folder_place, len(folders), unfolded, *_columns(inside, state)))
            its_files = sorted(inside, key=FILE_ORDER[sort]) if unfolded else []
            rows += [(3, each.product, at, len(inside), False) for at, each in enumerate(its_files, 1)]
    return rows


FILE_ORDER: dict[str, Callable[[File], tuple[bool, int]]] = {
    "name": lambda _each: (False, 0),
    "size": lambda each: (each.size is None, -(each.size or 0)),
    "level": lambda each: (each.level is None, -(each.level or 0)),
}


def _columns(files: list[File], state: State) -> tuple[object, ...]:
    """Files, selected, bytes, files of unknown size, box."""
    count, known, unknown = totals(files)
    return (
        count,
        len([each for each in files if each.product in state.selection]),
        known,
        unknown,
        tri_state(files, state.selection),
    )
