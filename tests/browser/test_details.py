"""Details of one file: they stay, open headers, and copy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.manager import CARINA, CARINA_FOLDER, CARINA_I2D, EXCLUSIVE, Manager

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

URI = "mast:JWST/product/jw02731-o001_t017_nircam_clear-f444w_i2d.fits"


def test_details_of_a_file_that_filters_hide_stay_and_say_so(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    manager.explain(CARINA_I2D)
    manager.facet("category", "PREVIEW").check()
    expect(manager.details).to_contain_text("Hidden by filters")
    expect(manager.details.locator("h3")).to_have_text(CARINA_I2D.rpartition("/")[2])
    manager.details.get_by_role("link", name="show").click()
    expect(manager.details).not_to_contain_text("Hidden by filters")
    expect(manager.row(CARINA_I2D)).to_have_attribute("aria-current", "true")


def test_fits_headers_open_and_can_be_searched(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}&file={URI}")
    manager.details.get_by_text("FITS headers", exact=True).click()
    cards = manager.details.locator("pre.cards")
    expect(cards.first).to_contain_text("SIMPLE")
    search = manager.details.get_by_label("Search the headers")
    search.press_sequentially("cal_ver", delay=40)
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("CAL_VER")
    expect(cards).not_to_contain_text("SIMPLE")
    expect(search).to_be_focused()
    expect(search).to_have_value("cal_ver")


def test_copy_buttons_copy_the_whole_value_and_say_so(page: Page, demo_archive: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    manager = Manager(page)
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}&file={URI}")

    def copied(what: str) -> str:
        page.locator("#live").evaluate("region => { region.textContent = ''; }")  # what the copy before said
        manager.details.get_by_role("button", name=f"Copy {what}").click()
        expect(page.locator("#live")).to_have_text("Copied")
        text: str = page.evaluate("navigator.clipboard.readText()")
        return text

    assert copied("the data URI") == URI
    link = copied("the direct link")
    assert page.request.get(link).body() == (demo_archive / URI.removeprefix("mast:")).read_bytes()
    assert re.fullmatch("[0-9a-f]{64}", copied("the SHA-256 checksum"))


def test_an_exclusive_file_says_so_and_offers_no_download(manager: Manager) -> None:
    manager.fill(EXCLUSIVE)
    manager.open("mrp=1")
    manager.page.get_by_role("link", name="Expand all").click()
    manager.page.locator("#tree li.row.file .label").first.click()
    expect(manager.details).to_contain_text("exclusive")
    expect(manager.details.get_by_role("link", name="Download this file")).to_have_count(0)


def test_closing_details_closes_them_in_the_address_too(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"open={CARINA_FOLDER}&file={URI}")
    manager.details.get_by_label("Close details").click()
    expect(manager.details.locator("h3")).to_have_count(0)
    expect(manager.page).not_to_have_url(re.compile("file="))
