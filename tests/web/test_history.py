"""The Download History: searched, filtered, labelled, deleted with Undo; a session's own and nobody else's."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest
from sqlalchemy import insert

from jobs.results import FAILED, READY, write_state
from tests.fixtures.holdings import NOW, WFPC2
from tests.fixtures.visitor import words
from webapp.db import writing
from webapp.delivery_files import folder
from webapp.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site


@pytest.fixture(autouse=True)
def _now(at: Callable[[int], None]) -> None:
    at(NOW)


def owner(visitor: Visitor) -> str:
    """The session's name, made by its first basket."""
    visitor.basket(WFPC2)
    with visitor.client.session_transaction() as session:
        found: str = session["owner"]
    return found


def delivery(site: Site, visitor: Visitor, name: str, **changes: Any) -> str:
    """A delivery that is over, by its row alone; its id."""
    id_ = secrets.token_urlsafe(16)
    row = {
        "id": id_, "owner": owner(visitor), "method": "script", "format": "sh", "options": "{}", "name": name,
        "label": "", "digest": "x", "files": 3, "bytes": 5_000_000, "unknown_size": 0, "omitted": 0, "exclusive": 0,
        "heavy": False, "run": 1, "state": "Cancelled", "created_at": NOW, "staged_bytes": 0,
    }  # fmt: skip
    with writing(site.services.engine) as session:
        session.execute(insert(Delivery), [row | changes])
    return id_


def names(page: Page) -> list[str]:
    """Of the deliveries listed, in order."""
    rows = [row for body in page.all("tbody") for row in body.iter("tr")]
    return [words(next(row.iter("a"))) for row in rows]


def test_deliveries_are_listed_newest_first_and_only_the_session_s_own(site: Site) -> None:
    visitor, stranger = site.visitor(), site.visitor()
    delivery(site, visitor, "older", created_at=NOW - 9)
    delivery(site, visitor, "newer")
    delivery(site, stranger, "foreign")
    assert names(visitor.get("/history")) == ["newer", "older"]
    assert "2 downloads, newest first" in visitor.get("/history").words


def test_each_links_to_its_page_and_to_its_files(shared: Site) -> None:
    visitor = shared.visitor()
    id_ = delivery(shared, visitor, "one", files_id="F" * 22)
    page = visitor.get("/history")
    assert page.all("a", href=f"/deliveries/{id_}")
    assert page.all("a", href=f"/baskets/{'F' * 22}?mrp=0")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=first", ["first"]),
        ("q=IRS", ["first"]),
        ("q=%C3%BCber", ["second"]),  # in any case, as a label has any letters
        ("q=100%25", ["third"]),
        ("method=bundle", ["second"]),
        ("method=script&q=i", ["first", "third"]),
        ("method=batch", []),
        ("q=i&page=7", ["first", "third"]),
    ],
)
def test_search_and_method_narrow_the_list(shared: Site, query: str, found: list[str]) -> None:
    visitor = shared.visitor()
    delivery(shared, visitor, "first")
    delivery(shared, visitor, "second", label="ÜBER uns", method="bundle", format="zip", created_at=NOW - 1)
    delivery(shared, visitor, "third", label="100%", created_at=NOW - 2)
    assert names(visitor.get(f"/history?{query}")) == found


def test_a_filter_by_state_asks_how_each_is_now(lite: Site) -> None:
    visitor = lite.visitor()
    delivery(lite, visitor, "cancelled")
    delivery(lite, visitor, "failed", state=FAILED)
    delivery(lite, visitor, "its files are gone", state=READY)
    waiting = delivery(lite, visitor, "waiting", state=None)
    ended = delivery(lite, visitor, "ended, and nobody looked yet", state=None)
    delivery(lite, visitor, "expired", state=READY, expires_at=NOW - 1)
    for id_ in (waiting, ended):
        place = folder(lite.services, id_)
        place.mkdir(parents=True)
        (place / "manifest.jsonl").write_text("")
    write_state(folder(lite.services, ended), READY)
    listed = {
        state: set(names(visitor.get(f"/history?state={quote_plus(state)}")))
        for state in ("Queued", "Preparing", "Ready", "Failed", "Cancelled", "Expired", "Finished with problems")
    }
    assert listed == {
        "Queued": {"waiting"},
        "Preparing": set(),
        "Ready": {"ended, and nobody looked yet"},
        "Failed": {"failed", "its files are gone"},
        "Cancelled": {"cancelled"},
        "Expired": {"expired"},
        "Finished with problems": set(),
    }


def test_a_list_that_shows_nothing_says_so_and_offers_all(shared: Site) -> None:
    visitor = shared.visitor()
    delivery(shared, visitor, "one")
    page = visitor.get("/history?q=nothing")
    assert "No download matches" in page.words
    assert "Show all 1" in page.words


@pytest.mark.parametrize("query", ["colour=red", "state=Done", "method=post", "page=0", "page=x", "q=" + "x" * 201])
def test_an_unknown_filter_or_value_is_a_sentence(shared: Site, query: str) -> None:
    shared.visitor().get(f"/history?{query}", status=400)


