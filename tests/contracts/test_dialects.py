"""Every dialect passes this suite. A new one adds to tests/fixtures/runners how its user gets files with it."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from jobs.dialects import LIST, SCRIPT, dialect, dialects
from jobs.errors import JobError
from jobs.items import Header
from jobs.manifest import Entry
from tests.fixtures.runners import runners
from tests.fixtures.scripts import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.fixtures.archive import Archive

NAME = "skybasket_2026-05-02T1423"
RUNNERS = runners()
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


def header(base_url: str = "http://127.0.0.1:8000", **changes: str) -> Header:
    return Header(NAME, 1_777_000_000, base_url, 5, 10_000, 0)._replace(**changes)


def written(kind: str, about: Header, entries: Iterable[Entry]) -> bytes:
    out = io.BytesIO()
    dialect(kind).write(about, listed(entries), out)
    return out.getvalue()


def saved(kind: str, about: Header, entries: Iterable[Entry], folder: Path) -> Path:
    """In a folder of its own, as a browser saves it."""
    file = folder / "downloads" / f"{NAME}{dialect(kind).suffix}"
    file.parent.mkdir()
    file.write_bytes(written(kind, about, entries))
    return file


def held(archive: Archive) -> list[Entry]:
    contents = [b"pixels" * 500, b"x", b"\0\n\t", b"", b"y" * 70_000]
    return [
        archive.add(f"mast:{path}", content, path=path, exclusive=False)
        for path, content in zip(PATHS, contents, strict=True)
    ]


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


@pytest.mark.parametrize("field", ["about", "needs", "token"])
def test_a_dialect_is_explained_in_sentences(kind: str, field: str) -> None:
    assert re.fullmatch(r"([A-Z].*\.)?", getattr(dialect(kind), field))


def test_it_fetches_every_file_byte_for_byte(kind: str, archive: Archive, tmp_path: Path) -> None:
    entries = held(archive)
    tree = RUNNERS[kind].fetch(saved(kind, header(archive.url), entries, tmp_path))
    got = {path: hashlib.sha256((tree / path).read_bytes()).hexdigest() for path in PATHS}
    assert got == {entry.path: entry.sha256 for entry in entries}


def test_text_from_the_archive_never_runs(kind: str, archive: Archive, tmp_path: Path) -> None:
    about = header(archive.url, archive=HOSTILE, link=HOSTILE, citation=HOSTILE)
    RUNNERS[kind].fetch(saved(kind, about, held(archive), tmp_path))
    assert not list(tmp_path.rglob("canary"))


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


@pytest.mark.parametrize("uri", ["mast:a\tb\nc", "mast:\ud800", 'mast:a"b\\c', "mast:%41", "mast:a&b=c+d#e f"])
def test_any_uri_arrives_at_the_server_as_it_is(kind: str, archive: Archive, tmp_path: Path, uri: str) -> None:
    file = saved(kind, header(archive.url), [archive.add(uri, b"x", path="x")], tmp_path)
    with suppress(subprocess.CalledProcessError):
        RUNNERS[kind].fetch(file)
    assert archive.requests[0].uri == uri.encode(errors="surrogatepass").decode(errors="replace")


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
