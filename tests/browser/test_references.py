"""Calibration references in a real browser: by mouse, by keyboard alone, without JavaScript; axe looks at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.manager import CARINA, Manager

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Complaints, NewContext

FLAT = 'input[name="type"][value="JWST/nircam/flat"]'


@pytest.fixture
def ticked(manager: Manager) -> Manager:
    """All files of two mosaics are ticked; Recommended is too, as it is at first."""
    manager.fill(*CARINA)
    manager.open("mrp=0")
    manager.select_matching()
    manager.open()
    return manager


def opened(manager: Manager) -> Page:
    """The page of references, by the control's own way."""
    page = manager.page
    page.get_by_role("link", name="Untick “Recommended products only” first").click()
    page.get_by_role("link", name="Retrieve references").click()
    expect(page.locator("h1")).to_contain_text("references of")
    return page


def button(page: Page) -> Locator:
    return page.locator("#add")


def files_of(page: Page, type_box: str) -> Locator:
    """The boxes of the files of a type."""
    return page.locator(f".branches li:has(> .box > {type_box}) .files input")


def test_references_are_looked_at_ticked_by_type_added_and_taken_back(ticked: Manager) -> None:
    page = opened(ticked)
    expect(button(page)).to_be_disabled()
    used = page.locator(".files li", has_text=re.compile("^jwst_nircam_flat")).first.locator("a")
    said = used.inner_text()
    used.click()
    expect(page.locator("#used h3")).to_contain_text("jwst_nircam_flat")
    users = int(said.split()[2])
    expect(page.locator("#used > ul > li")).to_have_count(users)
    expect(page.locator("#used > ul > li").first).to_contain_text(re.compile(r"R_FLAT, jwst_\d+\.pmap"))
    page.locator(FLAT).check()
    count = files_of(page, FLAT).count()
    expect(button(page)).to_have_text(re.compile(rf"^Add {count} reference files? \([\d.]+ kB\)$"))
    promised = button(page).inner_text()
    button(page).click()

    expect(ticked.alert).to_contain_text(promised.replace("Add ", "Added "))
    expect(ticked.row("JWST/references/")).to_have_attribute("aria-checked", "true")
    expect(page.locator('#tree .tick[value^="JWST/references/jwst_nircam_flat"]')).to_have_count(count)
    for facet, value in (("category", "CALIBRATION"), ("type", "reference")):
        of = ticked.facet(facet, value).locator("xpath=ancestor::div[contains(@class, 'value')]").locator("em")
        expect(of).to_have_text(f"{count} of {count}")
    page.get_by_role("button", name="Undo").click()
    expect(ticked.alert).to_contain_text("Undone")
    expect(ticked.row("JWST/references/")).to_have_count(0)


def test_boxes_above_say_what_is_ticked_below(ticked: Manager) -> None:
    page = opened(ticked)
    everything, instrument, box = (page.locator(each) for each in ('[name="all"]', '[value="JWST/nircam"]', FLAT))
    state = "box => [box.checked, box.indeterminate]"
    files_of(page, FLAT).first.check()
    expect(page.locator("#live")).to_have_text(re.compile(r"^1 reference file \(.*\) ticked$"))
    few = files_of(page, FLAT).count() > 1
    assert [each.evaluate(state) for each in (everything, instrument)] == [[False, True]] * 2
    assert box.evaluate(state) == [not few, few]
    everything.check()
    total = page.locator('.files input[type="checkbox"]').count()
    expect(button(page)).to_contain_text(f"Add {total} reference files")
    files_of(page, FLAT).first.uncheck()
    expect(button(page)).to_contain_text(f"Add {total - 1} reference files")
    assert [each.evaluate(state) for each in (everything, instrument)] == [[False, True]] * 2
    everything.check()
    everything.uncheck()
    expect(button(page)).to_be_disabled()
    assert page.locator("#pick input:checked").count() == 0


