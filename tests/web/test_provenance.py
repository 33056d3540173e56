"""Provenance both ways: from a file to the references it was made with, from a reference to its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE
from tests.fixtures.references import names, reference
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

CAL, RATE, OTHER = f"{EXPOSURE}_cal.fits", f"{EXPOSURE}_rate.fits", f"{OTHER_EXPOSURE}_cal.fits"
FLAT, LOST = "jwst_nircam_flat_0001.fits", "jwst_nircam_dark_0003.fits"
CONTEXT = "jwst_1263.pmap"


def named(site: Site) -> None:
    reference(site.holdings, FLAT)
    for name in (CAL, OTHER):
        names(site.holdings, name, FLAT, keyword="R_FLAT", context=CONTEXT)
    names(site.holdings, CAL, LOST, keyword="R_DARK", context=CONTEXT)


def shown(visitor: Visitor, base: str, site: Site, name: str) -> Page:
    return visitor.get(f"{base}/provenance?uri={site.holdings[name].uri}&back=mrp%3D0")


def lines(page: Page) -> list[str]:
    return [words(each) for each in page.at("provenance").iter("li")]


def test_a_file_leads_to_its_references_with_keyword_type_and_context(site: Site) -> None:
    named(site)
    visitor = site.visitor()
    page = shown(visitor, visitor.basket(EXPOSURE), site, CAL)
    assert lines(page) == [
        f"{LOST} R_DARK, dark missing from the archive",
        f"{FLAT} R_FLAT, flat not in this basket",
    ]
    assert f"CRDS context {CONTEXT}" in words(page.at("provenance"))
    assert "CALJWST 1.14.0" in words(page.at("provenance"))


def test_a_reference_leads_to_the_files_that_name_it_in_the_basket_or_not(site: Site) -> None:
    named(site)
    visitor = site.visitor()
    base = visitor.basket(EXPOSURE)
    visitor.tick(base, site.holdings[CAL].path)
    page = shown(visitor, base, site, FLAT)
    assert "2 files of this archive name it." in words(page.at("provenance"))
    assert lines(page) == [
        f"{CAL} R_FLAT, {CONTEXT} in this basket, ticked",
        f"{OTHER} R_FLAT, {CONTEXT} not in this basket",
    ]


def test_each_link_opens_that_file_in_the_details(lite: Site) -> None:
    named(lite)
    visitor = lite.visitor()
    base = visitor.basket(EXPOSURE, IMAGE)
    (link,) = [each for each in shown(visitor, base, lite, CAL).at("provenance").iter("a") if words(each) == FLAT]
    assert words(visitor.get(link.get("href", "")).at("details")).startswith(f"Details {FLAT}")


def test_details_offer_references_only_where_a_file_names_some(lite: Site) -> None:
    named(lite)
    visitor = lite.visitor()
    base = visitor.basket(EXPOSURE)
    offers = [
        "References it was made with"
        in words(visitor.get(f"{base}?mrp=0&file={lite.holdings[name].uri}").at("details"))
        for name in (CAL, RATE)
    ]
    assert offers == [True, False]


def test_a_reference_of_the_same_name_in_another_mission_keeps_its_own_files(lite: Site) -> None:
    named(lite)
    reference(lite.holdings, FLAT, mission="HLSP")  # under its own URI
    visitor = lite.visitor()
    page = visitor.get(f"{visitor.basket(EXPOSURE)}/provenance?uri=mast:HLSP/product/{FLAT}")
    assert "0 files of this archive name it." in words(page.at("provenance"))


def test_a_withdrawn_file_is_not_among_those_that_a_reference_made(lite: Site) -> None:
    named(lite)
    lite.holdings.withdraw(OTHER)
    visitor = lite.visitor()
    assert len(lines(shown(visitor, visitor.basket(EXPOSURE), lite, FLAT))) == 1


def test_an_unknown_file_has_no_provenance(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(EXPOSURE)}/provenance?uri=mast:JWST/product/none.fits", status=404)
    assert "The archive knows no file by this address." in page.words
