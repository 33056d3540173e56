"""How both downloaded scripts go on with files that did not come whole, and never make one of two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import NOWHERE, Script, body, size_of, wait_until

if TYPE_CHECKING:
    from jobs.manifest import Entry
    from tests.fixtures.archive import Archive

BIG = 12_000_000  # bytes: more than what a shell script fetches with others
BEGUN = 10_500_000


def test_a_part_is_continued_where_it_ends(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(body()[:2_000])
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [2_000]
    assert script.wrong() == []
    assert script.results() == ["Resumed"]


def test_a_complete_part_is_taken_without_a_request(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(body())
    assert script.run().code == 0
    assert archive.requests == []
    assert script.wrong() == []


@pytest.mark.parametrize("left", [b"x" * 2_000, b"x" * 5_000, b"x" * 9_000])
def test_a_part_of_another_file_is_found_by_its_checksum(script: Script, archive: Archive, left: bytes) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(left)
    assert script.run().code == 0
    assert script.wrong() == []


@pytest.mark.parametrize("size", [2_000, 5_000])
def test_a_part_of_another_file_does_not_count_as_a_wrong_answer(script: Script, archive: Archive, size: int) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "corrupt", times=2 if size == 2_000 else 1)  # the first one may be to go on
    script.write(entry)
    script.part(entry).write_bytes(b"x" * size)
    assert script.run().code == 0
    assert script.wrong() == []


@pytest.mark.parametrize(("fault", "starts"), [("ignores range", [[2_000], [2_000, 0]]), ("wrong range", [[2_000, 0]])])
def test_a_server_that_cannot_continue_sends_the_whole(
    script: Script, archive: Archive, fault: str, starts: list[list[int]]
) -> None:
    """If it says so by sending that at once, curl has to ask again."""
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, fault)
    script.write(entry)
    script.part(entry).write_bytes(body()[:2_000])
    assert script.run().code == 0
    assert archive.starts(entry.uri) in starts
    assert script.wrong() == []


def test_a_line_that_keeps_breaking_is_followed_as_long_as_bytes_come(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "drop", times=4)
    script.write(entry)
    assert script.run("--retries", "1").code == 0
    assert archive.starts(entry.uri) == [0, 2500, 3750, 4375, 4688]
    assert script.wrong() == []


@pytest.mark.parametrize("noted", ["version=1", "version=2", "", None])
def test_a_part_without_a_checksum_is_continued_if_it_is_of_the_version_that_is_asked_for(
    script: Script, archive: Archive, noted: str | None
) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(sha256=None)
    script.write(entry)
    script.part(entry).write_bytes(body()[:2_000])
    if noted is not None:
        script.tag(entry).write_text(noted)
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [2_000 if noted == "version=1" else 0]
    assert script.wrong() == []


def test_what_arrives_of_a_version_is_noted_and_continued(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "drop")
    script.write(entry)
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [0, 2_500]
    assert script.wrong() == []


@pytest.mark.parametrize(("old", "new"), [(1, 1), (1, 2), (NOWHERE, NOWHERE)])
def test_no_file_becomes_a_patchwork_of_two_versions(script: Script, archive: Archive, old: int, new: int) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))._replace(sha256=None)
    archive.misbehave(entry.uri, "stall")
    script.write(entry, version=old)
    with script.start() as run:
        wait_until(lambda: size_of(script.part(entry)))
        run.terminate()
        run.wait(20)
    archive.replace(entry.uri, body(2, 200_000))
    script.write(entry, version=new)
    assert script.run().last_line == "1 of 1 OK, 0 failed"
    assert script.wrong() == []


@pytest.fixture
def big(script: Script, archive: Archive) -> Entry:
    """A large file of which nothing but the size is known; of its first version there is a part."""
    entry = archive.add("mast:a/x.fits", body(size=BIG))._replace(sha256=None)
    script.write(entry, version=NOWHERE)
    script.part(entry).write_bytes(archive.files[entry.uri][:BEGUN])
    script.tag(entry).write_text('"1"')
    return entry


@pytest.mark.usefixtures("big")
def test_a_large_file_of_which_nothing_else_is_known_is_continued_by_its_tag(script: Script, archive: Archive) -> None:
    assert script.run().code == 0
    assert [(request.start, request.condition) for request in archive.requests] == [(BEGUN, '"1"')]
    assert script.wrong() == []


@pytest.mark.parametrize("fault", [None, "ignores conditions"])
def test_a_large_file_that_was_replaced_meanwhile_is_started_again(
    script: Script, archive: Archive, big: Entry, fault: str | None
) -> None:
    archive.replace(big.uri, body(2, BIG))
    if fault:
        archive.misbehave(big.uri, fault)
    assert script.run().code == 0
    assert archive.starts(big.uri)[0] == BEGUN
    assert script.wrong() == []


def test_the_tag_of_a_large_file_is_noted_while_it_comes(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=2 * BIG))._replace(sha256=None)
    archive.misbehave(entry.uri, "stall")
    script.write(entry, version=NOWHERE)
    with script.start() as run:
        wait_until(lambda: size_of(script.tag(entry)) and size_of(script.part(entry)) > BEGUN)
        run.kill()
    assert script.run().code == 0
    assert archive.starts(entry.uri)[-1] > BEGUN
    assert script.wrong() == []


@pytest.mark.parametrize("known", ["checksum", "version"])
def test_the_part_of_one_kind_is_continued_by_the_other(
    script: Script, other: Script, archive: Archive, known: str
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "drop")
    archive.misbehave(entry.uri, "404")
    for each in (script, other):
        each.write(entry if known == "checksum" else entry._replace(sha256=None))
    assert other.run().code == 1
    assert script.run().code == 0
    assert script.results() == ["Resumed" if known == "checksum" else "OK, size only"]
    assert script.wrong() == []
    assert archive.starts(entry.uri) == [0, 100_000, 100_000]
