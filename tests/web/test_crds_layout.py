"""Calibration references delivered as a CRDS cache: offered where it helps, agreed to, and then in every way."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, file
from tests.fixtures.visitor import words
from tests.web.test_bundles import I2D, PAPERS, fetched, ready
from tests.web.test_methods import chosen, offered, preview

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

FLAT = "jwst_nircam_flat_0313.fits"
CACHED = f"references/jwst/nircam/{FLAT}"
BOTH = "Files cannot be in one folder and in those of a CRDS cache at once."


def with_reference(site: Site) -> Site:
    site.holdings.add(
        file(FLAT, IMAGE, mission="JWST", folder="references", group="FLAT", level=None, category="CALIBRATION")
    )
    return site


def test_a_bundle_has_its_references_where_crds_looks_for_them(working: Site) -> None:
    visitor, address = ready(with_reference(working), FLAT, I2D, crds="1")
    names = zipfile.ZipFile(io.BytesIO(fetched(visitor, address))).namelist()
    found = {name.partition("/")[2] for name in names}
    assert found == {CACHED, working.holdings[I2D].path, *PAPERS}


def test_the_choice_is_offered_with_what_it_means_where_a_reference_is_selected(lite: Site) -> None:
    visitor, url = chosen(with_reference(lite), FLAT, I2D)
    page = visitor.get(f"{url}?as=bundle/zip&mrp=0")
    box = page.at("crds")
    assert (box.get("name"), box.get("checked")) == ("crds", None)
    assert "CRDS_PATH" in words(page.at(box.get("aria-describedby", "")))


def test_the_choice_is_not_offered_where_no_reference_is_selected(shared: Site) -> None:
    visitor, url = chosen(shared, I2D)
    assert visitor.get(f"{url}?as=bundle/zip&mrp=0").all("input", id="crds") == []


def test_the_choice_is_of_the_address_and_shows_what_it_makes(lite: Site) -> None:
    visitor, url = chosen(with_reference(lite), FLAT)
    page = visitor.get(f"{url}?as=bundle/zip&crds=1&mrp=0")
    assert CACHED in preview(page)
    assert page.at("crds").get("checked") is not None
    assert all("&crds=1&mrp=0" in each.get("href", "") for each in page.at("ways-list").iter("a"))
    assert offered(page)


def test_either_box_lets_go_of_the_other(lite: Site) -> None:
    visitor, url = chosen(with_reference(lite), FLAT)
    page = visitor.get(f"{url}?as=bundle/zip&crds=1&mrp=0")
    assert {page.at(box).get("hx-get") for box in ("flat", "crds")} == {f"{url}?as=bundle/zip&mrp=0"}


def test_the_plan_carries_the_choice_on(lite: Site) -> None:
    visitor, url = chosen(with_reference(lite), FLAT, I2D)
    plan = visitor.get(f"{url.removesuffix('methods')}plan?as=bundle/zip&crds=1&back=mrp%3D0")
    assert plan.forms("/deliveries")[0]["crds"] == "1"
    (other,) = [each.get("href", "") for each in plan.all("a") if words(each) == "Other ways"]
    assert other == f"{url}?as=bundle/zip&crds=1&mrp=0"
    assert "another name" not in plan.words


@pytest.mark.parametrize("where", ["methods?as=bundle/zip", "plan?as=bundle/zip"])
def test_both_layouts_at_once_are_a_sentence(shared: Site, where: str) -> None:
    visitor, url = chosen(shared, I2D)
    assert BOTH in visitor.get(f"{url.removesuffix('methods')}{where}&flat=1&crds=1", status=422).words


def test_both_layouts_at_once_order_nothing(shared: Site) -> None:
    visitor, url = chosen(shared, I2D)
    form = {"as": "bundle/zip", "flat": "1", "crds": "1"}
    assert BOTH in visitor.post(f"{url.removesuffix('methods')}deliveries", form, status=422).words
    assert "No downloads yet" in visitor.get("/history").words


def test_a_program_may_wish_for_it_too(lite: Site) -> None:
    visitor, url = chosen(with_reference(lite), FLAT)
    plan = f"/api/v1{url.removesuffix('methods')}plan"
    wish = {"method": "script", "format": "sh"}
    cached, usual = (visitor.client.post(plan, json=wish | {"crds": crds}).json for crds in (True, False))
    assert (cached["files"], cached["findings"]) == (1, [])
    assert cached["digest"] != usual["digest"]


@pytest.mark.parametrize("what", ["plan", "deliveries"])
def test_both_layouts_at_once_are_a_problem(shared: Site, what: str) -> None:
    visitor, url = chosen(shared, I2D)
    body = {"method": "bundle", "format": "zip", "flat": True, "crds": True}
    answer = visitor.client.post(f"/api/v1{url.removesuffix('methods')}{what}", json=body)
    assert (answer.status_code, answer.json["title"]) == (422, BOTH)
