"""A downloaded Python script that is stopped, killed, or kept from writing; and others in the same folder."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.archive import TOKEN
from tests.fixtures.python_script import PythonScript, body, size_of, wait_until

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive
    from tests.fixtures.scripts import Script


@pytest.mark.parametrize(("sig", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_keeps_its_parts_and_goes_on(
    py: PythonScript, archive: Archive, sig: signal.Signals, code: int
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    py.write(entry)
    with py.start() as run:
        wait_until(lambda: size_of(py.part(entry)) > 0)
        run.send_signal(sig)
        assert run.wait(20) == code
        assert run.stderr is not None
        assert run.stderr.read().endswith("run the script again to go on.\n")
    assert not (py.dest / ".skybasket/run").exists()
    assert py.run().code == 0
    assert archive.starts(entry.uri)[-1] > 0
    assert py.results() == ["Resumed"]


def test_a_killed_run_can_be_run_again_at_once(py: PythonScript, archive: Archive) -> None:
    stalled = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(stalled.uri, "stall")
    py.write(stalled, *(archive.add(f"mast:b/{n}.fits", body(n)) for n in range(3)))
    with py.start() as run:
        wait_until(lambda: size_of(py.part(stalled)) > 0)
        run.kill()
    assert py.run().last_line == "4 of 4 OK, 0 failed"
    assert py.wrong() == []


def test_a_stalled_line_is_cut_and_continued(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "stall")
    py.write(entry)
    py.patch("SILENCE = 60.0", "SILENCE = 0.5")
    assert py.run().code == 0
    assert archive.starts(entry.uri) == [0, 2_500] or archive.starts(entry.uri) == [2_500]
    assert py.wrong() == []


def test_two_runs_in_one_folder_do_not_meet(py: PythonScript, script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    py.write(entry)
    script.write(entry)
    with py.start() as run:
        wait_until(lambda: py.part(entry).is_file())
        ends = [each.run() for each in (py, script)]
        run.terminate()
        run.wait(20)
    assert [end.code for end in ends] == [2, 2]
    assert all(f"Process {run.pid} fills" in end.err for end in ends)


@pytest.mark.parametrize("known", ["checksum", "version"])
def test_shell_and_python_continue_each_others_parts(
    py: PythonScript, script: Script, archive: Archive, known: str
) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n, size=200_000)) for n in range(2)]
    for first, second, entry in ((script, py, entries[0]), (py, script, entries[1])):
        archive.misbehave(entry.uri, "drop")
        archive.misbehave(entry.uri, "404")
        for each in (first, second):
            each.write(entry if known == "checksum" else entry._replace(sha256=None))
        assert first.run().code == 1
        assert second.run().code == 0
        assert second.results() == ["Resumed" if known == "checksum" else "OK, size only"]
        assert second.wrong() == []
        assert archive.starts(entry.uri) == [0, 100_000, 100_000]


def test_a_disk_that_is_full_ends_the_run_and_the_next_goes_on(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    py.write(entry)
    py.part(entry).symlink_to("/dev/full")  # every write to it fails as on a full disk
    run = py.run()
    assert run.code == 3
    assert run.err.endswith("Make room and run the script again: it goes on where it was.\n")
    py.part(entry).unlink()
    assert py.run().code == 0


def test_a_file_that_cannot_be_written_fails_alone(py: PythonScript, archive: Archive) -> None:
    entries = [archive.add(f"mast:{n}", body(n), path=f"{n}/x.fits") for n in range(4)]
    py.write(*entries)
    (py.dest / "0/x.fits").mkdir(parents=True)  # a folder in its place
    (py.dest / "1").write_text("a file where its folder should be")
    py.patch("2/x.fits\t", f"{'x' * 256}/x.fits\t")  # longer than file systems allow
    run = py.run()
    assert (run.code, run.last_line) == (1, "1 of 4 OK, 3 failed")
    assert sorted(run.out.splitlines()[:3]) == [
        "Failed: 0/x.fits (something else has its name)",
        "Failed: 1/x.fits (something else has its name)",
        f"Failed: {'x' * 256}/x.fits (its path is too long here)",
    ]


def test_a_folder_that_cannot_be_written_is_a_sentence(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body()))
    assert py.run("--dest", "/proc/none") == (2, "", "The folder /proc/none cannot be written to.\n")


def test_too_little_space_is_said_before_anything_moves(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body())._replace(size=10**18))
    run = py.run()
    assert run.code == 3
    assert "needs 1000000000000000000 bytes more and has " in run.err
    assert archive.requests == []


def test_other_files_in_the_folder_stay(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body()))
    (py.dest / "a").mkdir(parents=True)
    (py.dest / "a/mine.txt").write_text("notes")
    py.run()
    assert (py.dest / "a/mine.txt").read_text() == "notes"


def test_a_module_that_was_fetched_is_never_imported(py: PythonScript, archive: Archive) -> None:
    names = ["csv.py", "ssl.py", "netrc.py", "html/__init__.py"]
    trap = b"open('canary', 'w').close()\n"
    py.write(*(archive.add(f"mast:{name}", trap, exclusive=True) for name in names))
    for _ in range(2):
        py.run("--dest", ".", SKYBASKET_TOKEN=TOKEN)
    assert {name for name in names if (py.folder / name).is_file()} == set(names)
    assert not (py.folder / "canary").exists()


def test_the_curl_of_a_shell_script_that_was_killed_is_stopped(
    py: PythonScript, script: Script, archive: Archive
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    for each in (script, py):
        each.write(entry)
    killed = subprocess.Popen(script.command(), cwd=script.folder, stderr=subprocess.DEVNULL)
    wait_until(lambda: script.curl() and size_of(script.part(entry)) > 0)
    curl = script.curl()
    killed.kill()
    killed.wait(20)
    assert py.run().code == 0
    wait_until(lambda: not Path(f"/proc/{curl}").exists())
    assert py.wrong() == []
