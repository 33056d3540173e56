"""From the button to the bytes in a real browser: bundles, what is asked before, parts, and what went wrong."""

from __future__ import annotations

import hashlib
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.little import BUNDLE_BYTES, LOST, ticked
from tests.browser.manager import Manager, refresh_until_over
from tests.fixtures.batches import GATED

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Download, Page

    from tests.browser.conftest import NewContext
    from tests.browser.little import Little

PAPERS = {"MANIFEST.HTML", "manifest.csv", "CITATION.txt"}
SET = ("set_0.fits", "set_1.fits", "set_2.fits")


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], archive: Little) -> dict[str, Any]:
    """Every context looks at the little archive."""
    return browser_context_args | {"base_url": archive.url}


def saved(download: Download, folder: Path) -> Path:
    file = folder / download.suggested_filename
    download.save_as(file)
    return file


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def unpacked(bundle: Path) -> dict[str, str]:
    """SHA-256 of each file in a zip by its path in the bundle's folder; its papers left out."""
    with zipfile.ZipFile(bundle) as content:
        found = {name.partition("/")[2]: digest(content.read(name)) for name in content.namelist()}
    papers = {name for name in found if "/" not in name}
    assert {re.sub(r"_\dof\d", "", name) for name in papers} == PAPERS
    return {name: found[name] for name in found.keys() - papers}


def originals(archive: Little, *names: str) -> dict[str, str]:
    return {archive.path(name): digest(archive.file(name).read_bytes()) for name in names}


def test_the_download_starts_by_itself_and_holds_just_what_was_ticked(
    archive: Little, page: Page, tmp_path: Path
) -> None:
    ticked(page, *SET[:2])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 2 files").click()
    assert unpacked(saved(download.value, tmp_path)) == originals(archive, *SET[:2])
    expect(page.locator("#delivery")).to_have_attribute("data-state", "Ready")
    assert len(page.context.pages) == 1  # no other window


def test_it_starts_once_and_not_when_the_page_is_looked_at_again(page: Page) -> None:
    ticked(page, SET[0])
    with page.expect_download():
        page.get_by_role("button", name="Download 1 file").click()
    started: list[Download] = []
    page.on("download", lambda download: started.append(download))  # noqa: PLW0108 - Playwright cannot mark a builtin
    page.reload()
    page.reload()
    expect(page.get_by_role("link", name="Download skybasket_")).to_be_visible()
    assert started == []


@pytest.mark.parametrize("form", ["tar", "tar.gz"])
def test_the_menu_has_other_formats(archive: Little, page: Page, tmp_path: Path, form: str) -> None:
    ticked(page, *SET)
    with page.expect_download() as download:
        Manager(page).otherwise({"tar": "Tar resumes", "tar.gz": "Tar.gz"}[form])
    file = saved(download.value, tmp_path)
    with tarfile.open(file) as content:
        members = {each.name.partition("/")[2]: content.extractfile(each) for each in content}
        found = {name: digest(member.read()) for name, member in members.items() if member and "/" in name}
    assert (found, file.name.endswith(f".{form}")) == (originals(archive, *SET), True)


def test_all_files_may_be_in_one_folder(page: Page, tmp_path: Path) -> None:
    ticked(page, *SET)
    page.locator("#ways > summary").click()
    page.get_by_label("All files in one folder").check()
    with page.expect_download() as download:
        page.locator("#ways").get_by_role("button", name="Zip").click()
    with zipfile.ZipFile(saved(download.value, tmp_path)) as content:
        assert {name.partition("/")[2] for name in content.namelist()} == {*SET, *PAPERS}


def test_check_first_shows_the_plan_and_starts_nothing(page: Page) -> None:
    ticked(page, *SET)
    Manager(page).otherwise("Check first")
    expect(page.locator("h1")).to_have_text("3 files, nothing to decide")
    page.goto("/history")
    expect(page.locator("main")).to_contain_text("No downloads yet")


def test_what_is_missing_or_exclusive_is_asked_about_and_the_rest_can_be_had(
    archive: Little, page: Page, tmp_path: Path
) -> None:
    ticked(page, LOST, "lost_1.fits", "secret_0.fits")
    page.get_by_role("button", name="Download 3 files").click()
    findings = page.locator(".finding")
    expect(findings.nth(0)).to_contain_text("1 of 3 files is not in its store.")
    expect(findings.nth(1)).to_contain_text("1 of 3 is exclusive: log in, or download the 1 you can have.")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the 1 you can have").click()
    assert unpacked(saved(download.value, tmp_path)) == originals(archive, "lost_1.fits")
    expect(page.locator("#delivery")).to_contain_text("As agreed, 2 files are left out")


