"""What a person does on the Download Manager, in words that tests share."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page, Route

SECONDS = 30  # that anything may take; the machine may be busy with other tests
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

CARINA = ("JWST:jw02731-o001_t017_nircam_clear-f444w", "JWST:jw02731-o001_t017_nircam_clear-f335m")
CARINA_FOLDER = "JWST/jw02731-o001_t017_nircam_clear-f444w"
CARINA_I2D = f"{CARINA_FOLDER}/jw02731-o001_t017_nircam_clear-f444w_i2d.fits"
EXCLUSIVE = "JWST:jw08912-o003_t002_nircam_clear-f150w"


class Manager:
    """One tab with the Download Manager."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.headline = page.locator("#actions h1")
        self.hint = page.locator("#actions .hint-line")
        self.name = page.locator("#name")
        self.details = page.locator("#details")
        self.alert = page.locator("#alerts .message")
        self.rows = page.locator("#tree > li.row")
        self.more = page.locator("#tree > li.more")

    def fill(self, *names: str) -> str:
        """Put observations (all without a name) into the visitor's basket, and open it; its path."""
        form = urlencode([("obs", name) for name in names] or [("match", "")])
        assert self.page.request.post("/basket/add", data=form, headers=FORM).ok
        self.page.goto("/basket")
        expect(self.headline).to_have_text("None selected")
        return self.path

    def hand_over(self, *names: str) -> None:
        """As ``fill``, by the link with which other sites hand observations over."""
        self.page.goto(f"/basket/add?{urlencode([('obs', name) for name in names])}")
        self.page.locator("#add").click()
        expect(self.headline).to_have_text("None selected")

    @property
    def path(self) -> str:
        found = re.search(r"/baskets/[\w-]+", self.page.url)
        assert found
        return found[0]

    @property
    def query(self) -> str:
        return self.page.url.partition("?")[2]

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self.path}?{query}" if query else self.path)

    def settle(self) -> None:
        """Until every answer that was asked for is on the page."""
        expect(self.page.locator("#workspace")).not_to_have_attribute("aria-busy", "true")

    def row(self, path: str) -> Locator:
        return self.page.locator(f'#tree > li.row:has(> * > .tick[value="{path}"])')

    def tick(self, path: str) -> None:
        self.row(path).locator(".tick").click()

    def toggle(self, folder: str) -> None:
        """Unfold or fold a folder by its name."""
        self.row(f"{folder}/").locator(".label").click()

    def explain(self, path: str) -> None:
        """Open a file's details."""
        self.row(path).locator(".label").click()
        expect(self.details.locator("h3")).to_have_text(path.rpartition("/")[2])

    def select_matching(self) -> None:
        """Select all that match; returns once some are selected on the page."""
        self.page.get_by_role("button", name="matching").click()
        expect(self.headline).to_contain_text("selected ·")

    def ask(self, method: str, query: str = "") -> None:
        """Ask for a delivery of what is selected without the page's help."""
        form: dict[str, object] = {"as": method, "back": query}
        answer = self.page.request.post(f"{self.path}/deliveries", form=form)
        assert "/deliveries/" in answer.url, answer.text()

    def otherwise(self, name: str) -> None:
        """Download as a button of the menu says."""
        self.page.locator("#ways > summary").click()
        self.page.locator("#ways").get_by_role("button", name=name).click()

    def facet(self, name: str, value: str) -> Locator:
        return self.page.locator(f'#filters input[type=checkbox][name="{name}"][value="{value}"]')

    def paths(self) -> list[str]:
        """Of the rows that are there now; a folder's ends in a slash."""
        found: list[str] = self.rows.locator(".tick").evaluate_all("ticks => ticks.map(tick => tick.value)")
        return found

    def reload(self) -> None:
        self.page.reload()
        self.settle()


def hold(held: list[Route]) -> Callable[[Route], None]:
    """What keeps requests back, in a list, until a test lets them go."""

    def keep(route: Route) -> None:
        held.append(route)

    return keep


def let_go(page: Page, held: list[Route]) -> None:
    """Let the request go on that is kept back, as soon as it is there."""
    until = time.monotonic() + SECONDS
    while not held:
        assert time.monotonic() < until
        page.wait_for_timeout(10)
    held[0].continue_()


def refresh_until_over(page: Page) -> None:
    """Look at a delivery again and again by its link, as without scripts."""
    until = time.monotonic() + SECONDS
    while page.locator("#delivery").get_attribute("data-final") == "0":
        assert time.monotonic() < until
        with page.expect_navigation():  # else the page before could be asked once more, for a link that is gone
            page.get_by_role("link", name="Refresh").click()
