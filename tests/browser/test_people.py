"""People: logging in by a password and at an institute, tokens, and files that are not everybody's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.little import Little, ticked
from tests.browser.manager import Manager
from tests.browser.town import SECRET, fill_in, log_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Complaints, NewContext, Watch
    from tests.browser.town import Town

STYLE = "cdn.jsdelivr.net"
FILE = "/api/v0.1/Download/file?uri=mast:JWST/"


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], people: Town) -> dict[str, Any]:
    """Every context looks at the town."""
    return browser_context_args | {"base_url": people.little.url}


def test_a_selection_begun_before_logging_in_goes_on_after_it(page: Page) -> None:
    manager = ticked(page, "set_0.fits")
    before = page.url
    log_in(page, "bob", manager.path)
    expect(page.locator("#alerts")).to_contain_text("Brought into your account: 1 basket.")
    page.goto(before)
    expect(manager.headline).to_contain_text("1 selected")
    manager.tick(Little.path("set_1.fits"))
    expect(manager.headline).to_contain_text("2 selected")


def test_what_an_account_has_is_there_on_another_machine(page: Page, new_context: NewContext) -> None:
    log_in(page, "cecilia")
    manager = ticked(page, "set_0.fits", "set_2.fits")
    elsewhere = new_context().new_page()
    log_in(elsewhere, "cecilia")
    elsewhere.goto(manager.path)
    expect(Manager(elsewhere).headline).to_contain_text("2 selected")


def test_after_logging_out_the_way_back_shows_nothing_private(page: Page, watch: Watch) -> None:
    watch.expect("401")
    log_in(page, "bob")
    page.goto("/account")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.locator(".person summary").click()
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_role("link", name="Log in", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Your account")).to_have_count(0)


@pytest.fixture
def plain_institute(page: Page, watch: Watch) -> Iterator[None]:
    """The provider's pages load their style from elsewhere; here they do without."""
    page.route(re.compile(f"^https://{STYLE}/"), lambda route: route.abort())
    watch.expect("net::ERR_FAILED")
    yield
    watch.hosts.discard(STYLE)


@pytest.mark.usefixtures("plain_institute")
def test_somebody_comes_by_their_institute(page: Page) -> None:
    manager = ticked(page, "set_0.fits")
    page.goto(f"/login?next={manager.path}")
    page.get_by_role("link", name="Log in with the Sky Institute").click()
    page.get_by_role("button", name="0f4c-42").click()
    expect(page.locator("#alerts")).to_contain_text("Logged in as hypatia. Brought into your account: 1 basket.")
    expect(manager.headline).to_contain_text("1 selected")
    page.goto("/account")
    expect(page.locator("main")).to_contain_text("This account has no password here")


@pytest.mark.usefixtures("plain_institute")
def test_who_refuses_at_the_institute_is_told_and_not_logged_in(page: Page, watch: Watch) -> None:
    watch.expect("403")
    page.goto("/login")
    page.get_by_role("link", name="Log in with the Sky Institute").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.locator("#problem")).to_contain_text("did not let you in")
    expect(page.get_by_role("link", name="Log in", exact=True)).to_be_visible()


def test_a_token_is_shown_once_and_works_until_it_is_revoked(page: Page, people: Town) -> None:
    log_in(page, "ada")
    page.goto("/tokens")
    page.get_by_label("What is it for?").fill("a notebook")
    page.get_by_role("button", name="Make the token").click()
    word = page.locator("#token").inner_text()
    page.reload()
    expect(page.locator("main")).not_to_contain_text(word)
    notebook = {"Authorization": f"token {word}"}
    stranger = page.context.browser
    assert stranger is not None
    api = stranger.new_context(base_url=people.little.url).request
    assert api.get(f"{FILE}{SECRET}", headers=notebook).ok
    page.goto("/tokens")
    page.get_by_role("button", name=re.compile(f"Revoke a notebook, which ends in {word[-4:]}")).click()
    expect(page.locator("#alerts")).to_contain_text("evoked")
    assert api.get(f"{FILE}{SECRET}", headers=notebook).status == 401
    api.dispose()


def test_a_locked_file_says_so_and_logging_in_leads_back_to_it(page: Page) -> None:
    manager = ticked(page, SECRET, "set_0.fits")
    row = manager.row(Little.path(SECRET))
    expect(row).to_contain_text("exclusive")
    expect(row.locator("use[href*='#lock']")).to_have_count(1)
    expect(manager.hint).to_contain_text("1 of them exclusive")
    manager.hint.get_by_role("link", name="log in").click()
    fill_in(page, "ada")
    expect(manager.row(Little.path(SECRET)).locator("use[href*='#lock']")).to_have_count(0)
    expect(manager.headline).to_contain_text("2 selected")
    expect(manager.hint).not_to_contain_text("exclusive")


def test_a_stranger_is_asked_to_log_in_or_to_take_the_rest(page: Page) -> None:
    ticked(page, SECRET, "set_0.fits", "set_1.fits")
    page.get_by_role("button", name="Download 3 files").click()
    finding = page.locator(".finding").first
    expect(finding).to_contain_text("1 of 3")
    expect(page.locator("main").get_by_role("link", name="log in")).to_be_visible()
    page.get_by_role("button", name="Download the 2 you can have").click()
    expect(page).to_have_url(re.compile("/deliveries/"))
    expect(page.locator("main")).to_contain_text("Not authorised")


def test_the_pages_of_people_have_nothing_to_complain_about(page: Page, complaints: Complaints, watch: Watch) -> None:
    watch.expect("410")
    page.goto("/login")
    found = complaints(page)
    page.goto("/signup")
    found += complaints(page)
    page.goto("/login/forgot")
    found += complaints(page)
    page.goto("/login/reset/over")
    found += complaints(page)
    log_in(page, "ada")
    for url in ("/account", "/account/delete", "/tokens", "/baskets", "/admin"):
        page.goto(url)
        expect(page.locator("main h1")).to_be_visible()
        found += complaints(page)
    page.goto("/tokens")
    page.get_by_label("What is it for?").fill("a notebook")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token")).to_be_visible()
    found += complaints(page)
    assert found == []


def test_the_page_of_the_api_has_nothing_to_complain_about(page: Page, complaints: Complaints) -> None:
    page.goto("/api/v1/")
    opened = page.locator("details.operation", has_text="/selection")
    opened.locator("summary").click()
    expect(opened.get_by_role("rowheader", name="filters")).to_be_visible()
    assert complaints(page) == []


def test_the_pages_of_administration_have_nothing_to_complain_about(page: Page, complaints: Complaints) -> None:
    log_in(page, "ada")
    page.goto("/admin")
    addresses = [link.get_attribute("href") for link in page.locator("main nav a").all()]
    assert len(addresses) > 3
    found = []
    for url in addresses:
        page.goto(url or "")
        found += complaints(page)
    assert found == []
