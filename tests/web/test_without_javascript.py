"""Plain links and forms, as a browser without JavaScript sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

C0F = f"HST/{WFPC2}/{WFPC2}_c0f.fits"
QUERY = f"mrp=0&open=HST/{WFPC2}&sort=size"


def press(visitor: Visitor, page: Page, button: str) -> Page:
    """Press the button with this text or label: the answer that its form gets."""
    for form in page.all("form"):
        for each in form.iter("button"):
            if button in {words(each), each.get("aria-label")}:
                assert each.get("disabled") is None
                sent = {i.get("name"): i.get("value", "") for i in form.iter("input") if i.get("name")}
                if each.get("name"):
                    sent[each.get("name")] = each.get("value", "")
                return visitor.post(form.get("action", ""), {str(name): value for name, value in sent.items()})
    raise AssertionError(button)


@pytest.mark.parametrize(
    "button",
    [
        f"Tick {WFPC2}_c0f.fits",
        f"Tick {WFPC2}",
        "Tick HST",
        "Select all 11 matching",
    ],
)
def test_a_button_leads_back_to_the_page_that_it_is_on(shared: Site, button: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2, IMAGE)
    answer = press(visitor, visitor.get(f"{base}?{QUERY}"), button)
    assert answer.location == f"{base}?{QUERY}"
    assert visitor.follow(answer).states[C0F] == "true"


def test_a_tick_says_nothing_a_removal_says_so_once(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    ticked = visitor.follow(press(visitor, visitor.get(f"{base}?{QUERY}"), f"Tick {WFPC2}_c0f.fits"))
    removed = visitor.follow(press(visitor, ticked, "Remove 1 selected"))
    again = visitor.get(f"{base}?{QUERY}")
    assert (ticked.messages, removed.messages, again.messages) == ([], ["Removed 1 file."], [])


def test_undo_is_a_button_too(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    emptied = visitor.follow(press(visitor, visitor.get(f"{base}?{QUERY}"), "Remove all 5"))
    answer = press(visitor, emptied, "Undo")
    assert answer.location == f"{base}?{QUERY}"
    assert C0F in visitor.follow(answer).states


def test_a_stale_page_is_told_of_the_other_tab(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.get(f"{base}?{QUERY}")
    visitor.same().tick(base, C0F)
    after = visitor.follow(press(visitor, page, f"Tick {WFPC2}_trl.fits"))
    assert after.messages == ["Changed in another tab too; this is how it is now."]


def test_more_rows_are_a_link_to_the_next_page(lite: Site) -> None:
    names = lite.holdings.add_many(WFPC2, 430)
    visitor = lite.visitor()
    page = visitor.get(f"{visitor.basket(WFPC2)}?{QUERY}")
    seen = [row.path for row in page.rows]
    while page.has("more"):
        link = next(page.at("more").iter("a"))
        page = visitor.get(link.get("href", ""))
        seen += [row.path for row in page.rows]
    paths = sorted([*(each.path for each in lite.holdings.of(WFPC2)), *(f"HST/{WFPC2}/{name}" for name in names)])
    assert seen[:2] == ["HST/", f"HST/{WFPC2}/"]
    assert sorted(seen[2:]) == paths


def test_a_later_page_links_to_the_rows_before_it(lite: Site) -> None:
    lite.holdings.add_many(WFPC2, 200)
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.get(f"{base}?{QUERY}&page=2")
    assert page.all("a", href=f"{base}?{QUERY}")


def test_pages_that_the_browser_has_already_are_repeated_by_a_swap(lite: Site) -> None:
    lite.holdings.add_many(WFPC2, 430)
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.post(f"{base}/selection", {"tick": C0F, "back": f"{QUERY}&through=2"}, target="workspace")
    assert (len(page.rows), page.at("tree").get("data-through")) == (400, "2")
    assert len(visitor.get(next(page.at("more").iter("a")).get("href", "")).rows) == 37
