"""``/api/v0.1/Download/file``: who gets which bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, NOW, RELEASE, SECRET, WFPC2

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site

DOOR = "/api/v0.1/Download/file"
I2D, C0F = f"{IMAGE}_i2d.fits", f"{WFPC2}_c0f.fits"
ODD = 'hlsp_odd_nircam_ngc3132_naïve "map";$(x) 100%.fits'


def door(site: Site, uri: str, *, method: str = "GET", **headers: str) -> TestResponse:
    client = site.visitor().client
    return client.open(DOOR, method=method, query_string={"uri": uri}, headers=headers)


def refused(site: Site, uri: str, status: int) -> Page:
    return site.visitor().get(f"{DOOR}?uri={uri}", status=status)


def test_every_public_file_is_the_bytes_of_the_store(shared: Site) -> None:
    public = [each for each in shared.holdings.files.values() if each.content and not each.exclusive]
    served = [each for each in public if "withdrawn_at" not in each.fields]
    assert len(served) >= 12
    for each in served:
        answer = door(shared, each.uri)
        assert (answer.status_code, answer.data) == (200, each.content), each.name


def test_a_file_is_described_by_its_headers(lite: Site) -> None:
    place = lite.holdings.place(lite.holdings[I2D])
    os.utime(place, (1_600_000_000.5, 1_600_000_000.5))
    headers = door(lite, lite.holdings[I2D].uri).headers
    assert headers["Content-Type"] == "application/fits"
    assert headers["Content-Length"] == str(place.stat().st_size)
    assert headers["Last-Modified"] == "Sun, 13 Sep 2020 12:26:40 GMT"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"].startswith('"')
    assert headers["Content-Disposition"] == f"attachment; filename=\"{I2D}\"; filename*=UTF-8''{I2D}"
    assert "Content-Encoding" not in headers


def test_head_has_the_headers_of_get_and_no_body(shared: Site) -> None:
    uri = shared.holdings[I2D].uri
    got, head = door(shared, uri), door(shared, uri, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert {**head.headers} == {**got.headers}


def test_a_file_is_not_compressed_on_its_way(shared: Site) -> None:
    each = shared.holdings[f"{IMAGE}_pool.csv"]
    answer = door(shared, each.uri, **{"Accept-Encoding": "gzip"})
    assert answer.data == each.content


def test_a_preview_is_shown_in_the_page_and_a_file_is_saved(shared: Site) -> None:
    kinds = [
        door(shared, shared.holdings[name].uri).headers["Content-Disposition"].partition(";")[0]
        for name in (f"{IMAGE}_i2d.jpg", f"{IMAGE}_cat.ecsv")
    ]
    assert kinds == ["inline", "attachment"]


def test_an_odd_name_is_safe_for_old_clients_and_whole_for_new_ones(shared: Site) -> None:
    headers = door(shared, shared.holdings[ODD].uri).headers
    plain, _, full = headers["Content-Disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="hlsp_odd_nircam_ngc3132_na_ve _map_;$(x) 100%.fits"'
    assert full == "hlsp_odd_nircam_ngc3132_na%C3%AFve%20%22map%22%3B%24%28x%29%20100%25.fits"


def test_what_is_served_runs_nothing(shared: Site) -> None:
    headers = door(shared, shared.holdings[I2D].uri).headers
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_older_form_of_an_hst_uri_is_answered_too(site: Site) -> None:
    answer = door(site, f"mast:HST/product/{WFPC2}/{C0F}")
    assert answer.data == site.holdings[C0F].content


@pytest.mark.parametrize("uri", ["mast:JWST/product/nothing.fits", "mast:HST/product/U2440405T_C0F.FITS", "urn:x"])
def test_an_unknown_file_is_a_sentence(site: Site, uri: str) -> None:
    assert refused(site, uri, 404).title.startswith(f"The archive has no product {uri}.")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "mast:JWST/product/../../etc/passwd",
        "mast:JWST/product/%2e%2e/%2e%2e/etc/passwd",
        "mast:JWST/product/%252e%252e/x",
        "/etc/passwd",
        "file:///etc/passwd",
        "C:\\x",
        "mast:..\\..\\x",
        "mast:a/%00",
        "x" * 2000,
        "nothing",
    ],
)
def test_what_is_no_uri_is_a_sentence(shared: Site, uri: str) -> None:
    page = refused(shared, uri, 400)
    assert "A data URI looks like mast:JWST/product/name.fits." in page.words


def test_a_withdrawn_file_is_a_sentence(site: Site) -> None:
    page = refused(site, site.holdings[f"{IMAGE}_segm.fits"].uri, 404)
    assert page.title.startswith(f"{IMAGE}_segm.fits has been withdrawn from the archive.")


def test_a_file_whose_bytes_are_gone_is_a_sentence(shared: Site) -> None:
    page = refused(shared, shared.holdings[f"{WFPC2}_c1f.fits"].uri, 404)
    assert page.title.startswith(f"{WFPC2}_c1f.fits is not in its store at the moment.")


def test_a_folder_in_the_place_of_a_file_is_a_sentence(lite: Site) -> None:
    lite.holdings.place(lite.holdings[f"{WFPC2}_c1f.fits"]).mkdir()
    assert "is not a regular file" in refused(lite, lite.holdings[f"{WFPC2}_c1f.fits"].uri, 502).words


def test_a_link_that_leads_out_of_the_store_is_not_followed(lite: Site) -> None:
    lite.holdings.place(lite.holdings[f"{WFPC2}_c1f.fits"]).symlink_to("/etc/passwd")
    assert "leads outside its store" in refused(lite, lite.holdings[f"{WFPC2}_c1f.fits"].uri, 502).words


@pytest.mark.parametrize("name", [f"{SECRET}_s3d.fits", f"{SECRET}_s3d.jpg"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-0"}, {"If-None-Match": "*"}], ids=str)
def test_an_exclusive_file_is_refused_before_its_release(
    shared: Site, at: Callable[[int], None], name: str, headers: dict[str, str]
) -> None:
    at(RELEASE - 1)
    answer = door(shared, shared.holdings[name].uri, **headers)
    assert (answer.status_code, "is exclusive to programme 4098." in answer.text) == (401, True)


def test_an_exclusive_file_is_refused_to_head_too(shared: Site) -> None:
    assert door(shared, shared.holdings[f"{SECRET}_s3d.fits"].uri, method="HEAD").status_code == 401


def test_an_exclusive_file_is_served_from_the_second_of_its_release_on(site: Site, at: Callable[[int], None]) -> None:
    each = site.holdings[f"{SECRET}_s3d.fits"]
    seen = []
    for now in (NOW, RELEASE - 1, RELEASE):
        at(now)
        seen.append(door(site, each.uri).status_code)
    assert seen == [401, 401, 200]
    assert door(site, each.uri).data == each.content


def test_an_exclusive_file_that_was_withdrawn_tells_a_stranger_no_more_than_that_it_is_exclusive(lite: Site) -> None:
    each = lite.holdings[f"{SECRET}_s3d.fits"]
    lite.holdings.withdraw(each.name)
    assert "exclusive" in refused(lite, each.uri, 401).title


def test_a_file_at_another_server_is_a_redirect(shared: Site) -> None:
    each = shared.holdings[f"{CONTRIBUTED}_nircam_ngc3132_remote.fits"]
    answer = door(shared, each.uri)
    assert (answer.status_code, answer.headers["Location"]) == (302, each.fields["location"])


def test_a_file_that_is_replaced_has_another_tag(lite: Site) -> None:
    each = lite.holdings[f"{EXPOSURE}_rate.fits"]
    place = lite.holdings.place(each)
    before = door(lite, each.uri).headers["ETag"]
    content = place.read_bytes()
    place.write_bytes(content[::-1])
    os.utime(place, (place.stat().st_atime, place.stat().st_mtime + 1))
    assert door(lite, each.uri).headers["ETag"] != before
