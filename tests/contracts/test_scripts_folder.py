"""What both downloaded scripts do to the folder of their user: stopped, killed, in the way of others, without space."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import Script, body, old_curl, size_of, wait_until

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive


def of_session(session: int) -> list[str]:
    """The processes that are left of a run."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(each.name)) == session:
                found.append((each / "comm").read_text())
        except OSError:
            continue
    return found


@pytest.mark.parametrize(("sig", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_keeps_its_parts_leaves_no_process_and_goes_on(
    script: Script, archive: Archive, sig: signal.Signals, code: int
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    with script.start() as run:
        wait_until(lambda: size_of(script.part(entry)) > 0)
        run.send_signal(sig)
        assert run.wait(20) == code
        assert run.stderr is not None
        assert run.stderr.read().endswith("run the script again to go on.\n")
    wait_until(lambda: of_session(run.pid) == [])
    assert not (script.dest / ".skybasket/run").exists()
    assert script.run().code == 0
    assert archive.starts(entry.uri)[-1] > 0
    assert script.results() == ["Resumed"]


def test_a_killed_run_can_be_run_again_at_once(script: Script, archive: Archive) -> None:
    stalled = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(stalled.uri, "stall")
    script.write(stalled, *(archive.add(f"mast:b/{n}.fits", body(n)) for n in range(3)))
    with script.start() as run:
        wait_until(lambda: size_of(script.part(stalled)) > 0)
        run.kill()
    assert script.run().last_line == "4 of 4 OK, 0 failed"
    assert script.wrong() == []


def test_the_curl_of_a_shell_script_that_was_killed_is_stopped(script: Script, sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    for each in {sh, script}:
        each.write(entry)
    with sh.start() as killed:
        wait_until(lambda: sh.curl() and size_of(sh.part(entry)) > 0)
        curl = sh.curl()
        killed.kill()
    assert script.run().code == 0
    wait_until(lambda: not Path(f"/proc/{curl}").exists())
    assert script.wrong() == []


def test_two_runs_in_one_folder_do_not_meet_whatever_their_kind(
    script: Script, other: Script, archive: Archive
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    for each in (script, other):
        each.write(entry)
    with script.start() as run:
        wait_until(lambda: script.part(entry).is_file())
        ends = [each.run() for each in (script, other)]
        run.terminate()
        run.wait(20)
    dest = script.dest.name
    sentence = f"Process {run.pid} fills {dest} already. If it does not, delete {dest}/.skybasket/run and try again.\n"
    assert ends == [(2, "", sentence)] * 2


def test_a_folder_that_cannot_be_written_is_a_sentence(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    assert script.run("--dest", "/proc/none") == (2, "", "The folder /proc/none cannot be written to.\n")


def test_too_little_space_is_said_before_anything_moves(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body())._replace(size=10**17))
    run = script.run()
    assert run.code == 3
    assert run.err.startswith(f"There is no space: {script.dest.name} needs {10**17} bytes more and has ")
    assert archive.requests == []


def test_a_folder_in_the_place_of_a_file_is_left_alone(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()), archive.add("mast:a/y.fits", body()))
    (script.dest / "a/x.fits").mkdir(parents=True)
    run = script.run()
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()["a/x.fits"] == ("Failed", "something else has its name")


@pytest.mark.parametrize("path", ["a/x.fits", "a/b/c/x.fits"])
def test_a_file_where_a_folder_should_be_is_left_alone(script: Script, archive: Archive, path: str) -> None:
    blocked = archive.add(f"mast:{path}", body())
    script.write(blocked, archive.add("mast:b/y.fits", body()))
    script.dest.mkdir()
    (script.dest / "a").write_text("notes")
    run = script.run()
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()[path] == ("Failed", "something else has its name")
    assert (script.dest / "a").read_text() == "notes"
    assert archive.starts(blocked.uri) == []


@pytest.mark.parametrize("old", [False, True])
def test_what_is_in_the_way_of_a_part_fails_that_file_alone(script: Script, archive: Archive, *, old: bool) -> None:
    entry, other = archive.add("mast:a/x.fits", body()), archive.add("mast:b/y.fits", body())
    script.write(entry, other)
    script.part(entry).parent.rmdir()
    script.part(entry._replace(path="a")).write_text("of an older basket")
    env = {"PATH": old_curl(script.folder / "bin")} if old else {}
    run = script.run(**env)
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()["a/x.fits"] == ("Failed", "it cannot be written here")


@pytest.mark.parametrize("place", ["{}/x.fits", "a/{}", "a/{}/x.fits"])
def test_a_path_that_is_too_long_here_fails_alone(script: Script, archive: Archive, place: str) -> None:
    entry, other = archive.add("mast:a/x.fits", body(), path="long.fits"), archive.add("mast:b.fits", body())
    script.write(entry, other)
    path = place.format("n" * 300)
    script.patch("\tlong.fits\t", f"\t{path}\t")
    run = script.run()
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()[path] == ("Failed", "its path is too long here")
    assert len(archive.starts(entry.uri)) <= 1  # only the shell script knows it before


def test_other_files_in_the_folder_stay(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    (script.dest / "a").mkdir(parents=True)
    (script.dest / "a/mine.txt").write_text("notes")
    script.run()
    assert (script.dest / "a/mine.txt").read_text() == "notes"


def test_a_delivery_of_no_files_is_complete(script: Script) -> None:
    script.write()
    assert script.run() == (0, "0 of 0 OK, 0 failed\n", "")


def test_half_a_script_says_so_and_does_nothing(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(50)))
    whole = script.file.read_bytes()
    program = whole.index({"sh": b"\nfind_token() {", "py": b"\nclass Folder"}[script.kind])
    for length in (len(whole) - 3, len(whole) - 3_000, program):
        script.file.write_bytes(whole[:length])
        run = script.run()
        assert (run.code, run.out) == (2, "")
        assert run.err.endswith("This script is not complete. Download it again.\n")
    assert archive.requests == []
    assert not script.dest.exists()


def test_folders_that_come_whole_and_in_pieces_are_all_there(script: Script, archive: Archive) -> None:
    paths = ["a/1", "a/2", "a/deep/1", "b/1", "b/2", "c/1", "c/2", "c/3", "d/e/f/1", "top", "g h/'$(id)/1"]
    entries = [archive.add(f"mast:{path}", body(n), path=path) for n, path in enumerate(paths)]
    archive.misbehave("mast:c/2", "corrupt")
    (script.dest / "b").mkdir(parents=True)
    script.write(*entries)
    assert script.run().last_line == "11 of 11 OK, 0 failed"
    assert script.wrong() == []


def test_what_an_older_run_left_of_a_folder_is_not_moved_with_it(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()), archive.add("mast:b/y.fits", body()))
    script.part(script.entries[0]._replace(path="a/half.fits")).write_bytes(b"half")
    assert script.run().code == 0
    assert {file.name for file in (script.dest / "a").iterdir()} == {"x.fits"}
