"""Which of several baskets is in use: in one browser, in two, and on every page that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixtures.holdings import EXPOSURE, IMAGE, WFPC2
from tests.fixtures.people import log_in, person
from tests.fixtures.shelf import in_use, new
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

C0F, TRL, D0F = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl", "d0f"))
QUERY = f"mrp=0&open={WFPC2}"


def test_a_new_basket_is_the_one_to_work_with(shared: Site) -> None:
    visitor = shared.visitor()
    first = new(visitor, "first", WFPC2)
    second = new(visitor, "second")
    visitor.post("/basket/add", {"obs": IMAGE})
    counts = [
        words(visitor.get(base).at("actions")).count("Observations in this basket (1)") for base in (first, second)
    ]
    assert (in_use(visitor), counts) == (second.partition("?")[0], [1, 1])


def test_the_basket_that_was_opened_last_is_the_one_to_work_with(shared: Site) -> None:
    visitor = shared.visitor()
    first, second = new(visitor, "first", WFPC2), new(visitor, "second", IMAGE)
    visitor.get(first)
    page = visitor.follow(visitor.post("/basket/add", {"obs": EXPOSURE, "back": ""}))
    assert page.messages == ["Added 1 observation to “first”."]
    assert (in_use(visitor), words(page.at("basket-count"))) == (first, str(len(shared.holdings.of(WFPC2, EXPOSURE))))
    assert "Observations in this basket (1)" in visitor.get(second).words


def test_the_observations_page_marks_what_the_basket_in_use_holds(shared: Site) -> None:
    visitor = shared.visitor()
    first, second = new(visitor, "first", WFPC2), new(visitor, "second", IMAGE)
    marked = []
    for base in (first, second):
        visitor.get(base)
        marked.append([name for name in (WFPC2, IMAGE) if "in basket" in row_of(visitor.get(f"/?q={name}"), name)])
    assert marked == [[WFPC2], [IMAGE]]


def test_files_of_a_download_are_put_into_the_basket_in_use(queued: Site) -> None:
    visitor = queued.visitor()
    first = new(visitor, "first", WFPC2)
    visitor.tick(first, C0F)
    visitor.post(f"{first}/deliveries", {"method": "script", "format": "sh"})
    queued.work()
    files = next(a.get("href", "") for a in visitor.get("/history").all("a") if "?mrp=0" in a.get("href", ""))
    second = new(visitor, "second")
    new(visitor, "third")
    visitor.get(second)
    frozen = files.partition("?")[0]
    visitor.tick(frozen, C0F)
    page = visitor.follow(visitor.post(f"{frozen}/put", {"back": "mrp=0"}))
    assert page.messages == ["Put 1 file into “second”."]
    assert C0F in visitor.get(f"{second}?{QUERY}").states


def test_another_s_page_does_not_become_the_basket_in_use(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    mine, theirs = new(visitor, "mine", WFPC2), new(stranger, "theirs", IMAGE)
    visitor.get(theirs)
    assert in_use(visitor) == mine


def test_a_foreign_basket_that_a_session_remembers_is_ignored(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    mine, theirs = new(visitor, "mine"), new(stranger, "theirs")
    with visitor.client.session_transaction() as session:
        session["basket"] = theirs.rpartition("/")[2]
    visitor.post("/basket/add", {"obs": IMAGE})
    assert in_use(visitor) == mine
    assert "Observations in this basket (0)" in stranger.get(theirs).words


def test_a_deleted_basket_is_not_the_one_to_work_with(shared: Site) -> None:
    visitor = shared.visitor()
    first, second = new(visitor, "first"), new(visitor, "second")
    visitor.post(f"{second}/delete")
    assert in_use(visitor) == first


def test_with_one_basket_messages_need_not_name_it(shared: Site) -> None:
    visitor = shared.visitor()
    new(visitor, "only")
    assert visitor.follow(visitor.post("/basket/add", {"obs": IMAGE, "back": ""})).messages == ["Added 1 observation."]


def two_browsers(site: Site, name: str) -> tuple[Visitor, Visitor]:
    """Of a new account."""
    person(site, name)
    return log_in(site.visitor(), name), log_in(site.visitor(), name)


def test_two_browsers_on_one_basket_of_an_account_see_each_others_changes(shared: Site) -> None:
    one, other = two_browsers(shared, "grace")
    base = one.basket(WFPC2)
    one.tick(base, C0F)
    other.tick(base, TRL)
    other.post("/basket/add", {"obs": IMAGE})
    one.tick(base, D0F)
    seen = [each.get(f"{base}?{QUERY}").states for each in (one, other)]
    assert seen[0] == seen[1]
    assert [seen[0][path] for path in (C0F, TRL, D0F)] == ["true"] * 3
    assert "Observations in this basket (2)" in one.get(base).words


def test_a_removal_from_a_page_that_another_browser_made_old_is_refused(shared: Site) -> None:
    one, other = two_browsers(shared, "vera")
    base = one.basket(WFPC2)
    one.tick(base, C0F)
    form = one.get(f"{base}?{QUERY}").forms("/remove")[0]
    other.tick(base, TRL)
    one.post(f"{base}/remove", {**form, "what": "selected"}, status=412)
    assert C0F in other.get(f"{base}?{QUERY}").states


def test_each_browser_of_an_account_has_its_own_basket_in_use(shared: Site) -> None:
    one, other = two_browsers(shared, "henrietta")
    first = new(one, "first")
    second = new(other, "second")
    assert (in_use(one), in_use(other)) == (first, second)


def row_of(page: Page, name: str) -> str:
    return next(words(row) for row in page.all("tr") if name in words(row))
