"""From the first page to verified files on disk, as a person does it: with scripts in the browser, and without."""

from __future__ import annotations

import csv
import subprocess
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.manager import CARINA_FOLDER, CARINA_I2D, Manager, refresh_until_over

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import NewContext

MOSAIC = "jw02731-o001_t017_nircam_clear-f444w"


def test_a_person_finds_filters_ticks_and_downloads_and_has_every_byte(
    page: Page, demo_archive: Path, tmp_path: Path
) -> None:
    page.goto("/")
    page.locator("#q").fill("NGC 3324")
    expect(page.locator("#answer h1")).to_have_text("15 observations")
    page.get_by_label(MOSAIC, exact=True).check()
    page.get_by_role("button", name="Add 1 observation to basket").click()
    expect(page.locator("#alerts")).to_contain_text("Added 1")
    expect(page.locator("#basket-count")).to_have_text("70")
    page.get_by_role("link", name="Download Basket").click()

    manager = Manager(page)
    manager.facet("mrp", "1").uncheck()
    expect(manager.page.locator("#chips")).to_contain_text("Showing 70 of 70 files")
    manager.facet("level", "3").check()
    expect(manager.page.locator("#chips")).to_contain_text("Calibration level: 3 combined")
    manager.toggle(CARINA_FOLDER)
    manager.tick(CARINA_I2D)
    expect(manager.headline).to_contain_text("1 selected")
    manager.tick(f"{CARINA_FOLDER}/")
    expect(manager.row(f"{CARINA_FOLDER}/")).to_have_attribute("aria-checked", "true")
    manager.explain(CARINA_I2D)
    expect(manager.details.locator("figure img")).to_have_js_property("complete", value=True)
    assert manager.details.locator("figure img").evaluate("image => image.naturalWidth") > 100
    expect(manager.details).to_contain_text("NGC 3324")
    promised = int(manager.headline.inner_text().split()[0])
    assert promised > 3

    manager.otherwise("Script")
    get_and_run(page, promised, demo_archive, tmp_path)


def test_the_same_journey_works_without_javascript(new_context: NewContext, demo_archive: Path, tmp_path: Path) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.locator("#q").fill("NGC 3324")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#answer h1")).to_have_text("15 observations")
    page.get_by_label(MOSAIC, exact=True).check()
    page.get_by_role("button", name="Add marked to basket").click()
    expect(page.locator("#alerts")).to_contain_text("Added 1")
    page.get_by_role("link", name="Download Basket").click()

    manager = Manager(page)
    manager.facet("mrp", "1").uncheck()
    manager.facet("level", "3").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#chips")).to_contain_text("Calibration level: 3 combined")
    expect(page.locator("#chips")).not_to_contain_text("Recommended only")
    manager.toggle(CARINA_FOLDER)
    manager.tick(CARINA_I2D)
    expect(manager.headline).to_contain_text("1 selected")
    expect(page.locator("#chips")).to_contain_text("Calibration level: 3 combined")
    manager.explain(CARINA_I2D)
    page.get_by_text("FITS headers", exact=True).click()
    page.get_by_role("link", name="Show all headers").click()
    expect(page.locator("#headers")).to_contain_text("CAL_VER")
    page.go_back()
    manager.otherwise("Script")
    refresh_until_over(page)
    get_and_run(page, 1, demo_archive, tmp_path)


def get_and_run(page: Page, promised: int, archive: Path, folder: Path) -> None:
    """Download the script by its real link, run it twice, and compare what it brought with the archive."""
    link = page.get_by_role("link", name="Download skybasket_")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    script = folder / download.value.suggested_filename
    download.value.save_as(script)

    assert run(script) == {"OK": promised}
    brought = files(script.with_suffix(""))
    assert len(brought) == promised
    originals = {file.name: file for file in archive.glob("*/product/**/*") if file.is_file()}
    assert all(file.read_bytes() == originals[file.name].read_bytes() for file in brought)
    before = {file: file.stat() for file in brought}
    assert run(script) == {"Already had it": promised}
    assert {file: file.stat() for file in brought} == before


def run(script: Path) -> dict[str, int]:
    """How many files had each result, by the script's own receipt."""
    ended = subprocess.run(
        ["sh", script.name], cwd=script.parent, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    counts: dict[str, int] = {}
    with (script.with_suffix("") / "receipt.csv").open(newline="") as receipt:
        for row in csv.DictReader(receipt):
            counts[row["result"]] = counts.get(row["result"], 0) + 1
    return counts


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and file.parent != folder]
