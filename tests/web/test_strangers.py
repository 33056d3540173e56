"""Somebody else's basket: the same view, read-only, with a copy to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, WFPC2

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site

C0F, TRL = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl"))
QUERY = f"mrp=0&open={WFPC2}"


def buttons(page: Page) -> set[str]:
    """The addresses that an enabled button of a form posts to."""
    return {
        (form.get("action") or "").rpartition("/")[2]
        for form in page.all("form")
        if form.get("method") == "post"
        for button in form.iter("button")
        if button.get("disabled") is None
    }


def test_a_stranger_sees_the_same_files_numbers_and_ticks(site: Site) -> None:
    visitor, stranger = site.visitor(), site.visitor()
    base = visitor.basket(WFPC2, IMAGE)
    visitor.tick(base, C0F)
    mine, theirs = visitor.get(f"{base}?{QUERY}"), stranger.get(f"{base}?{QUERY}")
    assert (theirs.rows, theirs.facets) == (mine.rows, mine.facets)
    assert theirs.at("details").attrib == mine.at("details").attrib


def test_a_stranger_can_press_copy_and_download_and_nothing_else(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    of_owner = {"baskets", "rename", "duplicate", "lock", "delete", "selection", "remove", "deliveries"}
    assert buttons(visitor.get(f"{base}?{QUERY}")) == of_owner
    assert buttons(stranger.get(f"{base}?{QUERY}&file=mast:HST/product/{WFPC2}_c0f.fits")) == {"copy", "deliveries"}


def test_a_stranger_sees_changes_as_they_are_made(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    before = stranger.get(f"{base}?{QUERY}").states[C0F]
    visitor.tick(base, C0F)
    assert (before, stranger.get(f"{base}?{QUERY}").states[C0F]) == ("false", "true")


def test_a_stranger_is_told_whose_basket_it_is(shared: Site) -> None:
    base = shared.visitor().basket(WFPC2)
    assert "You are looking at someone else's basket." in shared.visitor().get(base).words


def test_a_stranger_sees_the_observations_without_a_way_to_remove_them(shared: Site) -> None:
    base = shared.visitor().basket(WFPC2)
    page = shared.visitor().get(f"{base}/observations")
    assert WFPC2 in page.words
    assert buttons(page) == set()


@pytest.mark.parametrize("known", [False, True], ids=["new session", "with a basket"])
@pytest.mark.parametrize(
    ("where", "form"),
    [
        ("selection", {"set": "matching"}),
        ("selection", {"tick": C0F}),
        ("selection", {"path": C0F, "on": "0"}),
        ("remove", {"what": "selected"}),
        ("remove", {"what": "all"}),
        ("observations", {"remove": "1"}),
        ("undo", {"step": "1"}),
    ],
)
def test_a_stranger_changes_nothing(shared: Site, where: str, form: dict[str, str], *, known: bool) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, f"HST/{WFPC2}/{WFPC2}_d0f.fits")
    before = visitor.get(f"{base}?{QUERY}")  # with the message
    before = visitor.get(f"{base}?{QUERY}")
    if known:
        stranger.basket(IMAGE)
    page = stranger.post(f"{base}/{where}", {**form, "back": QUERY}, status=403)
    assert page.title.startswith("This basket is someone else's, so you cannot change it.")
    assert visitor.get(f"{base}?{QUERY}").flat == before.flat


def test_a_copy_has_content_ticks_and_removals(site: Site) -> None:
    visitor, stranger = site.visitor(), site.visitor()
    base = visitor.basket(WFPC2, EXPOSURE)
    visitor.tick(base, TRL)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, C0F)
    copied = stranger.post(f"{base}/copy", {"back": QUERY}).location
    assert stranger.get(copied).rows == visitor.get(f"{base}?{QUERY}").rows


def test_a_copy_shows_the_page_that_was_copied(shared: Site) -> None:
    stranger = shared.visitor()
    copied = stranger.post(f"{shared.visitor().basket(WFPC2)}/copy", {"back": "mrp=0&sort=size"}).location
    assert copied.endswith("?mrp=0&sort=size")
    page = stranger.get(copied)
    assert page.messages == ["This is your own copy. Changes here do not touch the other basket."]


def test_a_copy_is_the_session_s_own_and_leaves_the_original_alone(site: Site) -> None:
    visitor, stranger = site.visitor(), site.visitor()
    base = visitor.basket(WFPC2)
    copied = stranger.post(f"{base}/copy", {}).location
    stranger.tick(copied, C0F)
    stranger.post(f"{copied}/remove", {"what": "selected"})
    stranger.post("/basket/add", {"obs": IMAGE})
    assert stranger.get("/basket", status=302).location == copied
    assert set(visitor.get(f"{base}?{QUERY}").states) == {"HST/", f"HST/{WFPC2}/"} | {
        each.path for each in site.holdings.of(WFPC2)
    }


def test_what_happens_to_the_original_later_leaves_the_copy_alone(site: Site) -> None:
    visitor, stranger = site.visitor(), site.visitor()
    base = visitor.basket(WFPC2)
    copied = stranger.post(f"{base}/copy", {}).location
    visitor.post(f"{base}/remove", {"what": "all"})
    assert C0F in stranger.get(f"{copied}?{QUERY}").states


@pytest.mark.parametrize("rest", ["", "/expand", "/observations", "/headers?uri=mast:a/b"])
def test_a_basket_that_does_not_exist_is_a_sentence(site: Site, rest: str) -> None:
    page = site.visitor().get(f"/baskets/AAAAAAAAAAAAAAAAAAAAAA{rest}", status=404)
    assert page.title.startswith("There is no basket at this address.")


@pytest.mark.parametrize("rest", ["selection", "remove", "observations", "undo", "copy", "deliveries"])
def test_nothing_can_be_done_to_a_basket_that_does_not_exist(site: Site, rest: str) -> None:
    form = {"what": "all", "step": "1", "set": "none", "method": "script", "format": "sh"}
    site.visitor().post(f"/baskets/AAAAAAAAAAAAAAAAAAAAAA/{rest}", form, status=404)


@pytest.mark.parametrize("id_", ["%00", "a%00b", "%0a", "%E2%80%AE"])
def test_an_address_with_characters_that_no_address_has_is_a_sentence(site: Site, id_: str) -> None:
    for url in (f"/baskets/{id_}", f"/deliveries/{id_}", f"/deliveries/x/{id_}"):
        site.visitor().get(url, status=404)


def test_the_id_of_a_basket_cannot_be_guessed(shared: Site) -> None:
    ids = {shared.visitor().basket(WFPC2).rpartition("/")[2] for _ in range(3)}
    assert len(ids) == 3
    assert {len(each) for each in ids} == {22}  # 128 bits in base 64
