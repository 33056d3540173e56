"""An association opens as a tree in the details, and its members lead to their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Complaints
    from tests.browser.manager import Manager

ASN, MEMBER = "HST/j97c11010/j97c11010_asn.fits", "HST/j97c11s4q/j97c11s4q_flc.fits"


def test_an_association_opens_as_a_tree_whose_members_open_by_mouse(manager: Manager, complaints: Complaints) -> None:
    manager.fill("j97c11010")
    manager.open("mrp=0&open=HST/j97c11010&open=HST/j97c11s4q")
    manager.explain(ASN)
    manager.details.get_by_text("Association", exact=True).click()
    lines = manager.details.locator("#association li li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_have_text(re.compile(r"j97c11s4q_flc\.fits EXP-DTH, dithered in this basket$"))
    manager.tick(MEMBER)
    expect(lines.first).to_have_text(re.compile("in this basket, ticked$"))  # still open
    assert complaints(manager.page) == []
    manager.page.set_viewport_size({"width": 1440, "height": 900})
    lines.first.get_by_role("link").click()
    expect(manager.details.locator("h3")).to_have_text("j97c11s4q_flc.fits")
    expect(manager.row(MEMBER)).to_have_attribute("aria-current", "true")
    assert manager.details.evaluate("pane => pane.scrollTop") == 0
    manager.page.go_back()
    expect(manager.details.locator("h3")).to_have_text("j97c11010_asn.fits")


def test_an_association_opens_and_leads_on_by_keyboard_alone(manager: Manager) -> None:
    manager.fill("j97c11010")
    manager.open("mrp=0&sort=size&file=mast:HST/product/j97c11010_asn.fits")
    press = manager.page.keyboard.press
    manager.details.get_by_text("Association", exact=True).focus()
    press("Enter")
    expect(manager.details.locator("#association li li")).to_have_count(2)
    press("Tab")
    expect(manager.details.get_by_role("link", name="j97c11010_drc.fits")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(manager.details.locator("h3")).to_have_text("j97c11s4q_flc.fits")
    expect(manager.page.locator("#details-title")).to_be_focused()
    state = parse_qs(urlsplit(manager.page.url).query)
    assert (state["sort"], state["open"]) == (["size"], ["HST/j97c11s4q"])
