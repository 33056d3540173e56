"""A store behind an address that asks by data URI, as MAST's does: whatever its server makes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobs.errors import MissingFile, StoreError, UnknownSize
from jobs.manifest import Entry
from jobs.preflight import MOST_FAILURES, Check
from jobs.storage import StoreMap, Streams, open_store
from jobs.storage.http import TOKEN as VARIABLE
from tests.fixtures.mast_rows import content
from tests.fixtures.replay_mast import FILE, TOKEN, Replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs.storage import Located

URI = "mast:JWST/product/jw04426-o001_t001_nirspec_g140m-f100lp_s3d.fits"
SECRET = "mast:JWST/product/jw01180135001_0310j_00003_nrs2_x1d.fits"  # noqa: S105 - a file
CUT_OUT = "mast:HLA/url/cgi-bin/fitscut.cgi?red=HST_10879_F170M&size=ALL&format=fits"


@pytest.fixture(scope="module")
def replay() -> Iterator[Replay]:
    server = Replay()
    server.products.append(server.products[0] | {"dataURI": CUT_OUT, "dataRights": "PUBLIC"})
    server.unsized.add(CUT_OUT)
    yield server
    server.close()


def located(replay: Replay, uri: str) -> Located:
    found = StoreMap([("mast:", f"{replay.url}{FILE}?uri=mast:")]).locate(uri)
    assert found is not None
    return found


def test_a_file_is_asked_for_by_its_uri_and_read_by_ranges(replay: Replay) -> None:
    place = located(replay, URI)
    assert place.store.stat(place.path).size == len(content(URI))
    assert place.store.fetch(place.path, 100, 900) == content(URI)[100:900]


def test_a_uri_that_is_itself_a_query_arrives_as_it_is(replay: Replay) -> None:
    place = located(replay, CUT_OUT)
    with pytest.raises(UnknownSize, match="does not say how large"):
        place.store.stat(place.path)
    assert replay.fetched[-1][0] == CUT_OUT


def test_a_file_without_a_length_is_read_whole(replay: Replay) -> None:
    place = located(replay, CUT_OUT)
    assert isinstance(place.store, Streams)
    assert b"".join(place.store.whole(place.path)) == content(CUT_OUT)


def test_a_file_that_is_not_there_is_missing(replay: Replay) -> None:
    place = located(replay, "mast:JWST/product/nothing.fits")
    with pytest.raises(MissingFile):
        place.store.stat(place.path)


def test_an_exclusive_file_needs_the_token_of_the_environment(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    place = located(replay, SECRET)
    with pytest.raises(StoreError, match=r"does not give .* \(status 401\)"):
        place.store.stat(place.path)
    monkeypatch.setenv(VARIABLE, TOKEN)
    place = located(replay, SECRET)
    assert place.store.fetch(place.path, 0, 500) == content(SECRET)[:500]


@pytest.mark.parametrize("query", ["uri=", "q=1", "uri=mast", "uri=mast:&x=1", "x=uri=mast:"])
def test_an_address_whose_query_does_not_end_in_the_beginning_of_a_uri_is_a_sentence(query: str) -> None:
    with pytest.raises(StoreError, match=r"looks like .*\?uri=mast:; 'https://h/file' does not"):
        open_store(f"https://h/file?{query}")


@pytest.mark.parametrize(("odd", "problem"), [(CUT_OUT, "does not say how large"), (SECRET, "does not give")])
def test_files_that_are_not_as_others_are_findings_and_keep_no_other_from_being_asked_for(
    replay: Replay, odd: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    check = Check(StoreMap([("mast:", f"{replay.url}{FILE}?uri=mast:")]))
    uris = [odd] * (MOST_FAILURES + 1) + [URI]
    check.run((Entry(uri, uri, 7, None, None, exclusive=False, location=None, wanted=uri) for uri in uris), len(uris))
    said = {finding.uri: finding for finding in check.findings}
    assert problem in said[odd].problem
    assert said[URI].true_size == len(content(URI))
