"""The options of both downloaded scripts: the same words, and the same sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import NAME, Script, body

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive

OPTIONS = [
    *("--dest", "--jobs", "--retries", "--flat", "--retry-failed", "--token-file"),
    *("--list", "--dry-run", "--verify", "--help"),
]


def test_verify_moves_nothing_and_says_what_is_wrong(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(5)))
    script.run()
    (script.dest / "a/0.fits").unlink()
    (script.dest / "a/1.fits").write_bytes(b"x" * 5_000)
    (script.dest / "a/2.fits").write_bytes(b"x")
    (script.dest / "a/3.fits").unlink()
    (script.dest / "a/3.fits").mkdir()
    (script.dest / "receipt.csv").unlink()
    before = {file: file.stat().st_mtime_ns for file in script.dest.rglob("*")}
    archive.requests.clear()
    run = script.run("--verify")
    assert run.code == 1
    assert run.out.splitlines() == [
        "Missing: a/0.fits",
        "Damaged: a/1.fits (its checksum is wrong)",
        "Damaged: a/2.fits (its size is wrong)",
        "Failed: a/3.fits (something else has its name)",
        "1 of 5 OK, 4 missing or damaged",
    ]
    assert archive.requests == []
    assert {file: file.stat().st_mtime_ns for file in script.dest.rglob("*")} == before


def test_verify_of_a_complete_folder_is_zero(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    script.run()
    assert script.run("--verify") == (0, "1 of 1 OK, 0 missing or damaged\n", "")


def test_list_prints_sizes_and_paths_and_makes_nothing(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x y.fits", body()), archive.add("mast:b", b"")._replace(size=None))
    assert script.run("--list") == (0, "5000\ta/x y.fits\n-\tb\n", "")
    assert not script.dest.exists()


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_option(script: Script, option: str) -> None:
    script.write()
    run = script.run(option)
    assert (run.code, run.err) == (0, "")
    for each in (*OPTIONS, "SKYBASKET_TOKEN", "receipt.csv", "MANIFEST.HTML"):
        assert each in run.out


def test_the_help_of_both_differs_only_in_how_they_are_started(sh: Script, py: Script) -> None:
    started = []
    for each, start in ((sh, "sh"), (py, "python3")):
        each.write()
        words = each.run("--help").out
        assert words.startswith(f"Usage: {start} {each.file.name} ")
        started.append(words.removeprefix(f"Usage: {start} {each.file.name} "))
    assert started[0] == started[1]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--nonsense"], "--nonsense is not an option of this script. See --help."),
        (["x"], "x is not an option of this script. See --help."),
        (["--dest"], "--dest needs a value. See --help."),
        (["--dest="], "--dest needs the name of a folder."),
        (["--token-file="], "--token-file needs the name of a file."),
        (["--jobs", "0"], "--jobs needs a number from 1 to 32."),
        (["--jobs=99"], "--jobs needs a number from 1 to 32."),
        (["--jobs", "$(id)"], "--jobs needs a number from 1 to 32."),
        (["--retries", "x"], "--retries needs a number from 1 to 99."),
        (["--verify"], f"There is no folder {NAME} to verify."),
    ],
)
def test_wrong_use_is_a_sentence(script: Script, args: list[str], sentence: str) -> None:
    script.write()
    assert script.run(*args) == (2, "", f"{sentence}\n")


@pytest.mark.parametrize("dest", ["my data", "-dash", "deep/er/folder", "q'uote$(id)"])
def test_files_go_where_the_user_says(script: Script, archive: Archive, dest: str) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    script.dest = script.folder / dest
    run = script.run("--dest", dest)
    assert (run.code, run.err) == (0, f"Fetching 1 of 1 files into {dest}.\n")
    assert script.wrong() == []


def test_one_at_a_time_is_one_at_a_time(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(6)))
    assert script.run("--jobs=1").code == 0
    assert [request.uri for request in archive.requests] == [entry.uri for entry in script.entries]


def test_dry_run_says_what_would_come_and_changes_nothing(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n), exclusive=n == 2) for n in range(3)))
    run = script.run("--dry-run")
    assert run.code == 0
    assert run.out.splitlines()[:-1] == ["5000\ta/0.fits", "5000\ta/1.fits", "5000\ta/2.fits"]
    assert re.fullmatch(r"Would fetch 3 of 3 files, 15000 bytes; [0-9]+ bytes are free\.", run.last_line)
    assert archive.requests == []
    assert [file.name for file in script.folder.iterdir()] == [script.file.name]


def test_dry_run_counts_what_is_there_and_what_has_begun(script: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(4)]
    script.write(*entries)
    script.part(entries[1]).write_bytes(body(1)[:2_000])
    (script.dest / "a").mkdir()
    (script.dest / "a/0.fits").write_bytes(body(0))
    (script.dest / "a/2.fits").write_bytes(body(3))
    before = {file: file.stat().st_mtime_ns for file in script.dest.rglob("*")}
    *files, last = script.run("--dry-run").out.splitlines()
    assert files == ["5000\ta/1.fits", "5000\ta/2.fits", "5000\ta/3.fits"]
    assert last.startswith("Would fetch 3 of 4 files, 13000 bytes; ")
    assert {file: file.stat().st_mtime_ns for file in script.dest.rglob("*")} == before


def test_dry_run_says_that_there_is_no_space(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a", b"x")._replace(size=10**17))
    run = script.run("--dry-run")
    assert run.code == 3
    assert run.last_line.startswith(f"Would fetch 1 of 1 files, {10**17} bytes; ")


def test_flat_keeps_whole_paths_only_of_names_that_clash(script: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:{path}", body(n)) for n, path in enumerate(["a/x.fits", "b/x.fits", "b/y.fits", "z"])]
    script.write(*entries)
    assert script.run("--flat").last_line == "4 of 4 OK, 0 failed"
    found = {str(file.relative_to(script.dest)) for file in script.dest.rglob("*") if file.is_file()}
    assert found == {"a/x.fits", "b/x.fits", "y.fits", "z", "receipt.csv", "MANIFEST.HTML"}
    assert set(script.receipt()) == {"a/x.fits", "b/x.fits", "y.fits", "z"}
    assert script.run("--list", "--flat").out.splitlines()[2] == "5000\ty.fits"
