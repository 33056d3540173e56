"""The menu of a basket in a browser: its name, the others, its key."""

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


def test_the_page_of_a_key(manager: Manager, complaints: Complaints) -> None:
    page = manager.page
    page.goto(f"{named(manager, 'Carina', CARINA[0])}/key")
    found = complaints(page)
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("#word")).to_have_text(re.compile("^sbk_"))
    assert found + complaints(page) == []
