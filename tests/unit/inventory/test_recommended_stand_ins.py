from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.inventory import model
from tests.unit.inventory.worlds import checked, columns, files, inventory_of, kind_of, mask, products
from webapp.inventory.inventory import UNKNOWN_LEVEL, Kind, build
from webapp.inventory.recommended import stand_ins, with_recommended


def stand_ins_of(its_files: list[model.File], links: list[tuple[int, int]]) -> set[int]:
    """The products that stand in, for links of (observation, product)."""
    row = {file.product: place for place, file in enumerate(its_files)}
    result = stand_ins(
        np.array([observation for observation, _ in links], np.int64),
        np.array([row[product] for _, product in links], np.int64),
        np.array([UNKNOWN_LEVEL if file.level is None else file.level for file in its_files], np.int64),
        np.array([file.category == "SCIENCE" for file in its_files], bool),
        np.array([file.recommended for file in its_files], bool),
    )
    assert result.shape == (len(its_files),)
    return {file.product for file, stands in zip(its_files, result.tolist(), strict=True) if stands}


def file(product: int, category: str, level: int | None, *, recommended: bool = False) -> model.File:
    return model.File(product, "JWST", "f", f"{product}.fits", category, "fits", "CAL", level, recommended, 1, 10)


@checked
@given(files(), st.data())
def test_stand_ins_are_those_of_the_model(its_files: list[model.File], data: st.DataObject) -> None:
    ids = [each.product for each in its_files]
    one_link = st.tuples(st.integers(1, 4), st.sampled_from(ids)) if ids else st.nothing()
    links = data.draw(st.lists(one_link, unique=True))
    assert stand_ins_of(its_files, links) == model.stand_ins(links, its_files)


def test_science_of_the_highest_level_stands_in() -> None:
    its_files = [file(1, "SCIENCE", 1), file(2, "SCIENCE", 2), file(3, "INFO", 3)]
    assert stand_ins_of(its_files, [(9, 1), (9, 2), (9, 3)]) == {2}


def test_all_products_stand_in_without_science() -> None:
    assert stand_ins_of([file(1, "INFO", 3), file(2, "AUXILIARY", None)], [(9, 1), (9, 2)]) == {1, 2}


def test_nothing_stands_in_where_one_product_is_recommended() -> None:
    its_files = [file(1, "SCIENCE", 2), file(2, "INFO", 3, recommended=True)]
    assert stand_ins_of(its_files, [(9, 1), (9, 2)]) == set()


def test_a_product_stands_in_if_just_one_of_its_observations_needs_it() -> None:
    its_files = [file(1, "SCIENCE", 2), file(2, "SCIENCE", 3, recommended=True)]
    assert stand_ins_of(its_files, [(8, 1), (9, 1), (9, 2)]) == {1}


def test_science_of_unknown_level_stands_in_where_there_is_no_other() -> None:
    assert stand_ins_of([file(1, "SCIENCE", None), file(2, "INFO", 4)], [(9, 1), (9, 2)]) == {1}


def test_a_stand_in_is_the_same_kind_with_recommended_set() -> None:
    its_files = [file(1, "SCIENCE", 2), file(2, "SCIENCE", 2)]
    values = columns(its_files)
    kind, kinds = with_recommended(np.array(values["kind"]), values["kinds"], np.array([True, False]))
    inventory = build(**(values | {"kind": kind, "kinds": kinds}))
    marked = [inventory.kinds[index] for index in inventory.kind.tolist()]
    assert marked == [Kind("JWST", "SCIENCE", "fits", "CAL", 2, recommended=True), kind_of(its_files[1])]


@checked
@given(files(), st.data())
def test_marking_stand_ins_changes_no_other_file(its_files: list[model.File], data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(its_files))) if its_files else set()
    values = columns(its_files)
    flags = np.array([each in chosen for each in its_files], bool)
    kind, kinds = with_recommended(np.array(values["kind"], np.int64), values["kinds"], flags)
    inventory = build(**(values | {"kind": kind, "kinds": kinds}))
    recommended = np.array([each.recommended for each in inventory.kinds], bool)
    expected = {each.product for each in its_files if each in chosen or each.recommended}
    rows = recommended[inventory.kind] if len(inventory) else mask(inventory_of([]), set())
    assert products(inventory, rows) == expected
