"""Two baskets compared: three groups, what can be done with each, and whose baskets can be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, WFPC2
from tests.fixtures.visitor import words
from webapp import baskets, comparing
from webapp.baskets import Opened
from webapp.inventory.inventory import Kind, build
from webapp.queries.baskets import BasketRow

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

ids = st.frozensets(st.integers(1, 12))


def basket_of(products: frozenset[int], removed: frozenset[int]) -> Opened:
    """A basket with these products, in an order that is not that of their ids."""
    order = sorted(products, reverse=True)
    kind = Kind("HST", "SCIENCE", "fits", "X", 2, recommended=False)
    zeros = [0] * len(order)
    inventory = build(
        product=order, folder=zeros, kind=zeros, rights=zeros, size=zeros, names=[f"{12 - i:02}.fits" for i in order],
        folders=[("HST", "f")], kinds=[kind], rights_ids=[1],
    )  # fmt: skip
    mask = np.isin(inventory.product, list(removed))
    row = BasketRow(
        "x", "owner", 1, 1, inventory.digest, None, None, None, None, len(order), 0, 0, "", None, None, None
    )
    return Opened(row, inventory, np.zeros_like(mask), mask)


@given(ids, ids, ids, ids)
def test_comparing_is_what_sets_do(
    a: frozenset[int], not_a: frozenset[int], b: frozenset[int], not_b: frozenset[int]
) -> None:
    one, other = basket_of(a, not_a), basket_of(b, not_b)
    found = comparing.parts(one, other)
    here, there = a - not_a, b - not_b
    assert set(one.inventory.product[found.a].tolist()) == here - there
    assert set(one.inventory.product[found.both].tolist()) == here & there
    assert set(other.inventory.product[found.b].tolist()) == there - here


def another(visitor: Visitor, *obs_ids: str) -> str:
    """One basket more of the same visitor; its path."""
    visitor.post("/baskets", {})
    return visitor.basket(*obs_ids)


def two(site: Site) -> tuple[Visitor, str, str, str]:
    """Baskets that share one file: whose, their paths, and the address of the comparison."""
    visitor = site.visitor()
    a = visitor.basket(EXPOSURE)
    b = another(visitor, IMAGE)
    return visitor, a, b, f"/baskets/compare?a={id_of(a)}&b={id_of(b)}"


def id_of(base: str) -> str:
    return base.rpartition("/")[2]


def group(page: Page, which: str) -> list[str]:
    """The names of a group's files."""
    section = next(each for each in page.all("section") if each.get("aria-labelledby") == f"group-{which}")
    return [words(each) for each in section.iter("li")]


def press(visitor: Visitor, url: str, which: str, into: str, **more: int) -> Page:
    form = next(each for each in visitor.get(url).forms("/compare/select") if each["group"] == which)
    return visitor.post("/baskets/compare/select", {**form, "into": into}, **more)


def selected(visitor: Visitor, base: str) -> set[str]:
    page = visitor.get(f"{base}?mrp=0&selected=1&open=JWST/{EXPOSURE}&open=JWST/{IMAGE}")
    return {row.path.rpartition("/")[2] for row in page.rows if row.depth == 3}


def test_the_three_groups_are_shown_by_folder(shared: Site) -> None:
    visitor, _, _, url = two(shared)
    page = visitor.get(url)
    assert group(page, "a") == [f"{EXPOSURE}_{name}" for name in ("cal.jpg", "rate.fits", "uncal.fits")]
    assert group(page, "both") == [f"{EXPOSURE}_cal.fits"]
    assert len(group(page, "b")) == 5
    assert f"JWST/{EXPOSURE}" in [words(each) for each in page.all("h3")]


def test_unknown_sizes_are_said(shared: Site) -> None:
    visitor = shared.visitor()
    a = visitor.basket(CONTRIBUTED)
    b = another(visitor, WFPC2)
    page = visitor.get(f"/baskets/compare?a={id_of(a)}&b={id_of(b)}")
    assert "of unknown size" in page.words


def test_removed_files_are_in_no_group(shared: Site) -> None:
    visitor, a, _, url = two(shared)
    visitor.tick(a, f"JWST/{EXPOSURE}/{EXPOSURE}_cal.fits")
    visitor.post(f"{a}/remove", {"what": "selected"})
    page = visitor.get(url)
    assert group(page, "both") == []
    assert f"{EXPOSURE}_cal.fits" in group(page, "b")


def test_a_long_group_is_cut_and_says_how_many_follow(lite: Site) -> None:
    visitor, _, _, url = two(lite)
    lite.holdings.add_many(EXPOSURE, 300)
    page = visitor.get(url)
    assert len(group(page, "a")) == 200
    assert "and 103 more" in page.words


def test_baskets_with_the_same_files_say_so(shared: Site) -> None:
    visitor, a, _, _ = two(shared)
    copied = visitor.post(f"{a}/copy").location.partition("?")[0]
    assert "Both hold the same 4 files." in visitor.get(f"/baskets/compare?a={id_of(a)}&b={id_of(copied)}").words