@pytest.mark.parametrize(("button", "names"), [("Only the 2 shown", SET[:2]), ("Download all 3 files", SET)])
def test_hidden_files_are_left_out_or_not_as_one_says(
    archive: Little, page: Page, tmp_path: Path, button: str, names: tuple[str, ...]
) -> None:
    manager = ticked(page, *SET)
    manager.open("mrp=0&name=set_[01]*")
    page.get_by_role("button", name="Download 3 files").click()
    expect(page.locator("h1")).to_have_text("1 of the 3 files selected is hidden by filters.")
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    assert unpacked(saved(download.value, tmp_path)) == originals(archive, *names)


def test_too_much_for_one_bundle_is_offered_in_parts_that_hold_every_file_once(
    archive: Little, page: Page, tmp_path: Path
) -> None:
    names = [f"wide_{n}.fits" for n in range(5)]
    ticked(page, *names)
    page.get_by_role("button", name="Download 5 files").click()
    page.get_by_role("button", name="Make 3 parts of 5 files").click()
    links = page.get_by_role("link", name="Download skybasket_")
    expect(links).to_have_count(3)
    found: list[dict[str, str]] = []
    for link in links.all():
        with page.expect_download() as download:
            link.click()
        found.append(unpacked(saved(download.value, tmp_path)))
    assert sum(map(len, found)) == 5
    assert {path: sha256 for part in found for path, sha256 in part.items()} == originals(archive, *names)
    sizes = [sum(archive.file(path.rpartition("/")[2]).stat().st_size for path in part) for part in found]
    assert max(sizes) <= BUNDLE_BYTES


def test_a_batch_is_cancelled_and_tried_again(archive: Little, page: Page) -> None:
    archive.gate.open.clear()
    ticked(page, "slow_0.fits", SET[0])
    Manager(page).otherwise("Batch")
    delivery = page.locator("#delivery")
    expect(delivery).to_have_attribute("data-state", "Preparing")
    page.get_by_role("button", name="Cancel").click()
    expect(delivery).to_have_attribute("data-state", "Cancelled")
    archive.gate.open.set()
    page.get_by_role("button", name="Try again").click()
    expect(delivery).to_have_attribute("data-state", "Ready", timeout=30_000)
    expect(delivery).to_contain_text("Staged for you")


def test_a_bundle_whose_file_has_changed_is_made_again_on_its_page(archive: Little, page: Page, tmp_path: Path) -> None:
    names = ("back_0.fits", "back_1.fits")
    ticked(page, *names)
    with page.expect_download() as first:
        page.get_by_role("button", name="Download 2 files").click()
    archive.file(names[0]).write_bytes(b"anew")
    refused = page.request.get(first.value.url, headers={"Range": "bytes=500-600"})
    assert refused.status == 410
    page.reload()
    expect(page.locator("#delivery")).to_contain_text("Finished with problems")
    expect(page.locator("#delivery")).to_contain_text("back_0.fits is not as it was")
    page.get_by_role("button", name="Try again").click()
    link = page.get_by_role("link", name="Download skybasket_")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    assert unpacked(saved(download.value, tmp_path)) == originals(archive, *names)


def test_without_javascript_the_page_is_refreshed_by_a_link(archive: Little, new_context: NewContext) -> None:
    archive.gate.open.clear()
    page = new_context(java_script_enabled=False).new_page()
    ticked(page, "slow_0.fits", SET[0])
    Manager(page).otherwise("Batch")
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#delivery")).to_have_attribute("data-final", "0")
    archive.gate.open.set()
    refresh_until_over(page)
    staged = page.request.get(f"{page.url}/{archive.path('slow_0.fits')}")
    assert staged.body() == GATED


def test_without_javascript_the_bundle_is_had_by_a_link(
    archive: Little, new_context: NewContext, tmp_path: Path
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    ticked(page, SET[0])
    page.get_by_role("button", name="Download 1 file").click()
    refresh_until_over(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download skybasket_").click()
    assert unpacked(saved(download.value, tmp_path)) == originals(archive, SET[0])
