"""Several baskets: named, merged, compared, brought back; one that follows its filters; steps that are undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.little import Little, ticked
from tests.browser.manager import Manager

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Complaints, Watch
    from tests.browser.town import Town


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], people: Town) -> dict[str, Any]:
    """Every context looks at the town."""
    return browser_context_args | {"base_url": people.little.url}


def named(page: Page, name: str, *files: str) -> str:
    """A new basket of this name, with these files ticked; its path."""
    page.goto("/baskets")
    page.get_by_label("Name of the new basket").fill(name)
    page.get_by_role("button", name="New basket").click()
    expect(page.locator("#this-basket > summary")).to_contain_text(name)
    return ticked(page, *files).path


def test_two_baskets_are_compared_and_the_difference_becomes_a_selection(page: Page, complaints: Complaints) -> None:
    first = named(page, "Spectra", "set_0.fits")
    named(page, "Images", "set_0.fits", "back_0.fits")
    page.locator("#this-basket > summary").click()
    page.locator("#this-basket").get_by_role("link", name="Compare with another").click()
    found = complaints(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Spectra").click()
    only_here = page.locator("section.group").filter(has=page.locator("#group-a"))
    expect(only_here).to_contain_text("2 files")
    expect(page.locator("section.group").filter(has=page.locator("#group-both"))).to_contain_text("3 files")
    assert found + complaints(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    only_here.get_by_role("button", name="Select these in A").click()
    expect(Manager(page).headline).to_contain_text("2 selected")
    expect(page.locator("#alerts")).to_contain_text("Undo")
    assert first not in page.url


def test_baskets_are_merged_into_a_new_one_and_undo_takes_it_away(page: Page, complaints: Complaints) -> None:
    named(page, "Spectra", "set_0.fits")
    named(page, "Images", "back_0.fits", "back_1.fits")
    page.goto("/baskets")
    assert complaints(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    for name in ("Spectra", "Images"):
        page.get_by_label(f"Merge {name}").check()
    page.get_by_label("Name of the merged basket").fill("All of it")
    page.get_by_role("button", name="Merge the ticked ones").click()
    expect(page.locator("#alerts")).to_contain_text("All of it")
    page.goto("/basket")
    expect(Manager(page).headline).to_contain_text("3 selected")
    page.goto("/baskets")
    expect(page.locator("tbody th").filter(has_text="All of it")).to_have_count(1)


def test_a_deleted_basket_is_brought_back_by_undo(page: Page, complaints: Complaints, watch: Watch) -> None:
    watch.expect("410")
    path = named(page, "Spectra", "set_0.fits")
    page.locator("#this-basket > summary").click()
    page.locator("#this-basket").get_by_role("button", name="Delete").click()
    beside = page.context.new_page()
    beside.goto(path)
    assert complaints(beside) == []
    page.locator("#alerts").get_by_role("button", name="Undo").click()
    page.goto(f"{path}?mrp=0")
    expect(Manager(page).headline).to_contain_text("1 selected")


def test_a_locked_basket_cannot_be_ticked_until_it_is_unlocked(page: Page) -> None:
    path = named(page, "Spectra", "set_0.fits")
    page.locator("#this-basket > summary").click()
    page.locator("#this-basket").get_by_role("button", name="Lock").click()
    expect(page.locator("#actions")).to_contain_text("locked")
    expect(page.locator("#tree .tick").first).to_be_disabled()
    page.locator("#actions .push").get_by_role("button", name="Unlock").click()
    expect(page.locator("#tree .tick").first).to_be_enabled()
    assert path in page.url


def test_a_basket_that_follows_its_filters_offers_just_what_is_new(
    page: Page, people: Town, complaints: Complaints
) -> None:
    path = named(page, "Following", "wide_0.fits")
    page.goto(f"{path}?mrp=0&ext=fits")
    page.get_by_role("button", name="Follow these filters").click()
    expect(page.locator("#rule")).to_contain_text("Follows:")
    new = add_file(people, "wide")
    page.goto(f"{path}?mrp=0")
    expect(page.locator("#rule")).to_contain_text("+1 new")
    assert complaints(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#rule").get_by_role("button", name="Select this file").click()
    manager = Manager(page)
    expect(manager.headline).to_contain_text("1 selected")
    page.get_by_role("link", name="Expand all").click()
    expect(page.locator("#tree")).to_contain_text(new.removesuffix(".fits"))
    page.goto(f"{path}/steps")
    assert complaints(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("main").get_by_role("button", name="Undo").first.click()
    page.goto(f"{path}?mrp=0&open=JWST/wide")
    expect(manager.row(Little.path("wide_0.fits")).locator(".tick")).to_have_class("tick true")
    page.locator("#rule").get_by_role("button", name="Mark as seen").click()
    expect(page.locator("#rule")).not_to_contain_text("new")


def test_unticking_everything_can_be_undone(page: Page) -> None:
    manager = ticked(page, "set_0.fits", "set_1.fits")
    page.locator("#files").get_by_role("button", name="none", exact=True).click()
    expect(manager.headline).to_contain_text("None selected")
    page.locator("#alerts").get_by_role("button", name="Undo").click()
    expect(manager.headline).to_contain_text("2 selected")


def add_file(people: Town, observation: str) -> str:
    """The archive gets one more file of an observation; its name."""
    name = f"{observation}_{len(list(people.little.store.rglob('*')))}.fits"
    (people.little.store / "JWST" / name).write_bytes(b"x" * 1000)
    row = {"obs_id": observation, "dataURI": f"mast:JWST/{name}", "productFilename": name, "size": 1000}
    table = people.little.home / f"{name}.json"
    table.write_text(json.dumps([row | {"dataRights": "PUBLIC"}]))
    people.run("ingest", "table", str(table))
    return name
