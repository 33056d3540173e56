"""Pictures of each state of each page, for people to look at: ``python -m tests.browser.pictures FOLDER``.

Starts Skybasket over the demo archive (made in FOLDER at first), and over a little one whose files can be lost; writes
``<state>-<width>-<theme>.png`` there, and renews the README's picture, docs/images/download-manager.png.
"""

from __future__ import annotations

import io
import itertools
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import pictures_of_downloads
from tests.browser.little import little
from tests.browser.manager import CARINA_FOLDER, CARINA_I2D, EXCLUSIVE, Manager
from tests.fixtures.demo import fill
from tests.fixtures.up import ROOT, Up, free_port
from tests.tools import CHROMIUM
from webapp.ingest.demo import make_demo

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from tests.browser.little import Little

README = ROOT / "docs" / "images" / "download-manager.png"
MOST_BYTES = 400_000
SIZES = {1440: 900, 1024: 768, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
URI = f"mast:JWST/product/{CARINA_I2D.rpartition('/')[2]}"


def observations(page: Page) -> None:
    page.goto("/?mission=JWST")
    for box in page.locator("td.mark input").all()[:3]:
        box.check()


def hand_over(page: Page) -> None:
    page.goto(f"/basket/add?obs={EXCLUSIVE}&obs=j97c11010&obs=not-there")


def no_basket(page: Page) -> None:
    page.goto("/basket")


def emptied(page: Page) -> None:
    manager = Manager(page)
    manager.fill(EXCLUSIVE)
    page.locator("#remove").click()
    page.get_by_role("button", name="Remove all").click()
    page.locator("#alerts .message").wait_for()


def one_file(page: Page) -> None:
    manager = Manager(page)
    manager.fill()
    manager.open("name=jw02731-o001_t017_nircam_clear-f444w_i2d.fits")
    page.get_by_role("button", name="matching").click()
    manager.settle()


def thousand_files(page: Page) -> None:
    manager = Manager(page)
    manager.fill()
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    for row in (0, 2, 3):
        page.locator("#tree > li.row.d3").nth(row).locator(".tick").click()
    manager.settle()
    manager.open(f"mrp=0&open={CARINA_FOLDER}&file={URI}")
    manager.row(f"{CARINA_FOLDER}/").evaluate("row => row.scrollIntoView({ block: 'center' })")
    manager.settle()
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")


def hidden_by_filters(page: Page) -> None:
    manager = Manager(page)
    manager.fill()
    manager.open(f"mrp=0&open={CARINA_FOLDER}")
    page.get_by_role("button", name="matching").click()
    manager.open(
        f"mrp=0&level=3&category=SCIENCE&open={CARINA_FOLDER}&file=mast:JWST/product/jw02731001001_02101_00001_nrca1_cal.fits"
    )


def exclusive_file(page: Page) -> None:
    manager = Manager(page)
    manager.fill(EXCLUSIVE)
    page.get_by_role("link", name="Expand all").click()
    page.locator("#tree li.row.file .label").first.click()
    page.locator("#details h3").wait_for()


def filters(page: Page) -> None:
    Manager(page).fill()
    if page.locator("#chips [data-drawer]").is_visible():
        page.locator("#chips [data-drawer]").click()
    page.locator("#filters .hint summary").nth(2).click()


def in_basket(page: Page) -> None:
    manager = Manager(page)
    manager.fill()
    page.goto(f"{manager.path}/observations")


def check(page: Page) -> None:
    manager = Manager(page)
    manager.fill(EXCLUSIVE, "j97c11010")
    page.get_by_role("button", name="matching").click()
    manager.otherwise("Script")


def references(page: Page) -> None:
    manager = Manager(page)
    manager.fill()
    manager.open("mrp=0")
    manager.select_matching()
    page.get_by_role("link", name="Retrieve references").click()
    page.locator('#pick input[name="type"]').nth(1).check()
    page.locator(".files a").first.click()
    page.locator("#used h3").wait_for()


def delivery(page: Page) -> None:
    manager = Manager(page)
    manager.fill("j97c11010")
    page.get_by_role("button", name="matching").click()
    manager.otherwise("Script")
    page.get_by_role("link", name="Download skybasket_").wait_for()


def history(page: Page) -> None:
    delivery(page)
    page.goto("/history")


def files_of_a_download(page: Page) -> None:
    history(page)
    page.get_by_role("link", name="Show the").click()
    page.get_by_role("button", name="matching").click()
    Manager(page).settle()


def share_form(page: Page) -> None:
    manager = Manager(page)
    manager.fill(EXCLUSIVE, "j97c11010")
    page.get_by_role("button", name="matching").click()
    manager.settle()
    page.get_by_role("link", name="Share").click()
    page.locator("#title").fill("Mosaics for the proposal")
    page.locator("#note").fill("Both filters at level 3.\nUse the earlier one for photometry.")


def share(page: Page) -> None:
    share_form(page)
    page.get_by_role("button", name="Share").click()
    page.locator(".origin").wait_for()


def shares(page: Page) -> None:
    share(page)
    page.goto("/shares")


def error(page: Page) -> None:
    page.goto("/baskets/not-there")


STATES: tuple[Callable[[Page], None], ...] = (
    observations, hand_over, no_basket, emptied, one_file, thousand_files, hidden_by_filters, exclusive_file, filters,
    in_basket, references, check, delivery, history, files_of_a_download, share_form, share,
    shares, error,
)  # fmt: skip


def take_all(browser: Browser, url: str, folder: Path) -> None:
    """One visitor for each state; then each width and theme of it."""
    for state in STATES:
        for width, height in SIZES.items():
            context = browser.new_context(base_url=url, viewport={"width": width, "height": height})
            page = context.new_page()
            state(page)
            page.mouse.move(0, 0)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.screenshot(path=folder / f"{state.__name__}-{width}-{scheme}.png")
            context.close()


def take_downloads(browser: Browser, archive: Little, folder: Path) -> None:
    """One visitor for each state, whose window then changes."""
    for state in pictures_of_downloads.STATES:
        context = browser.new_context(base_url=archive.url, reduced_motion="reduce")
        page = context.new_page()
        state(page, archive)
        page.mouse.move(0, 0)
        for (width, height), scheme in itertools.product(SIZES.items(), SCHEMES):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=folder / f"{state.__name__}-{width}-{scheme}.png")
        context.close()


def for_the_readme(browser: Browser, url: str) -> None:
    """The whole demo, all its files, one mosaic's folder open; in 256 colours, as that is a third of the bytes."""
    context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900}, color_scheme="light")
    page = context.new_page()
    thousand_files(page)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    README.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
        README, optimize=True
    )
    if README.stat().st_size > MOST_BYTES:
        sys.exit(f"{README} has {README.stat().st_size:,} bytes, and {MOST_BYTES:,} are the most.")


def main(folder: Path) -> None:
    """Start, look, stop."""
    folder.mkdir(parents=True, exist_ok=True)
    home = folder.absolute() / "home"
    make_demo(folder / "archive")
    if not home.exists():
        fill(home, folder / "archive")
    port = free_port()
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with Up(home, port) as up, sync_playwright() as playwright:
        url = f"http://127.0.0.1:{up.ready().port}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM.find(), args=sandbox)
        for_the_readme(browser, url)
        take_all(browser, url, folder)
        with tempfile.TemporaryDirectory() as place, little(Path(place)) as archive:
            take_downloads(browser, archive, folder)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
