from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.fixtures.holdings import CONTRIBUTED, IMAGE, SECRET, WFPC2, file
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site

I2D = f"{IMAGE}_i2d.fits"


def headers(site: Site, name: str, query: str = "", status: int = 200, target: str | None = None) -> Page:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    return visitor.get(f"{base}/headers?uri={quote(site.holdings[name].uri)}{query}", status=status, target=target)


def test_the_headers_of_all_hdus_are_shown(shared: Site) -> None:
    page = headers(shared, I2D)
    assert [words(each) for each in page.all("h4")] == ["0 PRIMARY", "1 SCI", "2 ERR", "3 DQ"]
    assert "TARGNAME= 'NGC-3132'" in page.words
    assert page.title.startswith(f"Headers of {I2D}")


def test_details_link_to_the_headers(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    pane = visitor.get(f"{base}?file={shared.holdings[I2D].uri}", target="details")
    link = next(each.get("href", "") for each in pane.all("a") if words(each) == "Show all headers")
    assert "0 PRIMARY" in visitor.get(link).words
    assert [each.get("data-lazy") for each in pane.all("details") if each.get("data-lazy")] == [link]


@pytest.mark.parametrize(
    ("search", "found"),
    [("targname", ["0 PRIMARY"]), ("EXTNAME", ["1 SCI", "2 ERR", "3 DQ"]), ("'err", ["2 ERR"]), (" ", None)],
)
def test_headers_can_be_searched_in_any_case(shared: Site, search: str, found: list[str] | None) -> None:
    page = headers(shared, I2D, f"&q={quote(search)}")
    assert [words(each) for each in page.all("h4")] == (found or ["0 PRIMARY", "1 SCI", "2 ERR", "3 DQ"])


def test_a_search_shows_the_cards_that_match_and_no_others(shared: Site) -> None:
    (cards,) = headers(shared, I2D, "&q=ngc").all("pre")
    assert words(cards).startswith("TARGNAME= 'NGC-3132'")
    assert len("".join(cards.itertext()).splitlines()) == 1


def test_a_search_without_a_match_says_so(shared: Site) -> None:
    assert "No card holds “nothing like it”." in headers(shared, I2D, "&q=nothing like it").words


def test_a_search_keeps_the_file_and_the_text(shared: Site) -> None:
    page = headers(shared, I2D, "&q=ngc")
    (form,) = page.forms("/headers")
    assert form == {"uri": shared.holdings[I2D].uri, "q": "ngc"}


def test_headers_are_shown_without_what_they_hold_being_markup(lite: Site) -> None:
    place = lite.holdings.place(lite.holdings[I2D])
    place.write_bytes(place.read_bytes().replace(b"'NGC-3132'", b"'<b>&\0</b'"))
    assert "TARGNAME= '<b>&?</b'" in headers(lite, I2D).words


def test_only_some_headers_of_a_very_long_file_are_shown_and_that_is_said(lite: Site) -> None:
    place = lite.holdings.place(lite.holdings[I2D])
    content = place.read_bytes()
    last = content[-2880 - 2880 :]
    place.write_bytes(content + last * 60)
    page = headers(lite, I2D)
    assert len(page.all("h4")) == 50
    assert "There are more headers; these are the first 50, or the first 1 MB." in page.words


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>not a file</html>", "This file does not begin like a FITS file."),
        (b"", "This file does not begin like a FITS file."),
        (b"SIMPLE  =                    T" + b" " * 500, "This FITS file ends in the middle of a header."),
    ],
)
def test_a_file_whose_headers_cannot_be_read_is_a_sentence(lite: Site, content: bytes, sentence: str) -> None:
    lite.holdings.place(lite.holdings[I2D]).write_bytes(content)
    for target in (None, "headers"):
        assert sentence in headers(lite, I2D, target=target).words


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        (f"{SECRET}_s3d.fits", 401, f"{SECRET}_s3d.fits is exclusive to programme 4098."),
        (f"{IMAGE}_segm.fits", 404, f"{IMAGE}_segm.fits has been withdrawn from the archive."),
        (f"{WFPC2}_c1f.fits", 404, "is not in its store."),
        ("hlsp_odd_nircam_ngc3132_remote.fits", 404, "is not in a store of this archive."),
    ],
)
def test_headers_have_the_same_door_as_the_file(shared: Site, name: str, status: int, sentence: str) -> None:
    for target in (None, "headers"):
        assert sentence in headers(shared, name, status=status, target=target).words


def test_headers_of_nothing_are_a_sentence(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    visitor.get(f"{base}/headers", status=400)
    visitor.get(f"{base}/headers?uri=mast:JWST/product/nothing.fits", status=404)


def test_a_compressed_file_offers_no_headers_and_says_why_when_asked(lite: Site) -> None:
    packed = file(
        "x_packed.fits", CONTRIBUTED, mission="HLSP", folder=CONTRIBUTED, group="none", level=4, content=b"\x1f\x8b00"
    )
    lite.holdings.add(packed)
    assert "does not begin like a FITS file" in headers(lite, "x_packed.fits").words
