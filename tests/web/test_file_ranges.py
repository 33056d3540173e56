"""Ranges and conditions of the file door, as RFC 9110 has them (sections 13 and 14)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE
from tests.fixtures.webapp import lasting_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.fixtures.webapp import Site

DOOR = "/api/v0.1/Download/file"
SIZE = 1000
CONTENT = bytes(i % 251 for i in range(SIZE))
MTIME = 1_600_000_000
DATE, LATER, EARLIER = (f"Sun, 13 Sep 2020 12:26:{second} GMT" for second in (40, 41, 39))


@pytest.fixture(scope="module")
def stored(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A thousand bytes behind the image's URI."""
    with lasting_site(sqlite_template, tmp_path_factory.mktemp("ranges")) as site:
        place = site.holdings.place(site.holdings[f"{IMAGE}_i2d.fits"])
        place.write_bytes(CONTENT)
        os.utime(place, (MTIME, MTIME + 0.25))
        yield site


def door(site: Site, *, method: str = "GET", **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    uri = site.holdings[f"{IMAGE}_i2d.fits"].uri
    return site.visitor().client.open(DOOR, method=method, query_string={"uri": uri}, headers=sent)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=500-599", 500, 600),
        ("bytes=999-999", 999, 1000),
        ("bytes=900-", 900, 1000),
        ("bytes=0-", 0, 1000),
        ("bytes=-1", 999, 1000),
        ("bytes=-100", 900, 1000),
        ("bytes=-1000", 0, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=990-5000", 990, 1000),
        ("BYTES=1-2", 1, 3),
        ("bytes= 1 - 2 ", 1, 3),
    ],
)
def test_a_range_is_those_bytes(stored: Site, asked: str, start: int, end: int) -> None:
    answer = door(stored, Range=asked)
    assert (answer.status_code, answer.data) == (206, CONTENT[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=1000-1001", "bytes=5000-6000"])
def test_a_range_beyond_the_end_is_refused_with_the_length(stored: Site, asked: str) -> None:
    answer = door(stored, Range=asked)
    assert (answer.status_code, answer.data) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked",
    ["items=0-1", "bytes=5-2", "bytes=a-b", "bytes", "bytes=", "bytes=-", "bytes=0-1,500-501", "0-5", "bytes=--1", "="],
)
def test_what_is_no_single_range_of_bytes_gets_the_whole_file(stored: Site, asked: str) -> None:
    answer = door(stored, Range=asked)
    assert (answer.status_code, answer.data) == (200, CONTENT)
    assert "Content-Range" not in answer.headers


def test_an_empty_file_has_no_range(lite: Site) -> None:
    lite.holdings.place(lite.holdings[f"{IMAGE}_i2d.fits"]).write_bytes(b"")
    assert door(lite, Range="bytes=0-").status_code == 416
    assert door(lite).data == b""


def test_head_tells_a_range_without_its_bytes(stored: Site) -> None:
    answer = door(stored, method="HEAD", Range="bytes=0-9")
    assert (answer.status_code, answer.data) == (206, b"")
    assert answer.headers["Content-Length"] == "10"


def test_a_download_that_was_cut_goes_on_under_the_same_tag(stored: Site) -> None:
    etag = door(stored, method="HEAD").headers["ETag"]
    answer = door(stored, Range="bytes=400-", If_Range=etag)
    assert (answer.status_code, answer.data) == (206, CONTENT[400:])


@pytest.mark.parametrize("condition", ['"other"', LATER, EARLIER, '"'], ids=str)
def test_a_download_of_something_else_starts_again(stored: Site, condition: str) -> None:
    answer = door(stored, Range="bytes=400-", If_Range=condition)
    assert (answer.status_code, answer.data) == (200, CONTENT)


def test_a_weak_tag_continues_nothing(stored: Site) -> None:
    etag = door(stored, method="HEAD").headers["ETag"]
    assert door(stored, Range="bytes=400-", If_Range=f"W/{etag}").status_code == 200


def test_a_download_goes_on_by_its_date_too(stored: Site) -> None:
    answer = door(stored, Range="bytes=400-", If_Range=DATE)
    assert (answer.status_code, answer.data) == (206, CONTENT[400:])


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_what_the_client_has_already_is_not_sent_again(stored: Site, form: str) -> None:
    etag = door(stored, method="HEAD").headers["ETag"]
    answer = door(stored, If_None_Match=form.format(etag))
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)


def test_what_the_client_has_of_before_is_sent_anew(stored: Site) -> None:
    assert door(stored, If_None_Match='"before"').data == CONTENT


def test_every_range_of_a_file_is_that_piece_of_it(stored: Site) -> None:
    for start in range(0, SIZE, 171):
        for end in (start + 1, start + 100, SIZE):
            answer = door(stored, Range=f"bytes={start}-{end - 1}")
            assert answer.data == CONTENT[start:end], (start, end)
