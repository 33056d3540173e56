"""What a shell script never does: call a patchwork right, believe a list that was cut, or write through a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import EVERYDAY_TOOLS, NOWHERE, Script, body, tools

BIG = 10_600_000  # files of this size without checksum are fetched alone
PART = 10_500_000

# A tool whose result a full disk has cut, as far as a script can see.
CUT = """#!/bin/sh
REAL "$@" | head -c 40
"""


@pytest.mark.parametrize("fault", ["ignores conditions", "short range"])
def test_a_part_of_which_nothing_is_known_is_continued_by_its_tag_alone(
    sh: Script, archive: Archive, fault: str
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=BIG))._replace(size=None, sha256=None)
    sh.write(entry, version=NOWHERE)
    sh.part(entry).write_bytes(archive.files[entry.uri][:PART])
    sh.tag(entry).write_text('"1"')
    archive.misbehave(entry.uri, fault)
    if fault == "ignores conditions":
        archive.replace(entry.uri, body(2, BIG))
    assert sh.run().code == 0
    assert sh.wrong() == []
    assert archive.requests[0].condition == '"1"'


def test_a_part_is_never_the_file_because_a_new_version_is_as_long(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=9_000))._replace(size=None, sha256=None)
    sh.write(entry)
    sh.part(entry).write_bytes(body(size=9_000)[:5_000])
    sh.tag(entry).write_text("version=1")
    archive.replace(entry.uri, body(2, 5_000))
    assert sh.run().code == 0
    assert sh.wrong() == []


def test_a_range_that_does_not_reach_the_end_is_not_the_end(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "short range")
    sh.write(entry)
    sh.part(entry).write_bytes(body()[:2_000])
    sh.tag(entry).write_text("version=1")
    assert sh.run().code == 0
    assert sh.wrong() == []


def test_the_part_of_one_version_never_gets_the_tag_of_another(sh: Script, archive: Archive, tmp_path: Path) -> None:
    entry = archive.add("mast:a/x.fits", body(size=BIG))._replace(sha256=None)
    sh.write(entry, version=NOWHERE)
    sh.part(entry).write_bytes(archive.files[entry.uri][:PART])
    sh.tag(entry).write_text('"1"\n')
    archive.replace(entry.uri, body(2, BIG))
    look = "head -c 1 .skybasket/part/a/x.fits; cat .skybasket/tag/a/x.fits"
    stat = f'#!/bin/sh\n({look}) >>../seen 2>/dev/null\n{_real("stat")} "$@"\n'
    path = tools(tmp_path / "bin", *EVERYDAY_TOOLS, "head", "sha256sum", instead={"stat": stat})
    assert sh.run(PATH=path).code == 0
    assert sh.wrong() == []
    seen = (tmp_path / "seen").read_bytes()
    assert body()[:1] + b'"1"' in seen
    assert body()[:1] + b'"2"' not in seen


@pytest.mark.parametrize("args", [("--verify",), ("--dry-run",), ()])
def test_a_table_that_was_cut_is_not_believed(sh: Script, archive: Archive, args: tuple[str, ...]) -> None:
    sh.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    sh.dest.mkdir()
    path = _with_cut("cat", sh.folder / "bin")
    run = sh.run(*args, PATH=path)
    assert run.code == 3
    assert "There is no space" in run.err


@pytest.mark.parametrize("args", [("--verify",), ()])
def test_only_what_was_seen_to_be_right_is_counted(sh: Script, archive: Archive, args: tuple[str, ...]) -> None:
    entries = [archive.add(f"mast:{n}/x.fits", body(n)) for n in range(3)]
    sh.write(*entries)
    sh.dest.mkdir()
    path = _with_cut("sort", sh.folder / "bin")
    assert sh.run(*args, PATH=path).code == 3


def test_something_else_than_a_file_that_nobody_knows_is_refused(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "xhtml")
    sh.write(entry)
    assert sh.run().code == 0
    assert sh.wrong() == []


def test_nothing_is_written_through_a_link_below_the_scripts_own_folder(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    sh.write(entry)
    precious = sh.folder / "precious"
    precious.write_bytes(b"mine")
    sh.part(entry).symlink_to(precious)
    assert sh.run().code == 0
    assert precious.read_bytes() == b"mine"
    assert sh.wrong() == []


def test_a_link_in_the_place_of_the_scripts_own_folder_is_refused(sh: Script, archive: Archive) -> None:
    sh.write(archive.add("mast:a/x.fits", body()))
    sh.dest.mkdir()
    (sh.folder / "other/tmp.1").mkdir(parents=True)
    (sh.dest / ".skybasket").symlink_to(sh.folder / "other")
    assert sh.run().code == 2
    assert [file.name for file in (sh.folder / "other").iterdir()] == ["tmp.1"]


def test_a_pipe_in_the_place_of_a_part_keeps_nobody_waiting(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    sh.write(entry)
    os.mkfifo(sh.part(entry))
    assert sh.run().code == 0
    assert sh.wrong() == []


def test_a_pipe_in_the_place_of_the_lock_keeps_nobody_waiting(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    sh.write(entry)
    sh.part(entry)
    os.mkfifo(sh.dest / ".skybasket/run")
    assert sh.run().code == 2


def test_what_others_wrote_reaches_no_terminal_raw(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    sh.write(entry)
    sh.run()
    old = "a/\x1b[31m.fits"
    (sh.dest / old).write_bytes(b"x")
    with (sh.dest / "receipt.csv").open("a", newline="") as receipt:
        receipt.write(f'"{old}","mast:{old}","1","","OK, size only",""\r\n')
    assert "\x1b" not in sh.run().out
    sh.part(entry).parent.parent.joinpath("../run").resolve().write_text("\x1b[31m \x1b[31m\n")
    assert "\x1b" not in sh.run().err


@pytest.mark.parametrize("first", "=+@")
def test_a_spreadsheet_finds_nothing_to_run_in_a_receipt(sh: Script, archive: Archive, first: str) -> None:
    path = f"{first}1+1.fits"
    sh.write(archive.add("mast:x", body(), path=path))
    assert sh.run().code == 0
    assert set(sh.receipt()) == {f"./{path}"}
    assert "No longer listed" not in sh.run().out
    assert sh.run("--retry-failed").last_line == "1 of 1 OK, 0 failed"


@pytest.mark.parametrize(("text", "code"), [(f"\n {TOKEN} \r\n\n", 0), (f"{TOKEN}\n{TOKEN}\n", 2), ("\n \n", 2)])
def test_a_token_file_holds_one_word(sh: Script, archive: Archive, text: str, code: int) -> None:
    sh.write(archive.add("mast:x", body(), exclusive=True))
    file = sh.folder / "token"
    file.write_text(text)
    file.chmod(0o600)
    assert sh.run("--token-file", "token").code == code


@pytest.mark.parametrize("words", [("Failed", "OK"), ("OK", "Failed")])
def test_any_bad_row_of_a_receipt_has_the_file_fetched(sh: Script, archive: Archive, words: tuple[str, str]) -> None:
    entry = archive.add("mast:a/x.fits", body())
    sh.write(entry)
    sh.dest.mkdir()
    rows = [f'"{entry.path}","{entry.uri}","{entry.size}","{entry.sha256}","{word}",""\r\n' for word in words]
    (sh.dest / "receipt.csv").write_text("path,uri,bytes,sha256,result,detail\r\n" + "".join(rows), newline="")
    assert sh.run("--retry-failed").code == 0
    assert sh.wrong() == []


def _with_cut(tool: str, folder: Path) -> str:
    return tools(folder, *EVERYDAY_TOOLS, "head", "sha256sum", instead={tool: CUT.replace("REAL", _real(tool))})


def _real(tool: str) -> str:
    return str(next(place for part in os.environ["PATH"].split(":") if (place := Path(part) / tool).exists()))
