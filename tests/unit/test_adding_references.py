"""Reference files put into a basket: they come ticked, go by Undo, and never by halves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fixtures.holdings import EXPOSURE, OTHER_EXPOSURE
from tests.fixtures.references import OWNER, Desk, desk_on, names, reference
from tests.unit.test_baskets import at_once
from webapp import basket_content, removing, shares, shelf
from webapp.errors import UserError
from webapp.inventory.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.holdings import File

DARK, FLAT, MASK = "jwst_nircam_dark_0393.fits", "jwst_nircam_flat_0100.fits", "jwst_nircam_mask_0001.fits"
CAL = f"{EXPOSURE}_cal.fits"


@pytest.fixture
def dark(desk: Desk) -> File:
    return reference(desk.holdings, DARK, content=b"x" * 1_500)


@pytest.fixture
def flat(desk: Desk) -> File:
    return reference(desk.holdings, FLAT, content=b"x" * 2_500)


def undo(desk: Desk, basket_id: str, step: int | None) -> str:
    assert step is not None
    return basket_content.undo(desk.services, basket_id, OWNER, step).sentence


def remove(desk: Desk, basket_id: str, each: File) -> None:
    removing.remove(desk.services, basket_id, OWNER, lambda now: now.inventory.product == each.id)


def untick(desk: Desk, basket_id: str, each: File) -> None:
    now = desk.opened(basket_id)
    desk.select(basket_id, *(desk.ticked(basket_id) - {each.name}))
    assert not desk.opened(basket_id).selection[now.inventory.row_of([each.id])].any()


def nothing_changes(desk: Desk, basket_id: str, status: int, work: Callable[[], object]) -> UserError:
    """Refused with this status, and the basket is as it was."""
    before = desk.opened(basket_id).row
    with pytest.raises(UserError) as refused:
        work()
    assert refused.value.status == status
    assert desk.opened(basket_id).row == before
    return refused.value


def test_references_come_ticked_and_say_how_large_they_are(desk: Desk, dark: File, flat: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    desk.select(basket_id, CAL)
    done = desk.add(basket_id, dark, flat)
    assert (done.sentence, done.count) == ("Added 2 reference files (4.0 kB), ticked.", 2)
    assert desk.ticked(basket_id) == {CAL, DARK, FLAT}


def test_undo_takes_back_what_came_and_nothing_else(desk: Desk, dark: File, flat: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    desk.add(basket_id, flat)
    inside, ticked = desk.inside(basket_id), desk.ticked(basket_id)
    step = desk.add(basket_id, dark, flat).step
    assert undo(desk, basket_id, step).startswith("Undone: added 1 reference file (1.5 kB), ticked.")
    assert (desk.inside(basket_id), desk.ticked(basket_id)) == (inside, ticked)


def test_undo_leaves_what_was_done_meanwhile(desk: Desk, dark: File, flat: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    step = desk.add(basket_id, dark).step
    desk.add(basket_id, flat)
    undo(desk, basket_id, step)
    assert {DARK, FLAT} & desk.ticked(basket_id) == {FLAT}


def test_a_reference_that_was_removed_comes_back_and_goes_again_by_undo(desk: Desk, dark: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    desk.add(basket_id, dark)
    remove(desk, basket_id, dark)
    done = desk.add(basket_id, dark)
    assert (done.sentence, done.count) == ("Added 1 reference file (1.5 kB), ticked.", 1)
    assert DARK in desk.ticked(basket_id)
    undo(desk, basket_id, done.step)
    assert DARK not in desk.inside(basket_id)


def test_a_reference_that_is_there_unticked_is_ticked_and_unticked_by_undo(desk: Desk, dark: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    desk.add(basket_id, dark)
    untick(desk, basket_id, dark)
    done = desk.add(basket_id, dark)
    assert (done.sentence, done.count) == ("Ticked 1 reference file that was in the basket already.", 0)
    assert DARK in desk.ticked(basket_id)
    undo(desk, basket_id, done.step)
    assert DARK in desk.inside(basket_id)
    assert DARK not in desk.ticked(basket_id)


def test_what_was_there_is_told_from_what_comes(desk: Desk, dark: File, flat: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    desk.add(basket_id, dark)
    done = desk.add(basket_id, dark, flat)
    assert done.sentence == "Added 1 reference file (2.5 kB), ticked. 1 file was in the basket already."


def test_unknown_sizes_are_said(desk: Desk, dark: File) -> None:
    unknown = reference(desk.holdings, MASK, size=None)
    basket_id = desk.basket(EXPOSURE)
    assert desk.add(basket_id, dark, unknown).sentence == (
        "Added 2 reference files (1.5 kB + 1 file of unknown size), ticked."
    )


def test_adding_twice_is_harmless_and_makes_no_new_version(desk: Desk, dark: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    desk.add(basket_id, dark, dark)
    before = desk.opened(basket_id).row
    done = desk.add(basket_id, dark)
    assert (done.sentence, done.step) == ("Nothing was added: all of them were in the basket already.", None)
    assert desk.opened(basket_id).row == before


def test_adding_none_adds_none(desk: Desk) -> None:
    basket_id = desk.basket(EXPOSURE)
    before = desk.opened(basket_id).row
    assert desk.add(basket_id).sentence == "Nothing was added."
    assert desk.opened(basket_id).row == before


def test_references_that_are_added_twice_at_once_come_once(engine: Engine, tmp_path: Path) -> None:
    desk = desk_on(engine, tmp_path)
    dark = reference(desk.holdings, DARK)
    basket_id = desk.basket(EXPOSURE)
    seen = at_once(2, lambda: desk.add(basket_id, dark).count)
    assert sorted(map(str, seen)) == ["0", "1"]
    assert DARK in desk.ticked(basket_id)


def test_different_references_that_are_added_at_once_all_come(engine: Engine, tmp_path: Path) -> None:
    desk = desk_on(engine, tmp_path)
    files = iter([reference(desk.holdings, DARK), reference(desk.holdings, FLAT)])
    basket_id = desk.basket(EXPOSURE)
    assert at_once(2, lambda: desk.add(basket_id, next(files)).count) == [1, 1]
    assert {DARK, FLAT} <= desk.ticked(basket_id)


def test_the_version_that_was_looked_at_is_honoured(desk: Desk, dark: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    version = desk.opened(basket_id).row.version
    nothing_changes(desk, basket_id, 412, lambda: desk.add(basket_id, dark, version=version - 1))
    assert desk.add(basket_id, dark, version=version).count == 1


@pytest.mark.parametrize("owner", ["somebody else", None])
def test_only_the_owner_adds(desk: Desk, dark: File, owner: str | None) -> None:
    basket_id = desk.basket(EXPOSURE)
    nothing_changes(desk, basket_id, 403, lambda: desk.add(basket_id, dark, owner=owner))


def test_a_locked_basket_stays_as_it_is(desk: Desk, dark: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    shelf.lock(desk.services, basket_id, OWNER)
    nothing_changes(desk, basket_id, 409, lambda: desk.add(basket_id, dark))


def test_a_share_stays_as_it_is(desk: Desk, dark: File) -> None:
    share_id = shares.create(desk.services, desk.basket(EXPOSURE), OWNER, Filters(), shares.Words())
    nothing_changes(desk, share_id, 403, lambda: desk.add(share_id, dark))


def test_a_basket_that_is_not_there_is_said(desk: Desk, dark: File) -> None:
    with pytest.raises(UserError) as refused:
        desk.add("nothing", dark)
    assert refused.value.status == 404


def test_more_than_a_basket_holds_is_refused(sqlite_engine: Engine, tmp_path: Path) -> None:
    desk = desk_on(sqlite_engine, tmp_path, basket_files=5)
    dark, flat = (reference(desk.holdings, each) for each in (DARK, FLAT))
    basket_id = desk.basket(EXPOSURE)
    error = nothing_changes(desk, basket_id, 422, lambda: desk.add(basket_id, dark, flat))
    assert "would hold 6 files; one basket holds 5" in str(error)
    assert desk.add(basket_id, dark).count == 1


def test_an_unknown_uri_is_named_and_nothing_is_added(desk: Desk, dark: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    unknown = "mast:JWST/product/none.fits"
    error = nothing_changes(
        desk, basket_id, 422, lambda: desk.add(basket_id, dark, unknown, "mast:JWST/product/no.fits")
    )
    assert str(error).startswith(f"{unknown}, and 1 more: no calibration reference of this archive")
    assert error.more == {"unknown_uris": [unknown, "mast:JWST/product/no.fits"]}


def test_a_product_that_is_no_reference_is_refused(desk: Desk, dark: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    nothing_changes(desk, basket_id, 422, lambda: desk.add(basket_id, dark, desk.holdings[CAL]))


def test_a_withdrawn_reference_is_refused(desk: Desk, dark: File, flat: File) -> None:
    basket_id = desk.basket(EXPOSURE)
    desk.holdings.withdraw(DARK)
    nothing_changes(desk, basket_id, 422, lambda: desk.add(basket_id, flat, dark))


@pytest.mark.parametrize("uri", ["", "/etc/passwd", "mast:../x", "x" * 2000, "mast:JWST/product/\0"])
def test_what_is_no_uri_is_refused(desk: Desk, dark: File, uri: str) -> None:
    basket_id = desk.basket(EXPOSURE)
    nothing_changes(desk, basket_id, 422, lambda: desk.add(basket_id, dark, uri))


def test_many_references_are_added_at_once(desk: Desk) -> None:
    made = [reference(desk.holdings, f"jwst_nircam_dark_{number:04}.fits") for number in range(12)]
    names(desk.holdings, CAL, *(each.name for each in made))
    basket_id = desk.basket(EXPOSURE)
    addable = [each.reference.key for each in desk.references(basket_id).used if each.addable]
    assert desk.add(basket_id, *addable).count == 12
    assert np.all([each.there for each in desk.references(basket_id).used])


def test_what_a_table_named_as_a_reference_can_be_added_whatever_else_it_is(desk: Desk) -> None:
    other = desk.holdings[f"{OTHER_EXPOSURE}_cal.fits"]
    basket_id = desk.basket(EXPOSURE)
    nothing_changes(desk, basket_id, 422, lambda: desk.add(basket_id, other))
    names(desk.holdings, CAL, other.name, uri=other.uri)
    assert desk.used(basket_id)[other.name].addable
    assert desk.add(basket_id, other).count == 1


def test_a_reference_that_is_known_to_be_missing_is_refused(desk: Desk, dark: File) -> None:
    lost = reference(desk.holdings, FLAT, content=None, size=9)
    names(desk.holdings, CAL, DARK, FLAT)
    basket = desk.basket(EXPOSURE)
    error = nothing_changes(desk, basket, 422, lambda: desk.add(basket, dark, lost))
    assert str(error) == f"{FLAT} cannot be added: {desk.used(basket)[FLAT].reference.problem}"


def test_what_was_removed_makes_room(sqlite_engine: Engine, tmp_path: Path) -> None:
    desk = desk_on(sqlite_engine, tmp_path, basket_files=5)
    dark, flat = (reference(desk.holdings, each) for each in (DARK, FLAT))
    basket_id = desk.basket(EXPOSURE)
    desk.add(basket_id, dark)
    remove(desk, basket_id, dark)
    assert desk.add(basket_id, flat).count == 1
