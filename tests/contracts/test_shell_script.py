"""What a downloaded shell script does, run by real shells against a real server that misbehaves."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import SHELLS, Script, body, old_curl

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive

HOSTILE = [
    "$(touch canary)",
    "`touch canary`",
    "a'; touch canary; '",
    "#1 [1-3]{a,b}",
    "100% é 星",
    "a & b = c + d",
    "!history $HOME ${PATH}",
    "-rf",
    " leading space",
    "=cmd()",
]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_all_files_past_all_faults_and_names(script: Script, archive: Archive, shell: str) -> None:
    entries = [archive.add(f"mast:HST/{name}", body(n), path=f"HST/x{name}") for n, name in enumerate(HOSTILE)]
    entries += [archive.add(f"mast:JWST/a/{n}.fits", body(n)) for n in range(10)]
    entries.append(archive.add("mast:top.fits", b""))
    for n, fault in enumerate(["drop", "500", "busy", "html", "corrupt", "short", "moved"]):
        archive.misbehave(f"mast:JWST/a/{n}.fits", fault)
    script.write(*entries)
    run = script.run(shell=shell)
    assert (run.last_line, run.code) == ("21 of 21 OK, 0 failed", 0)
    assert script.wrong() == []
    assert set(script.results()) == {"OK", "Resumed"}
    assert {file.name for file in script.folder.iterdir()} == {script.file.name, script.dest.name}
    assert not (script.dest / ".skybasket").exists()


def test_a_whole_script_passes_shellcheck(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:HST/x{name}", b"x") for name in HOSTILE))
    subprocess.run(["shellcheck", "-s", "sh", script.file], check=True)


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


def test_without_a_checksum_the_receipt_says_size_only(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body())._replace(sha256=None))
    assert script.run().code == 0
    assert script.results() == ["OK, size only"]


def test_a_file_of_unknown_size_and_checksum_is_fetched_whole(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "drop")
    archive.misbehave(entry.uri, "html")
    script.write(entry, version=-1)
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [0, 0, 0]
    assert script.wrong() == []
    assert script.receipt()["a/x.fits"] == ("OK, size only", "the archive knows neither size nor checksum")


def test_more_files_than_one_curl_takes_all_come(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a{n // 40}/{n}.fits", b"%d" % n) for n in range(2_100)))
    assert script.run("--jobs", "8").last_line == "2100 of 2100 OK, 0 failed"
    assert script.wrong() == []


def test_a_wait_that_the_server_asks_for_is_kept(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "busy2")
    script.write(entry)
    run = script.run()
    assert run.code == 0
    assert run.err.splitlines()[-1] == "Files to go: 1. Trying again in 2 s."


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
    text = script.file.read_text()
    (script.folder / "headers").write_bytes(f"HTTP/1.1 429 X\r\n{said}\r\n\r\n".encode())
    asks = 'scratch=. retry_after=0; ask_retry_after; echo "$retry_after"'
    done = subprocess.run(
        ["dash"], input=text.replace('main "$@"', asks), cwd=script.folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{seconds}\n"


def test_files_with_and_without_a_checksum_settle_together(script: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(6)]
    script.write(*(entry._replace(sha256=None) if n % 2 else entry for n, entry in enumerate(entries)))
    assert script.run().last_line == "6 of 6 OK, 0 failed"
    assert script.results() == ["OK", "OK, size only"] * 3


def test_a_server_that_is_gone_is_not_asked_for_every_file(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(1_200)))
    archive.close()
    run = script.run("--retries", "1", "--jobs", "1")
    assert (run.code, run.last_line) == (1, "0 of 1200 OK, 1200 failed")


def test_a_server_that_is_gone_is_not_asked_for_every_file_that_goes_alone(
    script: Script, archive: Archive, tmp_path: Path
) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n))._replace(size=None) for n in range(60)))
    archive.close()
    run = script.run("--retries", "1", PATH=old_curl(tmp_path / "bin"))
    assert (run.code, run.last_line) == (1, "0 of 60 OK, 60 failed")
    assert len((tmp_path / "bin/calls").read_text().splitlines()) == 20
