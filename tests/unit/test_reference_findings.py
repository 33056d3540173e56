"""What is said of the references of a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col

from tests.fixtures.holdings import EXPOSURE, OTHER_EXPOSURE, WFPC2, file
from tests.fixtures.references import names, reference
from webapp.db import writing
from webapp.models import Observation

if TYPE_CHECKING:
    from tests.fixtures.references import Desk

CAL, OTHER_CAL, RATE = f"{EXPOSURE}_cal.fits", f"{OTHER_EXPOSURE}_cal.fits", f"{EXPOSURE}_rate.fits"
DARK, FLAT = "jwst_nircam_dark_0393.fits", "jwst_nircam_flat_0100.fits"
HST_DARK, HST_BIAS = "k9f1234ju_drk.fits", "k9f1234ju_bia.fits"


def like(desk: Desk, name: str, obs_id: str) -> str:
    """Another calibrated file, in a folder of its own; its name."""
    mission = "HST" if obs_id == WFPC2 else "JWST"
    group = "C0F" if obs_id == WFPC2 else "CAL"
    folder = name.rpartition("_")[0]
    desk.holdings.add(file(name, obs_id, mission=mission, folder=folder, group=group, level=2))
    return name


def test_of_complete_references_nothing_is_said(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK, context="jwst_1180.pmap")
    assert desk.said(desk.basket(EXPOSURE)) == {}


def test_a_missing_reference_is_named_with_its_reason(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK)
    found = desk.said(desk.basket(EXPOSURE))["1 reference is missing from the archive."]
    assert found.files == ((DARK, "No file of this name is in the archive. Named by 1 file."),)
    assert found.hint == "Tell the archive, or look for it at CRDS."
    assert not found.blocks
    assert not found.asks


def test_several_missing_references_are_counted_with_their_bytes(desk: Desk) -> None:
    reference(desk.holdings, DARK, content=None, size=1_000)
    names(desk.holdings, CAL, DARK, FLAT)
    names(desk.holdings, RATE, DARK)
    found = desk.said(desk.basket(EXPOSURE))["2 references are missing from the archive."]
    assert (found.count, found.bytes) == (2, 1_000)
    assert found.files[0][1].endswith("Named by 2 files.")


def test_an_exposure_that_names_no_dark_where_another_does_is_said(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK, FLAT)
    names(desk.holdings, OTHER_CAL, FLAT)
    found = desk.said(desk.basket(EXPOSURE, OTHER_EXPOSURE))["1 exposure names no dark."]
    assert found.files == ((f"JWST/{OTHER_EXPOSURE}/{OTHER_CAL}", ""),)
    assert (found.count, found.bytes) == (1, desk.holdings[OTHER_CAL].size)
    assert found.hint == "Others of the same instrument and kind do."


def test_another_detector_of_the_same_instrument_is_no_measure(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK, FLAT)
    names(desk.holdings, OTHER_CAL, FLAT)
    here = col(Observation.id) == desk.holdings.observations[OTHER_EXPOSURE]
    with writing(desk.holdings.engine) as session:
        session.execute(update(Observation).where(here).values(instrument="NIRCAM/WFSS"))
    assert "1 exposure names no dark." not in desk.said(desk.basket(EXPOSURE, OTHER_EXPOSURE))


def test_several_exposures_that_name_no_dark_are_counted(desk: Desk) -> None:
    third = like(desk, "jw02733001003_cal.fits", EXPOSURE)
    names(desk.holdings, CAL, DARK, FLAT)
    for each in (OTHER_CAL, third):
        names(desk.holdings, each, FLAT)
    assert "2 exposures name no dark." in desk.said(desk.basket(EXPOSURE, OTHER_EXPOSURE))


def test_an_exposure_that_is_not_selected_lacks_nothing_but_is_a_measure(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK, FLAT)
    names(desk.holdings, OTHER_CAL, FLAT)
    basket_id = desk.basket(EXPOSURE, OTHER_EXPOSURE)
    desk.select(basket_id, CAL)
    assert "1 exposure names no dark." not in desk.said(basket_id)
    desk.select(basket_id, OTHER_CAL)
    assert "1 exposure names no dark." in desk.said(basket_id)


def test_a_combined_product_is_called_an_observation(desk: Desk) -> None:
    for name in ("jw09-o1_t1_nircam_i2d.fits", "jw09-o2_t1_nircam_i2d.fits"):
        folder = name.rpartition("_")[0]
        desk.holdings.add(file(name, EXPOSURE, mission="JWST", folder=folder, group="I2D", level=3))
    names(desk.holdings, "jw09-o1_t1_nircam_i2d.fits", DARK, FLAT)
    names(desk.holdings, "jw09-o2_t1_nircam_i2d.fits", FLAT)
    assert "1 observation names no dark." in desk.said(desk.basket(EXPOSURE))


def test_a_type_has_one_sentence_for_both_observatories(desk: Desk) -> None:
    third = like(desk, "u2440406t_c0f.fits", WFPC2)
    names(desk.holdings, f"{WFPC2}_c0f.fits", HST_DARK, keyword="DARKFILE")
    names(desk.holdings, f"{WFPC2}_c0f.fits", HST_BIAS, keyword="BIASFILE")
    names(desk.holdings, third, HST_BIAS, keyword="BIASFILE")
    names(desk.holdings, CAL, DARK, FLAT)
    names(desk.holdings, OTHER_CAL, FLAT)
    assert "2 exposures name no dark." in desk.said(desk.basket(EXPOSURE, OTHER_EXPOSURE, WFPC2))


def test_a_type_that_not_every_exposure_needs_is_not_missed(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK, "jwst_nircam_wfssbkg_0001.fits")
    names(desk.holdings, OTHER_CAL, DARK)
    assert list(desk.said(desk.basket(EXPOSURE, OTHER_EXPOSURE))) == ["2 references are missing from the archive."]


def test_two_contexts_are_said_with_their_files(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    for each in (CAL, RATE):
        names(desk.holdings, each, DARK, context="jwst_1180.pmap")
    names(desk.holdings, OTHER_CAL, DARK, context="jwst_1263.pmap")
    found = desk.said(desk.basket(EXPOSURE, OTHER_EXPOSURE))
    assert list(found) == ["Two CRDS contexts: 1180 (2 files), 1263 (1 file)."]
    (contexts,) = found.values()
    assert contexts.files == ((f"JWST/{OTHER_EXPOSURE}/{OTHER_CAL}", "jwst_1263.pmap"),)
    assert contexts.count == 1


def test_contexts_of_files_that_are_not_selected_are_not_said(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    names(desk.holdings, CAL, DARK, context="jwst_1180.pmap")
    names(desk.holdings, RATE, DARK, context="jwst_1263.pmap")
    basket_id = desk.basket(EXPOSURE)
    desk.select(basket_id, CAL)
    assert desk.said(basket_id) == {}


def test_a_context_of_each_observatory_is_no_mixture(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    reference(desk.holdings, HST_DARK, "HST")
    names(desk.holdings, CAL, DARK, context="jwst_1180.pmap")
    names(desk.holdings, f"{WFPC2}_c0f.fits", HST_DARK, keyword="DARKFILE", context="hst_1100.pmap")
    assert desk.said(desk.basket(EXPOSURE, WFPC2)) == {}


def test_of_two_observatories_contexts_say_whose_they_are(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    reference(desk.holdings, HST_DARK, "HST")
    names(desk.holdings, CAL, DARK, context="jwst_1180.pmap")
    names(desk.holdings, RATE, DARK, context="jwst_1263.pmap")
    names(desk.holdings, f"{WFPC2}_c0f.fits", HST_DARK, keyword="DARKFILE", context="hst_1100.pmap")
    assert list(desk.said(desk.basket(EXPOSURE, WFPC2))) == ["Two CRDS contexts of JWST: 1180 (1 file), 1263 (1 file)."]


def test_a_context_beside_a_name_without_one_is_the_files(desk: Desk) -> None:
    for each in (DARK, FLAT):
        reference(desk.holdings, each)
    names(desk.holdings, CAL, DARK, context="jwst_1180.pmap")
    names(desk.holdings, CAL, FLAT)
    names(desk.holdings, RATE, FLAT)
    names(desk.holdings, RATE, DARK, context="jwst_1263.pmap")
    assert list(desk.said(desk.basket(EXPOSURE))) == ["Two CRDS contexts: 1180 (1 file), 1263 (1 file)."]


def test_many_contexts_are_counted_in_figures(desk: Desk) -> None:
    reference(desk.holdings, DARK)
    for number in range(10):
        name = like(desk, f"jw0900{number}_cal.fits", EXPOSURE)
        names(desk.holdings, name, DARK, context=f"jwst_{1000 + number}.pmap")
    (sentence,) = desk.said(desk.basket(EXPOSURE))
    assert sentence.startswith("10 CRDS contexts: 1000 (1 file), 1001 (1 file), ")


def test_two_contexts_within_one_file_are_two(desk: Desk) -> None:
    names(desk.holdings, CAL, DARK, context="jwst_1180.pmap")
    names(desk.holdings, CAL, FLAT, keyword="R_FLAT", context="jwst_1263.pmap")
    assert "Two CRDS contexts: 1180 (1 file), 1263 (1 file)." in desk.said(desk.basket(EXPOSURE))
