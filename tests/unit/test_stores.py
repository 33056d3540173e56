from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobs.errors import StoreError
from jobs.storage import Located
from tests.fixtures.holdings import IMAGE
from webapp.settings import Settings
from webapp.stores import add_store, store_map, store_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.webapp import Site


def test_the_settings_name_stores(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, stores=(("mast:", "/a"), ("mast:HST/", "/b")))
    assert store_pairs(settings) == (("mast:HST/", "/b"), ("mast:", "/a"))


def test_a_store_that_an_ingest_recorded_is_there_in_every_process_from_then_on(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    before = store_map(settings)
    add_store(settings, "local:", "/a")
    add_store(settings, "mine:", "/b")
    assert before.locate("local:x.fits") is None
    assert store_pairs(Settings(home=tmp_path / "home")) == (("local:", "/a"), ("mine:", "/b"))


def test_the_settings_win_over_what_an_ingest_recorded(tmp_path: Path) -> None:
    add_store(Settings(home=tmp_path), "mast:", "/recorded")
    assert store_pairs(Settings(home=tmp_path, stores=(("mast:", "/set"),))) == (("mast:", "/set"),)


def test_the_longest_prefix_wins(tmp_path: Path) -> None:
    found = store_map(Settings(home=tmp_path, stores=(("mast:", "/a"), ("mast:HST/", "/b"))))
    places = [found.locate(uri) for uri in ("mast:HST/x", "mast:JWST/x")]
    assert [(place.store.url, place.path) for place in places if isinstance(place, Located)] == [
        ("/b", "x"),
        ("/a", "JWST/x"),
    ]


def test_a_product_s_own_address_goes_first(tmp_path: Path) -> None:
    found = store_map(Settings(home=tmp_path, stores=(("mast:", "/a"),)))
    place = found.locate("mast:x", "https://archive.example/x")
    assert place is not None
    assert place.url == "https://archive.example/x"


def test_a_location_outside_every_store_is_not_honoured(tmp_path: Path) -> None:
    found = store_map(Settings(home=tmp_path, stores=(("mast:", "/archive"),)))
    place = found.locate("mast:x", "/etc/passwd")
    assert isinstance(place, Located)
    assert (place.store.url, place.path) == ("/archive", "x")


def test_a_store_of_no_known_kind_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no kind of store for 'gopher://x'"):
        store_map(Settings(home=tmp_path, stores=(("mast:", "gopher://x"),)))


def test_a_store_that_is_recorded_while_the_server_runs_serves_at_once(lite: Site, tmp_path: Path) -> None:
    name = f"{IMAGE}_i2d.fits"
    (tmp_path / "moved").mkdir()
    (tmp_path / "moved" / name).write_bytes(b"moved")
    add_store(lite.settings, "mast:JWST/product/", f"file://{tmp_path}/moved")
    assert lite.visitor().client.get(lite.holdings[name].door).data == b"moved"
