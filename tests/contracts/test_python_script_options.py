"""The options of a downloaded Python script, and what it writes about a run."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.python_script import PythonScript, body

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive
    from tests.fixtures.scripts import Script

OPTIONS = ["--dest", "--jobs", "--retries", "--flat", "--list", "--dry-run", "--verify", "--retry-failed", "--help"]


def test_verify_moves_nothing_and_says_what_is_wrong(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(5)))
    py.run()
    (py.dest / "a/0.fits").unlink()
    (py.dest / "a/1.fits").write_bytes(b"x" * 5_000)
    (py.dest / "a/2.fits").write_bytes(b"x")
    (py.dest / "a/3.fits").unlink()
    (py.dest / "a/3.fits").mkdir()
    before = {file: file.stat().st_mtime_ns for file in py.dest.rglob("*")}
    archive.requests.clear()
    run = py.run("--verify")
    assert run.code == 1
    assert run.out.splitlines() == [
        "Missing: a/0.fits",
        "Damaged: a/1.fits (its checksum is wrong)",
        "Damaged: a/2.fits (its size is wrong)",
        "Failed: a/3.fits (something else has its name)",
        "1 of 5 OK, 4 missing or damaged",
    ]
    assert archive.requests == []
    assert {file: file.stat().st_mtime_ns for file in py.dest.rglob("*")} == before


def test_verify_of_a_complete_folder_is_zero(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body()))
    py.run()
    assert py.run("--verify") == (0, "1 of 1 OK, 0 missing or damaged\n", "")


def test_list_prints_sizes_and_paths_and_makes_nothing(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:a/x y.fits", body()), archive.add("mast:b", b"")._replace(size=None))
    assert py.run("--list") == (0, "5000\ta/x y.fits\n-\tb\n", "")
    assert not py.dest.exists()


def test_dry_run_says_what_would_come_and_changes_nothing(py: PythonScript, archive: Archive) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n), exclusive=True) for n in range(3)]
    py.write(*entries)
    run = py.run("--dry-run")
    assert (run.code, run.out.splitlines()[:3]) == (0, ["5000\ta/0.fits", "5000\ta/1.fits", "5000\ta/2.fits"])
    assert run.last_line.startswith("Would fetch 3 of 3 files, 15000 bytes; ")
    assert archive.requests == []
    assert not py.dest.exists()


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_option(py: PythonScript, option: str) -> None:
    py.write()
    run = py.run(option)
    assert (run.code, run.err) == (0, "")
    for each in (*OPTIONS, "--token-file", "SKYBASKET_TOKEN", "receipt.csv", "MANIFEST.HTML"):
        assert each in run.out


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
        (["--verify"], "There is no folder skybasket_2026-05-02T1423 to verify."),
    ],
)
def test_wrong_use_is_a_sentence(py: PythonScript, args: list[str], sentence: str) -> None:
    py.write()
    assert py.run(*args) == (2, "", f"{sentence}\n")


@pytest.mark.parametrize("dest", ["my data", "deep/er/folder", "q'uote$(id)"])
def test_files_go_where_the_user_says(py: PythonScript, archive: Archive, dest: str) -> None:
    py.write(archive.add("mast:a/x.fits", body()))
    py.dest = py.folder / dest
    assert py.run("--dest", dest).code == 0
    assert py.wrong() == []


def test_one_at_a_time_is_one_at_a_time(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(6)))
    assert py.run("--jobs=1").code == 0
    assert [request.uri for request in archive.requests] == [entry.uri for entry in py.entries]


def test_flat_keeps_whole_paths_only_of_names_that_clash(py: PythonScript, archive: Archive) -> None:
    names = ["a/x.fits", "b/x.fits", "b/y.fits"]
    py.write(*(archive.add(f"mast:{name}", body(n)) for n, name in enumerate(names)))
    assert py.run("--flat").code == 0
    assert {str(file.relative_to(py.dest)) for file in py.dest.rglob("*.fits")} == {"a/x.fits", "b/x.fits", "y.fits"}
    assert set(py.receipt()) == {"a/x.fits", "b/x.fits", "y.fits"}


def test_a_delivery_of_no_files_is_complete(py: PythonScript) -> None:
    py.write()
    assert py.run() == (0, "0 of 0 OK, 0 failed\n", "")


def test_the_receipt_names_each_file_as_the_archive_does(py: PythonScript, archive: Archive) -> None:
    entry = archive.add('mast:a/é "b",&c=d%41.fits', body(), path="a/x.fits")
    py.write(entry, archive.add("mast:b", body(2))._replace(size=None, sha256=None))
    py.run("--jobs", "1")
    with (py.dest / "receipt.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["path", "uri", "bytes", "sha256", "result", "detail"],
            ["a/x.fits", entry.uri, "5000", entry.sha256, "OK", ""],
            ["b", "mast:b", "5000", "", "OK, size only", "the archive knows neither size nor checksum"],
        ]
    assert (py.dest / "receipt.csv").read_bytes().count(b"\r\n") == 3


def test_the_page_says_what_happened_to_each_file(py: PythonScript, archive: Archive) -> None:
    gone = archive.add("mast:a/<b>&.fits", body(), path="a/&.fits")
    archive.misbehave(gone.uri, "404")
    py.write(gone, archive.add("mast:b", body(2)))
    py.run()
    status = "Missing (the server answered 404)"
    lines = (py.dest / "MANIFEST.HTML").read_text("utf-8").splitlines()
    assert lines[-3:-1] == [
        f"<tr><td>mast:a/&lt;b&gt;&amp;.fits</td><td>a/&amp;.fits</td><td>PUBLIC</td><td>{status}</td></tr>",
        "<tr><td>mast:b</td><td>b</td><td>PUBLIC</td><td>OK</td></tr>",
    ]
    assert "<p>1 of 2 OK, 1 failed.</p>" in lines


def test_a_newer_script_fetches_only_what_is_new_and_keeps_what_is_no_longer_listed(
    py: PythonScript, archive: Archive
) -> None:
    old, same, new = (archive.add(f"mast:a/{name}.fits", body(n)) for n, name in enumerate(["old", "same", "new"]))
    py.write(old, same)
    py.run()
    py.write(same, new)
    archive.requests.clear()
    for result in ("OK", "Already had it"):
        run = py.run()
        assert run.out == "No longer listed: a/old.fits (kept)\n2 of 2 OK, 0 failed\n"
        assert (py.dest / "a/old.fits").read_bytes() == body(0)
        assert py.receipt()["a/old.fits"] == ("No longer listed", "")
        assert py.receipt()["a/new.fits"] == (result, "")
    assert [request.uri for request in archive.requests] == [new.uri]


@pytest.mark.parametrize("by", ["py", "script"])
def test_only_what_failed_is_tried_again_also_after_the_shell_script(
    py: PythonScript, script: Script, archive: Archive, by: str
) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)]
    archive.misbehave(entries[1].uri, "404")
    for each in (py, script):
        each.write(*entries)
    {"py": py, "script": script}[by].run()
    archive.requests.clear()
    (py.dest / "a/0.fits").write_bytes(b"not looked at again")
    run = py.run("--retry-failed")
    assert (run.code, run.last_line) == (0, "3 of 3 OK, 0 failed")
    assert [request.uri for request in archive.requests] == [entries[1].uri]
    assert py.results() == ["OK", "OK", "OK"]
    assert (py.dest / "a/0.fits").read_bytes() == b"not looked at again"


def test_a_torn_receipt_is_read_as_far_as_it_goes(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    py.run("--jobs", "1")
    receipt = py.dest / "receipt.csv"
    os.truncate(receipt, receipt.stat().st_size - 20)
    for file in py.dest.rglob("*.fits"):
        file.unlink()
    run = py.run("--retry-failed")
    assert run.last_line == "3 of 3 OK, 0 failed"
    assert [file.name for file in py.dest.rglob("*.fits")] == ["2.fits"]
