"""What a downloaded Python script does, run by a real Python against a real server that misbehaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.python_script import NOWHERE, PythonScript, body, size_of, wait_until

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive

NAMES = [
    "$(touch canary)",
    "`id`",
    "a'; x'",
    "'''; import os",
    "#1 [1-3]{a,b}",
    "100% é 星",
    "#@ end",
    " leading",
    "=cmd()",
]


def test_all_files_come_past_all_faults_and_names(py: PythonScript, archive: Archive) -> None:
    entries = [archive.add(f"mast:HST/{name}", body(n), path=f"HST/x{name}") for n, name in enumerate(NAMES)]
    entries += [archive.add(f"mast:JWST/a/{n}.fits", body(n)) for n in range(10)]
    entries.append(archive.add("mast:top.fits", b""))
    for n, fault in enumerate(["drop", "500", "busy", "html", "corrupt", "short", "moved"]):
        archive.misbehave(f"mast:JWST/a/{n}.fits", fault)
    py.write(*entries)
    run = py.run()
    assert (run.last_line, run.code) == ("20 of 20 OK, 0 failed", 0), run.err
    assert py.wrong() == []
    assert set(py.results()) == {"OK", "Resumed"}
    assert {file.name for file in py.folder.iterdir()} == {py.file.name, py.dest.name}
    assert {file.name for file in py.dest.iterdir()} == {"HST", "JWST", "top.fits", "receipt.csv", "MANIFEST.HTML"}


def test_a_second_run_moves_no_byte_and_says_so(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(5)))
    assert py.run().code == 0
    asked = len(archive.requests)
    assert py.run().last_line == "5 of 5 OK, 0 failed"
    assert len(archive.requests) == asked
    assert set(py.results()) == {"Already had it"}


def test_one_changed_byte_is_found_and_only_that_file_fetched_again(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    py.run()
    archive.requests.clear()
    damaged = py.dest / "a/1.fits"
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    assert py.run().code == 0
    assert [request.uri for request in archive.requests] == ["mast:a/1.fits"]
    assert py.wrong() == []


def test_a_part_is_continued_where_it_ends(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    py.write(entry)
    py.part(entry).write_bytes(body()[:2_000])
    assert py.run().code == 0
    assert archive.starts(entry.uri) == [2_000]
    assert py.wrong() == []
    assert py.results() == ["Resumed"]


def test_a_complete_part_is_taken_without_a_request(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    py.write(entry)
    py.part(entry).write_bytes(body())
    assert py.run().code == 0
    assert archive.requests == []
    assert py.wrong() == []


@pytest.mark.parametrize("left", [b"x" * 2_000, b"x" * 5_000, b"x" * 9_000])
def test_a_part_of_another_file_is_found_by_its_checksum(py: PythonScript, archive: Archive, left: bytes) -> None:
    entry = archive.add("mast:a/x.fits", body())
    py.write(entry)
    py.part(entry).write_bytes(left)
    assert py.run().code == 0
    assert py.wrong() == []


@pytest.mark.parametrize(("fault", "starts"), [("ignores range", [2_000]), ("wrong range", [2_000, 0])])
def test_a_server_that_cannot_continue_sends_the_whole(
    py: PythonScript, archive: Archive, fault: str, starts: list[int]
) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, fault)
    py.write(entry)
    py.part(entry).write_bytes(body()[:2_000])
    assert py.run().code == 0
    assert archive.starts(entry.uri) == starts
    assert py.wrong() == []


def test_a_line_that_keeps_breaking_is_followed_as_long_as_bytes_come(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "drop", times=4)
    py.write(entry)
    assert py.run("--retries", "1").code == 0
    assert archive.starts(entry.uri) == [0, 2500, 3750, 4375, 4688]
    assert py.wrong() == []


@pytest.mark.parametrize(
    ("fault", "result", "code"), [("404", "Missing", 1), ("410", "Missing", 1), ("403", "Not authorised", 2)]
)
def test_a_refusal_is_not_repeated(py: PythonScript, archive: Archive, fault: str, result: str, code: int) -> None:
    refused, other = archive.add("mast:a/x.fits", body()), archive.add("mast:a/y.fits", body())
    archive.misbehave(refused.uri, fault, times=9)
    py.write(refused, other)
    run = py.run()
    assert (run.code, run.last_line) == (code, "1 of 2 OK, 1 failed")
    assert run.out.splitlines()[0] == f"{result}: a/x.fits (the server answered {fault})"
    assert py.results() == [result, "OK"]
    assert archive.starts(refused.uri) == [0]


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ("500", "the server answered 500"),
        ("html", "a web page came in its place"),
        ("corrupt", "its checksum is wrong"),
        ("short", "it has 2500 bytes instead of 5000"),
    ],
)
def test_what_never_comes_right_is_given_up_and_not_saved(
    py: PythonScript, archive: Archive, fault: str, detail: str
) -> None:
    entry, other = archive.add("mast:a/x.fits", body()), archive.add("mast:b/y.fits", body())
    archive.misbehave(entry.uri, fault, times=9)
    py.write(entry, other)
    run = py.run("--retries", "2")
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert py.receipt()["a/x.fits"] == ("Failed", detail)
    assert py.wrong() == ["a/x.fits"]
    assert not (py.dest / "a/x.fits").exists()
    assert len(archive.starts(entry.uri)) == 2


def test_a_page_that_is_itself_the_product_is_saved(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/index.html", b"<html>Please log in</html>")
    archive.misbehave(entry.uri, "html")
    py.write(entry)
    assert py.run().code == 0


def test_a_server_that_is_gone_is_not_asked_for_every_file(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(1_200)))
    archive.close()
    run = py.run("--retries", "1", "--jobs", "1")
    assert (run.code, run.last_line) == (1, "0 of 1200 OK, 1200 failed")
    assert run.out.startswith("Failed: a/0.fits (the server cannot be reached)\n")


def test_a_wait_that_the_server_asks_for_is_kept(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "busy2")
    py.write(entry)
    run = py.run()
    assert run.code == 0
    assert run.err.splitlines()[-1] == "The server asks to wait 2 s."


def test_without_a_checksum_the_receipt_says_size_only(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body())._replace(sha256=None))
    assert py.run().code == 0
    assert py.results() == ["OK, size only"]


def test_a_file_of_unknown_size_and_checksum_is_fetched_whole(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "drop")
    archive.misbehave(entry.uri, "html")
    py.write(entry)
    assert py.run().code == 0
    assert py.wrong() == []
    assert py.receipt()["a/x.fits"] == ("OK, size only", "the archive knows neither size nor checksum")


@pytest.mark.parametrize("version", [1, NOWHERE])
@pytest.mark.parametrize("noted", [True, False])
def test_a_part_without_checksum_is_continued_if_it_is_of_the_same_version(
    py: PythonScript, archive: Archive, version: int, *, noted: bool
) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(sha256=None)
    py.write(entry, version=version)
    py.part(entry).write_bytes(body()[:2_000])
    if noted:
        py.tag(entry).write_text('"1"' if version == NOWHERE else "version=1")
    assert py.run().code == 0
    assert archive.starts(entry.uri) == ([2_000] if noted else [0])
    assert py.wrong() == []


@pytest.mark.parametrize("version", [1, NOWHERE])
def test_no_file_becomes_a_patchwork_of_two_versions(py: PythonScript, archive: Archive, version: int) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))._replace(sha256=None)
    archive.misbehave(entry.uri, "stall")
    py.write(entry, version=version)
    with py.start() as run:
        wait_until(lambda: size_of(py.part(entry)) > 50_000)
        run.kill()
    archive.replace(entry.uri, body(9, size=200_000))
    assert py.run().last_line == "1 of 1 OK, 0 failed"
    assert py.wrong() == []


def test_a_newer_script_does_not_continue_the_part_of_an_older_version(py: PythonScript, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))._replace(sha256=None)
    archive.misbehave(entry.uri, "stall")
    py.write(entry)
    with py.start() as run:
        wait_until(lambda: size_of(py.part(entry)) > 50_000)
        run.kill()
    archive.replace(entry.uri, body(9, size=200_000))
    py.write(entry, version=2)
    assert py.run().code == 0
    assert py.wrong() == []
