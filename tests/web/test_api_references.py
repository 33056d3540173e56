"""Calibration references by the API: which the selected files name, what is missing, and putting them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2
from tests.fixtures.people import bearer, person
from tests.fixtures.programs import Program, program
from tests.fixtures.references import names, reference
from tests.fixtures.webapp import lasting_site
from webapp import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fixtures.programs import ProgramBasket
    from tests.fixtures.webapp import Site

DARK, FLAT, GAIN = "jwst_nircam_dark_0401.fits", "jwst_nircam_flat_0700.fits", "jwst_nircam_gain_0097.fits"
HST_FLAT = "n9i1435lu_flt.fits"
OLD, NEW = "jwst_1180.pmap", "jwst_1263.pmap"
ALL = "mrp=0"


@pytest.fixture(scope="module")
def calibrated(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An archive that has a dark and Hubble's flat, not the bytes of a flat, and of a gain only the name."""
    with lasting_site(sqlite_template, tmp_path_factory.mktemp("calibrated")) as site:
        reference(site.holdings, DARK, fields={"description": "Dark of NRCA1"})
        reference(site.holdings, FLAT, content=None, size=777)
        reference(site.holdings, HST_FLAT, "HST")
        names(site.holdings, f"{EXPOSURE}_cal.fits", DARK, context=OLD)
        names(site.holdings, f"{EXPOSURE}_cal.fits", FLAT, keyword="R_FLAT", context=OLD)
        names(site.holdings, f"{OTHER_EXPOSURE}_cal.fits", DARK, context=NEW)
        names(site.holdings, f"{OTHER_EXPOSURE}_cal.fits", GAIN, keyword="R_GAIN", context=NEW)
        names(site.holdings, f"{WFPC2}_c0f.fits", HST_FLAT, keyword="FLATFILE")
        yield site