def test_a_long_history_comes_in_pages_that_keep_the_filters(lite: Site) -> None:
    visitor = lite.visitor()
    who = owner(visitor)
    for number in range(51):
        delivery(lite, visitor, f"d{number:02}", owner=who, created_at=NOW - number)
    first = visitor.get("/history?q=d")
    assert names(first) == [f"d{number:02}" for number in range(50)]
    assert first.at("next").get("href") == "/history?q=d&page=2"
    assert names(visitor.get("/history?q=d&page=2")) == ["d50"]
    assert names(visitor.get("/history?state=Cancelled&page=2")) == ["d50"]


def test_a_label_is_kept_shown_and_taken_away(shared: Site) -> None:
    visitor = shared.visitor()
    id_ = delivery(shared, visitor, "one")
    back = visitor.post(f"/deliveries/{id_}/label", {"label": " for\n the <talk> ", "back": "/history?q=one"}).location
    assert back == "/history?q=one"
    assert "for the <talk>" in visitor.get(back).words
    visitor.post(f"/deliveries/{id_}/label", {"label": ""})
    assert "talk" not in visitor.get("/history").words


def test_a_label_that_is_too_long_is_a_sentence(shared: Site) -> None:
    visitor = shared.visitor()
    id_ = delivery(shared, visitor, "one")
    page = visitor.post(f"/deliveries/{id_}/label", {"label": "x" * 201}, status=422)
    assert page.title.startswith("The label has 201 characters; 200 are possible.")
    visitor.post(f"/deliveries/{id_}/label", {"label": "x" * 200})


def test_a_deleted_delivery_leaves_the_list_and_keeps_its_page(lite: Site) -> None:
    visitor = lite.visitor()
    id_ = delivery(lite, visitor, "one")
    delivery(lite, visitor, "other")
    page = visitor.follow(visitor.post(f"/deliveries/{id_}/delete", {"back": "/history"}))
    assert (names(page), page.messages) == (["other"], ["Deleted one from the history."])
    assert "one" in visitor.get(f"/deliveries/{id_}").words


def test_undo_brings_a_deleted_delivery_back_to_the_same_list(site: Site) -> None:
    visitor = site.visitor()
    id_ = delivery(site, visitor, "one")
    page = visitor.follow(visitor.post(f"/deliveries/{id_}/delete", {"back": "/history?method=script"}))
    (form,) = page.forms("/restore")
    again = visitor.post(f"/deliveries/{id_}/restore", form)
    assert again.location == "/history?method=script"
    assert names(visitor.follow(again)) == ["one"]


@pytest.mark.parametrize("action", ["label", "delete", "restore"])
def test_a_stranger_changes_nothing_in_the_history(shared: Site, action: str) -> None:
    visitor = shared.visitor()
    id_ = delivery(shared, visitor, "one")
    shared.visitor().post(f"/deliveries/{id_}/{action}", {"label": "mine"}, status=403)
    assert names(visitor.get("/history")) == ["one"]


@pytest.mark.parametrize("action", ["label", "delete", "restore"])
def test_nothing_can_be_done_to_a_delivery_that_does_not_exist(shared: Site, action: str) -> None:
    shared.visitor().post(f"/deliveries/AAAAAAAAAAAAAAAAAAAAAA/{action}", status=404)


def test_where_undo_leads_is_a_page_of_the_history_and_nowhere_else(shared: Site) -> None:
    visitor = shared.visitor()
    id_ = delivery(shared, visitor, "one")
    visitor.post(f"/deliveries/{id_}/delete", {"back": "https://elsewhere.example/"})
    assert visitor.post(f"/deliveries/{id_}/restore", {"back": "//elsewhere.example"}).location == "/history"


@pytest.mark.parametrize("query", ["", "?q=one", "?state=Ready", "?q=nothing"])
def test_the_fragment_is_part_of_the_page(shared: Site, query: str) -> None:
    visitor = shared.visitor()
    delivery(shared, visitor, "one")
    fragment, page = visitor.get(f"/history{query}", target="history"), visitor.get(f"/history{query}")
    assert not fragment.is_full
    assert fragment.flat in page.flat


def test_the_address_to_show_is_canonical(shared: Site) -> None:
    visitor = shared.visitor()
    delivery(shared, visitor, "one")
    page = visitor.get("/history?page=1&method=script&state=&q=+one+", target="history")
    assert page.headers["HX-Push-Url"] == "/history?q=one&method=script"


def test_a_fragment_after_a_deletion_brings_the_message_along(shared: Site) -> None:
    visitor = shared.visitor()
    id_ = delivery(shared, visitor, "one")
    visitor.post(f"/deliveries/{id_}/delete", {"back": "/history"})
    assert visitor.get("/history", target="history").messages == ["Deleted one from the history."]
    assert visitor.get("/history").messages == []
