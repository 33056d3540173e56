"""axe finds nothing to complain about on the way of a bundle: the menu, the plan, and the delivery in its states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.little import LOST, ticked

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Complaints
    from tests.browser.little import Little


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], archive: Little) -> dict[str, Any]:
    """Every context looks at the little archive."""
    return browser_context_args | {"base_url": archive.url}


def test_the_menu_and_a_plan_with_findings(page: Page, complaints: Complaints) -> None:
    manager = ticked(page, LOST, "secret_0.fits", *(f"wide_{n}.fits" for n in range(5)))
    page.locator("#ways > summary").click()
    found = complaints(page)
    page.locator("#ways").get_by_role("button", name="Zip").click()
    expect(page.locator(".finding")).to_have_count(3)
    assert found + complaints(manager.page) == []


def test_parts(page: Page, complaints: Complaints) -> None:
    ticked(page, *(f"wide_{n}.fits" for n in range(5)))
    page.get_by_role("button", name="Download 5 files").click()
    page.get_by_role("button", name="Make 3 parts").click()
    expect(page.get_by_role("link", name="Download skybasket_")).to_have_count(3)
    assert complaints(page) == []


def test_a_batch_that_waits_is_cancelled_and_is_staged(archive: Little, page: Page, complaints: Complaints) -> None:
    archive.gate.open.clear()
    ticked(page, "slow_0.fits", "set_0.fits").otherwise("Batch")
    delivery = page.locator("#delivery")
    expect(delivery).to_have_attribute("data-state", "Preparing")
    found = complaints(page)
    page.get_by_role("button", name="Cancel").click()
    expect(delivery).to_have_attribute("data-state", "Cancelled")
    found += complaints(page)
    archive.gate.open.set()
    page.get_by_role("button", name="Try again").click()
    expect(delivery).to_have_attribute("data-state", "Ready", timeout=30_000)
    assert found + complaints(page) == []
