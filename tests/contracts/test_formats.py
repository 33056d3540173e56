"""Every bundle format passes this suite, and other people's programs open what it makes.

A new one adds to PROGRAMS (tests/fixtures/formats.py) what its users would open it with.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest

from jobs.errors import JobError, StoreError
from jobs.formats import format_of, formats, inner_of
from tests.fixtures.formats import PROGRAMS, Contents, File, Program, Zeros, taken

if TYPE_CHECKING:
    from pathlib import Path

LONG = "n" * 235 + ".fits"
FILES = [
    File("bundle/MANIFEST.HTML", b"<html>", 1_700_000_003),  # an odd second, which MS-DOS cannot say
    File("bundle/JWST/a/a_cal.fits", os.urandom(700_001)),
    File("bundle/JWST/a/empty", b""),
    File("bundle/JWST/a/sector.fits", b"s" * 512),
    File("bundle/HST/composed \u00e9.fits", b"composed"),
    File("bundle/HST/decomposed e\u0301.fits", b"decomposed"),
    File("bundle/HST/emoji \U0001f52d 星.fits", b"emoji"),
    File(f"bundle/HST/{LONG}", b"a long name"),
    File(f"bundle/HST/{'d' * 100}/{'n' * 95}.fits", b"a long path that can be split"),
    File(f"bundle/HST/{'d/' * 100}{LONG}", b"a long path that cannot"),
    File(f"bundle/{'d' * 148}/{'n' * 100}", b"a prefix and a name that just fit"),
    File("bundle/100% $(id) 'q' #1 [2].fits", b"odd", 1_000_000_000),
]
FIVE_GB, NINE_GIB = 5 * 10**9, 9 << 30
OPENED = [(kind, program) for kind, programs in PROGRAMS.items() for program in programs]
VIRTUAL = [kind for kind, found in formats().items() if found.virtual]
SHORT = {"zip-unzip", "tar-tar", "tar.gz-tar"}
opened = pytest.mark.parametrize(("kind", "program"), OPENED, ids=[f"{kind}-{one.name}" for kind, one in OPENED])
seekable = pytest.mark.parametrize(
    ("kind", "program"),
    [(kind, one) for kind, one in OPENED if kind in VIRTUAL],
    ids=[f"{kind}-{one.name}" for kind, one in OPENED if kind in VIRTUAL],
)


@pytest.fixture(params=sorted(PROGRAMS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_each_format_is_in_this_suite() -> None:
    assert set(PROGRAMS) == set(formats())


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(JobError, match=r"bundle format 'rar'; there are: .*zip"):
        format_of("rar")


def test_a_format_declares_how_its_file_is_served(kind: str) -> None:
    found = format_of(kind)
    assert found.name == kind
    assert re.fullmatch(r"\.[a-z.]+", found.suffix)
    assert re.fullmatch(r"application/[a-z-]+", found.media_type)


def test_only_zip_needs_checksums_before(kind: str) -> None:
    assert format_of(kind).needs_crc == (kind == "zip")


@opened
def test_it_unpacks_to_the_same_names_bytes_and_times(kind: str, program: Program, tmp_path: Path) -> None:
    archive = tmp_path / f"bundle{format_of(kind).suffix}"
    Contents(FILES).write(kind, archive)
    wanted = {
        normalize("NFC", name) if program.composes else name: (content, mtime - mtime % program.step)
        for name, content, mtime in FILES
    }
    assert program.unpacked(archive, tmp_path / "unpacked") == wanted


@opened
def test_it_may_be_empty(kind: str, program: Program, tmp_path: Path) -> None:
    archive = tmp_path / f"bundle{format_of(kind).suffix}"
    Contents([]).write(kind, archive)
    if program.name == "unzip":  # it warns by its status
        said = subprocess.run(["unzip", "-l", archive], capture_output=True, text=True, check=False, timeout=60)
        assert "zipfile is empty" in said.stderr
    else:
        assert [name for name in program.listed(archive) if name] == []


@pytest.mark.parametrize(
    ("kind", "program"),
    [
        pytest.param(kind, one, id=name, marks=() if name in SHORT else pytest.mark.long)
        for kind, one in OPENED
        for name in [f"{kind}-{one.name}"]
    ],
)
def test_it_holds_more_than_65_535_files(kind: str, program: Program, tmp_path: Path) -> None:
    archive = tmp_path / f"bundle{format_of(kind).suffix}"
    names = [f"d{n % 7}/{n}" for n in range(65_537)]
    Contents([File(name, b"") for name in names]).write(kind, archive)
    assert program.listed(archive) == names


@seekable
@pytest.mark.parametrize("size", [FIVE_GB, NINE_GIB])
def test_it_holds_a_file_of_more_than_4_gib(kind: str, program: Program, size: int, tmp_path: Path) -> None:
    archive = tmp_path / f"bundle{format_of(kind).suffix}"
    names = ["before", "large", "after"]
    Zeros(("before", 1000), ("large", size), ("after", 700)).write(kind, archive)
    assert program.listed(archive) == names


def test_what_lies_behind_4_gib_is_found(tmp_path: Path) -> None:
    Zeros(("large", FIVE_GB), ("after", 700)).write("zip", tmp_path / "bundle.zip")
    for command in (["unzip", "-p", "bundle.zip", "after"], ["7zz", "x", "-so", "bundle.zip", "after"]):
        found = subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.PIPE, timeout=60).stdout
        assert found == bytes(700)


@pytest.mark.parametrize("kind", VIRTUAL)
def test_a_part_of_the_members_is_a_bundle_of_its_own(kind: str) -> None:
    part = Contents(FILES[3:7])
    laid = inner_of(kind).layout(Contents(FILES).members[3:7])
    assert laid.etag == inner_of(kind).layout(part.members).etag
    assert taken(part, laid, 0, laid.length) == part.whole(kind)


def test_the_same_files_give_the_same_bytes(kind: str, tmp_path: Path) -> None:
    for name in ("one", "other"):
        Contents(FILES).write(kind, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("kind", VIRTUAL)
@pytest.mark.parametrize(
    "change",
    [{"name": "bundle/MANIFEST.HTML2"}, {"content": b"<htmll>"}, {"mtime": 1_700_000_004}],
)
def test_the_validator_changes_with_name_size_and_time(kind: str, change: dict[str, object]) -> None:
    changed = [FILES[0]._replace(**change), *FILES[1:]]
    one, other = (inner_of(kind).layout(Contents(files).members).etag for files in (FILES, changed))
    assert one != other


def test_the_validators_of_two_formats_differ() -> None:
    members = Contents(FILES).members
    assert len({inner_of(kind).layout(members).etag for kind in VIRTUAL}) == len(VIRTUAL)


def test_the_validator_of_a_zip_changes_with_the_content() -> None:
    changed = [FILES[0]._replace(content=b"<HTML>"), *FILES[1:]]
    one, other = (inner_of("zip").layout(Contents(files).members).etag for files in (FILES, changed))
    assert one != other


def test_a_source_that_fails_fails_the_building(kind: str, tmp_path: Path) -> None:
    class Broken(Contents):
        def fetch(self, member: int, start: int, end: int) -> bytes:
            if member == 5:
                raise StoreError("the disk is gone")
            return super().fetch(member, start, end)

    with pytest.raises(StoreError, match="the disk is gone"):
        Broken(FILES).write(kind, tmp_path / "bundle")
