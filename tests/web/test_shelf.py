"""Several named baskets: the list of them, names, duplicates, and who may do what with a basket as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.fixtures.holdings import IMAGE, NOW, WFPC2
from tests.fixtures.shelf import listed, names, new
from tests.fixtures.visitor import words
from tests.fixtures.webapp import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site

C0F, TRL = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl"))
QUERY = f"mrp=0&open={WFPC2}"
ACTIONS = ("rename", "duplicate", "lock", "unlock", "delete", "restore", "key", "key/revoke")
MENU = (
    "Rename Duplicate Lock against changes by mistake Compare with another Recent steps "
    "Key for notebooks and scripts Delete"
)


def test_the_list_says_of_each_basket_what_it_holds(site: Site, at: Callable[[int], None]) -> None:
    visitor = site.visitor()
    base = new(visitor, "Comets", WFPC2, IMAGE)
    visitor.tick(base, C0F, TRL)
    at(NOW + 60)
    new(visitor)
    files = str(len(site.holdings.of(WFPC2, IMAGE)))
    assert listed(visitor.get("/baskets")) == [
        ["", "Basket of 15 January 2027 in use", "0", "0", "0", "2027-01-15 08:01 UTC", MENU],
        ["", "Comets", files, "2", "2", "2027-01-15 08:00 UTC", MENU],
    ]


def test_the_list_costs_the_same_however_many_baskets_there_are(site: Site) -> None:
    visitor = site.visitor()
    new(visitor, "one", WFPC2)
    sent = []
    for name in ("two", "three"):
        new(visitor, name, IMAGE)
        with counted(site.services.engine) as statements:
            visitor.get("/baskets?q=o")
        sent.append(len(statements))
    assert sent == [7, 7]  # which is in use, baskets, found by observation, ticks, observations, rules; the tab


def test_a_long_list_says_that_it_was_cut(shared: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.shelf_page.MOST_LISTED", 2)
    monkeypatch.setattr("webapp.views.baskets.MOST_LISTED", 2)
    visitor = shared.visitor()
    for name in ("a", "b", "c"):
        new(visitor, name)
    page = visitor.get("/baskets")
    assert len(names(page)) == 2
    assert "3 baskets, the one changed last first · these are the first 2" in page.words


def test_baskets_are_found_by_name_and_by_what_is_in_them(site: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    visitor = site.visitor()
    new(visitor, "Galaxies", WFPC2)
    new(visitor, "Comets of 50%", IMAGE)
    new(visitor)
    wanted = {
        "comet": ["Comets of 50%"],
        "50%": ["Comets of 50%"],
        "5_%": [],
        WFPC2.upper(): ["Galaxies"],
        "ngc 31": ["Comets of 50%"],  # the target
        "Basket of": ["Basket of 15 January 2027"],
        "\n": ["Basket of 15 January 2027", "Comets of 50%", "Galaxies"],
    }
    assert {q: sorted(names(visitor.get(f"/baskets?{urlencode({'q': q})}"))) for q in wanted} == wanted


def test_a_search_without_a_match_says_so(shared: Site) -> None:
    visitor = shared.visitor()
    new(visitor)
    assert "No basket matches" in visitor.get("/baskets?q=nothing").words


def test_whoever_has_no_basket_is_told_how_to_begin(shared: Site) -> None:
    page = shared.visitor().get("/baskets")
    assert "You have no basket" in page.words
    assert page.all("a", href="/")


def test_nobody_sees_the_baskets_of_another_in_the_list(shared: Site) -> None:
    new(shared.visitor(), "Mine alone")
    visitor = shared.visitor()
    new(visitor, "Yours")
    assert names(visitor.get("/baskets")) == ["Yours"]


def test_a_name_is_one_line_and_is_shown_wherever_the_basket_is(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.follow(visitor.post(f"{base}/rename", {"name": " <b>Comets</b>\r\n\x07 & co ", "back": base}))
    assert page.messages == ["The basket is called “<b>Comets</b> & co” now."]
    assert "<b>Comets</b> & co" in words(visitor.get(base).at("this-basket"))
    assert "in <b>Comets</b> & co" in words(stranger.get(base).at("actions"))
    assert not stranger.get(base).has("this-basket")


def test_a_name_can_be_taken_away(shared: Site) -> None:
    visitor = shared.visitor()
    base = new(visitor, "Comets")
    visitor.post(f"{base}/rename", {"name": ""})
    assert "Basket of " in words(visitor.get(base).at("this-basket"))


@pytest.mark.parametrize("where", ["rename", ""])
def test_a_name_that_is_too_long_is_refused_and_nothing_changes(shared: Site, where: str) -> None:
    visitor = shared.visitor()
    base = new(visitor, "Comets")
    url = f"{base}/{where}" if where else "/baskets"
    assert visitor.post(url, {"name": "x" * 101}, status=422).title.startswith("The name has 101 characters")
    assert names(visitor.get("/baskets")) == ["Comets"]


def test_renaming_leads_back_to_the_page_as_it_was(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    (form,) = visitor.get(f"{base}?{QUERY}").forms("/rename")
    assert visitor.post(f"{base}/rename", form).location == f"{base}?mrp=0&open={WFPC2}"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_renaming_leads_nowhere_else(shared: Site, back: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    assert visitor.post(f"{base}/rename", {"name": "x", "back": back}).location == base


def test_a_duplicate_has_content_ticks_and_removals_and_a_name_of_its_own(shared: Site) -> None:
    visitor = shared.visitor()
    base = new(visitor, "Comets", WFPC2)
    visitor.tick(base, TRL)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, C0F)
    twin = visitor.post(f"{base}/duplicate").location
    assert visitor.get(f"{twin}?{QUERY}").rows == visitor.get(f"{base}?{QUERY}").rows
    assert sorted(names(visitor.get("/baskets"))) == ["Comets", "Comets, copy"]


def test_a_duplicate_of_a_long_name_fits(shared: Site) -> None:
    visitor = shared.visitor()
    base = new(visitor, "x" * 100)
    visitor.post(f"{base}/duplicate")
    assert f"{'x' * 93}…, copy" in names(visitor.get("/baskets"))


def test_a_stranger_does_nothing_with_a_basket_as_a_whole(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = new(visitor, "Comets", WFPC2)
    stranger.basket(IMAGE)
    before = visitor.get("/baskets").flat
    for action in ACTIONS:
        stranger.post(f"{base}/{action}", {"name": "x"}, status=403)
    stranger.get(f"{base}/key", status=403)
    assert visitor.get("/baskets").flat == before


def test_the_frozen_basket_of_a_share_is_none_to_shelve(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    share = visitor.post(f"{base}/share", {"back": "mrp=0"}).location.partition("?")[0]
    for action in ACTIONS:
        visitor.post(f"/baskets/{share.rpartition('/')[2]}/{action}", {"name": "x"}, status=403)
