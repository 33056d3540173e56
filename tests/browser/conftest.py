"""Real Chromium against real processes: ``skybasket up`` over the demo archive, one for each test process."""

from __future__ import annotations

import re
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.little import little
from tests.browser.manager import Manager
from tests.fixtures.up import Up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

    from tests.browser.little import Little

    NewContext = Callable[..., BrowserContext]

# 400 and 409 are said on the page, in words; other statuses are faults of ours. htmx logs a request that we take back.
NO_FAULT = re.compile("400|409|htmx:afterRequest|htmx:sendAbort")

expect.set_options(timeout=10_000)  # the machine may be busy with other tests


@pytest.fixture(scope="session")
def base_url(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where this test process's own server answers."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("browser") / "home"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with Up(home, port) as up:
        up.ready()
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Little]:
    """A server over a little archive of its own, for tests that spoil files."""
    with little(tmp_path_factory.mktemp("little")) as made:
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
        context.set_default_timeout(10_000)
        context.on("console", watch.on_console)
        context.on("weberror", lambda error: watch.complaints.append(f"exception: {error.error}"))
        context.on("request", watch.on_request)
        return context

    yield watched
    assert watch.unexpected() == []
    assert watch.hosts <= {"127.0.0.1"}


@pytest.fixture
def manager(page: Page) -> Manager:
    """The Download Manager of a fresh visitor; nothing is in the basket yet."""
    return Manager(page)
