"""Bundles and scripts by the address that MAST's clients post data URIs to."""

from __future__ import annotations

import io
import threading
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, NOW, SECRET, WFPC2
from tests.fixtures.people import bearer, person
from webapp.mast import bundles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.test import TestResponse

    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

I2D, CAT, S3D = f"{IMAGE}_i2d.fits", f"{IMAGE}_cat.ecsv", f"{SECRET}_s3d.fits"
LOST = f"{WFPC2}_c1f.fits"


@pytest.fixture
def site(place: Site, at: Callable[[int], None]) -> Iterator[Site]:
    """With somebody who works."""
    at(NOW)
    with _working(place):
        yield place


@contextmanager
def _working(site: Site) -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.02):
            site.work()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def ask(visitor: Visitor, form: str, *uris: str, **headers: str) -> TestResponse:
    return visitor.client.post(f"/api/v0.1/Download/bundle.{form}", data={"uri": list(uris)}, headers=headers)


def uris(site: Site, *names: str) -> list[str]:
    return [site.holdings[name].uri for name in names]


def test_a_zip_holds_the_files_that_were_named_once_each(site: Site) -> None:
    with ask(site.visitor(), "zip", *uris(site, I2D, CAT, I2D)) as answer:
        assert answer.status_code == 200, answer.text
        bundle = zipfile.ZipFile(io.BytesIO(answer.data))
    paths = [name.partition("/")[2] for name in bundle.namelist()]
    assert sorted(each for each in paths if "/" in each) == sorted(site.holdings[name].path for name in (I2D, CAT))
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_it_is_a_delivery_of_whoever_asked_and_leaves_no_basket(site: Site) -> None:
    visitor = site.visitor()
    with ask(visitor, "sh", *uris(site, I2D)) as answer:
        address = answer.headers["Content-Location"]
        script = answer.data
    with visitor.client.get(address) as again:
        assert again.data == script
    assert address.rpartition("/")[0] in visitor.get("/history").text
    visitor.get("/basket", status=200)  # where there is a basket, this leads to it


def test_a_packed_bundle_is_built_while_one_waits(site: Site) -> None:
    with ask(site.visitor(), "tar.gz", *uris(site, I2D)) as answer:
        assert (answer.status_code, answer.data[:2]) == (200, b"\x1f\x8b")


def test_what_is_gone_from_its_store_is_named_in_the_bundle(site: Site) -> None:
    with ask(site.visitor(), "zip", *uris(site, I2D, LOST)) as answer:
        bundle = zipfile.ZipFile(io.BytesIO(answer.data))
    (manifest,) = [bundle.read(name).decode() for name in bundle.namelist() if name.endswith("manifest.csv")]
    (row,) = [line for line in manifest.splitlines() if LOST in line]
    assert "Missing" in row


def test_what_is_gone_from_its_store_is_left_for_the_script_to_say(site: Site) -> None:
    with ask(site.visitor(), "sh", *uris(site, I2D, LOST)) as answer:
        assert LOST.encode() in answer.data


@pytest.mark.parametrize("form", ["sh", "zip"])
def test_unknown_uris_are_named_and_nothing_is_made(site: Site, form: str) -> None:
    visitor, withdrawn = site.visitor(), site.holdings[f"{IMAGE}_segm.fits"].uri
    answer = ask(visitor, form, *uris(site, I2D), "mast:JWST/product/no.fits", withdrawn)
    assert answer.status_code == 404
    assert answer.json["title"] == f"The archive does not have mast:JWST/product/no.fits, {withdrawn}."
    assert "/deliveries/" not in visitor.get("/history").text


