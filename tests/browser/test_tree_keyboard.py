"""The tree by keyboard alone, as the ARIA Authoring Practices have it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.manager import CARINA, CARINA_FOLDER, CARINA_I2D, Manager

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def press(manager: Manager) -> Callable[..., None]:
    manager.fill(*CARINA)
    manager.open("mrp=0")

    def keys(*names: str) -> None:
        for name in names:
            manager.page.keyboard.press(name)

    return keys


def focused(manager: Manager) -> str | None:
    path: str | None = manager.page.evaluate(
        "document.activeElement.querySelector(':scope > * > .tick')?.value ?? null"
    )
    return path


def enter(manager: Manager) -> None:
    """Come to the tree with Tab, from the header above it."""
    manager.page.locator("#files header button").last.or_(manager.page.locator(".row.head a").last).last.focus()
    manager.page.keyboard.press("Tab")


def test_the_tree_is_one_stop_for_tab(manager: Manager, press: Callable[..., None]) -> None:
    enter(manager)
    assert focused(manager) == "JWST/"
    press("Tab")
    assert focused(manager) is None
    press("Shift+Tab")
    assert focused(manager) == "JWST/"
    assert manager.page.locator("#tree [tabindex='0']").count() == 1


def test_arrows_home_and_end_go_through_the_rows(manager: Manager, press: Callable[..., None]) -> None:
    enter(manager)
    paths = manager.paths()
    press("ArrowDown", "ArrowDown")
    assert focused(manager) == paths[2]
    press("ArrowUp")
    assert focused(manager) == paths[1]
    press("End")
    assert focused(manager) == paths[-1]
    press("Home")
    assert focused(manager) == paths[0]


def test_right_opens_then_enters_and_left_leaves_then_closes(manager: Manager, press: Callable[..., None]) -> None:
    enter(manager)
    folder = manager.row(f"{CARINA_FOLDER}/")
    folder.focus()
    expect(folder).to_have_attribute("aria-expanded", "false")
    press("ArrowRight")
    expect(folder).to_have_attribute("aria-expanded", "true")
    expect(folder).to_be_focused()
    press("ArrowRight", "ArrowDown")
    assert (focused(manager) or "").startswith(f"{CARINA_FOLDER}/jw")
    press("ArrowLeft")
    expect(folder).to_be_focused()
    press("ArrowLeft")
    expect(folder).to_have_attribute("aria-expanded", "false")
    expect(folder).to_be_focused()


def test_space_ticks_and_the_focus_survives_each_answer(manager: Manager, press: Callable[..., None]) -> None:
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    file, folder, mission = manager.row(CARINA_I2D), manager.row(f"{CARINA_FOLDER}/"), manager.row("JWST/")
    file.focus()
    press("Space")
    expect(manager.headline).to_contain_text("1 selected")
    expect(file).to_be_focused()
    expect(file).to_have_attribute("aria-checked", "true")
    expect(folder).to_have_attribute("aria-checked", "mixed")
    expect(mission).to_have_attribute("aria-checked", "mixed")
    press("Space")
    expect(manager.headline).to_have_text("None selected")
    expect(file).to_be_focused()
    expect(folder).to_have_attribute("aria-checked", "false")
    folder.focus()
    press("Space")
    expect(folder).to_have_attribute("aria-checked", "true")
    expect(file).to_have_attribute("aria-checked", "true")
    expect(folder).to_be_focused()


def test_enter_explains_a_file_and_unfolds_a_folder(manager: Manager, press: Callable[..., None]) -> None:
    folder = manager.row(f"{CARINA_FOLDER}/")
    folder.focus()
    press("Enter")
    expect(folder).to_have_attribute("aria-expanded", "true")
    manager.row(CARINA_I2D).focus()
    press("Enter")
    expect(manager.details.locator("h3")).to_have_text(CARINA_I2D.rpartition("/")[2])
    expect(manager.row(CARINA_I2D)).to_be_focused()
    press("Escape")
    expect(manager.details.locator("h3")).to_have_count(0)
    expect(manager.row(CARINA_I2D)).to_be_focused()


def test_typing_a_name_goes_to_it(manager: Manager, press: Callable[..., None]) -> None:
    manager.page.clock.set_fixed_time(datetime(2027, 1, 15, tzinfo=UTC))  # letters with a pause between begin anew
    enter(manager)
    press(*"jw02731001001_02103_00002_nrcb")
    assert focused(manager) == "JWST/jw02731001001_02103_00002_nrcblong/"


def test_every_row_says_where_it_is_and_how_it_stands(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    rows = manager.rows.evaluate_all(
        "rows => rows.map(row => ['role', 'aria-level', 'aria-posinset', 'aria-setsize', 'aria-checked',"
        " 'aria-expanded', 'aria-selected'].map(name => row.getAttribute(name)))"
    )
    assert {row[0] for row in rows} == {"treeitem"}
    assert rows[0] == ["treeitem", "1", "1", "1", "false", "true", None]
    folders = [row for row in rows if row[1] == "2"]
    assert [row[2] for row in folders] == [str(number) for number in range(1, len(folders) + 1)]
    assert {row[3] for row in folders} == {str(len(folders))}
    files = [row for row in rows if row[1] == "3"]
    assert [row[2] for row in files] == [str(number) for number in range(1, len(files) + 1)]
    assert {(row[3], row[5]) for row in files} == {(str(len(files)), None)}
    assert all(row[6] is None for row in rows)
    tree = manager.page.locator("#tree")
    expect(tree).to_have_role("tree")
    expect(tree).to_have_attribute("aria-multiselectable", "true")
    expect(tree).to_have_accessible_name("Files in this basket")


def test_removal_and_undo_leave_the_focus_where_one_can_go_on(manager: Manager, press: Callable[..., None]) -> None:
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    manager.row(CARINA_I2D).focus()
    press("Space")
    expect(manager.headline).to_contain_text("1 selected")
    manager.page.locator("#remove").focus()
    press("Enter", "Tab", "Enter")
    expect(manager.alert).to_contain_text("Removed 1 file")
    expect(manager.row(CARINA_I2D)).to_have_count(0)
    expect(manager.page.locator("#remove")).to_be_focused()
    manager.alert.get_by_role("button", name="Undo").focus()
    press("Enter")
    expect(manager.row(CARINA_I2D)).to_be_visible()
    manager.settle()
    assert focused(manager)


def test_the_live_region_says_what_is_selected(manager: Manager, press: Callable[..., None]) -> None:
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    manager.row(CARINA_I2D).focus()
    press("Space")
    expect(manager.page.locator("#live")).to_contain_text("1 file selected")
