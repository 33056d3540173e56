"""What a script for wget never does: call a patchwork right, believe a list that was cut, or write through a link."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import EVERYDAY_TOOLS, tools
from tests.fixtures.simple_scripts import Script, body

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive

CUT = """#!/bin/sh
# A disk that fills up keeps the first lines of what is copied to it.
REAL "$@" | if [ $# = 0 ]; then head -n 1; else REAL; fi
"""


@pytest.fixture
def script(tmp_path: Path, archive: Archive) -> Script:
    return Script(tmp_path, archive, "wget")


@pytest.mark.parametrize("size", [5_000, None])
def test_a_part_without_a_checksum_is_never_continued(script: Script, archive: Archive, size: int | None) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=size, sha256=None)
    script.write(entry)
    script.part(entry).write_bytes(b"x" * 2_000)
    assert script.run().code == 0
    assert all(script.right())


@pytest.mark.parametrize("size", [5_000, None])
def test_a_file_without_a_checksum_comes_in_one_piece(script: Script, archive: Archive, size: int | None) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=size, sha256=None)
    archive.misbehave(entry.uri, "drop")
    script.write(entry)
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [0, 0]


def test_a_whole_part_without_a_checksum_is_not_taken_for_the_file(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(sha256=None)
    script.write(entry)
    script.part(entry).write_bytes(b"x" * 5_000)
    assert script.run().code == 0
    assert all(script.right())


@pytest.mark.parametrize("fault", ["xhtml", "gzip"])
def test_something_else_than_a_file_that_nobody_knows_is_refused(script: Script, archive: Archive, fault: str) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, fault)
    script.write(entry)
    assert script.run().code == 0
    assert len(archive.requests) == 2
    assert all(script.right())


def test_a_list_that_was_cut_is_not_believed(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    used = (*EVERYDAY_TOOLS, "wget", "wc", "sed", "grep", "sha256sum")
    run = script.run(PATH=tools(script.folder / "bin", *used, instead={"cat": _cut("cat")}))
    assert run.code == 3
    assert "There is no space" in run.err


def test_only_what_was_seen_to_be_right_is_counted(script: Script, archive: Archive) -> None:
    gone = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)]
    for entry in gone:
        del archive.files[entry.uri]
    script.write(*gone)
    text = script.file.read_text("utf-8")
    script.file.write_text(text.replace("\nreport() {\n", '\nreport() {\n  : >"$scratch/wrong"\n'), "utf-8")
    run = script.run()
    assert (run.last_line, run.code) == ("0 of 3 OK, 3 failed", 1)


def test_nothing_is_written_through_a_link_below_the_scripts_own_folder(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    precious = script.folder / "precious"
    precious.write_bytes(b"mine")
    script.part(entry).symlink_to(precious)
    assert script.run().code == 0
    assert precious.read_bytes() == b"mine"
    assert all(script.right())


def test_a_link_in_the_place_of_the_scripts_own_folder_is_refused(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    script.dest.mkdir()
    (script.folder / "other").mkdir()
    (script.dest / ".skybasket").symlink_to(script.folder / "other")
    assert script.run().code == 2
    assert list((script.folder / "other").iterdir()) == []


def test_a_pipe_in_the_place_of_a_part_keeps_nobody_waiting(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    os.mkfifo(script.part(entry))
    os.mkfifo(script.dest / ".skybasket/run")
    assert script.run().code == 0
    assert all(script.right())


def _cut(tool: str) -> str:
    real = next(place for part in os.environ["PATH"].split(":") if (place := Path(part) / tool).exists())
    return CUT.replace("REAL", str(real))
