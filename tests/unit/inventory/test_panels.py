from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given

from tests.unit.inventory import model
from tests.unit.inventory.worlds import checked, filters_of, inventory_of, mask, panels_of, products, worlds
from webapp.inventory.filters import Filters, name_mask
from webapp.inventory.panels import FacetCounts, Panels, Totals, panels

World = tuple[list[model.File], model.State]
NO_CHOICE = model.State(
    mrp=False, choices={}, name=None, only_selected=False, selection=set(), removed=set(), public={1}, batch={"JWST"}
)


def file(product: int, *, level: int | None = 2, size: int | None = 10, category: str = "SCIENCE") -> model.File:
    name = f"{product:03}.fits"
    return model.File(
        product, "JWST", "jw1", name, category, "fits", "CAL", level, recommended=False, rights=1, size=size
    )


def facet_of(answer: Panels, name: str) -> FacetCounts:
    return next(facet for facet in answer.facets if facet.name == name)


@checked
@given(worlds())
def test_shown_are_the_files_that_pass_every_filter(world: World) -> None:
    files, state = world
    inventory = inventory_of(files)
    expected = {file.product for file in model.shown(files, state)}
    assert products(inventory, panels_of(inventory, state).shown) == expected


@checked
@given(worlds())
def test_every_facet_counts_as_the_model_does(world: World) -> None:
    files, state = world
    counted = {
        facet.name: {v.value: (v.matching, v.total, v.bytes, v.active) for v in facet.values}
        for facet in panels_of(inventory_of(files), state).facets
    }
    assert counted == {name: model.facet(name, files, state) for name in model.FACET_NAMES}


@checked
@given(worlds())
def test_totals_are_those_of_the_model(world: World) -> None:
    files, state = world
    answer = panels_of(inventory_of(files), state)
    there = [each for each in files if each.product not in state.removed]
    shown = model.shown(files, state)
    selected = [each for each in there if each.product in state.selection]
    assert astuple(answer.all) == model.totals(there)
    assert astuple(answer.matching) == model.totals(shown)
    assert astuple(answer.selected) == model.totals(selected)
    assert astuple(answer.selected_shown) == model.totals([each for each in selected if each in shown])
    assert astuple(answer.selected_hidden) == model.totals([each for each in selected if each not in shown])
    assert answer.recommended == len([each for each in there if each.recommended])


@checked
@given(worlds())
def test_a_name_mask_at_hand_gives_the_same_answer(world: World) -> None:
    files, state = world
    inventory = inventory_of(files)
    state = replace(state, name="*cal*")
    computed = panels_of(inventory, state)
    given_mask = panels(
        inventory,
        filters=filters_of(state),
        selection=mask(inventory, state.selection),
        removed=mask(inventory, state.removed),
        public=np.array([rights in state.public for rights in inventory.rights_ids], bool),
        batch_missions=frozenset(state.batch),
        name_rows=name_mask(inventory, "*cal*"),
    )
    assert given_mask.facets == computed.facets


def test_a_facets_own_choice_does_not_shrink_its_own_counts() -> None:
    inventory = inventory_of([file(1, level=1), file(2, level=2), file(3, level=2)])
    answer = panels_of(inventory, replace(NO_CHOICE, choices={"level": {"1"}}))
    assert [(v.value, v.matching, v.active) for v in facet_of(answer, "level").values] == [
        ("1", 1, True),
        ("2", 2, False),
    ]


def test_another_facets_choice_leaves_a_value_with_zero_in_the_list() -> None:
    inventory = inventory_of([file(1, level=1), file(2, level=2, category="INFO")])
    answer = panels_of(inventory, replace(NO_CHOICE, choices={"level": {"1"}}))
    assert [(v.value, v.matching, v.total) for v in facet_of(answer, "category").values] == [
        ("SCIENCE", 1, 1),
        ("INFO", 0, 1),
    ]


def test_a_chosen_value_that_the_basket_has_not_is_listed_with_zero_of_zero() -> None:
    answer = panels_of(inventory_of([file(1)]), replace(NO_CHOICE, choices={"level": {"4"}}))
    assert [(v.value, v.matching, v.total, v.active) for v in facet_of(answer, "level").values] == [
        ("2", 1, 1, False),
        ("4", 0, 0, True),
    ]


