"""What both downloaded scripts do with a server that misbehaves: each fault is survived, or named."""

from __future__ import annotations

import runpy
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import NOWHERE, SHELLS, Script, body

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive

HOSTILE = [
    "$(touch canary)",
    "`touch canary`",
    "a'; touch canary; '",
    "'''; import os",
    "#1 [1-3]{a,b}",
    "#@ end",
    "100% é 星",
    "a & b = c + d",
    "!history $HOME ${PATH}",
    "-rf",
    " leading space",
    "=cmd()",
]


@pytest.mark.parametrize(
    "program", ["dash", "python", *(pytest.param(name, marks=pytest.mark.long) for name in SHELLS if name != "dash")]
)
def test_every_program_gets_all_files_past_all_faults_and_names(
    sh: Script, py: Script, archive: Archive, program: str
) -> None:
    script, shell = (py, "") if program == "python" else (sh, program)
    entries = [archive.add(f"mast:HST/{name}", body(n), path=f"HST/x{name}") for n, name in enumerate(HOSTILE)]
    entries += [archive.add(f"mast:JWST/a/{n}.fits", body(n)) for n in range(10)]
    entries.append(archive.add("mast:top.fits", b""))
    for n, fault in enumerate(["drop", "500", "busy", "html", "corrupt", "short", "moved"]):
        archive.misbehave(f"mast:JWST/a/{n}.fits", fault)
    script.write(*entries)
    run = script.run(shell=shell)
    assert (run.last_line, run.code) == ("23 of 23 OK, 0 failed", 0), run.err
    assert script.wrong() == []
    assert set(script.results()) == {"OK", "Resumed"}
    assert {file.name for file in script.folder.iterdir()} == {script.file.name, script.dest.name}
    assert {file.name for file in script.dest.iterdir()} == {"HST", "JWST", "top.fits", "receipt.csv", "MANIFEST.HTML"}


def test_a_second_run_moves_no_byte_and_says_so(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(5)))
    assert script.run().code == 0
    asked = len(archive.requests)
    assert script.run().last_line == "5 of 5 OK, 0 failed"
    assert len(archive.requests) == asked
    assert set(script.results()) == {"Already had it"}


def test_one_changed_byte_is_found_and_only_that_file_fetched_again(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    script.run()
    archive.requests.clear()
    damaged = script.dest / "a/1.fits"
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    assert script.run().code == 0
    assert [request.uri for request in archive.requests] == ["mast:a/1.fits"]
    assert script.wrong() == []


@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [("404", "Missing", 1), ("410", "Missing", 1), ("403", "Not authorised", 2), ("401", "Not authorised", 2)],
)
def test_a_refusal_is_not_repeated(script: Script, archive: Archive, fault: str, result: str, code: int) -> None:
    refused, other = archive.add("mast:a/x.fits", body()), archive.add("mast:a/y.fits", body())
    archive.misbehave(refused.uri, fault, times=9)
    script.write(refused, other)
    run = script.run()
    assert (run.code, run.last_line) == (code, "1 of 2 OK, 1 failed")
    assert run.out.splitlines()[0] == f"{result}: a/x.fits (the server answered {fault})"
    assert script.results() == [result, "OK"]
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
    script: Script, archive: Archive, fault: str, detail: str
) -> None:
    entry, other = archive.add("mast:a/x.fits", body()), archive.add("mast:b/y.fits", body())
    archive.misbehave(entry.uri, fault, times=9)
    script.write(entry, other)
    run = script.run("--retries", "2")
    assert (run.code, run.last_line) == (1, "1 of 2 OK, 1 failed")
    assert script.receipt()["a/x.fits"] == ("Failed", detail)
    assert script.wrong() == ["a/x.fits"]
    assert not (script.dest / "a/x.fits").exists()
    assert len(archive.starts(entry.uri)) == 2


