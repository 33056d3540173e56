from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.inventory import model
from tests.unit.inventory.test_tree import ALL, file, tree_of
from tests.unit.inventory.worlds import FOLDERS, MISSIONS, checked, worlds
from webapp.inventory.outline import OutlineRow, outline
from webapp.inventory.tree import FolderRow, MissionRow, Sort

if TYPE_CHECKING:
    from webapp.inventory.outline import Outline
    from webapp.inventory.panels import Panels

World = tuple[list[model.File], model.State]
View = tuple[set[tuple[str, str]], set[str], Sort]
BEYOND = 10**9  # past the last row of every test

views = st.tuples(
    st.sets(st.tuples(st.sampled_from(MISSIONS), st.sampled_from(FOLDERS))),
    st.sets(st.sampled_from([*MISSIONS, "IUE"]), max_size=2),
    st.sampled_from(get_args(Sort)),
)


def window(answer: Panels, view: View, first: int = 0, last: int = BEYOND) -> Outline:
    opened, closed, sort = view
    indices = [answer.inventory.folder_index(*folder) for folder in opened]
    return outline(
        answer.inventory,
        answer,
        opened=frozenset(index for index in indices if index is not None),
        closed=frozenset(closed),
        sort=sort,
        first=first,
        last=last,
    )


def as_in_the_model(answer: Panels, row: OutlineRow) -> tuple[Any, ...]:
    about = row.place, row.count, row.is_open
    if isinstance(row.item, MissionRow):
        mission, *columns = astuple(row.item)
        return row.depth, mission, *about, *columns
    if isinstance(row.item, FolderRow):
        index, mission, path, *columns = astuple(row.item)
        assert answer.inventory.folders[index] == (mission, path)
        return row.depth, path, *about, *columns
    return row.depth, int(answer.inventory.product[row.item]), *about


def printed(answer: Panels, *, opened: str = "", sort: Sort = "name") -> str:
    """The rows of JWST's tree, without the mission's: folders, and below them in brackets the files."""
    rows = window(answer, ({("JWST", folder) for folder in opened}, set(), sort)).rows[1:]
    return " ".join(
        row.item.path if isinstance(row.item, FolderRow) else f"[{answer.inventory.name(row.item)}]"
        for row in rows
        if not isinstance(row.item, MissionRow)
    )


@checked
@given(worlds(), views)
def test_the_visible_rows_are_those_of_the_model(world: World, view: View) -> None:
    answer = tree_of(*world)
    assert [as_in_the_model(answer, row) for row in window(answer, view).rows] == model.outline(*world, *view)


@checked
@given(worlds(), views, st.integers(0, 40), st.integers(0, 40))
def test_a_window_is_its_slice_of_the_whole_list(world: World, view: View, first: int, last: int) -> None:
    answer = tree_of(*world)
    assert window(answer, view, first, last).rows == window(answer, view).rows[first:last]


@checked
@given(worlds(), views, st.integers(0, 40), st.integers(0, 40))
def test_the_total_counts_all_visible_rows_whatever_the_window(world: World, view: View, first: int, last: int) -> None:
    answer = tree_of(*world)
    assert window(answer, view, first, last).total == len(window(answer, view).rows)


def test_files_by_size_come_largest_first_then_by_name_and_unknown_ones_last() -> None:
    sizes = {"a": 0, "b": None, "c": 7, "d": 9, "e": 7}
    answer = tree_of([file(n, "f", name, size=size) for n, (name, size) in enumerate(sizes.items(), 1)])
    assert printed(answer, opened="f", sort="size") == "f [d] [c] [e] [a] [b]"


def test_files_by_level_come_highest_first_then_by_name_and_unknown_ones_last() -> None:
    levels = {"a": -1, "b": None, "c": 2, "d": 3, "e": 2}
    answer = tree_of([file(n, "f", name, level=level) for n, (name, level) in enumerate(levels.items(), 1)])
    assert printed(answer, opened="f", sort="level") == "f [d] [c] [e] [a] [b]"


def test_folders_of_one_size_come_by_name() -> None:
    answer = tree_of([file(n, f"f{n:02}", "x", size=n % 2) for n in range(40)])
    assert printed(answer, sort="size").split() == [f"f{n:02}" for n in (*range(1, 40, 2), *range(0, 40, 2))]


def test_folders_by_size_put_the_most_bytes_first() -> None:
    answer = tree_of([file(1, "a", "x", size=1), file(2, "b", "x", size=5), file(3, "b", "y", size=None)])
    assert printed(answer, sort="size") == "b a"


def test_folders_by_level_come_by_name() -> None:
    answer = tree_of([file(1, "b", "x", level=3), file(2, "a", "x", level=1)])
    assert printed(answer, sort="level") == "a b"


def test_an_open_folder_with_nothing_shown_is_absent() -> None:
    answer = tree_of([file(1, "a", "x"), file(2, "b", "y")], model.State(**(vars(ALL) | {"removed": {1}})))
    assert printed(answer, opened="ab") == "b [y]"


def test_a_folded_mission_is_one_row() -> None:
    answer = tree_of([file(1, "a", "x"), file(2, "b", "y")])
    (row,) = window(answer, ({("JWST", "a")}, {"JWST"}, "name")).rows
    assert (row.depth, row.is_open) == (1, False)


@pytest.mark.parametrize("first", [0, 3])
def test_an_empty_inventory_has_no_rows(first: int) -> None:
    seen = window(tree_of([]), (set(), set(), "name"), first)
    assert (seen.rows, seen.total) == ((), 0)
