"""Choosing a way to download in a real browser: by mouse, by keyboard alone, without JavaScript; axe looks at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.manager import CARINA, EXCLUSIVE, Manager, refresh_until_over

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Complaints, NewContext


@pytest.fixture
def ways(manager: Manager) -> Page:
    """The page for the recommended files of one observation, reached by the menu."""
    manager.fill(CARINA[0])
    manager.select_matching()
    manager.page.locator("#ways > summary").click()
    manager.page.get_by_role("link", name="All ways").click()
    expect(current(manager.page)).to_have_text(re.compile("^Shell script"))
    return manager.page


def current(page: Page) -> Locator:
    return page.locator("#ways-list a[aria-current]")


def ready(page: Page) -> None:
    expect(page.locator("#delivery")).to_have_attribute("data-state", "Ready", timeout=30_000)


def test_a_way_is_chosen_made_and_its_command_line_copied(ways: Page) -> None:
    ways.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ways.locator("#way-list-csv").click()
    expect(current(ways)).to_have_text(re.compile("^CSV table"))
    expect(ways.locator("pre.code")).to_contain_text("_i2d.fits")
    ways.locator("#way-script-py").click()
    expect(ways.locator("pre.code")).to_contain_text("#!/usr/bin/env python3")
    assert "as=script/py" in ways.url
    ways.go_back()
    expect(current(ways)).to_have_text(re.compile("^CSV table"))
    ways.go_forward()
    expect(current(ways)).to_have_text(re.compile("^Python script"))
    ways.get_by_role("button", name=re.compile(r"Make this script for \d+ files")).click()
    ready(ways)
    name = ways.locator("#delivery h1").inner_text()
    ways.get_by_role("button", name="Copy the command line").click()
    expect(ways.locator("#live")).to_have_text("Copied")
    copied = ways.evaluate("navigator.clipboard.readText()")
    assert copied == f"curl -fsSO {ways.url}/{name}.py && python3 {name}.py"


def test_a_way_is_chosen_and_made_by_keyboard_alone(ways: Page) -> None:
    keys = ways.keyboard
    ways.locator("#way-script-sh").focus()
    list_pane = ways.locator("#ways-list")
    while ways.evaluate("document.activeElement.id") != "way-list-votable":
        keys.press("Tab")
    scrolled = list_pane.evaluate("pane => pane.scrollTop")
    keys.press("Enter")
    expect(current(ways)).to_have_text(re.compile("^VOTable"))
    expect(ways.locator("#way-list-votable")).to_be_focused()
    assert list_pane.evaluate("pane => pane.scrollTop") == scrolled
    expect(ways.locator("#live")).to_have_text(re.compile("^VOTable"))
    while ways.evaluate("document.activeElement.id") != "flat":
        keys.press("Tab")
    keys.press("Space")
    expect(ways).to_have_url(re.compile("&flat=1"))
    expect(ways.locator("#flat")).to_be_focused()
    expect(ways.locator("#flat")).to_be_checked()
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    expect(ways.get_by_role("button", name="Make this list")).to_be_focused()
    keys.press("Enter")
    ready(ways)
    expect(ways.locator("#delivery")).to_contain_text("VOTable for")


def test_it_works_without_javascript(new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    manager = Manager(page)
    manager.fill(CARINA[0])
    manager.select_matching()
    page.goto(f"{manager.path}/methods?as=script/py")
    page.locator("#way-list-jsonl").click()
    expect(page.locator("pre.code")).to_contain_text("{")
    page.get_by_role("button", name="Make this list").click()
    refresh_until_over(page)
    expect(page.locator("#delivery")).to_contain_text("JSON Lines for")


def test_axe_finds_nothing_to_complain_about(manager: Manager, complaints: Complaints) -> None:
    manager.fill(EXCLUSIVE)
    manager.open("mrp=0")
    page = manager.page
    page.goto(f"{manager.path}/methods")
    found = complaints(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    manager.open("mrp=0")
    manager.select_matching()
    for way in ("script/sh", "list/votable"):
        page.goto(f"{manager.path}/methods?as={way}&mrp=0")
        found += complaints(page)
    assert found == []
