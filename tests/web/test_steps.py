"""The recent steps of a basket: each that destroyed something is listed, and can be undone from there, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlmodel import col

from tests.fixtures.holdings import IMAGE, NOW, WFPC2
from tests.fixtures.visitor import words
from webapp import snapshots, steps
from webapp.baskets import opened
from webapp.db import reading, writing
from webapp.models import Basket, BasketStep
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

C0F, TRL, D0F = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl", "d0f"))
OPEN = f"mrp=0&open=HST/{WFPC2}"


def ticked(visitor: Visitor, base: str) -> set[str]:
    return {row.path for row in visitor.get(f"{base}?{OPEN}").rows if row.depth == 3 and row.state == "true"}


def listed(page: Page) -> list[tuple[str, ...]]:
    """Each step: what, when, and the button or the word beside it."""
    return [tuple(words(cell) for cell in row) for row in page.all("tr")][1:]


def unticked(visitor: Visitor, base: str, which: str = "none", back: str = OPEN) -> Page:
    return visitor.post(f"{base}/selection", {"set": which, "back": back}, target="workspace")


def undo(visitor: Visitor, base: str, page: Page, status: int = 303) -> Page:
    form = page.forms("/undo")[0]
    return visitor.post(f"{base}/undo", form, status=status)


def test_unticking_everything_says_how_much_and_undo_ticks_it_again(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    page = unticked(visitor, base)
    assert page.messages == ["Unticked 2 files."]
    assert ticked(visitor, base) == set()
    undo(visitor, base, page)
    assert ticked(visitor, base) == {C0F, TRL}


def test_dropping_what_filters_hide_can_be_undone(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    page = unticked(visitor, base, "hidden", "mrp=0&group=C0F")
    assert page.messages == ["Unticked 1 file hidden by filters."]
    assert ticked(visitor, base) == {C0F}
    undo(visitor, base, page)
    assert ticked(visitor, base) == {C0F, TRL}


def test_undo_ticks_what_was_unticked_and_leaves_what_came_later(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    page = unticked(visitor, base)
    visitor.tick(base, D0F)
    undo(visitor, base, page)
    assert ticked(visitor, base) == {C0F, TRL, D0F}


def test_undo_does_not_bring_back_files_that_were_removed_since(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    page = unticked(visitor, base)
    visitor.tick(base, TRL)
    visitor.post(f"{base}/remove", {"what": "selected"})
    undo(visitor, base, page)
    found = visitor.get(f"{base}?{OPEN}").states
    assert TRL not in found
    assert ticked(visitor, base) == {C0F}


def test_a_tick_or_a_choice_that_destroys_nothing_is_no_step(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    before = listed(visitor.get(f"{base}/steps"))
    visitor.tick(base, C0F)
    visitor.tick(base, C0F, on=False)
    for which in ("none", "hidden", "matching"):
        assert unticked(visitor, base, which).messages == []
    assert listed(visitor.get(f"{base}/steps")) == before


def test_steps_are_listed_newest_first_with_what_and_when(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    at(NOW)
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    at(NOW + 60)
    unticked(visitor, base)
    assert listed(visitor.get(f"{base}/steps")) == [
        ("Unticked 2 files.", "2027-01-15 08:01 UTC", "Undo"),
        ("Added 1 observation.", "2027-01-15 08:00 UTC", "Undo"),
    ]


def test_any_step_is_undone_from_the_list_and_then_says_so(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, TRL)
    unticked(visitor, base)
    (_, removal, _) = visitor.get(f"{base}/steps").forms("/undo")
    answer = visitor.post(f"{base}/undo", removal)
    assert answer.location == f"{base}/steps"
    page = visitor.follow(answer)
    assert page.messages[-1] == "Undone: removed 1 file."
    assert [row[2] for row in listed(page)] == ["Undo", "undone", "Undo"]
    assert ticked(visitor, base) == {C0F}


def test_the_newest_hundred_steps_of_each_basket_are_kept_and_thirty_listed(site: Site) -> None:
    visitor, other = site.visitor(), site.visitor()
    base, theirs = visitor.basket(WFPC2), other.basket(IMAGE)
    basket_id = base.rpartition("/")[2]
    with writing(site.services.engine) as session:
        for number in range(105):
            steps.add_step(session, basket_id, f"Step {number}.", Undo())
    with reading(site.services.engine) as session:
        sentences = select(col(BasketStep.sentence)).where(col(BasketStep.basket_id) == basket_id)
        kept = list(session.execute(sentences.order_by(col(BasketStep.id))).scalars())
        count = select(func.count()).where(col(BasketStep.basket_id) == theirs.rpartition("/")[2])
        assert session.execute(count).scalar_one() == 1
    assert kept == [f"Step {number}." for number in range(5, 105)]
    page = visitor.get(f"{base}/steps")
    assert [row[0] for row in listed(page)] == [f"Step {number}." for number in range(104, 74, -1)]


def test_a_locked_basket_lists_its_steps_and_refuses_undo(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    page = unticked(visitor, base)
    with writing(lite.services.engine) as session:
        session.execute(update(Basket).where(col(Basket.id) == base.rpartition("/")[2]).values(locked_at=NOW))
    assert not visitor.get(f"{base}/steps").forms("/undo")
    undo(visitor, base, page, status=409)
    assert ticked(visitor, base) == set()


def test_the_steps_of_a_basket_are_its_owner_s_to_see(shared: Site) -> None:
    base = shared.visitor().basket(WFPC2)
    shared.visitor().get(f"{base}/steps", status=403)


def test_what_was_ticked_among_the_files_of_a_download_comes_back_too(lite: Site) -> None:
    """They are frozen: none can be removed, but ticks are its owner's."""
    visitor = lite.visitor()
    found = opened(lite.services, visitor.basket(WFPC2).rpartition("/")[2])
    base = f"/baskets/{snapshots.freeze(lite.services, found, ~found.removed, found.selection, found.row.owner)}"
    visitor.tick(base, C0F, TRL)
    undo(visitor, base, unticked(visitor, base))
    assert ticked(visitor, base) == {C0F, TRL}
