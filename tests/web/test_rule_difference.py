"""What changed since the owner of a basket last looked can be had by itself: selected, as a script, as a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.following import C0F, DAY, TRL, arrive, changed, following, replace_file, ticked
from tests.fixtures.holdings import NOW, WFPC2
from webapp import baskets
from webapp.db import writing
from webapp.queries import deliveries as delivery_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site


@pytest.fixture(autouse=True)
def _now(at: Callable[[int], None]) -> None:
    at(NOW)


def test_the_difference_becomes_the_selection_and_is_shown(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    visitor.tick(base, TRL)
    new = changed(lite, at)
    (form,) = visitor.get(base).forms("/rule/difference")
    answer = visitor.post(f"{base}/rule/difference", {**form, "then": "selection"})
    assert answer.location == f"{base}?mrp=0&selected=1"
    assert visitor.follow(answer).messages == ["Selected just the 3 files that are new or replaced."]
    assert ticked(visitor, base) == {*new, C0F}


def test_undo_of_selecting_the_difference_brings_the_old_selection_back(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    visitor.tick(base, TRL, C0F)
    changed(lite, at)
    page = visitor.follow(visitor.post(f"{base}/rule/difference", {"then": "selection"}))
    (form,) = page.forms("/undo")
    visitor.post(f"{base}/undo", form)
    assert ticked(visitor, base) == {TRL, C0F}


@pytest.mark.parametrize(("then", "method"), [("script", "script/sh"), ("bundle", "bundle/zip")])
def test_the_difference_is_delivered_and_nothing_else(
    queued: Site, at: Callable[[int], None], then: str, method: str
) -> None:
    visitor = queued.visitor()
    base = following(visitor)
    visitor.tick(base, TRL)
    new = changed(queued, at)
    (form,) = visitor.get(base).forms("/rule/difference")
    answer = visitor.post(f"{base}/rule/difference", {**form, "then": then})
    delivery_id = answer.location.removeprefix("/deliveries/")
    with writing(queued.services.engine) as session:
        record = delivery_query.delivery(session, delivery_id)
    assert record is not None
    assert f"{record.method}/{record.format}" == method
    assert record.files_id is not None
    kept = baskets.opened(queued.services, record.files_id)
    found = {kept.inventory.name(row) for row in range(len(kept.inventory)) if not kept.removed[row]}
    assert found == {path.rpartition("/")[2] for path in (*new, C0F)}


def test_where_there_is_something_to_decide_the_plan_asks_first(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    at(NOW + DAY)
    for name in ("c0f", "c1f"):  # the second one's bytes are not there
        replace_file(lite, f"{WFPC2}_{name}.fits", NOW + DAY)
    page = visitor.post(f"{base}/rule/difference", {"then": "bundle"}, status=409)
    assert page.forms(f"{base}/deliveries")


def test_a_button_that_promises_another_number_does_nothing(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    changed(lite, at)
    (form,) = visitor.get(base).forms("/rule/difference")
    arrive(lite, "B0F")
    page = visitor.post(f"{base}/rule/difference", {**form, "then": "selection"}, status=412)
    assert page.title.startswith("The archive has changed again since you looked, so nothing was done.")
    assert ticked(visitor, base) == set()


def test_where_nothing_changed_there_is_no_difference_to_select(shared: Site) -> None:
    visitor = shared.visitor()
    base = following(visitor)
    visitor.post(f"{base}/rule/difference", {"then": "selection"}, status=422)
    visitor.post(f"{base}/rule/difference", {"then": "fax"}, status=400)
