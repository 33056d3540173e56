"""Merging baskets: a new one with all that they hold; the old ones stay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.shelf import in_use, new
from tests.fixtures.visitor import words
from webapp import baskets, merging
from webapp.context import Services
from webapp.errors import UserError

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

C0F, TRL, D0F = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl", "d0f"))
QUERY = f"mrp=0&open={WFPC2}"


def ids(*bases: str) -> dict[str, object]:
    return {"basket": [base.rpartition("/")[2] for base in bases]}


def merged(visitor: Visitor, *bases: str, name: str = "") -> str:
    """Merge; the path of the new basket."""
    visitor.follow(visitor.post("/baskets/merge", {**ids(*bases), "name": name}))
    return in_use(visitor)


def remove(visitor: Visitor, base: str, *paths: str) -> None:
    visitor.post(f"{base}/selection", {"set": "none", "back": "mrp=0"})
    visitor.tick(base, *paths)
    visitor.post(f"{base}/remove", {"what": "selected"})


def test_a_merged_basket_has_the_observations_and_the_ticks_of_all(site: Site) -> None:
    visitor = site.visitor()
    one, two = new(visitor, "one", WFPC2), new(visitor, "two", WFPC2, IMAGE)
    visitor.tick(one, C0F)
    visitor.tick(two, TRL)
    states = visitor.get(f"{merged(visitor, one, two)}?{QUERY}").states
    assert [states[path] for path in (C0F, TRL, D0F)] == ["true", "true", "false"]
    assert f"JWST/{IMAGE}/" in states


def test_a_file_is_out_only_if_no_basket_shows_it(shared: Site) -> None:
    visitor = shared.visitor()
    one, two = new(visitor, "one", WFPC2), new(visitor, "two", WFPC2)
    remove(visitor, one, C0F, TRL)
    remove(visitor, two, TRL)
    states = visitor.get(f"{merged(visitor, one, two)}?{QUERY}").states
    assert (C0F in states, TRL in states) == (True, False)


def test_products_that_were_added_by_themselves_come_along(shared: Site) -> None:
    visitor = shared.visitor()
    one = new(visitor, "one", WFPC2)
    visitor.tick(one, C0F)
    share = visitor.post(f"{one}/share", {"back": "mrp=0"}).location.partition("?")[0]
    copied = shared.visitor()
    other = copied.post(f"/baskets/{share.rpartition('/')[2]}/copy").location.partition("?")[0]
    two = new(copied, "two", IMAGE)
    states = copied.get(f"{merged(copied, other, two)}?{QUERY}").states
    assert states[C0F] == "true"


def test_the_baskets_that_were_merged_stay_as_they_are(shared: Site) -> None:
    visitor = shared.visitor()
    one, two = new(visitor, "one", WFPC2), new(visitor, "two", WFPC2, IMAGE)
    remove(visitor, one, TRL)
    visitor.tick(two, C0F)
    before = [visitor.get(f"{base}?{QUERY}").rows for base in (one, two)]
    merged(visitor, one, two)
    assert [visitor.get(f"{base}?{QUERY}").rows for base in (one, two)] == before


def test_a_locked_basket_can_be_merged(shared: Site) -> None:
    visitor = shared.visitor()
    one, two = new(visitor, "one", WFPC2), new(visitor, "two", IMAGE)
    visitor.post(f"{one}/lock")
    assert "locked" not in visitor.get(merged(visitor, one, two)).words


def test_the_numbers_are_said_and_undo_deletes_the_new_one(shared: Site) -> None:
    visitor = shared.visitor()
    one, two = new(visitor, "one", WFPC2), new(visitor, "two", IMAGE)
    visitor.tick(one, C0F)
    page = visitor.follow(visitor.post("/baskets/merge", ids(one, two)))
    files = len(shared.holdings.of(WFPC2, IMAGE))
    assert page.messages[-1] == f"Merged 2 baskets into “one + two”: {files} files, 1 selected."
    message = next(each for each in page.all("div", class_="message") if words(each).startswith("Merged"))
    visitor.post(next(message.iter("form")).get("action", ""))
    assert "2 baskets" in visitor.get("/baskets").words


def test_a_merged_basket_can_have_a_name(shared: Site) -> None:
    visitor = shared.visitor()
    base = merged(visitor, new(visitor, "one", WFPC2), new(visitor, "two", IMAGE), name="All of it")
    assert "in All of it" in visitor.other().get(base).words


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_are_refused(shared: Site, count: int) -> None:
    visitor = shared.visitor()
    one = new(visitor, "one", WFPC2)
    page = visitor.post("/baskets/merge", ids(*[one] * count * 2), status=422)
    assert page.title.startswith("Fewer than two baskets were ticked")


def test_the_basket_of_another_cannot_be_merged_though_it_can_be_seen(shared: Site) -> None:
    visitor = shared.visitor()
    one, theirs = new(visitor, "one", WFPC2), new(shared.visitor(), "theirs", IMAGE)
    visitor.post("/baskets/merge", ids(one, theirs), status=403)
    assert "1 basket," in visitor.get("/baskets").words


def test_a_deleted_basket_cannot_be_merged(shared: Site) -> None:
    visitor = shared.visitor()
    one, two = new(visitor, "one", WFPC2), new(visitor, "two", IMAGE)
    visitor.post(f"{two}/delete")
    visitor.post("/baskets/merge", ids(one, two), status=410)


def test_more_files_than_a_basket_holds_are_refused_and_nothing_is_made(shared: Site) -> None:
    visitor = shared.visitor()
    bases = new(visitor, "one", WFPC2), new(visitor, "two", IMAGE)
    here = shared.services
    limit = len(shared.holdings.of(WFPC2, IMAGE)) - 1
    small = Services(replace(here.settings, basket_files=limit), here.engine, here.inventories)
    wanted = [base.rpartition("/")[2] for base in bases]
    owner = baskets.row(small, wanted[0]).owner
    with pytest.raises(UserError, match=rf"Together these baskets hold {limit + 1} files or more; one basket holds"):
        merging.merge(small, wanted, owner)
    assert "2 baskets" in visitor.get("/baskets").words


def test_more_than_a_hundred_baskets_are_not_merged_at_once(shared: Site) -> None:
    page = shared.visitor().post("/baskets/merge", {"basket": [f"basket-{n}" for n in range(101)]}, status=422)
    assert "101 baskets were ticked, and 100 can be merged at once." in page.words