def test_a_group_becomes_the_selection_of_a_basket_and_undo_gives_the_old_one_back(lite: Site) -> None:
    visitor, a, _, url = two(lite)
    visitor.tick(a, f"JWST/{EXPOSURE}/{EXPOSURE}_cal.fits", f"JWST/{EXPOSURE}/{EXPOSURE}_rate.fits")
    before = selected(visitor, a)
    answer = press(visitor, url, "a", id_of(a))
    assert answer.location == f"{a}?mrp=0&selected=1"
    page = visitor.follow(answer)
    assert selected(visitor, a) == {f"{EXPOSURE}_{name}" for name in ("cal.jpg", "rate.fits", "uncal.fits")}
    (form,) = page.forms("/undo")
    assert visitor.post(f"{a}/undo", form).location.startswith("/baskets/compare?")
    assert selected(visitor, a) == before


def test_what_is_in_both_can_be_selected_in_the_other_one(shared: Site) -> None:
    visitor, _, b, url = two(shared)
    press(visitor, url, "both", id_of(b))
    assert selected(visitor, b) == {f"{EXPOSURE}_cal.fits"}


def test_a_group_can_be_put_into_a_new_basket(lite: Site) -> None:
    visitor, a, _, url = two(lite)
    page = visitor.follow(press(visitor, url, "a", "new"))
    assert page.messages == ["Put 3 files into a new basket."]
    assert "of 3 files" in page.words
    assert visitor.get("/basket", status=302).location != a


def test_what_was_withdrawn_is_left_out_of_the_new_basket_and_named(lite: Site) -> None:
    visitor, a, b, _ = two(lite)
    share = visitor.post(f"{a}/share", {"back": "mrp=0"}).location
    lite.holdings.withdraw(f"{EXPOSURE}_rate.fits")
    url = f"/baskets/compare?a={id_of(share)}&b={id_of(b)}"
    page = visitor.follow(press(visitor, url, "a", "new"))
    said = f"Put 2 files into a new basket. Left out, as withdrawn from the archive: {EXPOSURE}_rate.fits."
    assert page.messages == [said]


def test_whoever_has_the_addresses_may_compare_and_take_a_copy_and_change_nothing(shared: Site) -> None:
    _, a, b, url = two(shared)
    stranger = shared.visitor()
    page = stranger.get(url)
    assert not [each for each in page.all("button", name="into") if each.get("value") != "new"]
    form = {"a": id_of(a), "b": id_of(b), "group": "a"}
    stranger.post("/baskets/compare/select", {**form, "into": id_of(a)}, status=403)
    assert stranger.follow(stranger.post("/baskets/compare/select", {**form, "into": "new"})).messages


def test_nothing_is_selected_in_a_third_basket(shared: Site) -> None:
    visitor, a, b, _ = two(shared)
    third = another(visitor, EXPOSURE)
    form = {"a": id_of(a), "b": id_of(b), "group": "a", "into": id_of(third)}
    visitor.post("/baskets/compare/select", form, status=400)
    visitor.post("/baskets/compare/select", {**form, "into": id_of(a), "group": "x"}, status=400)
    assert selected(visitor, third) == set()


def test_the_other_basket_is_chosen_from_one_s_own_or_by_any_address(shared: Site) -> None:
    visitor, a, b, url = two(shared)
    page = visitor.get(f"/baskets/compare?a={id_of(a)}")
    assert [each.get("href") for each in page.all("a") if each.get("href", "").startswith("/baskets/compare?")] == [url]
    (form,) = page.forms("/baskets/compare")
    assert form["a"] == id_of(a)
    share = shared.visitor().post(f"{b}/share", {"back": "mrp=0"}).location
    for text, meant in ((f"https://x.example{share}?mrp=0&open=a", share), (f" {b} ", b)):
        answer = visitor.get(f"/baskets/compare?{urlencode({'a': id_of(a), 'b': text})}", status=302)
        assert answer.location == f"/baskets/compare?a={id_of(a)}&b={id_of(meant)}"


@pytest.mark.parametrize("text", ["https://x.example/history", "javascript:alert(1)", "/baskets/", "a b", "//s/x/../"])
def test_what_is_no_address_of_a_basket_is_a_sentence(shared: Site, text: str) -> None:
    with pytest.raises(baskets.UserError, match="is not the address of a basket or a share"):
        comparing.basket_id(text)
    assert shared.visitor().client.get("/baskets/compare", query_string={"a": text}).status_code == 400


def test_a_basket_that_is_not_there_is_a_sentence(shared: Site) -> None:
    visitor, a, _, _ = two(shared)
    visitor.get(f"/baskets/compare?a={id_of(a)}&b=AAAAAAAAAAAAAAAAAAAAAA", status=404)


def test_comparing_begins_with_a_choice(shared: Site) -> None:
    visitor, a, b, _ = two(shared)
    page = visitor.get("/baskets/compare")
    assert words(page.all("h1")[0]) == "Compare two baskets"
    assert {f"/baskets/compare?a={id_of(each)}" for each in (a, b)} == {
        each.get("href") for each in page.all("a") if "compare?" in each.get("href", "")
    }
