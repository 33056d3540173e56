from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, OTHER_EXPOSURE, RELEASE, SECRET, WFPC2, file
from tests.fixtures.visitor import words
from webapp.db import writing
from webapp.models import Product

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site

DOOR = "/api/v0.1/Download/file?uri="
I2D = f"{IMAGE}_i2d.fits"
C0F = f"{WFPC2}_c0f.fits"


def facts(page: Page) -> dict[str, str]:
    """What the list of facts says."""
    (box,) = page.all("dl", class_="facts")
    keys, values = ([words(each) for each in box.iter(tag)] for tag in ("dt", "dd"))
    return dict(zip(keys, values, strict=True))


def details(site: Site, name: str, *obs_ids: str, query: str = "mrp=0") -> Page:
    visitor = site.visitor()
    base = visitor.basket(*(obs_ids or site.holdings[name].observations[:1]))
    return visitor.get(f"{base}?{query}&file={quote(site.holdings[name].uri)}", target="details")


def test_details_say_all_that_is_known_of_a_file(site: Site) -> None:
    each = site.holdings[I2D]
    page = details(site, I2D)
    sha256, size = each.fields["sha256"], each.size
    assert words(page.all("h3")[0]) == I2D
    assert "Rectified 2-D image" in page.words
    assert facts(page) == {
        "Category": "Science, recommended",
        "Type": "Science products, image",
        "Level": "3 combined",
        "Group": facts(page)["Group"],
        "Extension": ".fits Science data in the FITS format",
        "Size": f"20.2 kB ({size:,} bytes)",
        "SHA-256": f"{sha256[:8]}…{sha256[-8:]}",
        "Proposal": "2733",
        "Instrument": "NIRCAM/IMAGE, F090W",
        "Target": "NGC 3132",
        "Observed": "2022-06-03",
        "Pipeline": "CALJWST 1.14.0",
        "Access": "Public",
        "Data URI": each.uri,
        "File": "Download this file",
    }
    assert facts(page)["Group"].startswith("I2D")


def test_what_is_long_can_be_copied_whole(shared: Site) -> None:
    each = shared.holdings[I2D]
    copies = {button.get("aria-label"): button.get("data-copy") for button in details(shared, I2D).all("button")}
    assert copies == {
        "Copy the SHA-256 checksum": each.fields["sha256"],
        "Copy the data URI": each.uri,
        "Copy the direct link": DOOR + each.uri,
    }


def test_the_direct_link_serves_the_file(shared: Site) -> None:
    name = 'hlsp_odd_nircam_ngc3132_naïve "map";$(x) 100%.fits'
    page = details(shared, name)
    link = next(each.get("href", "") for each in page.all("a") if words(each) == "Download this file")
    assert shared.visitor().client.get(link).data == shared.holdings[name].content


def test_what_is_not_known_is_said_to_be_unknown(shared: Site) -> None:
    found = facts(details(shared, f"{WFPC2}_trl.fits"))
    assert (found["Size"], found["Level"], found["Pipeline"]) == ("unknown", "Unknown", "CALWFPC2")
    assert "SHA-256" not in found


def test_all_observations_that_use_a_file_are_listed_its_own_first(site: Site) -> None:
    page = details(site, f"{EXPOSURE}_cal.fits")
    listed = [words(each) for each in page.all("li")]
    assert listed == [f"{EXPOSURE} JWST, its own", f"{IMAGE} JWST"]
    assert "Observations that use it (2)" in page.words


@pytest.mark.parametrize(
    ("name", "preview"),
    [
        (I2D, f"{IMAGE}_i2d.jpg"),
        (f"{IMAGE}_i2d.jpg", f"{IMAGE}_i2d.jpg"),
        (f"{IMAGE}_cat.ecsv", f"{IMAGE}_i2d.jpg"),
        (f"{EXPOSURE}_rate.fits", f"{EXPOSURE}_cal.jpg"),
        (f"{WFPC2}_d0f.fits", f"{WFPC2}_c0f.jpg"),
        (f"{OTHER_EXPOSURE}_cal.fits", None),
    ],
)
def test_the_preview_is_the_nearest_picture(shared: Site, name: str, preview: str | None) -> None:
    images = details(shared, name).all("img")
    expected = [DOOR + shared.holdings[preview].uri] if preview else []
    assert [each.get("src") for each in images] == expected
    assert [each.get("alt") for each in images] == [f"Preview of {name}"] * len(expected)


def test_a_preview_that_is_shown_is_served(shared: Site) -> None:
    (image,) = details(shared, I2D).all("img")
    answer = shared.visitor().client.get(image.get("src", ""))
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")


