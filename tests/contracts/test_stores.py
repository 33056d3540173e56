"""Every kind of store passes this suite. A new one adds a maker to MAKERS."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.errors import MissingFile, StoreError
from jobs.storage import Store, kinds, open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTENT = bytes(range(256)) * 4000  # more than one piece


class Filled(NamedTuple):
    """A store, and how to put a file into it from behind."""

    store: Store
    put: Callable[[str, bytes], None]


def local(tmp_path: Path) -> Filled:
    folder = tmp_path / "archive"

    def put(path: str, content: bytes) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    return Filled(open_store(folder.as_uri()), put)


MAKERS = {"file": local}


@pytest.fixture(params=sorted(MAKERS))
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Filled:
    filled = MAKERS[request.param](tmp_path)
    filled.put("JWST/jw1/jw1_cal.fits", CONTENT)
    filled.put("empty", b"")
    filled.put("HST/odd $(id) 'é' %41 #1 [2].fits", b"odd")
    return filled


def test_each_kind_of_store_is_in_this_suite() -> None:
    assert set(MAKERS) == set(kinds())


def test_a_store_has_the_shape_that_others_rely_on(filled: Filled) -> None:
    assert isinstance(filled.store, Store)


@pytest.mark.parametrize(("path", "size"), [("JWST/jw1/jw1_cal.fits", len(CONTENT)), ("empty", 0)])
def test_a_file_has_its_size(filled: Filled, path: str, size: int) -> None:
    assert filled.store.stat(path).size == size


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT)))
def test_a_range_is_exactly_its_bytes(filled: Filled, one: int, other: int) -> None:
    start, end = sorted((one, other))
    assert b"".join(filled.store.read("JWST/jw1/jw1_cal.fits", start, end)) == CONTENT[start:end]


def test_an_empty_file_reads_as_nothing(filled: Filled) -> None:
    assert b"".join(filled.store.read("empty", 0, 0)) == b""


def test_a_name_with_odd_characters_is_just_a_name(filled: Filled) -> None:
    assert b"".join(filled.store.read("HST/odd $(id) 'é' %41 #1 [2].fits", 0, 3)) == b"odd"


@pytest.mark.parametrize("path", ["JWST/none.fits", "none/none.fits", "empty/x.fits", "x" * 4000])
def test_a_file_that_is_not_there_is_missing(filled: Filled, path: str) -> None:
    with pytest.raises(StoreError):
        filled.store.stat(path)
    with pytest.raises(StoreError):
        list(filled.store.read(path, 0, 1))


def test_missing_is_told_from_other_failures(filled: Filled) -> None:
    with pytest.raises(MissingFile, match=r"'JWST/none\.fits' is not in its store"):
        filled.store.stat("JWST/none.fits")


@pytest.mark.parametrize(("start", "end"), [(0, len(CONTENT) + 1), (len(CONTENT), len(CONTENT) + 1), (5, 4), (-1, 4)])
def test_bytes_that_are_not_there_raise(filled: Filled, start: int, end: int) -> None:
    with pytest.raises(StoreError):
        list(filled.store.read("JWST/jw1/jw1_cal.fits", start, end))


def test_a_file_that_shrinks_while_it_is_read_raises(filled: Filled) -> None:
    pieces = filled.store.read("JWST/jw1/jw1_cal.fits", 0, len(CONTENT))
    next(pieces)
    filled.put("JWST/jw1/jw1_cal.fits", CONTENT[:1000])
    with pytest.raises(StoreError):
        list(pieces)


def test_a_folder_is_not_a_file(filled: Filled) -> None:
    with pytest.raises(StoreError):
        filled.store.stat("JWST/jw1")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "..",
        "../archive/empty",
        "JWST/../empty",
        "JWST/..",
        "a\0b",
        "C:/x",
        "C:x",
        "a\\..\\..\\x",
        "\ud800",
    ],
)
def test_a_path_that_leads_out_is_refused(filled: Filled, path: str) -> None:
    with pytest.raises(StoreError):
        filled.store.stat(path)
    with pytest.raises(StoreError):
        list(filled.store.read(path, 0, 1))
    with contextlib.suppress(StoreError):  # a store without local files need not look at the path
        assert filled.store.local_path(path) is None


def test_a_file_has_a_place_of_its_own_within_its_store(filled: Filled) -> None:
    assert filled.store.path_of(f"{filled.store.url}/JWST/x.fits") == "JWST/x.fits"


@pytest.mark.parametrize("location", ["", "relative", "file:///etc/passwd", "s3://other/x", "https://other/x"])
def test_another_place_is_not_within_the_store(filled: Filled, location: str) -> None:
    assert filled.store.path_of(location) is None


def test_a_place_cannot_climb_out_of_its_store(filled: Filled) -> None:
    assert filled.store.path_of(f"{filled.store.url}/../x.fits") is None
