"""Every destructive step has Undo; another's basket can be read and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.manager import CARINA, CARINA_FOLDER, CARINA_I2D, EXCLUSIVE, Manager

if TYPE_CHECKING:
    from tests.browser.conftest import NewContext


def test_removed_files_come_back_with_undo_and_so_does_their_tick(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    before = manager.paths()
    manager.tick(CARINA_I2D)
    expect(manager.headline).to_contain_text("1 selected")

    remove(manager, "Remove 1 selected")
    expect(manager.alert).to_contain_text("Removed 1 file")
    expect(manager.row(CARINA_I2D)).to_have_count(0)
    manager.alert.get_by_role("button", name="Undo").click()

    expect(manager.row(CARINA_I2D)).to_have_attribute("aria-checked", "true")
    expect(manager.headline).to_contain_text("1 selected")
    assert manager.paths() == before
    manager.reload()
    assert manager.paths() == before


def test_remove_all_leaves_an_empty_basket_and_undo_fills_it_again(manager: Manager) -> None:
    manager.fill(*CARINA)
    manager.open("mrp=0")
    before = manager.paths()
    remove(manager, "Remove all 128")
    expect(manager.page.get_by_role("heading", name="This basket is empty")).to_be_visible()
    expect(manager.page.locator("#basket-count")).to_be_hidden()
    manager.alert.get_by_role("button", name="Undo").click()
    expect(manager.rows).to_have_count(len(before))
    expect(manager.page.locator("#basket-count")).to_have_text("128")
    assert manager.paths() == before


def test_a_removed_observation_comes_back_with_undo(manager: Manager) -> None:
    manager.hand_over(*CARINA)
    manager.page.get_by_role("link", name="Observations in this basket (2)").click()
    heading = manager.page.locator("h1")
    manager.page.get_by_role("button", name="Remove jw02731-o001_t017_nircam_clear-f444w").click()
    expect(heading).to_have_text("Observations in this basket (1)")
    manager.page.get_by_role("button", name="Undo").click()
    expect(heading).to_have_text("Observations in this basket (2)")


def test_anothers_basket_can_be_read_and_copied_but_not_changed(manager: Manager, new_context: NewContext) -> None:
    path = manager.fill(*CARINA)
    manager.open(f"mrp=0&level=3&open={CARINA_FOLDER}")
    manager.tick(CARINA_I2D)
    expect(manager.headline).to_contain_text("1 selected")

    guest = Manager(new_context().new_page())
    guest.page.goto(manager.page.url)
    assert guest.paths() == manager.paths()
    expect(guest.headline).to_contain_text("1 selected")
    expect(guest.row(CARINA_I2D).locator(".tick")).to_be_disabled()
    expect(guest.page.get_by_text("Remove", exact=True)).to_have_count(0)
    guest.row(CARINA_I2D).focus()
    guest.page.keyboard.press("Space")
    guest.settle()
    expect(guest.row(CARINA_I2D)).to_have_attribute("aria-checked", "true")
    guest.facet("category", "SCIENCE").check()
    expect(guest.page.locator("#chips")).to_contain_text("Science")

    guest.page.get_by_role("button", name="Copy to my basket").click()
    expect(guest.alert).to_contain_text("your own copy")
    assert guest.path != path
    expect(guest.facet("level", "3")).to_be_checked()
    expect(guest.headline).to_contain_text("1 selected")
    guest.tick(CARINA_I2D)
    expect(guest.headline).to_have_text("None selected")
    manager.reload()
    expect(manager.headline).to_contain_text("1 selected")


def test_a_download_with_exclusive_files_asks_first(manager: Manager) -> None:
    manager.fill(EXCLUSIVE)
    manager.select_matching()
    manager.page.get_by_role("button", name="Download").click()
    expect(manager.page.locator("h1")).to_contain_text("exclusive: log in")
    manager.page.get_by_role("link", name="Back to the basket").click()
    expect(manager.headline).to_contain_text("selected ·")


def remove(manager: Manager, what: str) -> None:
    manager.page.locator("#remove").click()
    manager.page.get_by_role("button", name=what).click()