@pytest.mark.parametrize("form", ["sh", "zip"])
def test_exclusive_files_are_named_to_nobody_and_given_to_those_who_may_read(site: Site, form: str) -> None:
    ada, bob = person(site, f"ada-{form}", reads=("JWST", "4098")), person(site, f"bob-{form}")
    answer = ask(site.visitor(), form, *uris(site, I2D, S3D))
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json["title"] == f"Exclusive to programme 4098: {S3D}."
    assert ask(site.visitor(), form, *uris(site, S3D), **bearer(site, ada, "read")).status_code == 403
    shown = bearer(site, ada)
    with ask(site.visitor(), form, *uris(site, I2D, S3D), **shown) as given:
        assert (given.status_code, S3D.encode() in given.data) == (200, True)
    assert ask(site.visitor(), form, *uris(site, S3D), **bearer(site, bob)).status_code == 403


def test_the_token_of_the_cookie_is_as_good(site: Site) -> None:
    word = bearer(site, person(site, "ada-cookie", reads=("JWST", "4098")))["Authorization"].removeprefix("Bearer ")
    visitor = site.visitor()
    visitor.client.set_cookie("mast_token", word)
    with ask(visitor, "zip", *uris(site, S3D)) as answer:
        assert answer.status_code == 200
        assert visitor.client.get(answer.headers["Content-Location"]).status_code == 401  # a page, where it is nothing


def test_too_many_files_are_told_what_to_do_instead(site: Site) -> None:
    many = [f"mast:JWST/product/{number}.fits" for number in range(bundles.MOST_FILES + 1)]
    answer = ask(site.visitor(), "zip", *many)
    assert (answer.status_code, answer.json["title"]) == (413, "These are 20,001 files; at most 20,000 go at once.")
    assert "bundle.sh" in answer.json["detail"]
    assert ask(site.visitor(), "sh", *many).status_code == 404  # a script may be longer; here it is of nothing


def test_too_many_bytes_are_told_what_to_do_instead(queued: Site) -> None:
    object.__setattr__(queued.settings, "bundle_bytes", 10_000)  # frozen for all others
    answer = ask(queued.visitor(), "zip", *uris(queued, I2D))
    assert (answer.status_code, answer.json["title"]) == (413, "These files are 20.2 kB; one bundle holds 10.0 kB.")
    with _working(queued), ask(queued.visitor(), "sh", *uris(queued, I2D)) as script:
        assert script.status_code == 200


def test_what_takes_several_bundles_is_told_where_they_are(queued: Site) -> None:
    object.__setattr__(queued.settings, "part_files", 1)  # frozen for all others
    visitor = queued.visitor()
    with _working(queued):
        answer = ask(visitor, "zip", *uris(queued, I2D, CAT))
    assert (answer.status_code, answer.json["title"]) == (413, "These files take 2 bundles.")
    address = answer.json["detail"].removeprefix("They are at ").partition(". ")[0]
    page = visitor.get(address.removeprefix(queued.settings.base_url))
    assert len([each for each in page.all("a") if each.get("download") is not None]) >= 2


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ([], 422, "No file is named."),
        (["/etc/passwd"], 400, "The URI '/etc/passwd' has no scheme such as mast: in front."),
        (["mast:JWST/../x"], 400, "The URI 'mast:JWST/../x' has a '..' or '.' in its path."),
    ],
)
def test_what_names_no_file_is_refused(shared: Site, sent: list[str], status: int, sentence: str) -> None:
    answer = ask(shared.visitor(), "zip", *sent)
    assert (answer.status_code, answer.json["title"]) == (status, sentence)


def test_what_is_not_ready_in_time_says_where_it_will_be(queued: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "WAIT_SECONDS", 0.1)  # nobody works here
    visitor = queued.visitor()
    answer = ask(visitor, "zip", *uris(queued, I2D))
    assert (answer.status_code, answer.json["title"]) == (503, "This is still being prepared.")
    address = answer.json["detail"].rpartition(" ")[2].rstrip(".").removeprefix(queued.settings.base_url)
    queued.work()
    assert "Ready" in visitor.get(address).words


def test_another_site_cannot_order_by_a_browser(site: Site) -> None:
    answer = ask(site.visitor(), "zip", *uris(site, I2D), **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
