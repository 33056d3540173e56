"""What the server takes for one answer: through WSGI, from the request to the compressed bytes, rendering included."""

from __future__ import annotations

import gc
import gzip
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.benchmarks.questions import PATTERNS, QUESTIONS, WARM_UP
from tests.benchmarks.stopwatch import Sample, timed
from webapp.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.test import TestResponse

    from tests.benchmarks.gunicorn import Added
    from webapp.settings import Settings

SENT = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}
SWAP = {**SENT, "HX-Request": "true", "HX-Target": "workspace"}


@dataclass
class ServerTimes:
    """One size's results. ``matching`` is how many files each question showed."""

    times: dict[str, Sample] = field(default_factory=dict)
    matching: list[int] = field(default_factory=list)
    largest: int = 0  # bytes of the largest answer to a filter change
    largest_sent: int = 0  # the same, compressed


class Visitor:
    """A session whose basket holds the whole catalogue."""

    def __init__(self, settings: Settings, added: Added) -> None:
        self._client = create_app(settings).test_client()
        for name, value in added.cookies.items():
            self._client.set_cookie(name, value)
        self.base = added.path

    def get(self, query: str) -> TestResponse:
        return self._good(self._client.get(f"{self.base}?{query}", headers=SWAP))

    def page(self) -> TestResponse:
        return self._good(self._client.get(self.base, headers=SENT))

    def select(self, form: Mapping[str, str]) -> TestResponse:
        return self._good(self._client.post(f"{self.base}/selection", data=form, headers=SWAP))

    @staticmethod
    def _good(response: TestResponse) -> TestResponse:
        assert response.status_code == 200, response.get_data(as_text=True)
        return response


def measure(settings: Settings, added: Added, samples: int) -> ServerTimes:
    """All lines of the table for one catalogue, whose files are all in a basket."""
    visitor, result = Visitor(settings, added), ServerTimes()
    gc.collect()
    gc.freeze()  # as webapp/wsgi.py does; this process has loaded much that a server has not
    questions = QUESTIONS[:samples]

    def change(query: str) -> None:
        kept.append(visitor.get(query))

    for question in WARM_UP:
        visitor.get(question.query)
    kept: list[TestResponse] = []
    result.times["filter change"] = timed(change, [question.query for question in questions])
    for response in kept:
        html = gzip.decompress(response.data)
        result.matching.append(_shown(html.decode()))
        if len(html) > result.largest:
            result.largest, result.largest_sent = len(html), len(response.data)
    patterns = [f"mrp=0&name={pattern}" for pattern in PATTERNS[:samples]]
    visitor.get("mrp=0&name=*warm*up*")
    result.times["name pattern, first time"] = timed(visitor.get, patterns)
    result.times["name pattern, again"] = timed(visitor.get, patterns)
    folders = _folders(visitor.get("mrp=0"), samples + 1)
    warm_up = folders.pop()
    visitor.get(f"mrp=0&open={warm_up}")
    result.times["opening a folder"] = timed(visitor.get, (f"mrp=0&open={folder}" for folder in folders))
    _tick(visitor, warm_up)
    result.times["ticking a folder"] = timed(lambda folder: _tick(visitor, folder), folders)
    visitor.select({"set": "matching", "back": WARM_UP[0].query})
    result.times["selecting all that match"] = timed(
        visitor.select, ({"set": "matching", "back": question.query} for question in questions)
    )
    visitor.select({"set": "none", "back": ""})
    visitor.page()
    result.times["the whole page"] = timed(lambda _: visitor.page(), range(samples))
    return result


def _tick(visitor: Visitor, folder: str) -> None:
    visitor.select({"path": f"{folder}/", "on": "1", "back": "mrp=0"})


def _folders(response: TestResponse, wanted: int) -> list[str]:
    """Some folders on the page, spread over it."""
    html = gzip.decompress(response.data).decode()
    found: Iterable[str] = re.findall(r'name="tick" value="([^"/]+/[^"]+)/"', html)
    every = list(dict.fromkeys(found))
    return every[:: max(1, len(every) // wanted)][:wanted]


def _shown(html: str) -> int:
    found = re.search(r"Showing ([\d,]+) of", html)
    assert found is not None
    return int(found[1].replace(",", ""))
