"""Addresses of files as scripts and lists hold them: one continues only the version it names, one ends in a path."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from jobs.items import AS, FILE, Header, Item, query
from tests.fixtures.holdings import IMAGE

if TYPE_CHECKING:
    from tests.fixtures.holdings import File
    from tests.fixtures.webapp import Site

HERE = Header("skybasket", 1_777_000_000, "", 1, 1, 0)


@pytest.fixture
def image(site: Site) -> File:
    return site.holdings[f"{IMAGE}_i2d.fits"]


def item(image: File, version: int | None = None, path: str = "JWST/a/x.fits") -> Item:
    return Item(image.uri, path, path, None, None, exclusive=False, query=query(image.uri, version))


def version(site: Site, image: File) -> int:
    place = site.services.stores.locate(image.uri)
    assert place is not None
    return place.store.stat(place.path).version


def test_a_range_of_the_version_that_the_address_names_is_continued(site: Site, image: File) -> None:
    address = HERE.address(item(image, version(site, image)))
    answer = site.visitor().client.get(address, headers={"Range": "bytes=5-"})
    assert (answer.status_code, answer.data) == (206, site.holdings.place(image).read_bytes()[5:])


def test_of_another_version_the_whole_is_sent(site: Site, image: File) -> None:
    address = HERE.address(item(image, version(site, image)))
    place = site.holdings.place(image)
    os.utime(place, (1, 1))
    answer = site.visitor().client.get(address, headers={"Range": "bytes=5-"})
    assert (answer.status_code, answer.data) == (200, place.read_bytes())


def test_a_version_that_is_none_never_continues(site: Site, image: File) -> None:
    answer = site.visitor().client.get(f"{FILE}?uri={image.uri}&version=%C3%A9", headers={"Range": "bytes=5-"})
    assert answer.status_code == 200


def test_an_answer_names_the_version_that_it_holds(site: Site, image: File) -> None:
    address, older = HERE.address(item(image, version(site, image))), f"{version(site, image):x}"
    os.utime(site.holdings.place(image), (1, 1))
    client = site.visitor().client
    newer = client.get(address).headers["Skybasket-Version"]
    assert newer == f"{version(site, image):x}" != older
    address = HERE.address_as(item(image, version(site, image)))
    assert client.get(address, headers={"Range": "bytes=5-"}).headers["Skybasket-Version"] == newer


@pytest.mark.parametrize("versions", ["", "{right}&version=0", "0&version={right}"])
def test_both_kinds_of_address_understand_an_odd_query_alike(site: Site, image: File, versions: str) -> None:
    asked = f"uri={image.uri}&version={versions.format(right=f'{version(site, image):x}')}"
    coded = urlsafe_b64encode(asked.encode()).decode()
    visitor = site.visitor().client
    answers = [visitor.get(at, headers={"Range": "bytes=5-"}) for at in (f"{FILE}?{asked}", f"{AS}/{coded}/x.fits")]
    assert [answer.status_code for answer in answers] == [206 if versions.startswith("{") else 200] * 2


def test_an_address_may_end_in_a_path(site: Site, image: File) -> None:
    address = HERE.address_as(item(image, version(site, image), "JWST/100% é ?#/x y.fits"))
    assert address.endswith("/JWST/100%25%20%C3%A9%20%3F%23/x%20y.fits")
    answer = site.visitor().client.get(address, headers={"Range": "bytes=5-"})
    assert (answer.status_code, answer.data) == (206, site.holdings.place(image).read_bytes()[5:])


@pytest.mark.parametrize("coded", ["x", "_____", "w6k", "%C3%A9"])
def test_an_address_that_was_changed_is_a_sentence(site: Site, coded: str) -> None:
    site.visitor().get(f"{AS}/{coded}/x.fits", status=400)


@pytest.mark.parametrize("uri", ["mast:a&version=1", "mast:a b+c%41#d", "mast:\ud800", "ivo://x?y=z;q"])
def test_a_query_holds_any_uri(uri: str) -> None:
    fields = parse_qs(query(uri, 31), strict_parsing=True, errors="surrogatepass")
    assert fields == {"uri": [uri], "version": ["1f"]}
