"""Real Chromium against real processes: ``skybasket up`` over the demo archive, one for each test process."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.little import little
from tests.browser.manager import SECONDS, Manager
from tests.browser.town import town
from tests.fixtures.up import Up, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

    from tests.browser.little import Little
    from tests.browser.town import Town

    NewContext = Callable[..., BrowserContext]
    Complaints = Callable[[Page], list[str]]

# 400 and 409 are said on the page, in words; other statuses are faults of ours. htmx logs a request that we take back.
NO_FAULT = re.compile("400|409|htmx:afterRequest|htmx:sendAbort")

AXE = Axe()
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}

expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="session")
def base_url(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where this test process's own server answers."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("browser") / "home"))
    port = free_port()
    with Up(home, port) as up:
        up.ready()
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Little]:
    """A server over a little archive of its own, for tests that spoil files."""
    with little(tmp_path_factory.mktemp("little")) as made:
        yield made


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server over a little archive with accounts, for tests that log in."""
    with town(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], base_url: str) -> dict[str, Any]:
    return browser_context_args | {"base_url": base_url, "viewport": {"width": 1440, "height": 900}}


@dataclass
class Watch:
    """What browsers complained about, and whom they asked."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # pieces of complaints that a test provokes
    hosts: set[str] = field(default_factory=set)

    def expect(self, piece: str) -> None:
        self.expected.append(piece)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not NO_FAULT.search(message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def on_request(self, request: Request) -> None:
        if host := urlsplit(request.url).hostname:  # data: has none
            self.hosts.add(host)

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(piece in text for piece in self.expected)]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def new_context(new_context: NewContext, watch: Watch) -> Iterator[NewContext]:
    """As pytest-playwright's; the test fails on an error in a console, a breach of the policy, or a foreign host."""

    def watched(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.set_default_timeout(SECONDS * 1000)
        context.on("console", watch.on_console)
        context.on("weberror", lambda error: watch.complaints.append(f"exception: {error.error}"))
        context.on("request", watch.on_request)
        return context

    yield watched
    assert watch.unexpected() == []
    assert watch.hosts <= {"127.0.0.1"}


@pytest.fixture(
    params=[
        pytest.param(((1440, "light"), (390, "dark")), id="looks"),
        pytest.param(((1440, "dark"), (390, "light")), id="other-looks", marks=pytest.mark.long),
    ]
)
def complaints(request: pytest.FixtureRequest) -> Complaints:
    """Ask what axe finds in this state of a page: on a wide screen and on a narrow one, in a theme each."""

    def ask(page: Page) -> list[str]:
        page.wait_for_load_state()  # a click returns before
        found = []
        for width, scheme in request.param:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            answer = AXE.run(page, options=RULES).response
            assert answer["passes"]  # it did look
            for violation in answer["violations"]:
                for node in violation["nodes"]:
                    where = f"{width} px, {scheme}, {violation['id']}"
                    found.append(f"{where}: {node['html'][:160]} {node['failureSummary'][:300]}")
        return found

    return ask


@pytest.fixture
def manager(page: Page) -> Manager:
    """The Download Manager of a fresh visitor; nothing is in the basket yet."""
    return Manager(page)
