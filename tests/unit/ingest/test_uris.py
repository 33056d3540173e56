"""Data URIs have one spelling, and none is taken for a path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.ingest.uris import UriError, canonical


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mast:JWST/product/x_cal.fits", "mast:JWST/product/x_cal.fits"),
        ("mast:HST/product/u9o40504m/u9o40504m_c0m.fits", "mast:HST/product/u9o40504m_c0m.fits"),
        ("mast:HST/product/u9o40504m_c0m.fits", "mast:HST/product/u9o40504m_c0m.fits"),
        ("mast:TESS/a/b/c.fits", "mast:TESS/a/b/c.fits"),
        (" mast:JWST/product/x_cal.fits\n", "mast:JWST/product/x_cal.fits"),
        ("mast:HLA/url/cgi-bin/fitscut.cgi?red=A&blue=B", "mast:HLA/url/cgi-bin/fitscut.cgi?red=A&blue=B"),
        ("mast:HLA/url/cutout?of=https://a.example/x", "mast:HLA/url/cutout?of=https://a.example/x"),
        ("https://archive.example/a/x.fits", "https://archive.example/a/x.fits"),
        ("local:holdings/a b/ümlaut..v2.fits", "local:holdings/a b/ümlaut..v2.fits"),
    ],
)
def test_a_uri_has_one_spelling(uri: str, expected: str) -> None:
    assert canonical(uri) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "   ",
        "mast:HST/../etc/passwd",
        "mast:HST/product/..",
        "mast:HST/product/../u9o40504m_c0m.fits",
        "mast:HST/%2e%2e/etc/passwd",
        "mast:HST\\..\\x.fits",
        "mast:HST/./x.fits",
        "mast:JWST/product//x.fits",
        "mast:JWST/product/%2Fx.fits",
        "https://archive.example//x.fits",
        "/etc/passwd",
        "C:\\Windows\\x.fits",
        "file:///etc/passwd",
        "mast:/etc/passwd",
        "mast:",
        "x_cal.fits",
        "mast:JWST/product/x\x00.fits",
        "mast:JWST/product/x%00.fits",
        "mast:JWST/product/x\ny.fits",
        "mast:JWST/product/x\u202egnp.fits",
        "mast:JWST/product/" + "x" * 1000,
    ],
)
def test_what_could_be_taken_for_a_path_is_refused(uri: str) -> None:
    with pytest.raises(UriError):
        canonical(uri)


@given(st.text(max_size=60).map(lambda text: f"mast:HST/{text}") | st.text(max_size=40))
def test_a_canonical_uri_stays_as_it_is(uri: str) -> None:
    try:
        once = canonical(uri)
    except UriError:
        return
    assert canonical(once) == once
