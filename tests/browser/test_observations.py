"""The Observations page in a real browser: what its script adds, and that nothing needs it."""

from __future__ import annotations

import re
import shutil
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.fixtures.catalogue import Catalogue
from tests.fixtures.webapp import application
from webapp.context import EXTENSION
from webapp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Complaints, NewContext, Watch


@pytest.fixture(scope="module")
def live(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over 120 observations: 60 of HST, 60 of JWST, of which one has a file."""
    folder = tmp_path_factory.mktemp("live")
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'skybasket.db')}"
    app = application(Settings(home=folder, spool=folder, secret="for tests", database_url=url))  # noqa: S106 - it says so
    engine = app.extensions[EXTENSION].engine
    catalogue = Catalogue(engine)
    for mission, target, ra in (("HST", "M16", 10.0), ("JWST", "M87", 20.0)):
        fields = {"mission": mission, "target": target, "ra": ra, "dec": 0.0}
        catalogue.many([{"obs_id": f"{mission[0].lower()}{i:02d}", **fields} for i in range(60)])
    catalogue.product("j00_cal.fits", 61)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.dispose()


def test_typing_keeps_its_place_while_the_answer_comes_and_back_brings_the_search_before(page: Page, live: str) -> None:
    page.goto(live)
    page.get_by_label("HST", exact=True).check()
    expect(page).to_have_url(f"{live}/?mission=HST")

    page.get_by_label("Observation id, target or proposal").focus()
    page.keyboard.insert_text("h0")  # at once: two searches would be two steps back
    expect(page).to_have_url(re.compile("q=h0$"))

    expect(page.locator("h1")).to_have_text("10 observations")
    expect(page.locator("#q")).to_be_focused()
    page.go_back()
    expect(page.locator("h1")).to_have_text("60 observations")
    expect(page.locator("#q")).to_have_value("")
    expect(page.get_by_label("HST", exact=True)).to_be_checked()


def test_a_ticked_filter_keeps_the_focus(page: Page, live: str) -> None:
    page.goto(live)

    page.get_by_label("HST", exact=True).focus()
    page.keyboard.press("Space")

    expect(page.locator("h1")).to_have_text("60 observations")
    expect(page.get_by_label("HST", exact=True)).to_be_focused()


def test_marks_outlive_paging_and_reload_and_go_when_they_are_added(page: Page, live: str) -> None:
    page.goto(live)
    expect(page.locator("#add")).to_be_disabled()
    page.get_by_label("h02", exact=True).check()
    page.get_by_role("link", name="Next").click()
    page.get_by_label("j00", exact=True).check()
    page.reload()

    expect(page.locator("#add")).to_have_text("Add 2 observations to basket")
    expect(page.locator("#marked")).to_have_text("· 2 marked")
    page.locator("#add").click()

    expect(page.locator("#alerts")).to_contain_text("Added 2 observations.")
    expect(page.locator("#basket-count")).to_have_text("1")
    expect(page.locator("#marked")).to_have_text("")
    expect(page).to_have_url(f"{live}/?page=2")


def test_shift_and_a_click_mark_a_stretch(page: Page, live: str) -> None:
    page.goto(live)

    page.get_by_label("h02", exact=True).click()
    page.get_by_label("h06", exact=True).click(modifiers=["Shift"])

    expect(page.locator("#marked")).to_have_text("· 5 marked")


def test_select_all_sends_the_query_and_not_the_ids(page: Page, live: str) -> None:
    page.goto(f"{live}/?mission=HST")
    page.get_by_label("Select all 60 that match").check()
    expect(page.locator("#add")).to_have_text("Add 60 observations to basket")

    with page.expect_request(f"{live}/basket/add") as sent:
        page.locator("#add").click()

    assert sent.value.post_data == "back=mission%3DHST&match=mission%3DHST"
    expect(page.locator("#alerts")).to_contain_text("Added 60 observations.")


def test_a_mistake_is_said_once_and_what_was_typed_stays(page: Page, live: str, watch: Watch) -> None:
    watch.expect("400")
    page.goto(live)
    page.get_by_text("Around a position").click()
    page.get_by_label("RA", exact=True).fill("10x")
    page.get_by_label("Dec").fill("0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The right ascension '10x' is neither degrees")

    page.get_by_label("RA", exact=True).fill("10")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("60 observations")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_page_needs_no_script(new_context: NewContext, live: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(live)
    page.get_by_label("JWST", exact=True).check()
    page.get_by_role("button", name="Apply filters").click()
    page.get_by_label("j00", exact=True).check()
    page.get_by_label("j01", exact=True).check()

    page.get_by_role("button", name="Add marked to basket").click()

    expect(page.locator("#alerts")).to_contain_text("Added 2 observations.")
    expect(page.get_by_label("JWST", exact=True)).to_be_checked()


def test_filters_are_a_drawer_that_stays_open_on_a_narrow_screen(page: Page, live: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(live)
    expect(page.get_by_label("HST", exact=True)).to_be_hidden()

    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("HST", exact=True).check()

    expect(page.locator("h1")).to_have_text("60 observations")
    expect(page.get_by_label("HST", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize(
    "path", ["/?mission=HST&ra=10&dec=0", "/?q=zzz", "/?ra=x", "/observations/list", "/basket/add?obs=h01&obs=x"]
)
def test_axe_finds_nothing(page: Page, live: str, path: str, watch: Watch, complaints: Complaints) -> None:
    watch.expect("400")
    page.goto(live + path)

    assert complaints(page) == []
