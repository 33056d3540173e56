"""Hypothesis strategies for small baskets, and the bridge from the model's files to the core's columns."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from tests.unit.inventory import model
from webapp.inventory.filters import Filters
from webapp.inventory.inventory import Inventory, Kind, build
from webapp.inventory.panels import Panels, panels

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

checked = settings(max_examples=100)

MISSIONS = ["HST", "JWST"]  # few missions and folders, so that most folders hold several files
FOLDERS = ["a", "a/b", "ö"]
NAMES = ["a_cal.fits", "A_cal.fits", "a_cal.jpg", "b_x1d.fits", "c", "é_cal.fits", "jw_01.json", "İ.fits"]
PATTERNS = ["*", "*cal*", "?_*.fits", "A*", "[ac]*", "[!a]*", "*.fits", "c", "*É*", "nothing*", "?", "*i*"]
EXTENSIONS = ["fits", "jpg", "fits.gz", ""]
GROUPS = ["CAL", "X1D", "none"]
LEVELS = [None, -1, 0, 1, 2, 3, 4]
SIZES = [None, 0, 1, 3, 10**9, 2**53, 2**53 + 1]
FILE_VALUES: list[list[Any]] = [
    MISSIONS,
    FOLDERS,
    NAMES,
    model.CATEGORY_ORDER,
    EXTENSIONS,
    GROUPS,
    LEVELS,
    [False, True],
    [1, 2, 3],
    SIZES,
]
MANY = prod(len(choices) for choices in FILE_VALUES) - 1

VALUES: dict[str, list[str]] = {
    "category": [*model.CATEGORY_ORDER, "NEVER"],
    "type": ["science", "reference"],
    "level": model.LEVEL_ORDER,
    "ext": ["fits", "jpg", "fits.gz", "none", "asdf"],
    "mission": [*MISSIONS, "K2"],
    "access": ["public", "exclusive"],
    "batch": ["1", "0"],
    "group": [*GROUPS, "UNCAL"],
}


@st.composite
def files(draw: st.DrawFn, *, least: int = 0, most: int = 16) -> list[model.File]:
    """Files in any order, with clashes of names and few values, so that groups have several members.

    One number decides all of a file: ten draws for each file would take most of the tests' time.
    """
    drawn = draw(
        st.lists(
            st.tuples(st.integers(1, 10**12), st.integers(0, MANY)),
            unique_by=lambda pair: pair[0],
            min_size=least,
            max_size=most,
        )
    )
    return [_file(product, number) for product, number in drawn]


def _file(product: int, number: int) -> model.File:
    values = []
    for choices in FILE_VALUES:
        number, place = divmod(number, len(choices))
        values.append(choices[place])
    return model.File(product, *values)


@st.composite
def states(draw: st.DrawFn, its_files: list[model.File]) -> model.State:
    products = [file.product for file in its_files]
    some = st.sets(st.sampled_from(products)) if products else st.just(set())
    facets = draw(st.lists(st.sampled_from(model.FACET_NAMES), unique=True, max_size=3))
    removed = draw(st.one_of(st.just(set()), some))
    return model.State(
        mrp=draw(st.booleans()),
        choices={facet: draw(st.sets(st.sampled_from(VALUES[facet]), max_size=3)) for facet in facets},
        name=draw(st.one_of(st.none(), st.sampled_from(PATTERNS))),
        only_selected=draw(st.booleans()),
        selection=draw(some) - removed,
        removed=removed,
        public=draw(st.sets(st.integers(1, 3))),
        batch=draw(st.sets(st.sampled_from([*MISSIONS, "*"]), max_size=2)),
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[model.File], model.State]:
    """A basket in tree order, and a state of it."""
    its_files = model.in_tree_order(draw(files()))
    return its_files, draw(states(its_files))


def columns(its_files: list[model.File]) -> dict[str, Any]:
    """The arguments of ``build``, with tables that are unsorted, repetitive and partly unused."""
    folders = [("K2", "unused"), *((file.mission, file.folder) for file in its_files)]
    kinds = [*(kind_of(file) for file in its_files), Kind("K2", "INFO", "txt", "ZZZ", 4, recommended=True)]
    return {
        "product": [file.product for file in its_files],
        "folder": list(range(1, len(its_files) + 1)),
        "kind": list(range(len(its_files))),
        "rights": [3 - file.rights for file in its_files],
        "size": [-1 if file.size is None else file.size for file in its_files],
        "names": [file.name for file in its_files],
        "folders": folders,
        "kinds": kinds,
        "rights_ids": [3, 2, 1, 77],
    }


def kind_of(file: model.File) -> Kind:
    return Kind(file.mission, file.category, file.ext, file.group, file.level, file.recommended)


def inventory_of(its_files: Iterable[model.File]) -> Inventory:
    return build(**columns(list(its_files)))


def mask(inventory: Inventory, products: set[int]) -> npt.NDArray[np.bool_]:
    return np.isin(inventory.product, list(products))


def products(inventory: Inventory, rows: npt.NDArray[np.bool_]) -> set[int]:
    return set(inventory.product[rows].tolist())


def filters_of(state: model.State) -> Filters:
    choices = {facet: frozenset(chosen) for facet, chosen in state.choices.items()}
    return Filters(mrp=state.mrp, choices=choices, name=state.name, selected=state.only_selected)


def panels_of(inventory: Inventory, state: model.State) -> Panels:
    return panels(
        inventory,
        filters=filters_of(state),
        selection=mask(inventory, state.selection),
        removed=mask(inventory, state.removed),
        public=np.array([rights in state.public for rights in inventory.rights_ids], bool),
        batch_missions=frozenset(state.batch),
    )
