"""The Download History and shares, as people use them: with scripts in the browser, with a second browser, without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.manager import CARINA, CARINA_FOLDER, CARINA_I2D, Manager

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import NewContext, Watch

CATALOG = f"{CARINA_FOLDER}/jw02731-o001_t017_nircam_clear-f444w_cat.ecsv"


def download(manager: Manager, *paths: str) -> None:
    """Ask for a script of these files alone."""
    manager.page.goto("/basket?")
    path = manager.path
    manager.page.request.post(f"{path}/selection", form={"set": "none", "back": "mrp=0"})
    for each in paths:
        manager.page.request.post(f"{path}/selection", form={"path": each, "on": "1", "back": "mrp=0"})
    manager.ask("script/sh", "mrp=0")


@pytest.fixture
def past(manager: Manager) -> Manager:
    """A visitor who has downloaded twice, and looks at the history."""
    manager.fill(*CARINA)
    download(manager, CARINA_I2D)
    download(manager, CARINA_I2D, CATALOG)
    manager.page.goto("/history")
    expect(rows(manager.page)).to_have_count(2)
    return manager


def rows(page: Page) -> Locator:
    return page.locator("#history tbody tr")


def share(manager: Manager) -> str:
    """Share a basket with one file ticked; the share's address."""
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    manager.tick(CARINA_I2D)
    manager.settle()
    manager.page.get_by_role("link", name="Share").click()
    manager.page.locator("#title").fill("Carina <i>mosaic</i>")
    manager.page.get_by_role("button", name="Share 1 file").click()
    expect(manager.page).to_have_url(re.compile(r"/s/[\w-]{22}\?mrp=0$"))
    return manager.page.url


def test_the_history_is_searched_as_one_types_and_the_address_says_what_is_shown(past: Manager) -> None:
    page = past.page
    page.locator("#q").fill("nothing of this name")
    expect(page.locator("#history")).to_contain_text("No download matches")
    expect(page).to_have_url(re.compile(r"/history\?q=nothing\+of\+this\+name$"))
    page.locator("#q").fill("skybasket_")
    expect(rows(page)).to_have_count(2)
    page.locator("#method").select_option("bundle")
    expect(page.locator("#history")).to_contain_text("No download matches")
    page.get_by_role("link", name="Show all 2").click()
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#q")).to_have_value("")


def test_a_filter_by_state_survives_a_reload(past: Manager) -> None:
    page = past.page
    page.locator("#state").select_option("Failed")
    expect(page.locator("#history")).to_contain_text("No download matches")
    page.reload()
    expect(page.locator("#state")).to_have_value("Failed")
    expect(page.locator("#history")).to_contain_text("No download matches")


def test_a_download_gets_a_label_and_is_found_by_it(past: Manager) -> None:
    page = past.page
    rows(page).nth(1).get_by_text("add a label").click()
    rows(page).nth(1).locator("input[name=label]").fill("for the talk")
    rows(page).nth(1).get_by_role("button", name="Save").click()
    expect(rows(page).nth(1)).to_contain_text("for the talk")
    assert page.url.endswith("/history")
    page.locator("#q").fill("TALK")
    expect(rows(page)).to_have_count(1)


def test_a_deleted_download_comes_back_by_undo(past: Manager) -> None:
    page = past.page
    rows(page).first.get_by_role("button", name="Delete").click()
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#alerts")).to_contain_text("from the history.")
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(2)


def test_the_files_of_a_download_are_chosen_from_again_and_put_into_the_basket(past: Manager) -> None:
    page = past.page
    page.get_by_role("link", name="Show the 2 files").click()
    expect(page.locator(".origin")).to_contain_text("Files of skybasket_")
    expect(past.headline).to_have_text("None selected")
    before = page.locator("#basket-count").inner_text()
    page.get_by_role("button", name="matching").click()
    expect(past.headline).to_contain_text("2 selected")
    expect(page.locator("#basket-count")).to_have_text(before)
    page.get_by_role("button", name="Put 2 files into my basket").click()
    expect(past.alert).to_contain_text("All of them were already in your basket.")
    past.toggle(CARINA_FOLDER)
    expect(past.row(CARINA_I2D)).to_be_visible()
    expect(page.locator(".origin")).to_be_visible()


def test_a_share_is_opened_by_somebody_else_copied_and_then_revoked(
    manager: Manager, new_context: NewContext, watch: Watch
) -> None:
    url = share(manager)
    guest = Manager(new_context().new_page())
    guest.page.goto(url.partition("?")[0])
    expect(guest.page).to_have_url(url)
    expect(guest.page.locator(".origin")).to_contain_text("Carina <i>mosaic</i>")
    expect(guest.headline).to_contain_text("1 selected")
    expect(guest.page.get_by_role("button", name="Download 1 file")).to_be_visible()
    guest.facet("mrp", "1").check()
    expect(guest.page).to_have_url(re.compile(r"mrp=1$"))
    guest.facet("mrp", "1").uncheck()
    expect(guest.page).to_have_url(re.compile(r"mrp=0$"))
    guest.toggle(CARINA_FOLDER)
    expect(guest.row(CARINA_I2D).locator(".tick")).to_be_disabled()
    guest.explain(CARINA_I2D)
    expect(guest.page).to_have_url(re.compile(r"/s/[\w-]+\?mrp=0&file="))

    guest.page.get_by_role("button", name="Copy to my basket").click()
    expect(guest.page).to_have_url(re.compile(r"/baskets/"))
    expect(guest.headline).to_contain_text("1 selected")
    guest.tick(CARINA_I2D)
    expect(guest.headline).to_have_text("None selected")

    manager.page.get_by_role("button", name="Revoke").click()
    expect(manager.alert).to_contain_text("Revoked")
    watch.expect("410")
    guest.page.goto(url)
    expect(guest.page.locator("h1")).to_have_text("This share was revoked by the person who made it.")
    manager.page.get_by_role("button", name="Undo").click()
    expect(manager.alert).to_contain_text("The link can be opened again.")
    guest.page.goto(url)
    expect(guest.headline).to_contain_text("1 selected")


def test_shares_and_history_work_without_javascript(manager: Manager, new_context: NewContext) -> None:
    url = share(manager)
    page = new_context(java_script_enabled=False).new_page()
    page.goto(url)
    page.get_by_role("button", name="Copy to my basket").click()
    expect(page).to_have_url(re.compile(r"/baskets/"))
    Manager(page).ask("script/sh", "mrp=0")
    page.goto("/history")
    page.locator("#method").select_option("script")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("method=script"))
    expect(rows(page)).to_have_count(1)
    page.get_by_text("add a label").click()
    page.locator("input[name=label]").fill("without")
    page.get_by_role("button", name="Save").click()
    expect(rows(page)).to_contain_text("without")
    rows(page).get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(1)
