"""axe finds nothing to complain about on any page, in both themes, on wide and narrow screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.manager import CARINA, CARINA_FOLDER, EXCLUSIVE, Manager

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Complaints, NewContext, Watch

URI = "mast:JWST/product/jw02731-o001_t017_nircam_clear-f444w_i2d.fits"


def test_observations(page: Page, complaints: Complaints) -> None:
    page.goto("/?mission=HLSP&mission=HST&q=M51")
    assert complaints(page) == []


def test_a_list_of_ids_and_what_was_found_of_it(page: Page, complaints: Complaints) -> None:
    page.goto("/observations/list")
    page.locator("#ids").fill("j97c11010 not-there")
    page.get_by_role("button", name="Find these").click()
    expect(page.locator("#review")).to_be_visible()
    assert complaints(page) == []


def test_the_hand_over_page(page: Page, complaints: Complaints) -> None:
    page.goto(f"/basket/add?obs={EXCLUSIVE}&obs=not-there")
    assert complaints(page) == []


def test_the_basket_with_a_file_open_and_headers_shown(manager: Manager, complaints: Complaints) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}&category=SCIENCE&category=PREVIEW&file={URI}")
    manager.page.locator("#tree .tick").nth(2).evaluate("tick => tick.click()")
    manager.settle()
    manager.details.get_by_text("FITS headers", exact=True).click()
    expect(manager.details.locator("pre.cards").first).to_be_visible()
    assert complaints(manager.page) == []


def test_the_basket_with_its_filters_in_front(manager: Manager, complaints: Complaints) -> None:
    manager.fill(*CARINA)
    manager.page.set_viewport_size({"width": 390, "height": 900})
    manager.page.locator("#chips [data-drawer]").click()
    manager.page.locator("#filters .hint summary").first.click()
    assert complaints(manager.page) == []


def test_the_basket_that_is_new(page: Page, complaints: Complaints) -> None:
    page.goto("/basket")
    assert complaints(page) == []


def test_the_basket_that_was_emptied_and_can_be_filled_again(manager: Manager, complaints: Complaints) -> None:
    manager.fill(*CARINA)
    manager.page.locator("#remove").click()
    manager.page.get_by_role("button", name="Remove all").click()
    expect(manager.alert).to_be_visible()
    assert complaints(manager.page) == []


def test_the_basket_with_exclusive_files_and_no_match(manager: Manager, complaints: Complaints) -> None:
    manager.fill(EXCLUSIVE)
    manager.page.get_by_role("link", name="Expand all").click()
    expect(manager.page.locator("#tree li.row.file").first).to_be_visible()
    found = complaints(manager.page)
    manager.open("name=nothing*")
    assert found + complaints(manager.page) == []


def test_someone_elses_basket(manager: Manager, new_context: NewContext, complaints: Complaints) -> None:
    manager.fill(*CARINA)
    guest = new_context().new_page()
    guest.goto(f"{manager.page.url}?mrp=0&open={CARINA_FOLDER}")
    assert complaints(guest) == []


def test_observations_in_the_basket(manager: Manager, complaints: Complaints) -> None:
    manager.fill(*CARINA)
    manager.page.goto(f"{manager.path}/observations")
    assert complaints(manager.page) == []


def test_the_check_page_the_delivery_and_the_history(manager: Manager, complaints: Complaints) -> None:
    manager.fill(EXCLUSIVE, CARINA[0])
    manager.select_matching()
    manager.otherwise("Script")
    expect(manager.page.locator("h1")).to_contain_text("exclusive: log in")
    found = complaints(manager.page)
    manager.page.get_by_role("button", name="you can have").click()
    expect(manager.page.get_by_role("link", name="Download skybasket_")).to_be_visible()
    found += complaints(manager.page)
    manager.page.goto("/history")
    assert found + complaints(manager.page) == []


def test_the_history_with_a_label_being_written_and_without_a_match(manager: Manager, complaints: Complaints) -> None:
    manager.fill(CARINA[0])
    manager.select_matching()
    manager.ask("script/sh")
    manager.page.goto("/history")
    manager.page.get_by_text("add a label").click()
    found = complaints(manager.page)
    manager.page.goto("/history?q=nothing")
    assert found + complaints(manager.page) == []


def test_the_files_of_a_download(manager: Manager, complaints: Complaints) -> None:
    manager.fill(CARINA[0])
    manager.select_matching()
    manager.ask("script/sh")
    manager.page.goto("/history")
    manager.page.get_by_role("link", name="Show the").click()
    expect(manager.page.locator(".origin")).to_be_visible()
    assert complaints(manager.page) == []


def test_a_share_its_form_and_the_list_of_shares(manager: Manager, complaints: Complaints) -> None:
    manager.fill(EXCLUSIVE)
    manager.select_matching()
    manager.page.get_by_role("link", name="Share").click()
    expect(manager.page.locator("#note")).to_be_visible()
    found = complaints(manager.page)
    manager.page.locator("#note").fill("A note.\nOf two lines.")
    manager.page.get_by_role("button", name="Share").click()
    manager.page.locator(".origin .menu summary").click()
    found += complaints(manager.page)
    manager.page.goto("/shares")
    assert found + complaints(manager.page) == []


def test_an_error(page: Page, watch: Watch, complaints: Complaints) -> None:
    watch.expect("404")
    page.goto("/baskets/not-there")
    assert complaints(page) == []
