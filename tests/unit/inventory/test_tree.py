from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.inventory import model
from tests.unit.inventory.worlds import FOLDERS, MISSIONS, NAMES, checked, inventory_of, panels_of, products, worlds
from webapp.inventory.tree import file_page, folder_page, folder_row, mission_rows, path_rows, row_path

if TYPE_CHECKING:
    from webapp.inventory.panels import Panels

World = tuple[list[model.File], model.State]
ALL = model.State(
    mrp=False, choices={}, name=None, only_selected=False, selection=set(), removed=set(), public={1}, batch=set()
)


def file(product: int, folder: str, name: str, *, size: int | None = 10, level: int | None = 2) -> model.File:
    return model.File(
        product, "JWST", folder, name, "SCIENCE", "fits", "CAL", level, recommended=False, rights=1, size=size
    )


def tree_of(files: list[model.File], state: model.State = ALL) -> Panels:
    return panels_of(inventory_of(files), state)


@checked
@given(worlds())
def test_mission_rows_cover_the_shown_files(world: World) -> None:
    files, state = world
    answer = tree_of(files, state)
    assert [astuple(row) for row in mission_rows(answer.inventory, answer)] == [
        (
            mission,
            len({each.folder for each in group}),
            len(group),
            len([each for each in group if each.product in state.selection]),
            *model.totals(group)[1:],
            model.tri_state(group, state.selection),
        )
        for mission, group in model.grouped(model.shown(files, state), lambda each: each.mission).items()
    ]


@checked
@given(worlds(), st.sampled_from(MISSIONS))
def test_folder_rows_cover_the_shown_files(world: World, mission: str) -> None:
    files, state = world
    answer = tree_of(files, state)
    shown = [each for each in model.shown(files, state) if each.mission == mission]
    assert [astuple(row)[1:] for row in folder_page(answer.inventory, answer, mission).items] == [
        (
            mission,
            folder,
            len(group),
            len([each for each in group if each.product in state.selection]),
            *model.totals(group)[1:],
            model.tri_state(group, state.selection),
        )
        for folder, group in model.grouped(shown, lambda each: each.folder).items()
    ]


@checked
@given(worlds(), st.sampled_from(["name", "size", "level"]))
def test_file_pages_hold_the_shown_files_in_the_order_asked_for(world: World, sort: str) -> None:
    files, state = world
    answer = tree_of(files, state)
    inventory = answer.inventory
    listed = [
        int(inventory.product[row])
        for folder in range(len(inventory.folders))
        for row in file_page(inventory, answer, folder, sort=sort).items  # type: ignore[arg-type]  # one of three
    ]
    keys = {
        "name": lambda _each: 0,
        "size": lambda each: (each.size is None, -(each.size or 0)),
        "level": lambda each: (each.level is None, -(each.level or 0)),
    }
    groups = model.grouped(model.shown(files, state), lambda each: (each.mission, each.folder)).values()
    assert listed == [each.product for group in groups for each in sorted(group, key=keys[sort])]


@checked
@given(worlds(), st.sampled_from(MISSIONS), st.integers(1, 4))
def test_pages_laid_end_to_end_are_the_whole_list(world: World, mission: str, size: int) -> None:
    files, state = world
    answer = tree_of(files, state)
    whole = folder_page(answer.inventory, answer, mission, sort="size")
    first = folder_page(answer.inventory, answer, mission, size=size, sort="size")
    pages = [
        folder_page(answer.inventory, answer, mission, page=page, size=size, sort="size")
        for page in range(1, first.pages + 1)
    ]
    assert tuple(row for page in pages for row in page.items) == whole.items
    assert {page.total for page in pages} == {whole.total}
    assert all(len(page.items) == size for page in pages[:-1])


@st.composite
def paths(draw: st.DrawFn) -> str:
    mission, folder = draw(st.sampled_from([*MISSIONS, "IUE"])), draw(st.sampled_from([*FOLDERS, "b"]))
    name = draw(st.sampled_from([*NAMES, "unknown"]))
    return draw(st.sampled_from([f"{mission}/", f"{mission}/{folder}/", f"{mission}/{folder}/{name}"]))


@checked
@given(worlds(), paths())
def test_a_path_means_what_it_means_in_the_model(world: World, path: str) -> None:
    files, state = world
    answer = tree_of(files, state)
    rows = path_rows(answer.inventory, answer, path)
    found = None if rows is None else products(answer.inventory, rows)
    assert found == model.at_path(files, state, path)


@checked
@given(worlds())
def test_every_row_is_reached_by_its_own_path(world: World) -> None:
    files, state = world
    answer = tree_of(files, state)
    for row, each in enumerate(files):
        assert row_path(answer.inventory, row) == each.path
        mask = path_rows(answer.inventory, answer, each.path)
        assert mask is not None
        assert mask[row]


