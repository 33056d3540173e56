"""The references of what is selected in a basket: which they are, and whether they can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobs.errors import NO_STORE, NOT_THERE
from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2
from tests.fixtures.references import Desk, desk_on, names, reference
from webapp import baskets, reference_index, shares
from webapp.inventory.filters import Filters
from webapp.reference_index import NOT_IN_ARCHIVE, WITHDRAWN
from webapp.references import of_selected

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

CAL, OTHER_CAL, RATE = f"{EXPOSURE}_cal.fits", f"{OTHER_EXPOSURE}_cal.fits", f"{EXPOSURE}_rate.fits"
DARK, FLAT, BIAS = "jwst_nircam_dark_0393.fits", "jwst_nircam_flat_0100.fits", "k9f1234ju_bia.fits"
JOINT = "hlsp_odd_nircam_ngc3132_remote.fits"


@pytest.fixture
def anywhere(engine: Engine, tmp_path: Path) -> Desk:
    """On SQLite and on PostgreSQL."""
    return desk_on(engine, tmp_path)


def test_a_reference_that_files_of_two_observations_name_is_one(anywhere: Desk) -> None:
    reference(anywhere.holdings, DARK)
    for each in (CAL, OTHER_CAL, RATE):
        names(anywhere.holdings, each, DARK, context="jwst_1180.pmap")
    (found,) = anywhere.used(anywhere.basket(EXPOSURE, OTHER_EXPOSURE)).values()
    assert (found.reference.name, found.files, found.there, found.addable) == (DARK, 3, False, True)
    assert found.reference.contexts == ("jwst_1180.pmap",)


def test_only_what_is_selected_counts(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK)
    names(desk.holdings, RATE, DARK, FLAT)
    basket_id = desk.basket(EXPOSURE)
    desk.select(basket_id, CAL)
    assert {name: each.files for name, each in desk.used(basket_id).items()} == {DARK: 1}


def test_any_files_can_be_asked_about(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK)
    basket_id = desk.basket(EXPOSURE)
    desk.select(basket_id)
    now = desk.opened(basket_id)
    assert [each.files for each in of_selected(desk.services, now, ~now.removed).used] == [1]


def test_a_reference_is_in_the_basket_that_holds_it(desk: Desk) -> None:
    dark = reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK)
    basket_id = desk.basket(EXPOSURE)
    desk.add(basket_id, dark)
    found = desk.used(basket_id)[DARK]
    assert found.there
    assert not found.addable


def test_a_reference_that_two_keywords_name_says_both_and_counts_each_file_once(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK, keyword="R_DARK")
    names(desk.holdings, CAL, DARK, keyword="R_PEDSUB")
    found = desk.used(desk.basket(EXPOSURE))[DARK]
    assert (found.files, found.reference.keywords) == (1, ("R_DARK", "R_PEDSUB"))


def test_references_come_in_tree_order(desk: Desk) -> None:
    names(desk.holdings, f"{WFPC2}_c0f.fits", "k9f1234ju_bia.fits", "f5h1201tu.r3h", keyword="BIASFILE")
    names(desk.holdings, CAL, FLAT, DARK, "odd.fits", "jwst_miri_dark_0001.fits")
    assert list(desk.used(desk.basket(EXPOSURE, WFPC2))) == [
        "k9f1234ju_bia.fits",
        "f5h1201tu.r3h",
        "jwst_miri_dark_0001.fits",
        DARK,
        FLAT,
        "odd.fits",
    ]


def test_a_basket_without_references_has_none(desk: Desk) -> None:
    basket_id = desk.basket(EXPOSURE)
    found = desk.references(basket_id)
    assert (found.used, found.missing, found.naming, found.files) == ((), (), 0, 4)


def test_an_empty_basket_has_none(desk: Desk) -> None:
    assert desk.used(baskets.create(desk.services, "owner")) == {}


# Whether it can be had


def problem(desk: Desk, name: str = DARK) -> str:
    return desk.used(desk.basket(EXPOSURE))[name].reference.problem


def test_a_reference_whose_name_no_file_has_is_missing(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK)
    found = desk.used(desk.basket(EXPOSURE))[DARK]
    assert found.reference.problem == NOT_IN_ARCHIVE
    assert (found.reference.key, found.reference.path) == (DARK, f"JWST/references/{DARK}")
    assert not found.addable


def test_a_withdrawn_reference_is_missing(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK)
    desk.holdings.withdraw(DARK)
    assert problem(desk) == WITHDRAWN


def test_a_reference_whose_bytes_are_gone_is_missing(desk: Desk) -> None:
    reference(desk.holdings, DARK, content=None, size=10)
    names(desk.holdings, CAL, DARK)
    assert problem(desk) == NOT_THERE


def test_a_reference_that_no_store_has_is_missing(sqlite_engine: Engine, tmp_path: Path) -> None:
    desk = desk_on(sqlite_engine, tmp_path, stores=())
    reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK)
    assert problem(desk) == NO_STORE


def test_a_reference_at_another_server_is_believed_to_be_there(desk: Desk) -> None:
    reference(desk.holdings, DARK, content=None, fields={"location": "https://archive.example/dark.fits"})
    names(desk.holdings, CAL, DARK)
    assert problem(desk) == ""


# What a name means


@pytest.mark.parametrize(("kept", "named"), [(f"{DARK}.gz", DARK), (DARK, f"{DARK}.gz")])
def test_a_reference_is_found_compressed_or_not(anywhere: Desk, kept: str, named: str) -> None:
    reference(anywhere.holdings, kept)
    names(anywhere.holdings, CAL, named)
    found = anywhere.used(anywhere.basket(EXPOSURE))
    assert list(found) == [kept]
    assert found[kept].addable


def test_of_both_forms_the_one_that_is_named_is_taken(desk: Desk) -> None:
    for each in (f"{DARK}.gz", DARK):
        reference(desk.holdings, each)
    names(desk.holdings, CAL, DARK)
    assert list(desk.used(desk.basket(EXPOSURE))) == [DARK]


def test_a_file_of_a_reference_s_name_elsewhere_is_none(desk: Desk) -> None:
    names(desk.holdings, CAL, RATE)
    assert problem(desk, RATE) == NOT_IN_ARCHIVE


def test_of_one_name_in_two_missions_a_file_means_its_own(anywhere: Desk) -> None:
    for mission in ("HST", "JWST"):
        reference(anywhere.holdings, "shared.fits", mission)
    names(anywhere.holdings, CAL, "shared.fits")
    names(anywhere.holdings, f"{WFPC2}_c0f.fits", "shared.fits")
    found = anywhere.references(anywhere.basket(EXPOSURE, WFPC2)).used
    assert [(each.reference.mission, each.files) for each in found] == [("HST", 1), ("JWST", 1)]


def test_a_joint_product_names_another_mission_s_references(desk: Desk) -> None:
    bias = reference(desk.holdings, BIAS, "HST")
    names(desk.holdings, JOINT, BIAS, keyword="BIASFILE")
    (found,) = desk.used(desk.basket(CONTRIBUTED)).values()
    assert (found.reference.key, found.reference.mission, found.reference.type.name) == (bias.uri, "HST", "biasfile")


def test_a_joint_product_and_its_exposures_name_one_reference(desk: Desk) -> None:
    reference(desk.holdings, BIAS, "HST")
    for each in (JOINT, f"{WFPC2}_c0f.fits"):
        names(desk.holdings, each, BIAS, keyword="BIASFILE")
    (found,) = desk.used(desk.basket(CONTRIBUTED, WFPC2)).values()
    assert found.files == 2


def test_what_a_missing_reference_is_tells_the_mission_that_knows_it(desk: Desk) -> None:
    for each in (JOINT, f"{WFPC2}_c0f.fits"):
        names(desk.holdings, each, BIAS, keyword="BIASFILE")
    (found,) = desk.used(desk.basket(CONTRIBUTED, WFPC2)).values()
    assert (found.reference.mission, found.reference.type.name) == ("HST", "biasfile")


def test_a_uri_means_that_file_whatever_its_name(anywhere: Desk) -> None:
    dark = reference(anywhere.holdings, DARK)
    reference(anywhere.holdings, "other.fits")
    names(anywhere.holdings, CAL, "other.fits", uri=dark.uri)
    assert list(anywhere.used(anywhere.basket(EXPOSURE))) == [DARK]


def test_a_uri_that_the_archive_has_not_is_missing_even_if_its_name_is_there(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK, uri=f"mast:JWST/product/old/{DARK}")
    assert problem(desk) == NOT_IN_ARCHIVE


def test_a_uri_and_a_name_of_one_file_are_one_reference(desk: Desk) -> None:
    dark = reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK)
    names(desk.holdings, RATE, DARK, uri=dark.uri)
    assert [each.files for each in desk.used(desk.basket(EXPOSURE)).values()] == [2]


# When it is asked again


def test_an_ingest_is_seen_at_once(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK)
    basket_id = desk.basket(EXPOSURE)
    assert desk.used(basket_id)[DARK].reference.problem == NOT_IN_ARCHIVE
    reference(desk.holdings, DARK)
    assert desk.used(basket_id)[DARK].reference.problem == ""


def test_as_long_as_nothing_changes_nothing_is_read_anew(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK)
    basket_id = desk.basket(EXPOSURE)
    first = desk.references(basket_id).index
    desk.select(basket_id, RATE)
    assert desk.references(basket_id).index is first


def test_what_is_kept_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    names(desk.holdings, CAL, DARK)
    one, two = desk.basket(EXPOSURE), desk.basket(IMAGE)
    first = desk.references(one).index
    monkeypatch.setattr(reference_index, "MOST_BYTES", first.nbytes)
    second = desk.references(two).index
    assert desk.references(two).index is second
    assert desk.references(one).index is not first


def test_what_is_kept_counts_references_without_links_too(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK)
    assert desk.references(desk.basket(EXPOSURE)).index.nbytes > 1_000


def test_a_share_shows_the_references_of_its_files(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK)
    share_id = shares.create(desk.services, desk.basket(EXPOSURE), "owner", Filters(), shares.Words())
    desk.holdings.withdraw(CAL)
    assert list(desk.used(share_id)) == [DARK]
