"""A deleted basket comes back as it was for thirty days, and is gone for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixtures.holdings import NOW, WFPC2
from tests.fixtures.shelf import listed, names, new

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site

DAY = 86_400
C0F = f"HST/{WFPC2}/{WFPC2}_c0f.fits"
QUERY = f"mrp=0&open={WFPC2}"


def test_deleting_has_undo(shared: Site) -> None:
    visitor = shared.visitor()
    base = new(visitor, "Comets", WFPC2)
    visitor.tick(base, C0F)
    before = visitor.get(f"{base}?{QUERY}").rows
    page = visitor.follow(visitor.post(f"{base}/delete"))
    assert page.messages == ["Deleted “Comets”."]
    assert len(page.forms("/restore")) == 2  # of the message and of the list
    assert visitor.follow(visitor.post(f"{base}/restore")).messages == ["“Comets” is back."]
    assert visitor.get(f"{base}?{QUERY}").rows == before


def test_a_deleted_basket_can_be_brought_back_for_thirty_days(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = new(visitor, "Comets", WFPC2)
    at(NOW)
    visitor.post(f"{base}/delete")
    at(NOW + 30 * DAY - 1)
    assert [row[2] for row in listed(visitor.get("/baskets"))] == ["2027-02-14"]
    visitor.post(f"{base}/restore")
    assert names(visitor.get("/baskets")) == ["Comets"]


def test_after_thirty_days_it_is_too_late(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = new(visitor, "Comets", WFPC2)
    at(NOW)
    visitor.post(f"{base}/delete")
    at(NOW + 30 * DAY)
    assert "Bring back" not in visitor.get("/baskets").words
    assert "too long ago" in visitor.get(base, status=410).words
    visitor.post(f"{base}/restore", status=410)


def test_a_deleted_basket_is_gone_for_others_and_can_come_back_for_its_owner(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/delete")
    assert stranger.get(base, status=410).title.startswith("This basket was deleted.")
    assert not stranger.get(base, status=410).forms("/restore")
    assert visitor.get(base, status=410).forms("/restore")


def test_nothing_is_done_to_a_deleted_basket(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/delete")
    form = {"set": "matching", "what": "all", "step": "1", "method": "script", "format": "sh", "back": "mrp=0"}
    for where in ("selection", "remove", "undo", "observations", "deliveries", "share", "lock", "delete", "duplicate"):
        visitor.post(f"{base}/{where}", form, status=410)


def test_whoever_deleted_the_only_basket_is_led_to_it(shared: Site) -> None:
    visitor = shared.visitor()
    visitor.post(f"{visitor.basket(WFPC2)}/delete")
    assert visitor.get("/basket").all("a", href="/baskets")
