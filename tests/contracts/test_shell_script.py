"""What a downloaded shell script does, run by real shells against a real server that misbehaves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

import jobs.dialects
from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import EVERYDAY_TOOLS, SHELLS, Script, tools

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


def body(n: int = 1, size: int = 5_000) -> bytes:
    return bytes((n * 7 + i) % 251 for i in range(size))


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


def test_the_body_passes_shellcheck() -> None:
    source = Path(jobs.dialects.__path__[0]) / "shell.sh"
    subprocess.run(["shellcheck", "-s", "sh", source], check=True)


def test_a_whole_script_passes_shellcheck(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:HST/x{name}", b"x") for name in HOSTILE))
    subprocess.run(["shellcheck", script.file], check=True)


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


def test_a_part_is_continued_where_it_ends(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(body()[:2_000])
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [2_000]
    assert script.wrong() == []
    assert script.results() == ["Resumed"]


def test_a_complete_part_is_taken_without_a_request(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(body())
    assert script.run().code == 0
    assert archive.requests == []
    assert script.wrong() == []


@pytest.mark.parametrize("left", [b"x" * 2_000, b"x" * 5_000, b"x" * 9_000])
def test_a_part_of_another_file_is_found_by_its_checksum(script: Script, archive: Archive, left: bytes) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    script.part(entry).write_bytes(left)
    assert script.run().code == 0
    assert script.wrong() == []


@pytest.mark.parametrize("fault", ["ignores range", "wrong range"])
def test_a_server_that_cannot_continue_is_asked_for_the_whole(script: Script, archive: Archive, fault: str) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, fault)
    script.write(entry)
    script.part(entry).write_bytes(body()[:2_000])
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [2_000, 0]
    assert script.wrong() == []


def test_a_line_that_keeps_breaking_is_followed_as_long_as_bytes_come(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "drop", times=4)
    script.write(entry)
    assert script.run("--retries", "2").code == 0
    assert archive.starts(entry.uri) == [0, 2500, 3750, 4375, 4688]
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
    script.write(entry)
    assert script.run().code == 0
    assert archive.starts(entry.uri) == [0, 2_500, 0]
    assert script.wrong() == []
    assert script.receipt()["a/x.fits"] == ("OK, size only", "the archive knows neither size nor checksum")


def test_without_a_tool_for_checksums_sizes_are_checked_and_that_is_said(
    script: Script, archive: Archive, tmp_path: Path
) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    run = script.run(PATH=tools(tmp_path / "bin", *EVERYDAY_TOOLS))
    assert run.code == 0
    assert "only sizes are checked" in run.err
    assert script.results() == ["OK, size only"]


@pytest.mark.parametrize("hasher", ["openssl", "sha256sum", "shasum"])
def test_any_of_the_known_tools_checks_checksums(script: Script, archive: Archive, tmp_path: Path, hasher: str) -> None:
    entry = archive.add("mast:a/x y.fits", body())
    archive.misbehave(entry.uri, "corrupt")
    script.write(entry)
    extra = ("perl",) if hasher == "shasum" else ()
    assert script.run(PATH=tools(tmp_path / "bin", *EVERYDAY_TOOLS, hasher, *extra)).code == 0
    assert script.results() == ["OK"]
    assert script.wrong() == []


OLD_CURL = """#!/bin/sh
# What curl 7.61 would not have understood is an error here.
if [ "$2" = --version ]; then echo 'curl 7.61.0 (x86_64-pc-linux-gnu)'; exit; fi
if grep -q 'parallel\\|%{stderr}\\|%{exitcode}\\|%{header' "$3"; then echo 'curl: unknown option' >&2; exit 2; fi
echo "$3" >>"$CALLS"
exec CURL "$@"
"""


def test_an_old_curl_is_asked_only_for_what_it_knows(script: Script, archive: Archive, tmp_path: Path) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(8)]
    entries[0] = entries[0]._replace(size=None, sha256=None)
    entries[1] = entries[1]._replace(sha256=None)
    for entry, fault in zip(entries, ["drop", "drop", "drop", "500", "busy", "moved", "corrupt"], strict=False):
        archive.misbehave(entry.uri, fault)
    script.write(*entries)
    shim = OLD_CURL.replace("CURL", shutil.which("curl") or "")
    path = tools(tmp_path / "bin", *EVERYDAY_TOOLS, "sha256sum", "grep", instead={"curl": shim})
    run = script.run(PATH=path, CALLS=str(tmp_path / "calls"))
    assert (run.last_line, run.code) == ("8 of 8 OK, 0 failed", 0)
    assert script.wrong() == []
    assert (tmp_path / "calls").exists()


def test_a_curl_that_is_too_old_is_refused(script: Script, archive: Archive, tmp_path: Path) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    path = tools(tmp_path / "bin", *EVERYDAY_TOOLS, instead={"curl": "#!/bin/sh\necho 'curl 7.29.0 (x86_64)'\n"})
    run = script.run(PATH=path)
    assert (run.code, run.err.splitlines()[-1]) == (2, "This script needs curl 7.61 or later.")


def test_a_missing_tool_is_named(script: Script, archive: Archive, tmp_path: Path) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    path = tools(tmp_path / "bin", *(tool for tool in EVERYDAY_TOOLS if tool != "curl"))
    assert script.run(PATH=path) == (2, "", "This script needs curl, which is not installed here.\n")


def test_exclusive_files_need_a_token_and_are_named(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True), archive.add("mast:a/y.fits", body()))
    run = script.run()
    assert (run.code, run.err.splitlines()[0].strip()) == (2, "a/x.fits")
    assert "SKYBASKET_TOKEN" in run.err
    assert archive.requests == []


def test_a_token_opens_exclusive_files_and_is_never_printed(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(), exclusive=True)
    script.write(entry, archive.add("mast:a/y.fits", body()))
    run = script.run(SKYBASKET_TOKEN=TOKEN)
    assert run.code == 0
    assert script.wrong() == []
    assert TOKEN not in run.out + run.err
    assert not [file for file in script.dest.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()]


def test_a_wrong_token_is_not_authorised(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True))
    assert script.run(SKYBASKET_TOKEN="another").code == 2  # noqa: S106 - not a secret
    assert script.results() == ["Not authorised"]


@pytest.mark.parametrize("token", ["a b", 'x"\nurl = "file:///etc/passwd', "$(id)"])
def test_a_token_that_is_none_is_refused(script: Script, archive: Archive, token: str) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True))
    run = script.run(SKYBASKET_TOKEN=token)
    assert run.code == 2
    assert token not in run.err
    assert archive.requests == []


def test_no_process_shows_the_token(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(), exclusive=True)
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    with start(script, SKYBASKET_TOKEN=TOKEN) as run:
        wait_until(lambda: script.curl() and script.part(entry).is_file())
        shown = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if readable(file)]
        run.terminate()
        run.wait(20)
    assert not [line for line in shown if TOKEN.encode() in line]


def size_of(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def readable(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False


def start(script: Script, *args: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        script.command(*args),
        cwd=script.folder,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(true: object, seconds: float = 20) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("sig", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_keeps_its_parts_leaves_no_curl_and_goes_on(
    script: Script, archive: Archive, sig: signal.Signals, code: int
) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    with start(script) as run:
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
    with start(script) as run:
        wait_until(lambda: size_of(script.part(stalled)) > 0)
        run.kill()
    assert script.run().last_line == "4 of 4 OK, 0 failed"
    assert script.wrong() == []


def test_two_runs_in_one_folder_do_not_meet(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=200_000))
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    with start(script) as run:
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


def test_verify_moves_nothing_and_says_what_is_wrong(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(4)))
    script.run()
    (script.dest / "a/0.fits").unlink()
    (script.dest / "a/1.fits").write_bytes(b"x" * 5_000)
    (script.dest / "a/2.fits").write_bytes(b"x")
    (script.dest / "receipt.csv").unlink()
    archive.requests.clear()
    run = script.run("--verify")
    assert run.code == 1
    assert run.out.splitlines() == [
        "Missing: a/0.fits",
        "Damaged: a/2.fits (its size is wrong)",
        "Damaged: a/1.fits (its checksum is wrong)",
        "1 of 4 OK, 3 missing or damaged",
    ]
    assert archive.requests == []
    assert {file.name for file in script.dest.iterdir()} == {"a", "MANIFEST.HTML"}


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
    assert run.code == 0
    for each in ("--dest", "--jobs", "--retries", "--list", "--verify", "--help", "SKYBASKET_TOKEN", "receipt.csv"):
        assert each in run.out


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--nonsense"], "--nonsense is not an option of this script. See --help."),
        (["x"], "x is not an option of this script. See --help."),
        (["--dest"], "--dest needs a value. See --help."),
        (["--dest="], "--dest needs the name of a folder."),
        (["--jobs", "0"], "--jobs needs a number from 1 to 32."),
        (["--jobs=99"], "--jobs needs a number from 1 to 32."),
        (["--jobs", "$(id)"], "--jobs needs a number from 1 to 32."),
        (["--retries", "x"], "--retries needs a number from 1 to 99."),
    ],
)
def test_wrong_use_is_a_sentence(script: Script, args: list[str], sentence: str) -> None:
    script.write()
    assert script.run(*args) == (2, "", f"{sentence}\n")


@pytest.mark.parametrize("dest", ["my data", "-dash", "deep/er/folder", "q'uote$(id)"])
def test_files_go_where_the_user_says(script: Script, archive: Archive, dest: str) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    script.dest = script.folder / dest
    assert script.run("--dest", dest).code == 0
    assert script.wrong() == []


def test_one_at_a_time_is_one_at_a_time(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(6)))
    assert script.run("--jobs=1").code == 0
    assert [request.uri for request in archive.requests] == [entry.uri for entry in script.entries]


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
