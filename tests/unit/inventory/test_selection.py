from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.inventory import model
from tests.unit.inventory.test_tree import paths
from tests.unit.inventory.worlds import checked, files, inventory_of, mask, panels_of, products, worlds
from webapp.inventory.selection import carry, pack, select, tick, unpack
from webapp.inventory.tree import folder_order, folder_row, path_rows

if TYPE_CHECKING:
    import numpy.typing as npt

World = tuple[list[model.File], model.State]


def bits(text: str) -> npt.NDArray[np.bool_]:
    return np.array([letter == "1" for letter in text], bool)


def text(rows: npt.NDArray[np.bool_]) -> str:
    return "".join("1" if row else "0" for row in rows.tolist())


@checked
@given(st.lists(st.booleans(), max_size=40))
def test_packed_bits_come_back(flags: list[bool]) -> None:
    assert unpack(pack(np.array(flags, bool)), len(flags)).tolist() == flags


def test_bits_are_packed_with_the_first_file_highest() -> None:
    assert pack(bits("100000001")) == b"\x80\x80"


def test_no_bytes_are_no_file() -> None:
    assert text(unpack(None, 3)) == "000"


def test_bytes_of_another_number_of_files_are_refused() -> None:
    with pytest.raises(ValueError, match="1 bytes cannot be the bits of 9 files"):
        unpack(b"\x00", 9)


@checked
@given(worlds(), paths())
def test_a_tick_does_what_it_does_in_the_model(world: World, path: str) -> None:
    its_files, state = world
    inventory = inventory_of(its_files)
    answer = panels_of(inventory, state)
    rows = path_rows(inventory, answer, path)
    target = model.at_path(its_files, state, path)
    assume(rows is not None and target is not None)
    assert rows is not None
    assert target is not None
    shown = answer.shown if path.endswith("/") else rows
    ticked = tick(mask(inventory, state.selection), mask(inventory, state.removed), shown, rows)
    assert products(inventory, ticked) == model.tick(state, target)


@checked
@given(worlds())
def test_a_tick_on_a_folder_fills_or_empties_its_box(world: World) -> None:
    its_files, state = world
    inventory = inventory_of(its_files)
    answer = panels_of(inventory, state)
    for mission in inventory.missions:
        for folder in folder_order(inventory, answer, mission, "name").tolist():
            row = folder_row(inventory, answer, folder)
            rows = path_rows(inventory, answer, f"{mission}/{row.path}/")
            assert rows is not None
            selection = tick(mask(inventory, state.selection), mask(inventory, state.removed), answer.shown, rows)
            if not state.only_selected:  # else what was unticked is not shown any more
                after = model.State(**(vars(state) | {"selection": products(inventory, selection)}))
                box = folder_row(inventory, panels_of(inventory, after), folder).state
                assert box == ("false" if row.state == "true" else "true")


def test_a_tick_on_a_mixed_folder_ticks_all_shown_files() -> None:
    assert text(tick(bits("1000"), bits("0000"), bits("1101"), bits("1110"))) == "1100"


def test_a_tick_where_all_shown_are_ticked_unticks_only_these() -> None:
    assert text(tick(bits("1111"), bits("0000"), bits("1101"), bits("1110"))) == "0011"


def test_a_tick_never_selects_a_removed_file() -> None:
    assert text(tick(bits("00"), bits("01"), bits("11"), bits("11"))) == "10"


@checked
@given(worlds())
def test_select_all_matching_ticks_just_what_is_shown_and_keeps_the_rest(world: World) -> None:
    its_files, state = world
    inventory = inventory_of(its_files)
    after = select(mask(inventory, state.selection), panels_of(inventory, state).shown, on=True)
    matching = {file.product for file in model.shown(its_files, state)}
    assert products(inventory, after) == state.selection | matching


@checked
@given(worlds())
def test_unselect_all_matching_unticks_just_what_is_shown(world: World) -> None:
    its_files, state = world
    inventory = inventory_of(its_files)
    after = select(mask(inventory, state.selection), panels_of(inventory, state).shown, on=False)
    matching = {file.product for file in model.shown(its_files, state)}
    assert products(inventory, after) == state.selection - matching


@checked
@given(files(), st.data())
def test_a_selection_is_carried_over_by_product_when_the_content_changes(
    old_files: list[model.File], data: st.DataObject
) -> None:
    old = inventory_of(old_files)
    kept = data.draw(st.sets(st.sampled_from(old_files))) if old_files else set()
    taken = {file.product for file in old_files}
    arrived = [file for file in data.draw(files()) if file.product not in taken]
    new = inventory_of([*kept, *arrived])
    chosen = data.draw(st.sets(st.sampled_from(sorted(taken)))) if taken else set()
    carried = carry(old.product, mask(old, chosen), new)
    assert products(new, carried) == chosen & {file.product for file in kept}
