"""A little archive with people: accounts, a programme that one of them may read, and an institute's provider."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.little import PROGRAMME, Little, little
from tests.fixtures.people import PASSWORD
from tests.fixtures.up import ROOT, SECONDS, free_port
from webapp import accounts, programmes
from webapp.context import Services
from webapp.db import engine_for
from webapp.inventories import Inventories
from webapp.settings import Settings
from webapp.supervisor.leash import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

SECRET = "secret_0.fits"  # noqa: S105 - a file's name
PEOPLE = ("ada", "bob", "cecilia")
RUN_PROVIDER = (sys.executable, "-W", "ignore", "-m", "oidc_provider_mock")
SUBJECT = {"sub": "0f4c-42", "preferred_username": "hypatia", "email": "hypatia@institute.example"}


@dataclass
class Town:
    """``ada`` may read the secret observation and administrates; ``hypatia`` comes by the institute."""

    little: Little

    def run(self, *words: str) -> None:
        """A command of ours at this installation."""
        done = subprocess.run(
            [sys.executable, "-m", "webapp.cli", *words],
            cwd=ROOT,
            env=os.environ | {"SKYBASKET_HOME": str(self.little.home)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Make it and serve it, until the end of the block."""
    with institute() as issuer:
        settings = {
            "SKYBASKET_OIDC_ISSUER": issuer,
            "SKYBASKET_OIDC_CLIENT_ID": "skybasket",
            "SKYBASKET_OIDC_CLIENT_SECRET": "a secret for tests",
            "SKYBASKET_OIDC_NAME": "the Sky Institute",
            "SKYBASKET_SIGNUP": "1",
        }
        with little(folder, **settings) as archive:
            made = Town(archive)
            engine = engine_for(f"sqlite:///{archive.home / 'skybasket.db'}")
            services = Services(Settings(home=archive.home), engine, Inventories(engine, archive.home / "spool", 10**6))
            for name in PEOPLE:
                accounts.create(services, name, PASSWORD, admin=name == "ada")
            programmes.allow(services, "JWST", PROGRAMME, "ada")
            engine.dispose()
            yield made


@contextmanager
def institute() -> Iterator[str]:
    """A real provider of OpenID Connect in a process of its own; its address."""
    port = free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "oidc_provider_mock",
            "-p",
            str(port),
            "--user-claims",
            json.dumps(SUBJECT),
        ],
        env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - as for our own server
    )
    issuer, end = f"http://127.0.0.1:{port}", time.monotonic() + SECONDS
    try:
        while True:
            try:
                urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5).close()  # noqa: S310 - http on loopback
                break
            except urllib.error.URLError:
                assert time.monotonic() < end, "The provider did not start."
                assert process.poll() is None, "The provider ended."
                time.sleep(0.05)
        yield issuer
    finally:
        process.terminate()
        process.wait(SECONDS)


def log_in(page: Page, name: str, after: str = "/") -> None:
    """By the form, as people do."""
    page.goto(f"/login?next={after}")
    fill_in(page, name)


def fill_in(page: Page, name: str) -> None:
    """The form of the page that is open."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator("#alerts")).to_contain_text(f"Logged in as {name}.")
