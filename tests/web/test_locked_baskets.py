"""A locked basket refuses to be changed, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

C0F = f"HST/{WFPC2}/{WFPC2}_c0f.fits"
QUERY = f"mrp=0&open={WFPC2}"


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
        ("delete", {}),
    ],
)
def test_a_locked_basket_refuses_to_be_changed(shared: Site, where: str, form: dict[str, str]) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    visitor.post(f"{base}/lock")
    visitor.get(base)  # with the message
    before = visitor.get(f"{base}?{QUERY}").flat
    page = visitor.post(f"{base}/{where}", {**form, "back": QUERY}, status=409)
    assert page.title.startswith("This basket is locked, so ")
    assert visitor.get(f"{base}?{QUERY}").flat == before


def test_nothing_is_added_to_a_locked_basket(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/lock")
    visitor.post("/basket/add", {"obs": IMAGE}, status=409)
    assert "Observations in this basket (1)" in visitor.get(base).words


def test_a_locked_basket_says_so_and_can_be_unlocked_on_its_page(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.follow(visitor.post(f"{base}/lock"))
    assert "locked" in words(page.at("actions"))
    assert "locked" in words(stranger.get(base).at("actions"))
    visitor.post(f"{base}/unlock")
    visitor.tick(base, C0F)
    assert "1 selected" in visitor.get(base).words


def test_a_locked_basket_can_be_renamed_and_duplicated(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/lock")
    visitor.post(f"{base}/rename", {"name": "Comets"})
    twin = visitor.post(f"{base}/duplicate").location
    visitor.tick(twin, C0F)
    assert "1 selected" in visitor.get(twin).words
