"""Sharing by the API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.programs import program

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site


def test_a_share_is_an_address_that_anybody_can_open(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2, select="")
    wanted = {"filters": "mrp=0&mission=HST", "title": "Saturn"}
    answer = basket.holder.asked("POST", f"{basket.path}/share", json=wanted)
    assert answer.status_code == 201
    assert answer.json is not None
    assert list(answer.json) == ["url"]
    assert answer.headers["Location"] == answer.json["url"]
    assert answer.json["url"].startswith("https://skybasket.example/s/")
    visitor = shared.visitor()
    page = visitor.follow(visitor.get(urlsplit(answer.json["url"]).path, status=302))
    assert "Saturn" in page.words
    assert page.facets["mission"]["HST"][2]  # the filters that were shared are on


@pytest.mark.parametrize("body", [None, {}])
def test_a_share_needs_no_words(shared: Site, body: dict[str, str] | None) -> None:
    program(shared).basket(IMAGE).post("share", body, 201)


def test_a_share_stays_as_it_was(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    share = basket.post("share", {}, 201)["url"].rpartition("/")[2]
    before = program(shared).get(f"/baskets/{share}?mrp=0")
    basket.post("remove", {"filters": "mrp=0"})
    assert program(shared).get(f"/baskets/{share}?mrp=0") == before


def test_an_empty_basket_cannot_be_shared(shared: Site) -> None:
    program(shared).basket().post("share", {}, 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"filters": "colour=red"}, 400),
        ({"filters": None}, 422),
        ({"title": 1}, 422),
        ({"title": "x" * 201}, 422),
        ({"note": "x" * 2_001}, 422),
        ({"titel": "x"}, 422),
        ([], 400),
    ],
)
def test_what_cannot_be_understood_is_not_shared(shared: Site, body: object, status: int) -> None:
    program(shared).basket(IMAGE).post("share", body, status)


def test_a_basket_that_is_not_there_cannot_be_shared(shared: Site) -> None:
    program(shared).post("/baskets/nothing/share", {}, 404)