def test_values_come_in_the_order_of_the_facets_table() -> None:
    files = [file(n, level=level) for n, level in enumerate([None, 3, 1, -1, 0, 4, 2], 1)]
    answer = panels_of(inventory_of(files), NO_CHOICE)
    assert [value.value for value in facet_of(answer, "level").values] == model.LEVEL_ORDER


def test_values_without_an_order_come_by_name() -> None:
    files = [replace(file(n), group=group) for n, group in enumerate(["X1D", "CAL", "I2D"], 1)]
    answer = panels_of(inventory_of(files), NO_CHOICE)
    assert [value.value for value in facet_of(answer, "group").values] == ["CAL", "I2D", "X1D"]


def test_a_value_goes_with_the_last_file_that_has_it() -> None:
    inventory = inventory_of([file(1, level=1), file(2, level=2)])
    answer = panels_of(inventory, replace(NO_CHOICE, removed={1}))
    assert [value.value for value in facet_of(answer, "level").values] == ["2"]


def test_bytes_beyond_what_a_float_can_hold_are_exact() -> None:
    sizes = [2**53, 1, 1, 2**53 + 1]
    inventory = inventory_of([file(n, size=size) for n, size in enumerate(sizes, 1)])
    answer = panels_of(inventory, replace(NO_CHOICE, selection={1, 2, 3, 4}))
    assert {answer.all.bytes, answer.matching.bytes, answer.selected.bytes} == {sum(sizes)}


def test_unknown_sizes_are_counted_apart() -> None:
    inventory = inventory_of([file(1, size=None), file(2, size=None)])
    assert panels_of(inventory, NO_CHOICE).matching == Totals(files=2, bytes=0, unknown_size=2)


def test_a_size_of_zero_is_known() -> None:
    assert panels_of(inventory_of([file(1, size=0)]), NO_CHOICE).all == Totals(files=1, bytes=0, unknown_size=0)


def test_a_star_makes_every_mission_available_by_batch() -> None:
    answer = panels_of(inventory_of([file(1)]), replace(NO_CHOICE, batch={"*"}))
    assert [value.value for value in facet_of(answer, "batch").values] == ["1"]


def test_a_removed_file_is_not_selected_even_if_its_bit_is_set() -> None:
    answer = panels_of(inventory_of([file(1)]), replace(NO_CHOICE, selection={1}, removed={1}))
    assert answer.selected == Totals(0, 0, 0)


def test_an_empty_basket_has_empty_panels() -> None:
    answer = panels_of(inventory_of([]), replace(NO_CHOICE, name="*"))
    assert (answer.all, answer.matching, [facet.values for facet in answer.facets]) == (
        Totals(0, 0, 0),
        Totals(0, 0, 0),
        [()] * len(model.FACET_NAMES),
    )


def test_a_choice_in_an_unknown_facet_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no filter called colour"):
        panels_of(inventory_of([file(1)]), replace(NO_CHOICE, choices={"colour": {"red"}}))


def test_an_impossible_name_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="bracket"):
        panels_of(inventory_of([file(1)]), replace(NO_CHOICE, name="[a"))


def test_filters_that_mean_the_same_are_equal_and_hash_alike() -> None:
    left = Filters(choices={"level": frozenset({"1", "2"}), "ext": frozenset()})
    right = Filters(choices={"level": frozenset({"2", "1"})})
    assert (left, hash(left)) == (right, hash(right))


def test_filters_do_not_change_with_the_choices_they_were_made_of() -> None:
    choices = {"level": frozenset({"1"})}
    filters = Filters(choices=choices)
    choices["level"] = frozenset({"2"})
    assert filters == Filters(choices={"level": frozenset({"1"})})


def test_the_choices_of_filters_are_read_only() -> None:
    with pytest.raises(TypeError):
        Filters().choices["level"] = frozenset({"1"})  # type: ignore[index]  # this is what must fail