def test_a_file_that_is_longer_than_the_archive_says_is_not_saved(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=4_000)
    script.write(entry)
    assert script.run().code == 1
    assert script.receipt()["a/x.fits"] == ("Failed", "it has 5000 bytes instead of 4000")
    assert not (script.dest / "a/x.fits").exists()


def test_a_page_that_is_itself_the_product_is_saved(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/index.html", b"<html>Please log in</html>")
    archive.misbehave(entry.uri, "html")
    script.write(entry)
    assert script.run().code == 0


def test_a_server_that_is_gone_ends_the_run_with_a_list(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    archive.close()
    run = script.run("--retries", "1")
    assert (run.code, run.out) == (1, "Failed: a/x.fits (the server cannot be reached)\n0 of 1 OK, 1 failed\n")


def test_a_server_that_is_gone_is_not_asked_for_every_file(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(1_200)))
    archive.close()
    run = script.run("--retries", "1", "--jobs", "1")
    assert (run.code, run.last_line) == (1, "0 of 1200 OK, 1200 failed")


def test_a_stalled_line_is_cut_and_continued(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    if script.kind == "sh":
        script.patch(r"speed-limit = 100\nspeed-time = 60", r"speed-limit = 2000\nspeed-time = 1")  # of the last 5 s
    else:
        script.patch("SILENCE = 60.0", "SILENCE = 0.5")
    assert script.run().code == 0
    assert archive.starts(entry.uri)[-1] == 2_500  # the request that stalls may not have ended yet
    assert script.wrong() == []


def test_a_wait_that_the_server_asks_for_is_kept(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "busy2")
    script.write(entry)
    run = script.run()
    assert run.code == 0
    assert run.err.splitlines()[-1] == "The server asks to wait 2 s."


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Retry-After: 7", 7),
        ("Retry-After: 900", 300),
        ("Date: Sat, 29 Feb 2020 23:59:50 GMT\r\nRetry-After: Sun, 01 Mar 2020 00:00:30 GMT", 40),
        ("Retry-After: Fri, 31 Dec 2021 23:59:59 GMT\r\nDate: Sat, 01 Jan 2022 00:00:01 GMT", 0),
        ("Retry-After: Fri, 31 Dec 2021 23:59:59 GMT", 60),
        ("Retry-After: soon", 60),
        ("Server: x", 0),
    ],
)
def test_waits_are_read_as_servers_write_them(script: Script, said: str, seconds: int) -> None:
    """By the script's own function alone: nobody wants to wait for that."""
    script.write()
    assert asked_wait(script, said) == seconds


def asked_wait(script: Script, said: str) -> float:
    if script.kind == "py":
        fields = dict(line.split(": ", 1) for line in said.split("\r\n"))
        found: float = runpy.run_path(str(script.file))["asked_wait"]({key.lower(): fields[key] for key in fields})
        return found
    (script.folder / "headers").write_bytes(f"HTTP/1.1 429 X\r\n{said}\r\n\r\n".encode())
    asks = 'trap - EXIT; scratch=. retry_after=0; ask_retry_after; echo "$retry_after"'
    text = script.file.read_text().replace('main "$@"', asks)
    return float(
        subprocess.run(["dash"], input=text, cwd=script.folder, capture_output=True, text=True, check=True).stdout
    )


def test_files_with_and_without_a_checksum_settle_together(script: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(6)]
    script.write(*(entry._replace(sha256=None) if n % 2 else entry for n, entry in enumerate(entries)))
    assert script.run().last_line == "6 of 6 OK, 0 failed"
    assert script.results() == ["OK", "OK, size only"] * 3


def test_a_file_of_unknown_size_and_checksum_is_fetched_whole(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "drop")
    archive.misbehave(entry.uri, "html")
    script.write(entry, version=NOWHERE)
    assert script.run().code == 0
    assert script.wrong() == []
    assert script.receipt()["a/x.fits"] == ("OK, size only", "the archive knows neither size nor checksum")