def test_a_stranger_gets_no_hash_preview_header_or_link_of_an_exclusive_file(
    site: Site, at: Callable[[int], None]
) -> None:
    at(RELEASE - 1)
    page = details(site, f"{SECRET}_s3d.fits")
    found = facts(page)
    assert not {"SHA-256", "File"} & found.keys()
    assert found["Access"] == "exclusive Exclusive to programme 4098 until 2027-01-25 · log in"
    assert page.all("img") == []
    assert "headers" not in page.text
    assert "Download/file" not in page.text
    assert site.holdings[f"{SECRET}_s3d.fits"].fields["sha256"] not in page.text


def test_a_stranger_gets_no_picture_that_is_itself_exclusive(shared: Site, at: Callable[[int], None]) -> None:
    at(RELEASE - 1)
    assert details(shared, f"{SECRET}_s3d.jpg").all("img") == []


def test_an_exclusive_file_has_all_its_details_once_it_is_released(shared: Site, at: Callable[[int], None]) -> None:
    at(RELEASE)
    page = details(shared, f"{SECRET}_s3d.fits")
    assert {"SHA-256", "File"} <= facts(page).keys()
    assert facts(page)["Access"] == "Public since 2027-01-25"
    assert len(page.all("img")) == 1


def test_a_file_that_filters_hide_stays_open_and_can_be_shown(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    page = visitor.get(f"{base}?mission=HST&file={shared.holdings[I2D].uri}")
    show = next(each for each in page.at("details").iter("a") if words(each) == "show")
    assert "Hidden by filters · show" in words(page.at("details"))
    assert shared.holdings[I2D].path in visitor.get(show.get("href", "")).states


def test_a_file_that_was_removed_is_said_to_be(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    visitor.tick(base, shared.holdings[I2D].path)
    visitor.post(f"{base}/remove", {"what": "selected"})
    page = visitor.get(f"{base}?file={shared.holdings[I2D].uri}", target="details")
    assert "Removed from this basket." in page.words


def test_a_file_of_another_observation_is_said_to_be_absent(site: Site) -> None:
    assert "Not in this basket." in details(site, I2D, WFPC2).words


def test_a_withdrawn_file_has_details_and_no_way_to_its_bytes(site: Site) -> None:
    page = details(site, f"{IMAGE}_segm.fits")
    assert "Withdrawn from the archive on 2023-11-14." in page.words
    assert "File" not in facts(page)
    assert "/headers?" not in page.text


def test_a_withdrawn_picture_is_not_shown(lite: Site) -> None:
    lite.holdings.withdraw(f"{IMAGE}_i2d.jpg")
    assert details(lite, f"{IMAGE}_i2d.jpg").all("img") == []


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("mast:JWST/product/nothing.fits", "The archive knows no file by this address."),
        ("nothing", "The URI 'nothing' has no scheme such as mast: in front."),
        ("mast:../x", "The URI 'mast:../x' has a '..' or '.' in its path."),
    ],
)
def test_an_unknown_file_is_a_sentence_in_the_pane(site: Site, uri: str, sentence: str) -> None:
    visitor = site.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?file={uri}")
    assert sentence in words(page.at("details"))


def test_the_older_form_of_an_hst_uri_opens_the_file(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.get(f"{visitor.basket(WFPC2)}?file=mast:HST/product/{WFPC2}/{C0F}", target="details")
    assert facts(page)["Data URI"] == site.holdings[C0F].uri


def test_a_file_at_another_server_offers_no_headers(shared: Site) -> None:
    page = details(shared, "hlsp_odd_nircam_ngc3132_remote.fits", CONTRIBUTED)
    assert "File" in facts(page)
    assert "/headers?" not in page.text


def test_a_file_that_was_replaced_tells_its_revision(lite: Site) -> None:
    with writing(lite.services.engine) as session:
        session.execute(update(Product).where(col(Product.filename) == I2D).values(revision=3))
    assert facts(details(lite, I2D))["Revision"] == "3"


def test_close_leads_back_to_the_same_page_without_details(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}?mrp=0&sort=size&file={shared.holdings[I2D].uri}")
    close = next(each for each in page.at("details").iter("a") if each.get("aria-label") == "Close details")
    assert close.get("href") == f"{base}?mrp=0&sort=size"


def test_a_calibration_reference_is_told_apart(lite: Site) -> None:
    lite.holdings.add(
        file(
            "jwst_dark.fits",
            IMAGE,
            mission="JWST",
            folder="references",
            group="DARK",
            level=None,
            category="CALIBRATION",
        )
    )
    found = facts(details(lite, "jwst_dark.fits"))
    assert (found["Category"], found["Type"]) == ("Calibration", "Calibration references")