def test_two_products_of_one_name_in_one_folder_are_both_meant_by_the_path() -> None:
    answer = tree_of([file(1, "f", "same.fits"), file(2, "f", "same.fits"), file(3, "f", "other.fits")])
    rows = path_rows(answer.inventory, answer, "JWST/f/same.fits")
    assert rows is not None
    assert products(answer.inventory, rows) == {1, 2}


def test_a_file_path_means_the_file_even_if_filters_hide_it() -> None:
    hidden = model.State(**(vars(ALL) | {"name": "b*"}))
    answer = tree_of([file(1, "f", "a.fits"), file(2, "f", "b.fits")], hidden)
    rows = path_rows(answer.inventory, answer, "JWST/f/a.fits")
    assert rows is not None
    assert products(answer.inventory, rows) == {1}


def test_a_known_folder_with_nothing_shown_is_no_unknown_path() -> None:
    answer = tree_of([file(1, "f", "a.fits")], model.State(**(vars(ALL) | {"name": "b*"})))
    rows = path_rows(answer.inventory, answer, "JWST/f/")
    assert rows is not None
    assert not rows.any()


def test_paths_that_are_none_are_refused() -> None:
    answer = tree_of([file(1, "f", "a.fits")])
    paths = ["", "JWST", "/", "//", "JWST//", "JWST/f", "JWST/f/a.fits/", "JWST/f/A.fits", "jwst/", "JWST/f//a.fits"]
    assert [path_rows(answer.inventory, answer, path) for path in paths] == [None] * len(paths)


def test_a_folder_path_with_a_slash_is_one_folder() -> None:
    answer = tree_of([file(1, "a/b", "c.fits"), file(2, "a", "c.fits")])
    rows = path_rows(answer.inventory, answer, "JWST/a/b/")
    assert rows is not None
    assert products(answer.inventory, rows) == {1}


def test_a_page_beyond_the_end_is_the_last_and_one_below_the_start_the_first() -> None:
    answer = tree_of([file(n, f"f{n}", "a") for n in range(1, 6)])
    late = folder_page(answer.inventory, answer, "JWST", page=99, size=2)
    early = folder_page(answer.inventory, answer, "JWST", page=-1, size=2)
    assert (late.page, [row.path for row in late.items], early.page) == (3, ["f5"], 1)


def test_files_by_size_come_largest_first_then_by_name_and_unknown_ones_last() -> None:
    sizes = {"a": 0, "b": None, "c": 7, "d": 9, "e": 7}
    answer = tree_of([file(n, "f", name, size=size) for n, (name, size) in enumerate(sizes.items(), 1)])
    rows = file_page(answer.inventory, answer, 0, sort="size").items
    assert "".join(answer.inventory.name(row) for row in rows) == "dceab"


def test_files_by_level_come_highest_first_then_by_name_and_unknown_ones_last() -> None:
    levels = {"a": -1, "b": None, "c": 2, "d": 3, "e": 2}
    answer = tree_of([file(n, "f", name, level=level) for n, (name, level) in enumerate(levels.items(), 1)])
    rows = file_page(answer.inventory, answer, 0, sort="level").items
    assert "".join(answer.inventory.name(row) for row in rows) == "dceab"


def test_folders_of_one_size_come_by_name() -> None:
    answer = tree_of([file(n, f"f{n:02}", "x", size=n % 2) for n in range(40)])
    page = folder_page(answer.inventory, answer, "JWST", sort="size")
    assert [row.index for row in page.items] == [*range(1, 40, 2), *range(0, 40, 2)]


def test_folders_by_size_put_the_most_bytes_first() -> None:
    answer = tree_of([file(1, "a", "x", size=1), file(2, "b", "x", size=5), file(3, "b", "y", size=None)])
    assert [row.path for row in folder_page(answer.inventory, answer, "JWST", sort="size").items] == ["b", "a"]


def test_folders_by_level_come_by_name() -> None:
    answer = tree_of([file(1, "b", "x", level=3), file(2, "a", "x", level=1)])
    assert [row.path for row in folder_page(answer.inventory, answer, "JWST", sort="level").items] == ["a", "b"]


def test_a_folder_with_nothing_shown_has_an_empty_row_by_itself() -> None:
    answer = tree_of([file(1, "a", "x")], model.State(**(vars(ALL) | {"removed": {1}})))
    row = folder_row(answer.inventory, answer, 0)
    assert (row.files, row.selected, row.bytes, row.state) == (0, 0, 0, "false")


def test_an_empty_inventory_has_no_tree() -> None:
    answer = tree_of([])
    page = folder_page(answer.inventory, answer, "JWST")
    assert (mission_rows(answer.inventory, answer), page.items, page.page, page.pages) == ((), (), 1, 1)
    assert path_rows(answer.inventory, answer, "JWST/") is None


def test_all_masks_of_the_tree_belong_to_the_whole_inventory() -> None:
    answer = tree_of([file(1, "a", "x"), file(2, "b", "y")])
    rows = path_rows(answer.inventory, answer, "JWST/b/")
    assert rows is not None
    assert np.array_equal(rows, [False, True])