def test_it_is_done_by_keyboard_alone(ticked: Manager) -> None:
    page, keys = ticked.page, ticked.page.keyboard
    page.get_by_role("link", name="Untick “Recommended products only” first").focus()
    keys.press("Enter")
    retrieve = page.get_by_role("link", name="Retrieve references")
    expect(retrieve).to_be_focused()
    keys.press("Enter")
    expect(page.locator("h1")).to_contain_text("references of")

    page.locator('[name="all"]').focus()
    tab_until(page, "summary")
    keys.press("Enter")
    expect(page.locator(".branches > li > details").first).not_to_have_attribute("open", "")
    keys.press("Enter")
    tab_until(page, '.files a[href*="used="]')
    keys.press("Enter")
    expect(page.locator("#used-title")).to_be_focused()
    expect(page.locator("#live")).to_have_text(re.compile(r"^jwst_\S+ is used by \d+ files?$"))
    keys.press("Escape")
    expect(page.locator(".files a").first).to_be_focused()
    expect(page.locator("#used")).to_have_class(re.compile("idle"))
    tab_until(page, 'input[name="type"]')
    keys.press("ArrowDown")
    expect(page.locator(":focus")).to_have_attribute("name", "uri")
    keys.press("ArrowUp")
    keys.press("Space")
    expect(button(page)).to_be_enabled()
    keys.press("Enter")
    expect(ticked.alert).to_contain_text("ticked.")


def tab_until(page: Page, selector: str) -> None:
    """Go forward to the next element that is such."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(selector)


def test_it_works_without_javascript(new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    manager = Manager(page)
    manager.fill(*CARINA)
    manager.open("mrp=0")
    manager.select_matching()
    page.get_by_role("link", name="Retrieve references").click()
    page.locator(".files a").first.click()
    expect(page.locator("#used > ul > li").first).to_contain_text("pmap")
    page.get_by_role("button", name="Add the ticked reference files").click()
    expect(manager.alert).to_contain_text("No reference file was ticked")
    count = files_of(page, FLAT).count()
    page.locator(FLAT).check()
    page.get_by_role("button", name="Add the ticked reference files").click()
    expect(manager.alert).to_contain_text(f"Added {count} reference file")
    expect(page.locator('#tree .tick[value^="JWST/references/jwst_nircam_flat"]')).to_have_count(count)


def test_ticks_stay_when_the_list_of_a_type_is_fetched(ticked: Manager) -> None:
    page = opened(ticked)
    place = page.locator(f".branches li:has(> .box > {FLAT})")
    page.evaluate(CLOSE, FLAT)  # as if the page had more files than it lists
    page.locator('[name="all"]').check()
    promised = button(page).inner_text()
    place.locator("summary").click()
    expect(place.locator(".files input").first).to_be_checked()
    expect(button(page)).to_have_text(promised)
    page.locator('[name="all"]').uncheck()
    expect(button(page)).to_be_disabled()


CLOSE = """box => {
    const type = document.querySelector(box).closest("li");
    const details = type.querySelector("details");
    const list = details.querySelector("ul");
    details.open = false;
    details.setAttribute("hx-get", `${location.pathname}${location.search}&of=${document.querySelector(box).value}`);
    details.setAttribute("hx-trigger", "toggle once");
    details.setAttribute("hx-target", `#${list.id}`);
    details.setAttribute("hx-replace-url", "false");
    list.replaceChildren();
    list.className = "";
    return new Promise((done) => setTimeout(() => { htmx.process(details); done(); }));
}"""


def test_axe_finds_nothing_to_complain_about(ticked: Manager, new_context: NewContext, complaints: Complaints) -> None:
    found = complaints(ticked.page)  # the control says what it needs
    ticked.page.set_viewport_size({"width": 1440, "height": 900})
    page = opened(ticked)
    page.locator(FLAT).check()
    page.locator(".about summary").first.click()
    page.locator(".files a").first.click()
    expect(page.locator("#used h3")).to_be_visible()
    found += complaints(page)
    guest = new_context().new_page()
    guest.goto(page.url.partition("?")[0])
    found += complaints(guest)
    assert found == []
