"""The states of the way of a bundle, from the open menu to what has expired, for pictures."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.little import LOST, ticked
from tests.browser.manager import Manager

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.little import Little

WIDE = tuple(f"wide_{n}.fits" for n in range(5))


def becomes(page: Page, state: str) -> None:
    expect(page.locator("#delivery")).to_have_attribute("data-state", state, timeout=30_000)


def menu_open(page: Page, _: Little) -> None:
    ticked(page, "set_0.fits", "set_1.fits")
    page.locator("#ways > summary").click()


def ways(page: Page, _: Little) -> None:
    manager = ticked(page, "set_0.fits", "set_1.fits", "secret_0.fits")
    page.goto(f"{manager.path}/methods?as=script/sh&{manager.query}")


def ways_python(page: Page, archive: Little) -> None:
    ways(page, archive)
    page.locator("#way-script-py").click()
    expect(page.locator("#chosen")).to_have_text("Python script")


def ways_unread(page: Page, _: Little) -> None:
    """None of the little archive's files has a checksum yet."""
    manager = ticked(page, "set_0.fits", "set_1.fits")
    page.goto(f"{manager.path}/methods?as=list/sha256&{manager.query}")


def ways_bundle(page: Page, _: Little) -> None:
    manager = ticked(page, "set_0.fits", *WIDE)
    page.goto(f"{manager.path}/methods?as=bundle/zip&{manager.query}")


def ways_none_selected(page: Page, _: Little) -> None:
    manager = Manager(page)
    page.goto(f"{manager.fill('JWST:set')}/methods?as=list/metalink")


def ready_list(page: Page, _: Little) -> None:
    manager = ticked(page, "set_0.fits", "set_1.fits")
    page.goto(f"{manager.path}/methods?as=list/metalink&{manager.query}")
    page.get_by_role("button", name="Make this list").click()
    becomes(page, "Ready")
    page.locator("#delivery summary").first.click()


def plan_clear(page: Page, _: Little) -> None:
    ticked(page, "set_0.fits", "set_1.fits").otherwise("Check first")


def plan_findings(page: Page, _: Little) -> None:
    manager = ticked(page, LOST, "lost_1.fits", "secret_0.fits", "set_0.fits", "set_1.fits", *WIDE)
    manager.open("mrp=0&name=*_[0-3].fits")
    manager.otherwise("Zip")


def ready_zip(page: Page, _: Little) -> None:
    ticked(page, "set_0.fits", "set_1.fits")
    with page.expect_download():
        page.get_by_role("button", name="Download 2 files").click()
    becomes(page, "Ready")


def ready_parts(page: Page, _: Little) -> None:
    ticked(page, *WIDE)
    page.get_by_role("button", name="Download 5 files").click()
    page.get_by_role("button", name="Make 3 parts").click()
    becomes(page, "Ready")


def preparing(page: Page, archive: Little) -> None:
    archive.gate.open.clear()
    ticked(page, "slow_0.fits", *WIDE).otherwise("Batch")
    becomes(page, "Preparing")


def batch_ready(page: Page, archive: Little) -> None:
    archive.gate.open.set()
    ticked(page, "slow_0.fits", "set_0.fits").otherwise("Batch")
    becomes(page, "Ready")


def expired(page: Page, archive: Little) -> None:
    batch_ready(page, archive)
    with closing(sqlite3.connect(archive.home / "skybasket.db")) as database, database:
        database.execute("update delivery set expires_at = 1 where id = ?", [page.url.rpartition("/")[2]])
    page.reload()
    becomes(page, "Expired")


def cut_off(page: Page, archive: Little) -> None:
    ticked(page, "back_0.fits", "back_1.fits")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 2 files").click()
    archive.file("back_0.fits").write_bytes(b"anew")
    page.request.get(download.value.url, headers={"Range": "bytes=500-600"})
    page.reload()
    becomes(page, "Finished with problems")


def failed(page: Page, archive: Little) -> None:
    """The bundle waits in the queue behind one that is held back, until its file is gone."""
    archive.gate.open.clear()
    archive.gate.asked.clear()
    assert page.context.browser
    behind = page.context.browser.new_page(base_url=archive.url)
    ticked(behind, "slow_0.fits").otherwise("Tar.gz")
    behind.get_by_role("button", name="Download 1 file").click()
    archive.gate.asked.wait(30)
    behind.close()
    ticked(page, "back_1.fits", "set_0.fits")
    page.get_by_role("button", name="Download 2 files").click()
    archive.file("back_1.fits").unlink()
    archive.gate.open.set()
    becomes(page, "Failed")


STATES: tuple[Callable[[Page, Little], None], ...] = (
    menu_open, ways, ways_python, ways_unread, ways_bundle, ways_none_selected, ready_list,
    plan_clear, plan_findings, ready_zip, ready_parts, preparing, batch_ready, expired, cut_off, failed,
)  # fmt: skip
