"""Every dialect passes this suite. A new one adds to tests/fixtures/runners how its user gets files with it."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from pygments.lexers import get_lexer_by_name

from jobs.dialects import LIST, SCRIPT, dialect, dialects
from jobs.errors import JobError
from jobs.items import Header, items
from jobs.manifest import Entry
from jobs.names import stand_alone
from jobs.storage import StoreMap
from tests.fixtures.runners import beside, runners
from tests.fixtures.stores import BUCKET, SIGNED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jobs.items import Item
    from tests.fixtures.archive import Archive

NAME = "skybasket_2026-05-02T1423"
RUNNERS = runners()
FROM_THE_SERVER = sorted(name for name in RUNNERS if "public" not in dialect(name).wants)
PATHS = [
    "JWST/a/a_cal.fits",
    "JWST/a/$(touch canary) `id` 'q'.fits",
    "HST/b/100% é 星 #1 [2].fits",
    "HST/b/empty",
    "top",
]
HOSTILE = "x'; touch canary\ntouch canary #\r\u2028$(touch canary)`touch canary`"


@pytest.fixture(params=sorted(RUNNERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bucket(kind: str, request: pytest.FixtureRequest) -> str:
    """The address of an S3 server, if the dialect fetches from there."""
    return str(request.getfixturevalue("s3_server")) if "public" in dialect(kind).wants else ""


def header(base_url: str = "http://127.0.0.1:8000", **changes: str) -> Header:
    return Header(NAME, 1_777_000_000, base_url, 5, 10_000, 0)._replace(**changes)


def listed(entries: Iterable[Entry], bucket: str = "") -> Iterator[Item]:
    """All in a public bucket, so that every dialect can list them."""
    entries = list(entries)
    place = f"s3://{BUCKET}/public?anon=1&region=us-east-1&endpoint_url={bucket}"
    alone = stand_alone(entry.path for entry in entries)
    return items(entries, [1] * len(entries), alone, StoreMap([("mast:", place)]))


def written(kind: str, about: Header, entries: Iterable[Entry], bucket: str = "") -> bytes:
    out = io.BytesIO()
    dialect(kind).write(about, listed(entries, bucket), out)
    return out.getvalue()


def saved(kind: str, about: Header, entries: Iterable[Entry], folder: Path, bucket: str = "") -> Path:
    """In a folder of its own, as a browser saves it."""
    downloads = folder / "downloads"
    downloads.mkdir()
    for each in filter(None, (kind, beside(RUNNERS[kind]))):
        (downloads / f"{NAME}{dialect(each).suffix}").write_bytes(written(each, about, entries, bucket))
    return downloads / f"{NAME}{dialect(kind).suffix}"


def held(archive: Archive, bucket: str = "") -> list[Entry]:
    contents = dict(zip(PATHS, [b"pixels" * 500, b"x", b"\0\n\t", b"", b"y" * 70_000], strict=True))
    for path, content in contents.items() if bucket else ():
        place = f"{bucket}/{BUCKET}/public/{quote(path)}"
        httpx.put(place, content=content, headers={**SIGNED, "x-amz-acl": "public-read"}, timeout=30).raise_for_status()
    return [archive.add(f"mast:{path}", content, path=path, exclusive=False) for path, content in contents.items()]


def test_each_dialect_is_in_this_suite() -> None:
    assert set(RUNNERS) == set(dialects())


def test_no_two_dialects_make_files_of_one_name() -> None:
    suffixes = [each.suffix for each in dialects().values()]
    assert len(set(suffixes)) == len(suffixes)


def test_an_unknown_dialect_names_those_there_are() -> None:
    with pytest.raises(JobError, match=r"kind 'exe'; there are: .*sh"):
        dialect("exe")


def test_a_dialect_declares_how_its_file_is_served(kind: str) -> None:
    found = dialect(kind)
    assert found.name == kind
    assert re.fullmatch(r"\.[a-z0-9.]+", found.suffix)
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", found.media_type)
    assert found.method in {SCRIPT, LIST}
    assert found.wants <= {"sha256", "public"}
    assert not found.language or get_lexer_by_name(found.language)


@pytest.mark.parametrize("field", ["about", "needs", "token"])
def test_a_dialect_is_explained_in_sentences(kind: str, field: str) -> None:
    assert re.fullmatch(r"([A-Z].*\.)?", getattr(dialect(kind), field))


def test_it_fetches_every_file_byte_for_byte(kind: str, archive: Archive, bucket: str, tmp_path: Path) -> None:
    entries = held(archive, bucket)
    tree = RUNNERS[kind].fetch(saved(kind, header(archive.url), entries, tmp_path, bucket))
    got = {path: hashlib.sha256((tree / path).read_bytes()).hexdigest() for path in PATHS}
    assert got == {entry.path: entry.sha256 for entry in entries}


def test_text_from_the_archive_never_runs(kind: str, archive: Archive, bucket: str, tmp_path: Path) -> None:
    about = header(archive.url, archive=HOSTILE, link=HOSTILE, citation=HOSTILE)
    entries = [entry for entry in held(archive, bucket) if "canary" in entry.path]
    RUNNERS[kind].fetch(saved(kind, about, entries, tmp_path, bucket))
    assert not [file for file in tmp_path.rglob("*") if file.name == "canary"]


def test_what_is_written_depends_on_nothing_else(kind: str, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = held(archive)
    first = written(kind, header(), entries)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("SKYBASKET_TOKEN", "a-token-of-somebody")
    assert written(kind, header(), entries) == first
    assert b"a-token-of-somebody" not in first


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../x"},
        {"path": "/etc/passwd"},
        {"path": "a\nb"},
        {"path": "a\tb"},
        {"path": "-rf"},
        {"path": ".skybasket/run"},
        {"path": ""},
        {"sha256": "x" * 64},
        {"sha256": "ab"},
    ],
)
def test_an_entry_that_is_not_safe_is_refused(kind: str, archive: Archive, change: dict[str, str]) -> None:
    with pytest.raises(JobError, match="no safe path, or no SHA-256"):
        written(kind, header(), [held(archive)[0]._replace(**change)])


@pytest.mark.parametrize("address", ["", "ftp://x", "http://x y", "http://x'$(id)", 'http://x"', "http://x\n", "x"])
def test_an_address_that_is_none_is_refused(kind: str, address: str) -> None:
    with pytest.raises(JobError, match="cannot be the address of this server"):
        written(kind, header(address), [])


@pytest.mark.parametrize("kind", FROM_THE_SERVER)
def test_any_uri_arrives_at_the_server_as_it_is(kind: str, archive: Archive, tmp_path: Path) -> None:
    uris = ["mast:a\tb\nc", 'mast:a"b\\c', "mast:%41", "mast:a&b=c+d#e f", "mast:é'星"]
    entries = [archive.add(uri, b"x", path=f"x{n}") for n, uri in enumerate(uris)]
    with suppress(subprocess.CalledProcessError, httpx.HTTPStatusError):
        RUNNERS[kind].fetch(saved(kind, header(archive.url), entries, tmp_path))
    assert {request.uri for request in archive.requests} == set(uris)


@pytest.mark.parametrize("kind", FROM_THE_SERVER)
def test_a_uri_that_is_not_text_never_becomes_another(kind: str, archive: Archive, tmp_path: Path) -> None:
    entries = [archive.add("mast:\ud800", b"x", path="x")]
    with suppress(subprocess.CalledProcessError, httpx.HTTPStatusError):
        RUNNERS[kind].fetch(saved(kind, header(archive.url), entries, tmp_path))
    assert {request.uri for request in archive.requests} <= {"mast:\ufffd\ufffd\ufffd"}


def test_a_list_without_end_is_written_in_constant_memory(kind: str) -> None:
    class Sink(io.RawIOBase):
        longest = 0

        def writable(self) -> bool:
            return True

        def write(self, content: Any) -> int:
            self.longest = max(self.longest, len(content))
            return len(content)

    def many() -> Iterator[Entry]:
        for n in range(20_000):
            path = f"JWST/jw{n}/jw{n}_cal.fits"
            yield Entry(f"mast:{path}", path, n, "ab" * 32, None, exclusive=False, location=None, wanted=path)

    sink = Sink()
    dialect(kind).write(header(), listed(many()), io.BufferedWriter(sink))
    assert sink.longest < 100_000


def test_the_environment_of_this_machine_is_not_in_it(kind: str, archive: Archive) -> None:
    text = written(kind, header(), held(archive))
    for name in ("HOME", "USER", "HOSTNAME", "PWD"):
        value = os.environ.get(name, "")
        assert len(value) < 5 or value.encode() not in text