def listed(basket: ProgramBasket, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = basket.get(f"/references{query}")
    return found


def filenames(said: dict[str, Any]) -> list[str]:
    return [each["filename"] for each in said["references"]]


def uri(name: str, mission: str = "JWST") -> str:
    return f"mast:{mission}/product/{name}"


def test_a_reference_has_the_fields_of_the_contract(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, select=ALL)
    assert listed(basket)["references"][0] == {
        "uri": uri(DARK),
        "filename": DARK,
        "path": f"JWST/references/{DARK}",
        "mission": "JWST",
        "instrument": "nircam",
        "type": "dark",
        "label": "dark",
        "description": "Dark of NRCA1",
        "size": calibrated.holdings[DARK].size,
        "used_by": 2,
        "keywords": ["R_DARK"],
        "contexts": [OLD, NEW],
        "in_basket": False,
        "missing": None,
    }


def test_what_cannot_be_had_says_why(calibrated: Site) -> None:
    _, flat, gain = listed(program(calibrated).basket(IMAGE, select=ALL))["references"]
    assert (flat["uri"], flat["size"]) == (uri(FLAT), 777)
    assert "store" in flat["missing"]
    assert (gain["uri"], gain["size"], gain["missing"]) == (None, None, "No file of this name is in the archive.")


def test_only_the_references_of_selected_files_are_listed(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, WFPC2, select=f"{ALL}&mission=HST")
    said = listed(basket)
    assert (filenames(said), said["selected"], said["naming"]) == ([HST_FLAT], 5, 1)


def test_whoever_knows_the_basket_may_look(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, select=ALL)
    assert program(calibrated).get(f"{basket.path}/references") == listed(basket)


def test_findings_are_told_as_in_a_plan(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, select=ALL)
    found = listed(basket)["findings"]
    assert {each["code"] for each in found} == {"missing_references", "unnamed_type", "contexts"}
    plan = basket.post("plan", {"method": "list", "format": "csv"})
    assert [each for each in plan["findings"] if each in found] == found


def test_the_page_tells_the_same_numbers(calibrated: Site) -> None:
    visitor = calibrated.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    visitor.post(f"{base}/selection", {"set": "matching", "back": ALL})
    said = Program(visitor.client).get(f"{base}/references")
    missing = sum(each["missing"] is not None for each in said["references"])
    page = visitor.get(f"{base}/references?mrp=0").words
    assert f"{len(said['references'])} references of {said['selected']} selected files" in page
    assert f"{missing} missing" in page
    assert all(each["sentence"] in page for each in said["findings"])


def test_pages_of_any_size_hold_each_reference_once(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, WFPC2, select=ALL)
    found: list[str] = []
    after = ""
    while True:
        page = listed(basket, f"?limit=1{after}")
        found += filenames(page)
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == filenames(listed(basket)) == [HST_FLAT, DARK, FLAT, GAIN]


def test_a_tick_between_two_pages_that_brings_other_references_makes_it_start_again(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, WFPC2, select=f"{ALL}&mission=JWST")
    after = listed(basket, "?limit=1")["next"]
    basket.post("selection", {"select": True, "filters": f"{ALL}&ext=jpg"})
    assert filenames(listed(basket, f"?after={after}")) == [FLAT, GAIN]
    basket.post("selection", {"select": True, "filters": ALL})
    assert "Start again" in basket.get(f"/references?after={after}", 410)["detail"]


@pytest.mark.parametrize("asked", ["limit=0", "limit=1001", "after=x"])
def test_a_page_that_there_is_not_is_a_problem(calibrated: Site, asked: str) -> None:
    program(calibrated).basket(IMAGE).get(f"/references?{asked}", 400)


def test_what_is_added_is_in_the_basket_and_selected(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, select=ALL)
    before = basket.get()
    said = basket.post("references", {"uris": [uri(DARK)]})
    assert (said["changed"], said["files"]) == (1, before["files"] + 1)
    assert said["selected"]["files"] == before["selected"]["files"] + 1
    assert said["said"].startswith("Added 1 reference file (")
    assert f"JWST/references/{DARK}" in basket.selected
    assert [each["in_basket"] for each in listed(basket)["references"]] == [True, False, False]


def test_what_was_added_is_a_reference_by_the_filters_too(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, select=ALL)
    basket.post("references", {"uris": [uri(DARK)]})
    (file,) = basket.files(f"{ALL}&type=reference")["files"]
    assert (file["filename"], file["category"], file["selected"]) == (DARK, "CALIBRATION", True)


def test_the_same_twice_in_any_spelling_is_one(calibrated: Site) -> None:
    basket = program(calibrated).basket(WFPC2)
    spelt = [uri(HST_FLAT, "HST"), f"mast:HST/product/n9i1435lu/{HST_FLAT}", uri(HST_FLAT, "HST")]
    assert basket.post("references", {"uris": spelt})["changed"] == 1
    again = basket.post("references", {"uris": spelt})
    assert (again["changed"], again["said"]) == (0, "Nothing was added: all of them were in the basket already.")


def test_a_uri_that_is_no_reference_lets_nothing_happen(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE)
    before = basket.get()
    unknown = [uri("jwst_nircam_dark_9999.fits"), uri(f"{EXPOSURE}_cal.fits")]
    said = basket.post("references", {"uris": [uri(DARK), *unknown]}, 422)
    assert said["unknown_uris"] == unknown
    assert basket.get() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"uris": None},
        {"uris": ["../etc/passwd"]},
        {"uris": ["mast:JWST/product/a\x00.fits"]},
        {"uris": [""]},
        {"uris": [uri(DARK)] * 20_001},
        {"uris": [uri(DARK)], "select": False},
    ],
    ids=["nothing", "null", "a path", "a control character", "empty", "too many", "another field"],
)
def test_a_body_that_does_not_fit_lets_nothing_happen(calibrated: Site, body: dict[str, Any]) -> None:
    basket = program(calibrated).basket(IMAGE)
    basket.post("references", body, 422)
    assert basket.get(f"?{ALL}")["selected"]["files"] == 0


def test_a_basket_that_was_changed_meanwhile_is_left_as_it_is(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE)
    seen = basket.get()["version"]
    basket.post("selection", {"select": True, "filters": ALL})
    basket.post("references", {"uris": [uri(DARK)]}, 412, If_Match=f'"{seen}"')
    assert not any(each["in_basket"] for each in listed(basket)["references"])


def test_a_basket_that_is_locked_takes_none(calibrated: Site) -> None:
    visitor = calibrated.visitor()
    base = visitor.basket(IMAGE)
    visitor.post(f"{base}/lock")
    Program(visitor.client).post(f"{base}/references", {"uris": [uri(DARK)]}, 409)


def test_only_who_may_write_adds(calibrated: Site) -> None:
    basket = program(calibrated).basket(IMAGE, select=ALL)
    reader = program(calibrated, **bearer(calibrated, person(calibrated, "reads-references"), tokens.READ))
    for who in (program(calibrated), reader):
        who.post(f"{basket.path}/references", {"uris": [uri(DARK)]}, 403)
    program(calibrated).post("/baskets/nope/references", {"uris": [uri(DARK)]}, 404)
    assert not any(each["in_basket"] for each in listed(basket)["references"])


def test_ten_thousand_uris_fit_one_request(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    uris = [f"mast:JWST/product/{number:0500}_dark.fits" for number in range(10_000)]
    answer = visitor.client.post(f"/api/v1{base}/references", json={"uris": uris})
    assert answer.status_code == 422
    assert len(answer.json["unknown_uris"]) == 1_000
