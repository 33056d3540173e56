"""References in plans and bundles: what a plan says of them, where they stand, what references.csv tells."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

from tests.fixtures.holdings import EXPOSURE, OTHER_EXPOSURE, SECRET
from tests.fixtures.orders import asked, link
from tests.fixtures.references import names, reference
from tests.fixtures.visitor import words
from tests.web.test_bundles import ZIP, fetched
from tests.web.test_plans import checked, findings

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

CAL, RATE, OTHER = f"{EXPOSURE}_cal.fits", f"{EXPOSURE}_rate.fits", f"{OTHER_EXPOSURE}_cal.fits"
S3D = f"{SECRET}_s3d.fits"
FLAT, DARK, LOST = "jwst_nircam_flat_0001.fits", "jwst_nircam_dark_0002.fits", "jwst_nircam_gain_0003.fits"
WISH = {"method": "bundle", "format": "zip"}
OLD, NEW = "jwst_1180.pmap", "jwst_1263.pmap"


def named(site: Site) -> None:
    """Two exposures of one kind under two contexts: both name a flat, one a dark, and one what nobody has."""
    for name in (FLAT, DARK):
        reference(site.holdings, name)
    names(site.holdings, CAL, FLAT, keyword="R_FLAT", context=OLD)
    names(site.holdings, CAL, DARK, keyword="R_DARK", context=OLD)
    names(site.holdings, OTHER, FLAT, keyword="R_FLAT", context=NEW)
    names(site.holdings, OTHER, LOST, keyword="R_GAIN", context=NEW)


def add(site: Site, visitor: Visitor, base: str, name: str) -> None:
    added = visitor.client.post(f"/api/v1{base}/references", json={"uris": [site.holdings[name].uri]})
    assert added.status_code == 200


def bundle(site: Site, visitor: Visitor, base: str, **form: str) -> zipfile.ZipFile:
    """What a visitor gets who asks for a bundle of all that is selected, and agrees."""
    answer = visitor.post(f"{base}/deliveries", {**ZIP, **WISH, "back": "mrp=0", **form})
    site.work()
    return zipfile.ZipFile(io.BytesIO(fetched(visitor, link(visitor, answer.location))))


def table(content: zipfile.ZipFile) -> list[list[str]]:
    """The rows of references.csv, without the heading."""
    (name,) = (name for name in content.namelist() if name.endswith("/references.csv"))
    return list(csv.reader(io.StringIO(content.read(name).decode())))[1:]


def test_a_plan_says_what_is_missing_what_is_not_named_and_which_contexts_there_are(site: Site) -> None:
    named(site)
    found = findings(checked(site, CAL, OTHER)[2])
    assert list(found) == [
        "1 reference is missing from the archive.",
        "1 exposure names no dark.",
        "1 exposure names no gain.",
        "Two CRDS contexts: 1180 (1 file), 1263 (1 file).",
    ]
    assert found["1 exposure names no dark."] == [site.holdings[OTHER].path]


def test_what_is_said_of_references_stops_nothing(working: Site) -> None:
    named(working)
    _, answer = asked(working, CAL, OTHER, **ZIP)
    assert answer.location.startswith("/deliveries/")


def test_whoever_takes_references_along_sees_first_which_are_missing(lite: Site) -> None:
    named(lite)
    visitor, base, _ = checked(lite, CAL, OTHER)
    add(lite, visitor, base, FLAT)
    page = visitor.post(f"{base}/deliveries", {**ZIP, "back": "mrp=0"}, status=409)
    assert words(page.all("h1")[0]) == "1 reference is missing from the archive."
    agreed = visitor.post(page.all("form")[0].get("action", ""), page.forms("/deliveries")[0])
    assert agreed.location.startswith("/deliveries/")


def test_where_there_is_only_something_to_know_that_is_said(lite: Site) -> None:
    named(lite)
    page = checked(lite, CAL, OTHER)[2]
    assert words(page.all("h1")[0]) == "2 files, something to know"


def test_the_plan_of_the_api_says_the_same(lite: Site) -> None:
    named(lite)
    visitor, base, _ = checked(lite, CAL, OTHER)
    plan = visitor.client.post(f"/api/v1{base}/plan", json=WISH).json
    assert [(each["code"], each["blocks"]) for each in plan["findings"]] == [
        ("missing_references", False),
        ("unnamed_type", False),
        ("unnamed_type", False),
        ("contexts", False),
    ]
    assert [each["path"] for each in plan["findings"][0]["list"]] == [LOST]


def test_a_bundle_holds_added_references_in_their_folder_and_says_who_names_what(working: Site) -> None:
    named(working)
    visitor, base, _ = checked(working, CAL, OTHER)
    add(working, visitor, base, FLAT)
    content = bundle(
        working, visitor, base, expect=visitor.client.post(f"/api/v1{base}/plan", json=WISH).json["digest"]
    )
    top = content.namelist()[0].partition("/")[0]
    flat, dark = working.holdings[FLAT], working.holdings[DARK]
    assert content.read(f"{top}/{flat.path}") == flat.content
    assert flat.path == f"JWST/references/{FLAT}"
    assert f"{top}/{dark.path}" not in content.namelist()
    one, other = working.holdings[CAL].path, working.holdings[OTHER].path
    assert table(content) == [
        [one, "R_DARK", DARK, OLD, "", "Not selected"],
        [one, "R_FLAT", FLAT, OLD, flat.path, "In this delivery"],
        [other, "R_FLAT", FLAT, NEW, flat.path, "In this delivery"],
        [other, "R_GAIN", LOST, NEW, "", "Missing"],
    ]


def test_a_bundle_whose_files_name_no_reference_has_no_list_of_them(queued: Site) -> None:
    named(queued)
    visitor, base, _ = checked(queued, RATE)
    assert not any("references" in name for name in bundle(queued, visitor, base).namelist())


def test_a_file_that_may_not_be_read_is_not_in_the_list_of_references(queued: Site) -> None:
    named(queued)
    names(queued.holdings, S3D, FLAT, keyword="R_FLAT", context=OLD)
    visitor, base, _ = checked(queued, CAL, S3D)
    assert {row[0] for row in table(bundle(queued, visitor, base, on_problem="drop"))} == {queued.holdings[CAL].path}


def test_a_reference_whose_bytes_are_gone_is_missing_in_the_list_too(queued: Site) -> None:
    named(queued)
    queued.holdings.place(queued.holdings[DARK]).unlink()
    visitor, base, _ = checked(queued, CAL)
    assert [row[2:] for row in table(bundle(queued, visitor, base)) if row[1] == "R_DARK"] == [
        [DARK, OLD, "", "Missing"]
    ]
