"""Every kind of store passes this suite. A new one adds a maker to MAKERS."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.errors import ChangedFile, MissingFile, StoreError
from jobs.storage import Store, kinds

if TYPE_CHECKING:
    from tests.fixtures.stores import Filled

KINDS = ("file", "http", "s3")
CONTENT = bytes(range(256)) * 5200  # more than one piece of every store
CAL = "JWST/jw1/jw1_cal.fits"
ODD = [
    "HST/odd $(id) 'é' %41 #1 [2].fits",
    "what?.fits",
    "a+b=c&d.fits",
    "naïve ngc 3132 漢.fits",
    "ab:c,d;e@f!~.fits",
    '"x".fits',
]


@pytest.fixture(params=KINDS)
def filled(request: pytest.FixtureRequest) -> Filled:
    found: Filled = request.getfixturevalue(f"{request.param}_store")
    found.put(CAL, CONTENT)
    found.put("empty", b"")
    return found


def test_each_kind_of_store_is_in_this_suite() -> None:
    assert set(KINDS) == set(kinds())


def test_a_store_has_the_shape_that_others_rely_on(filled: Filled) -> None:
    assert isinstance(filled.store, Store)


@pytest.mark.parametrize(("path", "size"), [(CAL, len(CONTENT)), ("empty", 0)])
def test_a_file_has_its_size(filled: Filled, path: str, size: int) -> None:
    assert filled.store.stat(path).size == size


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT)))
def test_a_range_is_exactly_its_bytes(filled: Filled, one: int, other: int) -> None:
    start, end = sorted((one, other))
    assert b"".join(filled.store.read(CAL, start, end)) == CONTENT[start:end]
    assert filled.store.fetch(CAL, start, end) == CONTENT[start:end]


def test_an_empty_file_reads_as_nothing(filled: Filled) -> None:
    assert b"".join(filled.store.read("empty", 0, 0, filled.store.stat("empty").version)) == b""
    assert filled.store.fetch("empty", 0, 0) == b""


@pytest.mark.parametrize("path", ODD)
def test_a_name_with_odd_characters_is_just_a_name(filled: Filled, path: str) -> None:
    filled.put(path, b"odd")
    assert filled.store.stat(path).size == 3
    assert b"".join(filled.store.read(path, 0, 3)) == b"odd"


@pytest.mark.parametrize("path", ["JWST/none.fits", "none/none.fits", "empty/x.fits", "x" * 4000])
def test_a_file_that_is_not_there_is_missing(filled: Filled, path: str) -> None:
    with pytest.raises(StoreError):
        filled.store.stat(path)
    with pytest.raises(StoreError):
        list(filled.store.read(path, 0, 1))
    with pytest.raises(StoreError):
        filled.store.fetch(path, 0, 1)


def test_missing_is_told_from_other_failures(filled: Filled) -> None:
    with pytest.raises(MissingFile, match=r"'JWST/none\.fits' is not in its store"):
        filled.store.stat("JWST/none.fits")


@pytest.mark.parametrize(("start", "end"), [(0, len(CONTENT) + 1), (len(CONTENT), len(CONTENT) + 1), (5, 4), (-1, 4)])
def test_bytes_that_are_not_there_raise(filled: Filled, start: int, end: int) -> None:
    with pytest.raises(StoreError):
        list(filled.store.read(CAL, start, end))
    with pytest.raises(StoreError):
        filled.store.fetch(CAL, start, end)


def test_a_version_that_is_still_there_is_read(filled: Filled) -> None:
    version = filled.store.stat(CAL).version
    assert filled.store.stat(CAL).version == version
    assert -(2**63) <= version < 2**63
    assert filled.store.fetch(CAL, 5, 900_000, version) == CONTENT[5:900_000]
    assert b"".join(filled.store.read(CAL, 0, len(CONTENT), version)) == CONTENT


@pytest.mark.parametrize("path", [CAL, "empty"])
@pytest.mark.parametrize(
    "new", [bytes(len(CONTENT)), b"longer" * len(CONTENT), b"short"], ids=["same size", "longer", "shorter"]
)
def test_a_file_that_has_changed_is_told(filled: Filled, path: str, new: bytes) -> None:
    found = filled.store.stat(path)
    filled.put(path, new)
    assert filled.store.stat(path).version != found.version
    with pytest.raises(ChangedFile, match="has changed"):
        filled.store.fetch(path, 0, found.size, found.version)
    with pytest.raises(ChangedFile, match="has changed"):
        list(filled.store.read(path, 0, found.size, found.version))


def test_a_file_that_changes_while_it_is_read_is_told(filled: Filled) -> None:
    pieces = filled.store.read(CAL, 0, len(CONTENT), filled.store.stat(CAL).version)
    next(pieces)
    filled.put(CAL, bytes(len(CONTENT)))
    with pytest.raises(ChangedFile):
        list(pieces)


def test_many_threads_read_at_once(filled: Filled) -> None:
    version = filled.store.stat(CAL).version
    ranges = [(n * 20_000, n * 20_000 + 300_000) for n in range(48)]
    with ThreadPoolExecutor(24) as pool:
        found = list(pool.map(lambda each: filled.store.fetch(CAL, *each, version), ranges))
    assert found == [CONTENT[start:end] for start, end in ranges]


def test_a_reader_that_is_closed_early_leaves_the_store_usable(filled: Filled) -> None:
    for _ in range(40):  # more than there are connections
        pieces = filled.store.read(CAL, 0, len(CONTENT))
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]  # every store's reader is a generator
    assert filled.store.fetch(CAL, 0, 4) == CONTENT[:4]


def test_a_forked_child_reads_what_its_parent_has_read(filled: Filled) -> None:
    version = filled.store.stat(CAL).version
    busy = threading.Thread(target=lambda: [filled.store.fetch(CAL, 0, len(CONTENT)) for _ in range(5)])
    busy.start()  # so that connections are in use at the moment of the fork
    child = os.fork()
    if child == 0:  # nothing of pytest may run here
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(60)
        good = False
        with contextlib.suppress(BaseException):
            good = filled.store.fetch(CAL, 7, 500_000, version) == CONTENT[7:500_000]
        os._exit(0 if good else 1)
    _, status = os.waitpid(child, 0)
    busy.join()
    assert status == 0
    assert filled.store.fetch(CAL, 7, 9, version) == CONTENT[7:9]


def test_a_file_that_shrinks_while_it_is_read_raises(filled: Filled) -> None:
    pieces = filled.store.read(CAL, 0, len(CONTENT))
    next(pieces)
    filled.put(CAL, CONTENT[:1000])
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
