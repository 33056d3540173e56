"""How a shell script goes on with files that did not come whole, and never makes one of two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import Script, body, old_curl, size_of, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive


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


@pytest.mark.parametrize("fault", ["ignores range", "wrong range"])
def test_a_server_that_cannot_continue_is_asked_for_the_whole(script: Script, archive: Archive, fault: str) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, fault)
    script.write(entry)
    script.part(entry).write_bytes(body()[:2_000])
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [2_000, 0]
    assert script.wrong() == []


def test_a_line_that_keeps_breaking_is_followed_as_long_as_bytes_come(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "drop", times=4)
    script.write(entry)
    assert script.run("--retries", "2").code == 0
    assert archive.starts(entry.uri) == [0, 2500, 3750, 4375, 4688]
    assert script.wrong() == []


BIG = 12_000_000  # bytes: more than what is fetched with others


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


@pytest.mark.parametrize("version", [1, -1])
def test_no_file_becomes_a_patchwork_of_two_versions(script: Script, archive: Archive, version: int) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))._replace(sha256=None)
    archive.misbehave(entry.uri, "stall")
    script.write(entry, version=version)
    with script.start() as run:
        wait_until(lambda: size_of(script.part(entry)))
        run.terminate()
        run.wait(20)
    archive.replace(entry.uri, body(2, 200_000))
    assert script.run().code == 0
    assert archive.starts(entry.uri)[-1] == 0
    assert script.wrong() == []


def test_a_large_file_of_which_nothing_else_is_known_is_continued_by_its_tag(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=BIG))._replace(sha256=None)
    script.write(entry, version=-1)
    script.part(entry).write_bytes(archive.files[entry.uri][:10_500_000])
    script.tag(entry).write_text('"1"')
    assert script.run().code == 0
    assert [(request.start, request.condition) for request in archive.requests] == [(10_500_000, '"1"')]
    assert script.wrong() == []


def test_a_large_file_that_was_replaced_meanwhile_is_started_again(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=BIG))._replace(sha256=None)
    script.write(entry, version=-1)
    script.part(entry).write_bytes(archive.files[entry.uri][:10_500_000])
    script.tag(entry).write_text('"1"')
    archive.replace(entry.uri, body(2, BIG))
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [10_500_000, 0]
    assert script.wrong() == []


def test_a_server_that_knows_no_conditions_cannot_make_a_patchwork(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=BIG))._replace(sha256=None)
    script.write(entry, version=-1)
    script.part(entry).write_bytes(archive.files[entry.uri][:10_500_000])
    script.tag(entry).write_text('"1"')
    archive.replace(entry.uri, body(2, BIG))
    archive.misbehave(entry.uri, "ignores conditions")
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [10_500_000, 0]
    assert script.wrong() == []


def test_the_tag_of_a_large_file_is_noted_while_it_comes(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=2 * BIG))._replace(sha256=None)
    archive.misbehave(entry.uri, "stall")
    script.write(entry, version=-1)
    with script.start() as run:
        wait_until(lambda: size_of(script.tag(entry)) and size_of(script.part(entry)) > 10_500_000)
        run.kill()
    assert script.run().code == 0
    assert archive.starts(entry.uri)[-1] > 10_500_000
    assert script.wrong() == []


def test_an_old_curl_makes_no_patchwork_of_a_file_that_was_replaced(
    script: Script, archive: Archive, tmp_path: Path
) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(4)]
    entries[1:] = [entry._replace(sha256=None) for entry in entries[1:]]
    entries[3] = entries[3]._replace(size=None)
    script.write(*entries)
    for n, entry in enumerate(entries):
        script.part(entry).write_bytes(body(n)[:2_000])
        script.tag(entry).write_text("version=1")
    for n in (1, 3):
        archive.replace(entries[n].uri, body(n + 10))
    run = script.run(PATH=old_curl(tmp_path / "bin"))
    assert (run.last_line, run.code) == ("4 of 4 OK, 0 failed", 0)
    assert script.wrong() == []
    assert [archive.starts(entry.uri) for entry in entries] == [[2_000], [2_000, 0], [2_000], [2_000, 0]]
