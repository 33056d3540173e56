from __future__ import annotations

from pathlib import Path

import pytest

from jobs.errors import StoreError
from jobs.storage import StoreMap

PAIRS = (("mast:", "file:///all"), ("mast:JWST/", "file:///jwst"), ("local:demo/", "/my demo"))


def place(uri: str, location: str | None = None) -> tuple[str, str] | str | None:
    found = StoreMap(PAIRS).locate(uri, location)
    if found is None:
        return None
    return found.url or (found.store.url, found.path)


def test_the_longest_prefix_wins() -> None:
    assert place("mast:JWST/product/x.fits") == ("file:///jwst", "product/x.fits")


def test_a_shorter_prefix_takes_the_rest() -> None:
    assert place("mast:HST/product/x.fits") == ("file:///all", "HST/product/x.fits")


def test_a_uri_without_a_store_has_no_place() -> None:
    assert place("ivo:x") is None


def test_a_products_own_location_goes_before_the_prefix() -> None:
    assert place("mast:JWST/x.fits", "file:///my%20demo/a/y.fits") == ("/my demo", "a/y.fits")


def test_a_plain_path_is_a_location_too() -> None:
    assert place("mast:JWST/x.fits", "/my demo/a/y.fits") == ("/my demo", "a/y.fits")


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "/my demo/../etc/passwd", "/my demolition/x", "relative/x", "s3://b/x", "/my demo"],
)
def test_a_location_outside_every_store_is_not_honoured(location: str) -> None:
    assert place("mast:JWST/x.fits", location) == ("file:///jwst", "x.fits")


def test_a_web_address_is_remote() -> None:
    assert place("mast:JWST/x.fits", "https://example.org/x.fits") == "https://example.org/x.fits"


def test_a_web_address_can_be_read_from_too() -> None:
    found = StoreMap(PAIRS).locate("mast:JWST/x.fits", "https://example.org/x.fits?a=1")
    assert found is not None
    assert (found.store.remote, found.path) == (True, "https://example.org/x.fits?a=1")


def test_nobody_is_sent_to_an_address_with_a_password() -> None:
    found = StoreMap(PAIRS).locate("mast:JWST/x.fits", "https://user:word@example.org/x.fits")
    assert found is not None
    assert found.url is None


def test_nobody_is_sent_to_a_server_that_is_configured_as_a_store() -> None:
    stores = StoreMap([("a:", "https://archive.internal/data/")])
    found = stores.locate("mast:x", "https://archive.internal/data/my%20files/x.fits")
    assert found is not None
    assert (found.store.url, found.path, found.url) == ("https://archive.internal/data", "my files/x.fits", None)


def test_settings_from_a_queue_are_lists() -> None:
    assert StoreMap([["a:", "/x"]]).locate("a:y") is not None


def test_a_kind_that_is_not_known_is_a_sentence() -> None:
    with pytest.raises(StoreError, match="no kind of store for 'gopher://x'"):
        StoreMap([("a:", "gopher://x")])


def test_a_store_below_the_root_folder_holds_everything() -> None:
    found = StoreMap([("a:", "file:///")]).locate("a:x", "file:///etc/hosts")
    assert found is not None
    assert found.store.local_path(found.path) == Path("/etc/hosts").resolve()
