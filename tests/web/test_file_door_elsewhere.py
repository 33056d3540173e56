"""``/api/v0.1/Download/file`` for files that are at other servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlmodel import col

from tests.fixtures.holdings import IMAGE, SECRET
from tests.fixtures.upstream import CONTENT
from webapp.access import Who
from webapp.files import find
from webapp.models.catalogue import Product
from webapp.stores import add_store

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.fixtures.upstream import Upstream
    from tests.fixtures.webapp import Site

DOOR = "/api/v0.1/Download/file"


def move(site: Site, uri: str, location: str) -> None:
    """Have the catalogue say that a product is at another server."""
    with Session(site.services.engine) as session:
        session.execute(update(Product).where(col(Product.uri) == uri).values(location=location))
        session.commit()


def door(site: Site, uri: str, **headers: str) -> TestResponse:
    return site.visitor().client.get(DOOR, query_string={"uri": uri}, headers=headers)


def test_a_file_of_a_web_server_that_is_a_store_is_sent_through_here(lite: Site, upstream: Upstream) -> None:
    uri = lite.holdings[f"{IMAGE}_i2d.fits"].uri
    add_store(lite.settings, uri[:-4], f"{upstream.url}/fine")
    answer = door(lite, uri)
    assert (answer.status_code, answer.data) == (200, CONTENT)
    assert answer.headers["Last-Modified"] == "Sun, 13 Sep 2020 12:26:40 GMT"
    part = door(lite, uri, Range="bytes=5-9", **{"If-Range": answer.headers["ETag"]})
    assert (part.status_code, part.data) == (206, CONTENT[5:10])


def test_a_server_that_tells_no_time_is_not_given_one(lite: Site, upstream: Upstream) -> None:
    uri = lite.holdings[f"{IMAGE}_i2d.fits"].uri
    add_store(lite.settings, uri[:-4], f"{upstream.url}/bare")
    assert "Last-Modified" not in door(lite, uri).headers


@pytest.mark.parametrize(("folder", "status"), [("404", 404), ("403", 502), ("login", 502)])
def test_a_store_that_fails_is_a_sentence(lite: Site, upstream: Upstream, folder: str, status: int) -> None:
    uri = lite.holdings[f"{IMAGE}_i2d.fits"].uri
    add_store(lite.settings, uri[:-4], f"{upstream.url}/{folder}")
    page = lite.visitor().get(f"{DOOR}?uri={uri}", status=status)
    assert upstream.host not in page.text


def test_an_address_inside_our_network_is_not_read_for_anybody(lite: Site, upstream: Upstream) -> None:
    uri = lite.holdings[f"{IMAGE}_i2d.fits"].uri
    move(lite, uri, f"http://user:word@{upstream.host}/fine/x.fits")
    page = lite.visitor().get(f"{DOOR}?uri={uri}", status=502)
    assert "is not a public server" in page.words
    assert "word" not in page.text.replace("password", "")
    assert upstream.asked == []


def test_a_reader_of_an_exclusive_file_is_not_sent_to_its_address(lite: Site) -> None:
    each = lite.holdings[f"{SECRET}_s3d.fits"]
    move(lite, each.uri, "https://archive.example/secret.fits?signature=1")
    found = find(lite.services, each.uri, Who(frozenset({("JWST", "4098")})))
    assert found.place.url is not None
    assert found.redirect is None
