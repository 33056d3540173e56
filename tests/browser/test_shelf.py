"""Several baskets in a browser: the menu of one, and the list of all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.manager import CARINA, EXCLUSIVE, Manager

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Complaints


def named(manager: Manager, name: str, *obs_ids: str) -> str:
    """A new basket of that name, with its page open; its path."""
    manager.page.goto("/baskets")
    manager.page.get_by_label("Name of the new basket").fill(name)
    manager.page.get_by_role("button", name="New basket").click()
    expect(manager.page.locator("#this-basket summary")).to_contain_text(name)
    return manager.fill(*obs_ids)


def menu(page: Page) -> None:
    page.locator("#this-basket summary").click()


def test_a_basket_is_renamed_in_place_and_another_is_a_click_away(manager: Manager, complaints: Complaints) -> None:
    first = named(manager, "Carina", CARINA[0])
    named(manager, "Exclusive", EXCLUSIVE)
    menu(manager.page)
    assert complaints(manager.page) == []
    manager.page.get_by_label("Name of Exclusive").fill("Early")
    manager.page.get_by_role("button", name="Rename").click()
    expect(manager.page.locator("#this-basket summary")).to_contain_text("Early")
    menu(manager.page)
    manager.page.get_by_role("link", name=re.compile(r"Carina \d+ files")).click()
    manager.page.wait_for_url(f"**{first}*")


def test_the_menu_is_there_after_a_tick_and_locks(manager: Manager, complaints: Complaints) -> None:
    named(manager, "Carina", CARINA[0])
    manager.select_matching()
    menu(manager.page)
    manager.page.get_by_role("button", name="Lock").click()
    expect(manager.page.locator("#actions .tag.lock")).to_have_text("locked")
    assert complaints(manager.page) == []
    manager.page.get_by_role("button", name="Unlock").last.click()
    expect(manager.page.locator("#actions .tag.lock")).to_have_count(0)


def test_two_baskets_are_merged_and_undo_takes_that_back(manager: Manager, complaints: Complaints) -> None:
    named(manager, "Carina", CARINA[0])
    named(manager, "Exclusive", EXCLUSIVE)
    page = manager.page
    page.goto("/baskets")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Merge").click()
    expect(manager.alert).to_contain_text("Merged 2 baskets into ")
    assert complaints(page) == []
    manager.alert.get_by_role("button", name="Undo").click()
    expect(manager.alert).to_contain_text("Deleted ")
    expect(page.get_by_role("heading", name="Recently deleted")).to_be_visible()
    assert complaints(page) == []


def test_the_page_of_a_key(manager: Manager, complaints: Complaints) -> None:
    page = manager.page
    page.goto(f"{named(manager, 'Carina', CARINA[0])}/key")
    found = complaints(page)
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("#word")).to_have_text(re.compile("^sbk_"))
    assert found + complaints(page) == []
