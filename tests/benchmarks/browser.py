"""What a user waits for: from the click to the new view painted, in Chromium, against a real server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.benchmarks.stopwatch import Sample
from tests.tools import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.benchmarks.gunicorn import Added, Gunicorn

FLAGS = ["--no-sandbox", "--disable-background-networking"]
# Settled: htmx has swapped and the browser has painted. A background tab paints no frames, hence the timer.
CLICK = """async (element) => {
  const settled = new Promise((done) => document.addEventListener("htmx:afterSettle", done, { once: true }));
  const start = performance.now();
  element.click();
  await settled;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return (performance.now() - start) / 1000;
}"""
BOXES = "#filters fieldset input[type=checkbox]"
TICKS = "#tree > li.row.folder.d2 .tick"


@dataclass(frozen=True)
class BrowserTimes:
    filter_change: Sample
    tick: Sample


def measure(server: Gunicorn, added: Added, samples: int) -> BrowserTimes:
    """Filters are changed and folders ticked one after the other."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM.find(), args=FLAGS) as browser,
    ):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.context.add_cookies([{"name": k, "value": v, "url": server.url} for k, v in added.cookies.items()])
        page.goto(f"{server.url}{added.path}?mrp=0")
        return BrowserTimes(_clicks(page, BOXES, samples), _clicks(page, TICKS, samples))


def _clicks(page: Page, selector: str, samples: int) -> Sample:
    """Click some of the elements on and off again; the first one warms up."""
    seconds = []
    for number in range(samples // 2 + 1):
        for _ in range(2):
            (handle,) = page.locator(selector).all()[number : number + 1]
            seconds.append(handle.evaluate(CLICK))
            page.wait_for_selector("#workspace:not([aria-busy])")
    return Sample(tuple(seconds[2:]))
