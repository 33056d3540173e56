"""What a downloaded script for wget does, run by real shells against a real server that misbehaves."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import EVERYDAY_TOOLS, tools
from tests.fixtures.simple_scripts import HOSTILE, Script, body, troubled

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 90
MAC_TOOLS = "awk cat cut dash dd find grep mkdir mktemp mv perl rm sed shasum sleep sort tr uname wc wget xargs"


@pytest.fixture
def script(tmp_path: Path, archive: Archive) -> Script:
    return Script(tmp_path, archive, "wget")


def test_all_files_come_past_faults_and_names(script: Script, archive: Archive) -> None:
    script.write(*troubled(archive))
    run = script.run()
    assert (run.last_line, run.code) == ("19 of 19 OK, 0 failed", 0)
    assert all(script.right())
    assert {file.name for file in script.folder.iterdir()} == {script.file.name, script.dest.name}
    assert not (script.dest / ".skybasket").exists()


def test_the_script_passes_shellcheck(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:HST/x{name}", b"x") for name in HOSTILE))
    subprocess.run(["shellcheck", script.file], check=True)


def test_a_second_run_asks_for_nothing(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(5)))
    assert script.run().code == 0
    asked = len(archive.requests)
    assert script.run().last_line == "5 of 5 OK, 0 failed"
    assert len(archive.requests) == asked


def test_a_changed_byte_is_found_and_only_that_file_fetched_again(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    script.run()
    archive.requests.clear()
    (script.dest / "a/1.fits").write_bytes(b"x" + body(1)[1:])
    assert script.run().code == 0
    assert [request.uri for request in archive.requests] == ["mast:a/1.fits"]
    assert all(script.right())


def test_a_part_is_continued_where_it_ends(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(body()[:2_000])
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [2_000]
    assert all(script.right())


@pytest.mark.parametrize("left", [b"x" * 2_000, b"x" * 5_000, b"x" * 9_000])
def test_a_part_of_another_file_is_found_by_its_checksum(script: Script, archive: Archive, left: bytes) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(left)
    assert script.run().code == 0
    assert all(script.right())


def test_a_missing_file_is_named_and_the_others_come(script: Script, archive: Archive) -> None:
    gone, here = archive.add("mast:a/gone.fits", b"x"), archive.add("mast:a/here.fits", b"y")
    del archive.files[gone.uri]
    script.write(gone, here)
    run = script.run()
    assert (run.out, run.code) == ("Failed: a/gone.fits\n1 of 2 OK, 1 failed\n", 1)
    assert (script.dest / here.path).read_bytes() == b"y"


def test_a_page_in_place_of_a_file_that_nobody_knows_is_no_file(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "html", 99)
    script.write(entry)
    assert script.run().code == 1
    assert not list(script.dest.rglob("x.fits*"))


def test_a_file_of_unknown_size_arrives(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n} .fits", body(n))._replace(size=None, sha256=None) for n in range(2)))
    assert script.run().code == 0
    assert all(script.right())


def test_exclusive_files_come_with_a_token(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True), archive.add("mast:a/y.fits", body()))
    run = script.run(SKYBASKET_TOKEN=TOKEN)
    assert (run.last_line, run.code) == ("2 of 2 OK, 0 failed", 0)
    assert TOKEN not in run.out + run.err


def test_without_a_token_it_names_the_exclusive_files_and_moves_nothing(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True), archive.add("mast:a/y.fits", body()))
    run = script.run()
    assert run.code == 2
    assert "a/x.fits" in run.err
    assert archive.requests == []


@pytest.mark.parametrize("token", ["wrong", 'x"\nurl = "y'])
def test_a_wrong_token_ends_in_two(script: Script, archive: Archive, token: str) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True))
    assert script.run(SKYBASKET_TOKEN=token).code == 2


def test_the_token_follows_no_redirect(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(), exclusive=True)
    archive.misbehave(entry.uri, "moved", 99)
    script.write(entry)
    assert script.run(SKYBASKET_TOKEN=TOKEN).code == 1
    assert archive.bytes_sent == 0


def test_the_token_is_in_no_list_of_processes_and_left_nowhere(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(), exclusive=True)
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    temporary = script.folder / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "SKYBASKET_TOKEN": TOKEN, "TMPDIR": str(temporary)}
    with subprocess.Popen(["dash", script.file.name], cwd=script.folder, env=environment) as process:
        until = time.monotonic() + SECONDS
        while not list(script.dest.rglob("x.fits")):
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.02)
        commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        while list(temporary.rglob("exclusive")):  # until wget has read it
            assert time.monotonic() < until
            time.sleep(0.02)
        held = [file for file in temporary.rglob("*") if file.is_file() and TOKEN in file.read_text()]
        assert process.poll() is None
        process.terminate()
        assert process.wait(SECONDS) == 143
    assert "wget" in commands
    assert TOKEN not in commands
    assert held == []
    assert list(temporary.iterdir()) == []


def test_a_run_that_was_killed_is_taken_over(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    with subprocess.Popen(["dash", script.file.name], cwd=script.folder, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + SECONDS
        while not (script.part(entry).exists() and script.part(entry).stat().st_size):
            assert time.monotonic() < until
            time.sleep(0.02)
        (old,) = map(int, (script.dest / ".skybasket/fetching").read_text().split())
        process.kill()
    assert script.run().last_line == "1 of 1 OK, 0 failed"
    assert all(script.right())
    assert not psutil.pid_exists(old) or psutil.Process(old).status() == psutil.STATUS_ZOMBIE


def test_a_folder_that_another_run_fills_is_left_alone(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry)
    host = os.uname().nodename
    (script.dest / ".skybasket/run").write_text(f"{os.getpid()} {host}\n")
    assert script.run().code == 2
    assert archive.requests == []


def test_a_folder_that_cannot_be_is_refused(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:x", b"x"))
    script.dest.write_text("a file")
    assert script.run().code == 2
    assert archive.requests == []


@pytest.mark.parametrize("args", [["--nonsense"], ["--dest"], ["--dest="], ["a", "b", "c"]])
def test_wrong_use_ends_in_two(script: Script, archive: Archive, args: list[str]) -> None:
    script.write(archive.add("mast:x", b"x"))
    assert script.run(*args).code == 2
    assert not script.dest.exists()


def test_files_go_where_the_user_wants_them(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    assert script.run("--dest", "else where").code == 0
    assert (script.folder / "else where/a/x.fits").read_bytes() == body()


def test_the_tools_of_a_mac_are_enough(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    done = script.run(PATH=tools(script.folder / "bin", *MAC_TOOLS.split(" ")))
    assert (done.last_line, done.code, done.err) == ("3 of 3 OK, 0 failed", 0, "")


def test_a_machine_with_another_wget_is_told(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:x", b"x"))
    path = tools(
        script.folder / "bin", *EVERYDAY_TOOLS, "cp", "wc", "cat", instead={"wget": "#!/bin/sh\necho BusyBox\n"}
    )
    run = script.run(PATH=path)
    assert run.code == 2
    assert "GNU wget" in run.err
