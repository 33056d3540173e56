"""The Python script: every fault, kills at random moments, hostile names, a small disk, a hundred thousand files."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from jobs.names import safe_paths
from tests.fixtures.archive import TOKEN
from tests.fixtures.scripts import NAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive
    from tests.fixtures.scripts import Script

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

PASSING = ["drop", "500", "502", "503", "408", "425", "429", "busy", "html", "corrupt", "short", "moved"]
PASSING += ["ignores range", "wrong range", "416"]
LASTING = {"404": "Missing", "410": "Missing", "401": "Not authorised", "403": "Not authorised", "400": "Failed"}
PIECES = ["$(touch canary)", "`touch canary`", "'; touch canary; '", '"', "'''", "\\", "\n", "..", "/", "-", "~", "%"]
PIECES += ["#1", "#@ end", "[a]", "{b,c}", "*", "?", "&", "|", ";", "<", ">", "é", "星", " ", "\t", "con", "nul.fits"]
PIECES += ["receipt.csv", "$HOME", "!!", "csv.py", "\u2028", "\x0c", "\x1a"]
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def body(n: int, size: int = 20_000) -> bytes:
    return random.Random(n).randbytes(size)  # noqa: S311 - test data


@pytest.mark.parametrize("known", ["all", "size", "nothing"])
@pytest.mark.parametrize("begun", [0, 7_000])
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_nothing(py: Script, archive: Archive, fault: str, begun: int, known: str) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)]
    if known != "all":
        entries = [entry._replace(sha256=None, size=entry.size if known == "size" else None) for entry in entries]
    if (fault, known) in {("short", "nothing"), ("corrupt", "size"), ("corrupt", "nothing")}:
        fault = "drop"  # the other cannot be noticed by anybody
    if fault == "416" and not begun:
        fault = "drop"  # the other would be no answer to a request for the whole
    archive.misbehave(entries[1].uri, fault)
    py.write(*entries)
    if begun:
        py.part(entries[1]).write_bytes(body(1)[:begun])
        py.tag(entries[1]).write_text("version=1")
    assert py.run().code == 0
    assert py.wrong() == []
    assert py.run("--verify").code == 0


@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_stays_is_reported(py: Script, archive: Archive, fault: str) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)]
    archive.misbehave(entries[1].uri, fault, times=50)
    py.write(*entries)
    assert py.run().code == (2 if LASTING[fault] == "Not authorised" else 1)
    assert py.results() == ["OK", LASTING[fault], "OK"]
    assert py.wrong() == ["a/1.fits"]


@pytest.mark.parametrize("known", ["all", "nothing"])
def test_all_faults_at_once_with_any_number_of_threads(py: Script, archive: Archive, known: str) -> None:
    chance = random.Random(3)  # noqa: S311 - faults, not secrets
    entries = [archive.add(f"mast:a/{n}.fits", body(n), exclusive=n % 3 == 0) for n in range(60)]
    faults = PASSING[:-1] if known == "all" else ["drop", "500", "html", "moved", "wrong range"]
    for jobs in ("1", "4", "32"):
        for entry in entries:
            for _ in range(2):
                archive.misbehave(entry.uri, chance.choice(faults))
        py.write(*(entry if known == "all" else entry._replace(size=None, sha256=None) for entry in entries))
        py.patch("PAUSES = (0.1, 0.3,", "PAUSES = (0.1, 0.1,")
        shutil.rmtree(py.dest, ignore_errors=True)
        run = py.run("--jobs", jobs, SKYBASKET_TOKEN=TOKEN)
        corrupted_twice = run.out.count("(its checksum is wrong)") + run.out.count(" instead of ")
        assert run.last_line == f"{60 - corrupted_twice} of 60 OK, {corrupted_twice} failed"
        assert len(py.wrong()) == corrupted_twice


@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_moment_the_next_run_completes(py: Script, sh: Script, archive: Archive, seed: int) -> None:
    """Now and then it is the shell script that is killed, in the same folder."""
    chance = random.Random(seed)  # noqa: S311 - a moment, not a secret
    for each in (sh, py):
        each.write(*(archive.add(f"mast:a{n % 7}/{n}.fits", body(n, 50_000)) for n in range(200)))
    for _ in range(3):
        each = chance.choice([py, py, sh])
        with subprocess.Popen(each.command(), cwd=py.folder, stderr=subprocess.DEVNULL) as run:
            time.sleep(chance.uniform(0.05, 0.8))
            run.kill()
        if (py.dest / "receipt.csv").exists():
            py.receipt()  # can be read
    end = py.run()
    assert end.out == "200 of 200 OK, 0 failed\n", end.err
    assert py.wrong() == []
    assert len(py.receipt()) == 200


def test_five_hundred_hostile_names_touch_nothing_outside(py: Script, archive: Archive, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - names, not secrets
    wanted = ["".join(chance.choices(PIECES, k=chance.randint(1, 8))) + ".fits" for _ in range(500)]
    paths = safe_paths(wanted)
    uris = [f"mast:{n}/{name}" for n, name in enumerate(wanted)]
    py.write(*(archive.add(uri, body(n, 50), path=path) for n, (uri, path) in enumerate(zip(uris, paths, strict=True))))
    run = py.run()
    assert run.last_line == "500 of 500 OK, 0 failed"
    assert py.wrong() == []
    found = {str(file.relative_to(py.dest)) for file in py.dest.rglob("*") if file.is_file()}
    assert found == {*paths, "receipt.csv", "MANIFEST.HTML"}
    assert {file.name for file in tmp_path.iterdir()} == {py.file.name, NAME}
    assert set(py.receipt()) == set(paths)


def test_a_disk_that_fills_up_ends_the_run_and_the_next_goes_on(py: Script, archive: Archive) -> None:
    """A disk of its own, of 2 MB, in a name space of its own."""
    py.write(*(archive.add(f"mast:{n}", body(n, 400_000))._replace(size=None) for n in range(8)))
    steps = f"""
        mount -t tmpfs -o size=2m none disk && cd disk || exit 99
        {sys.executable} ../{py.file.name}; echo "exit $?"
        find . -name receipt.csv | xargs cat
        mount -o remount,size=9m none .
        {sys.executable} ../{py.file.name}; echo "exit $?"
    """
    (py.folder / "disk").mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", steps], cwd=py.folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert "exit 3" in done.stdout, done.stderr
    assert "There is no space left in " in done.stderr
    assert done.stdout.endswith("8 of 8 OK, 0 failed\nexit 0\n"), done.stderr
    assert 3_200_000 <= archive.bytes_sent < 3_200_000 + 8 * 400_000


def test_a_hundred_thousand_files_are_verified_with_little_memory(py: Script, archive: Archive) -> None:
    entry = archive.add("mast:x", b"x")
    py.write(*(entry._replace(path=f"JWST/jw{n // 25}/jw{n}_cal.fits") for n in range(100_000)))
    assert py.file.stat().st_size < 25_000_000
    for each in py.entries:
        file = py.dest / each.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    # By a small process in between: what the largest of this one was counts for its children too.
    command = [sys.executable, "-c", MEASURED, *py.command()]
    done = subprocess.run(command, cwd=py.folder, capture_output=True, text=True, timeout=300, check=True)
    result, kilobytes = done.stdout.splitlines()
    assert result == "100000 of 100000 OK, 0 failed"
    assert int(kilobytes) < 150_000
    assert archive.requests == []
