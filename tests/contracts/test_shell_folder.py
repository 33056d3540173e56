"""What a shell script does to the folder of its user: stopped, killed, in the way of others, and without space."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import EVERYDAY_TOOLS, Script, body, old_curl, size_of, tools, wait_until

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive


@pytest.mark.parametrize(("sig", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_keeps_its_parts_leaves_no_curl_and_goes_on(
    script: Script, archive: Archive, sig: signal.Signals, code: int
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    with script.start() as run:
        wait_until(lambda: size_of(script.part(entry)) > 0)
        curl = script.curl()
        run.send_signal(sig)
        assert run.wait(20) == code
        assert run.stderr is not None
        assert "run the script again to go on" in run.stderr.read()
    assert not Path(f"/proc/{curl}").exists()
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


def test_two_runs_in_one_folder_do_not_meet(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    with script.start() as run:
        wait_until(lambda: script.part(entry).is_file())
        second = script.run()
        run.terminate()
        run.wait(20)
    assert second.code == 2
    assert f"Process {run.pid} fills" in second.err


def test_a_folder_that_cannot_be_written_is_a_sentence(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    run = script.run("--dest", "/proc/none")
    assert (run.code, run.err) == (2, "The folder /proc/none cannot be written to.\n")


def test_too_little_space_is_said_before_anything_moves(script: Script, archive: Archive, tmp_path: Path) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    df = "#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted on\necho /dev/x 100 98 2 98% /\n"
    path = tools(tmp_path / "bin", *(t for t in EVERYDAY_TOOLS if t != "df"), "sha256sum", instead={"df": df})
    run = script.run(PATH=path)
    assert run.code == 3
    assert "needs 5000 bytes more and has 2048 free" in run.err
    assert archive.requests == []


def test_a_disk_that_fills_up_ends_the_run_and_the_next_goes_on(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=400_000))
    script.write(entry)
    # A limit on the size of files fails writes as a full disk does.
    limited = f"trap '' XFSZ; ulimit -f 200; exec dash {script.file.name}"
    done = subprocess.run(["dash", "-c", limited], cwd=script.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "There is no space left" in done.stderr
    assert script.part(entry).stat().st_size > 0
    assert script.run().code == 0
    assert script.wrong() == []
    assert archive.starts(entry.uri)[-1] > 0


def test_a_folder_in_the_place_of_a_file_is_left_alone(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()), archive.add("mast:a/y.fits", body()))
    (script.dest / "a/x.fits").mkdir(parents=True)
    run = script.run()
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()["a/x.fits"] == ("Failed", "something else has its name")


def test_other_files_in_the_folder_stay(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    (script.dest / "a").mkdir(parents=True)
    (script.dest / "a/mine.txt").write_text("notes")
    script.run()
    assert (script.dest / "a/mine.txt").read_text() == "notes"


def test_a_delivery_of_no_files_is_complete(script: Script) -> None:
    script.write()
    assert script.run() == (0, "0 of 0 OK, 0 failed\n", "")


def test_half_a_script_does_nothing(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(50)))
    script.file.write_bytes(script.file.read_bytes()[:-3_000])
    script.run()
    assert archive.requests == []
    assert not script.dest.exists()


@pytest.mark.parametrize("place", ["{}/x.fits", "a/{}", "a/{}/x.fits"])
def test_a_path_that_is_too_long_here_fails_alone(script: Script, archive: Archive, place: str) -> None:
    entry, other = archive.add("mast:a/x.fits", body(), path="long.fits"), archive.add("mast:b.fits", body())
    script.write(entry, other)
    path = place.format("n" * 300)
    script.patch("\tlong.fits\t", f"\t{path}\t")
    run = script.run()
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()[path] == ("Failed", "its path is too long here")
    assert archive.starts(entry.uri) == []


def test_a_file_where_a_folder_should_be_is_left_alone(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()), archive.add("mast:b/y.fits", body()))
    script.dest.mkdir()
    (script.dest / "a").write_text("notes")
    run = script.run()
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()["a/x.fits"] == ("Failed", "it could not be moved to its place")
    assert (script.dest / "a").read_text() == "notes"


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
