"""Download recommended: one click on a row of the observations page."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from tests.fixtures.holdings import IMAGE, SECRET

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site


def test_it_delivers_the_recommended_files_of_the_observation(working: Site) -> None:
    visitor = working.visitor()
    answer = visitor.post(f"/observations/{working.holdings.observations[IMAGE]}/download", {})
    working.work()
    (link,) = [
        each.get("href", "") for each in visitor.get(answer.location).all("a") if each.get("download") is not None
    ]
    with visitor.client.get(link) as bundle:
        names = zipfile.ZipFile(io.BytesIO(bundle.data)).namelist()
    expected = {each.path for each in working.holdings.of(IMAGE) if each.recommended}
    assert {name.partition("/")[2] for name in names if name.endswith(".fits")} == expected


def test_the_visitor_s_basket_stays_as_it_is(site: Site) -> None:
    visitor = site.visitor()
    visitor.post(f"/observations/{site.holdings.observations[IMAGE]}/download", {})
    visitor.get("/basket", status=200)  # where there is a basket, this leads to it


def test_an_exclusive_observation_is_asked_about(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.post(f"/observations/{site.holdings.observations[SECRET]}/download", {}, status=409)
    assert "is exclusive: log in" in page.words


def test_an_observation_that_does_not_exist_is_a_sentence(site: Site) -> None:
    for number in (10**6, 10**15):
        page = site.visitor().post(f"/observations/{number}/download", {}, status=404)
        assert page.title.startswith("There is no such observation.")
