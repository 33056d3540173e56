from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.inventory import model
from tests.unit.inventory.worlds import checked, columns, files, inventory_of, kind_of
from webapp.inventory.inventory import Inventory, Kind, build

KIND = Kind("JWST", "SCIENCE", "fits", "CAL", 2, recommended=True)


def small(**changes: Any) -> Inventory:
    values: dict[str, Any] = {
        "product": [5, 7],
        "folder": [0, 0],
        "kind": [0, 0],
        "rights": [0, 0],
        "size": [10, 20],
        "names": ["b.fits", "a.fits"],
        "folders": [("JWST", "jw1")],
        "kinds": [KIND],
        "rights_ids": [3],
    }
    return build(**(values | changes))


@checked
@given(files())
def test_rows_are_the_files_in_tree_order(given_files: list[model.File]) -> None:
    inventory = inventory_of(given_files)
    rows = [
        (
            int(inventory.product[row]),
            *inventory.folders[inventory.folder_of(row)],
            inventory.name(row),
            inventory.kinds[inventory.kind[row]],
            inventory.rights_ids[inventory.rights[row]],
            int(inventory.size[row]),
        )
        for row in range(len(inventory))
    ]
    assert rows == [
        (f.product, f.mission, f.folder, f.name, kind_of(f), f.rights, -1 if f.size is None else f.size)
        for f in model.in_tree_order(given_files)
    ]


@checked
@given(files(), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_the_input(given_files: list[model.File], random: Any) -> None:
    shuffled = given_files.copy()
    random.shuffle(shuffled)
    assert inventory_of(shuffled).digest == inventory_of(given_files).digest


@pytest.mark.parametrize(
    "change",
    [
        {"product": [5, 8]},
        {"size": [10, 21]},
        {"size": [10, -1]},
        {"names": ["b.fits", "c.fits"]},
        {"folders": [("JWST", "jw2")]},
        {"folders": [("HST", "jw1")]},
        {"kinds": [Kind("JWST", "SCIENCE", "fits", "CAL", 2, recommended=False)]},
        {"kinds": [Kind("JWST", "SCIENCE", "fits", "CAL", None, recommended=True)]},
        {"rights_ids": [4]},
    ],
)
def test_the_digest_depends_on_every_column(change: dict[str, Any]) -> None:
    assert small(**change).digest != small().digest


def test_the_digest_is_the_same_on_every_machine() -> None:
    assert small().digest == "6196981a6277ac89d911912aa21059cdd01310f007773ca85925456245670d1d"


@checked
@given(files(), st.lists(st.integers(1, 50)))
def test_row_of_finds_each_product_and_says_minus_one_for_others(
    given_files: list[model.File], others: list[int]
) -> None:
    inventory = inventory_of(given_files)
    order = [file.product for file in model.in_tree_order(given_files)]
    wanted = [*order[::-1], *others]
    expected = [order.index(product) if product in order else -1 for product in wanted]
    assert inventory.row_of(wanted).tolist() == expected


@checked
@given(files())
def test_folder_index_finds_each_folder_and_no_other(given_files: list[model.File]) -> None:
    inventory = inventory_of(given_files)
    assert [inventory.folder_index(*folder) for folder in inventory.folders] == list(range(len(inventory.folders)))
    assert inventory.folder_index("HST", "nowhere") is None


def test_tables_hold_only_what_is_used_once_and_sorted() -> None:
    other = Kind("HST", "SCIENCE", "fits", "CAL", None, recommended=False)
    inventory = small(
        folder=[2, 0],
        kind=[1, 2],
        rights=[3, 0],
        folders=[("JWST", "b"), ("JWST", "unused"), ("JWST", "a"), ("JWST", "a")],
        kinds=[other, KIND, KIND],
        rights_ids=[9, 8, 7, 6],
    )
    assert inventory.folders == (("JWST", "a"), ("JWST", "b"))
    assert inventory.kinds == (KIND,)
    assert inventory.rights_ids == (6, 9)
    assert inventory.starts.tolist() == [0, 1, 2]


def test_kinds_that_differ_in_one_thing_have_a_fixed_order() -> None:
    """Or the digest would depend on how Python hashes strings in this process."""
    kinds = [Kind("K2", "INFO", "txt", group, 1, recommended=flag) for group in "ABCDEF" for flag in (False, True)]
    n = len(kinds)
    inventory = build(
        product=list(range(n)),
        folder=[0] * n,
        kind=list(range(n))[::-1],
        rights=[0] * n,
        size=[1] * n,
        names=["x"] * n,
        folders=[("K2", "f")],
        kinds=kinds[::-1],
        rights_ids=[1],
    )
    assert inventory.kinds == tuple(kinds)


def test_files_of_one_name_in_one_folder_stand_in_the_order_of_their_products() -> None:
    inventory = small(product=[9, 4], names=["same.fits", "same.fits"])
    assert inventory.product.tolist() == [4, 9]


def test_every_array_is_read_only() -> None:
    inventory = small()
    arrays = [inventory.product, inventory.kind, inventory.rights, inventory.size, inventory.starts]
    arrays += [inventory.names.blob, inventory.names.offsets]
    assert not any(array.flags.writeable for array in arrays)


def test_the_callers_arrays_stay_writable_and_are_not_shared() -> None:
    size = np.array([10, 20])
    inventory = small(size=size)
    size[:] = 0
    assert inventory.size.tolist() == [20, 10]


def test_an_empty_inventory_has_no_rows_and_no_folders() -> None:
    inventory = inventory_of([])
    assert (len(inventory), inventory.folders, inventory.row_of([1, 2]).tolist()) == (0, (), [-1, -1])


def test_nbytes_grows_with_the_names() -> None:
    assert small(names=["b" * 1000, "a"]).nbytes - small(names=["b", "a"]).nbytes == 999


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"product": [5, 5]}, "A product can be in an inventory only once."),
        ({"size": [1]}, "All columns of an inventory must have one value per file."),
        ({"folder": [0, 1]}, "An index in a column of an inventory points outside its table."),
        ({"kind": [0, -1]}, "An index in a column of an inventory points outside its table."),
        ({"rights_ids": []}, "An index in a column of an inventory points outside its table."),
        ({"names": ["a\nb", "c"]}, "A file name cannot hold a line break."),
        ({"names": ["a/b", "c"]}, "A file name cannot hold a slash."),
        ({"names": ["", "c"]}, "A file name cannot be empty."),
        ({"size": [2**62, 2**62]}, "add up to more than 4 exabytes; is b.fits of 4,611,686,018,427,387,904 bytes a"),
    ],
)
def test_impossible_columns_are_refused_with_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        small(**change)


def test_the_bytes_of_a_million_files_of_two_terabytes_are_added_exactly() -> None:
    assert small(size=[10**18, 10**18]).cells.sums.bytes.tolist() == [2 * 10**18]


def test_columns_of_the_worlds_cover_unsorted_repeated_and_unused_tables() -> None:
    file = model.File(1, "HST", "x", "c", "INFO", "fits", "CAL", 1, recommended=False, rights=2, size=None)
    values = columns([file])
    assert len(values["kinds"]) > 1 < len(values["folders"])


@checked
@given(files(most=8))
def test_paths_of_many_rows_are_those_of_each(its_files: list[model.File]) -> None:
    inventory = inventory_of(model.in_tree_order(its_files))
    rows = np.arange(len(inventory))[::-1]
    assert inventory.paths(rows) == [inventory.path(row) for row in rows.tolist()]
