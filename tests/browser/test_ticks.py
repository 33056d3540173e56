"""Ticks: fast, from two tabs, on rows that came later, and on what filters hide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.manager import CARINA, CARINA_FOLDER, CARINA_I2D, Manager, hold, let_go

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

FIRST_EXPOSURE = "JWST/jw02731001001_02101_00001_nrca1"

# The boxes in view, of rows and of filters, that a click at their middle would not find.
MISSED = """() => [...document.querySelectorAll("#tree .tick, #filters .value input")].filter((box) => {
    const { x, y, width, height } = box.getBoundingClientRect();
    const hit = document.elementFromPoint(x + width / 2, y + height / 2);
    return hit?.matches("li.row, .value");
}).map((box) => box.value)"""


def test_ten_quick_ticks_all_count(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}&open={FIRST_EXPOSURE}")
    paths = [path for path in manager.paths() if not path.endswith("/")][:10]

    clicked = manager.page.evaluate(
        "paths => paths.map(path => document.querySelector(`#tree .tick[value='${path}']`).click()).length", paths
    )
    manager.settle()

    assert clicked == 10
    expect(manager.headline).to_contain_text("10 selected")
    manager.reload()
    expect(manager.headline).to_contain_text("10 selected")
    assert ticked(manager) == set(paths)


def test_ten_real_clicks_without_waiting_all_count(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}&open={FIRST_EXPOSURE}")
    paths = [path for path in manager.paths() if not path.endswith("/")][:10]
    boxes = [manager.row(path).locator(".tick").bounding_box() for path in paths]
    for box in boxes:
        assert box
        manager.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    manager.settle()

    expect(manager.headline).to_contain_text("10 selected")


@pytest.mark.parametrize("what", ["tick", "filter"])
def test_a_press_counts_though_its_control_is_swapped_before_the_release(manager: Manager, what: str) -> None:
    manager.fill(*CARINA)
    manager.open(f"open={CARINA_FOLDER}")
    other = next(path for path in manager.paths() if path.startswith(f"{CARINA_FOLDER}/jw") and path != CARINA_I2D)
    held: list[Route] = []
    manager.page.route("**/selection", hold(held), times=1)
    manager.tick(CARINA_I2D)
    pressed = manager.row(other).locator(".tick") if what == "tick" else manager.page.get_by_text("Science", exact=True)
    pressed.hover()

    manager.page.mouse.down()
    let_go(manager.page, held)
    expect(manager.headline).to_contain_text("1 selected")
    manager.page.mouse.up()
    manager.settle()

    if what == "tick":
        expect(manager.headline).to_contain_text("2 selected")
    else:
        expect(manager.page).to_have_url(re.compile("category=SCIENCE"))


def test_what_a_swap_brings_takes_clicks_before_it_is_drawn(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}&open={FIRST_EXPOSURE}")
    paths = [path for path in manager.paths() if not path.endswith("/")]
    manager.page.set_viewport_size({"width": 1440, "height": 600})  # so that the last row is scrolled to
    manager.page.evaluate(f"document.addEventListener('htmx:afterSwap', () => {{ window.missed = ({MISSED})(); }})")

    manager.tick(paths[-1])
    expect(manager.headline).to_contain_text("1 selected")

    assert manager.page.evaluate("window.missed") == []


@pytest.mark.parametrize("width", [600, 1000, *(pytest.param(each, marks=pytest.mark.long) for each in (320, 1280))])
def test_the_files_stay_under_the_pointer_when_the_first_is_ticked(manager: Manager, width: int) -> None:
    manager.page.set_viewport_size({"width": width, "height": 900})
    manager.fill(*CARINA)
    before = manager.row("JWST/").bounding_box()

    manager.tick("JWST/")
    expect(manager.headline).to_contain_text("selected ·")

    assert manager.row("JWST/").bounding_box() == before


def test_a_box_shows_at_once_what_it_will_be(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"open={CARINA_FOLDER}")
    held: list[Route] = []
    manager.page.route("**/selection", hold(held))

    manager.tick(CARINA_I2D)

    expect(manager.row(CARINA_I2D)).to_have_attribute("aria-checked", "true")
    expect(manager.headline).to_have_text("None selected")  # a number is said only when the server knows it
    let_go(manager.page, held)
    expect(manager.headline).to_contain_text("1 selected")


def test_what_two_tabs_tick_both_counts_and_the_stale_one_is_told(page: Page) -> None:
    first = Manager(page)
    path = first.fill(*CARINA)
    first.open(f"open={CARINA_FOLDER}")
    second = Manager(page.context.new_page())
    second.page.goto(first.page.url)
    names = [each for each in first.paths() if each.startswith(f"{CARINA_FOLDER}/")][1:3]

    first.page.bring_to_front()  # browsers draw a tab behind others once a second, and a click waits for that
    first.tick(names[0])
    expect(first.headline).to_contain_text("1 selected")
    second.page.bring_to_front()
    second.tick(names[1])

    expect(second.headline).to_contain_text("2 selected")
    expect(second.page.locator("#chips")).to_contain_text("Changed in another tab")
    assert ticked(second) == set(names)
    first.page.bring_to_front()
    first.tick(names[0])
    expect(first.page.locator("#chips")).to_contain_text("Changed in another tab")
    assert ticked(first) == {names[1]}
    assert first.path == second.path == path


def test_a_tick_keeps_the_rows_that_scrolling_brought(manager: Manager) -> None:
    manager.fill()
    manager.open("mrp=0")
    manager.page.get_by_role("link", name="Expand all").click()
    expect(manager.more).to_be_attached()
    expect(manager.rows).to_have_count(200)

    manager.more.scroll_into_view_if_needed()
    expect(manager.rows).to_have_count(400)
    manager.settle()
    last = manager.rows.nth(390)
    last.locator(".tick").click()
    expect(manager.headline).to_contain_text("selected ·")
    manager.settle()

    assert manager.rows.count() >= 400
    expect(last).to_have_attribute("aria-checked", "true")
    expect(last).to_be_in_viewport()


def test_selected_files_that_filters_hide_are_counted_shown_and_dropped(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    manager.tick(f"{CARINA_FOLDER}/")
    expect(manager.hint).to_contain_text("all of them shown")
    selected = int(manager.headline.inner_text().split()[0])

    manager.facet("ext", "jpg").check()
    expect(manager.hint).to_contain_text(f"{selected - 2} hidden by filters")
    manager.hint.get_by_role("link", name="show").click()
    expect(manager.hint).to_contain_text("all of them shown")
    expect(manager.page.locator("#chips")).to_contain_text("Selected only")

    manager.page.go_back()
    expect(manager.hint).to_contain_text("hidden by filters")
    manager.hint.get_by_role("button", name="drop").click()
    expect(manager.headline).to_contain_text("2 selected")
    expect(manager.hint).to_contain_text("all of them shown")


def test_select_all_sends_the_filter_and_not_the_files(manager: Manager) -> None:
    manager.fill()
    manager.open("mrp=0&level=3")
    with manager.page.expect_request("**/selection") as asked:
        manager.page.get_by_role("button", name="matching").click()

    expect(manager.headline).to_contain_text("174 selected")
    assert len(asked.value.post_data or "") < 200
    manager.page.get_by_role("button", name="none", exact=True).click()
    expect(manager.headline).to_have_text("None selected")


def ticked(manager: Manager) -> set[str]:
    """The files whose boxes are ticked."""
    ticks = manager.page.locator("#tree > li.row.file[aria-checked=true] .tick")
    found: list[str] = ticks.evaluate_all("ticks => ticks.map(tick => tick.value)")
    return set(found)
