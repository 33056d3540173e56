from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.inventory import model
from tests.unit.inventory.worlds import FOLDERS, MISSIONS, NAMES, checked, inventory_of, panels_of, products, worlds
from webapp.inventory.tree import path_rows

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


def test_an_empty_inventory_has_no_path() -> None:
    answer = tree_of([])
    assert path_rows(answer.inventory, answer, "JWST/") is None


def test_all_masks_of_the_tree_belong_to_the_whole_inventory() -> None:
    answer = tree_of([file(1, "a", "x"), file(2, "b", "y")])
    rows = path_rows(answer.inventory, answer, "JWST/b/")
    assert rows is not None
    assert np.array_equal(rows, [False, True])
