"""The address is the state; answers come in any order and at any time, and nothing that a person does is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.manager import CARINA, CARINA_FOLDER, CARINA_I2D, Manager, hold, let_go

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Watch

URI = "mast:JWST/product/jw02731-o001_t017_nircam_clear-f444w_i2d.fits"


def test_back_and_reload_restore_filters_open_folders_and_the_open_file(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open("mrp=0")
    manager.facet("level", "3").check()
    expect(manager.page).to_have_url(re.compile("level=3"))
    manager.toggle(CARINA_FOLDER)
    expect(manager.row(CARINA_I2D)).to_be_visible()
    manager.explain(CARINA_I2D)
    expect(manager.page).to_have_url(re.compile("file="))
    manager.facet("category", "PREVIEW").check()
    expect(manager.row(CARINA_I2D)).to_have_count(0)

    manager.page.go_back()
    expect_all_back(manager)
    manager.reload()
    expect_all_back(manager)
    manager.page.go_back()
    expect(manager.details).not_to_contain_text("SHA-256")
    manager.page.go_back()
    expect(manager.row(CARINA_I2D)).to_have_count(0)
    manager.page.go_back()
    expect(manager.facet("level", "3")).not_to_be_checked()
    manager.page.go_forward()
    expect(manager.facet("level", "3")).to_be_checked()


def expect_all_back(manager: Manager) -> None:
    expect(manager.facet("level", "3")).to_be_checked()
    expect(manager.facet("category", "PREVIEW")).not_to_be_checked()
    expect(manager.row(f"{CARINA_FOLDER}/")).to_have_attribute("aria-expanded", "true")
    expect(manager.row(CARINA_I2D)).to_have_attribute("aria-current", "true")
    expect(manager.details.locator("h3")).to_have_text(CARINA_I2D.rpartition("/")[2])


def test_a_late_answer_never_overwrites_a_newer_one(manager: Manager) -> None:
    manager.fill(*CARINA)
    held: list[Route] = []
    manager.page.route(re.compile("category=SCIENCE$"), hold(held))
    manager.facet("category", "SCIENCE").check()
    manager.page.wait_for_function("() => document.querySelector('#workspace').ariaBusy === 'true'")
    manager.facet("level", "3").check()
    expect(manager.page).to_have_url(re.compile("category=SCIENCE&level=3"))
    manager.settle()
    seen = manager.page.locator("#chips").inner_text()

    for route in held:
        route.continue_()
    manager.page.wait_for_load_state("networkidle")

    assert manager.page.locator("#chips").inner_text() == seen
    assert "level=3" in manager.page.url


def test_what_is_typed_while_answers_arrive_is_not_lost(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open("mrp=0")
    manager.name.press_sequentially("*_i2d.fits", delay=60)

    expect(manager.page).to_have_url(re.compile(r"name=%2A_i2d\.fits|name=\*_i2d\.fits"))
    manager.settle()
    expect(manager.name).to_have_value("*_i2d.fits")
    expect(manager.name).to_be_focused()
    assert manager.name.evaluate("box => box.selectionStart") == len("*_i2d.fits")
    expect(manager.page.locator("#chips")).to_contain_text("Name: *_i2d.fits")


def test_letters_typed_during_an_answer_stay_and_are_asked_for_next(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open("mrp=0")
    held: list[Route] = []
    manager.page.route(re.compile("name=(%2A|\\*)_i2d$"), hold(held))
    with manager.page.expect_request(re.compile("name=(%2A|\\*)_i2d$")):
        manager.name.press_sequentially("*_i2d")
    manager.name.press_sequentially(".fits")
    let_go(manager.page, held)

    expect(manager.page.locator("#chips")).to_contain_text("Name: *_i2d.fits")
    expect(manager.name).to_have_value("*_i2d.fits")


def test_a_filter_click_keeps_every_pane_where_it_is_scrolled_to(manager: Manager) -> None:
    manager.fill()
    manager.open("mrp=0")
    panes = manager.page.locator("[data-scroll]")
    before = panes.evaluate_all(
        "panes => panes.map(pane => { pane.scrollTop = 120; return [pane.id, pane.scrollTop]; })"
    )
    assert dict(before)["files"] == dict(before)["filters"] == dict(before)["scroll-group"] == 120

    manager.facet("ext", "fits").evaluate("box => box.click()")
    expect(manager.page.locator("#chips")).to_contain_text("File extension: .fits")
    manager.settle()

    assert panes.evaluate_all("panes => panes.map(pane => [pane.id, pane.scrollTop])") == before


def test_a_filter_that_was_clicked_keeps_the_focus(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.facet("level", "3").focus()
    manager.page.keyboard.press("Space")
    expect(manager.page).to_have_url(re.compile("level=3"))
    manager.settle()
    expect(manager.facet("level", "3")).to_be_focused()


def test_ctrl_click_on_a_file_opens_a_tab_with_that_file_and_the_same_filters(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&level=3&open={CARINA_FOLDER}")
    before = manager.page.url
    with manager.page.context.expect_page() as opened:
        manager.row(CARINA_I2D).locator(".label").click(modifiers=["ControlOrMeta"])
    other = Manager(opened.value)

    expect(other.details.locator("h3")).to_have_text(CARINA_I2D.rpartition("/")[2])
    expect(other.facet("level", "3")).to_be_checked()
    expect(other.row(CARINA_I2D)).to_have_attribute("aria-current", "true")
    assert manager.page.url == before
    expect(manager.details).to_have_class(re.compile("idle"))


def test_a_bad_pattern_is_an_alert_and_changes_nothing_else(page: Page) -> None:
    manager = Manager(page)
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    before = manager.paths(), manager.headline.inner_text(), page.url

    manager.name.fill("[")

    expect(page.get_by_role("alert")).to_be_visible()
    manager.settle()
    assert (manager.paths(), manager.headline.inner_text(), page.url) == before
    expect(manager.name).to_have_value("[")
    manager.name.fill("*_i2d.fits")
    expect(page.locator("#chips")).to_contain_text("Name: *_i2d.fits")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_no_answer_at_all_is_said_and_the_next_click_works(page: Page, watch: Watch) -> None:
    watch.expect("ERR_")
    watch.expect("htmx:")
    manager = Manager(page)
    manager.fill(*CARINA)
    page.route("**/baskets/**", lambda route: route.abort())
    manager.facet("level", "3").check()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute_all()
    manager.facet("category", "SCIENCE").check()
    expect(page.locator("#chips")).to_contain_text("Science")
