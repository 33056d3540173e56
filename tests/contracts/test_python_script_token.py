"""How a downloaded Python script comes by a token for exclusive files, and who sees it: only the archive's own host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.python_script import PythonScript, body, size_of, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs.manifest import Entry

TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.fixture
def elsewhere() -> Iterator[Archive]:
    archive = Archive()
    yield archive
    archive.close()


@pytest.fixture
def entry(py: PythonScript, archive: Archive) -> Entry:
    """An exclusive file, for which there is a script."""
    entry = archive.add("mast:a/x.fits", body(), exclusive=True)
    py.write(entry)
    return entry


def secret(py: PythonScript, name: str, words: str, mode: int = 0o600) -> Path:
    """A file in the home of the script's user."""
    file = py.folder / "home" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(words)
    file.chmod(mode)
    return file


def test_without_a_token_the_files_are_named(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n:02}.fits", body(n), exclusive=n < 25) for n in range(30)))
    run = py.run()
    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines()[:21] == [*(f"  a/{n:02}.fits" for n in range(20)), "  and 5 more"]
    assert "SKYBASKET_TOKEN" in run.err
    assert archive.requests == []


def test_public_files_are_asked_for_without_it(py: PythonScript, archive: Archive) -> None:
    exclusive, public = archive.add("mast:a", body(1), exclusive=True), archive.add("mast:b", body(2))
    py.write(exclusive, public)
    assert py.run(SKYBASKET_TOKEN=TOKEN).code == 0
    assert {request.uri: request.authorization for request in archive.requests} == {
        exclusive.uri: f"Bearer {TOKEN}",
        public.uri: "",
    }


@pytest.mark.usefixtures("entry")
def test_a_token_is_in_no_output_and_in_no_file(py: PythonScript) -> None:
    run = py.run(SKYBASKET_TOKEN=TOKEN)
    assert run.code == 0
    assert TOKEN not in run.out + run.err
    assert not [file for file in py.dest.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()]


def test_no_process_shows_the_token(py: PythonScript, archive: Archive, entry: Entry) -> None:
    archive.misbehave(entry.uri, "stall")
    with py.start(SKYBASKET_TOKEN=TOKEN) as run:
        wait_until(lambda: size_of(py.part(entry)))
        shown = Path(f"/proc/{run.pid}/cmdline").read_bytes()
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text()
        run.kill()
    assert TOKEN.encode() not in shown
    assert children == ""


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        (".config/skybasket/token", f"{TOKEN}\n"),
        (".netrc", f"machine 127.0.0.1 login me password {TOKEN}\nmachine other password y\n"),
    ],
)
def test_a_token_is_found_in_its_usual_places(py: PythonScript, name: str, words: str) -> None:
    secret(py, name, words)
    assert py.run().code == 0


@pytest.mark.usefixtures("entry")
def test_a_token_is_found_in_the_file_that_is_named(py: PythonScript) -> None:
    secret(py, ".config/skybasket/token", "another")
    assert py.run("--token-file", str(secret(py, "mine", TOKEN))).code == 0


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("name", [".config/skybasket/token", ".netrc"])
def test_a_file_that_others_may_read_is_refused(py: PythonScript, archive: Archive, name: str) -> None:
    file = secret(py, name, f"machine 127.0.0.1 login me password {TOKEN}", 0o640)
    assert py.run() == (2, "", f"Others may read {file}. Run this first: chmod 600 {file}\n")
    assert archive.requests == []


@pytest.mark.usefixtures("entry")
def test_what_netrc_says_of_any_host_is_not_for_this_one(py: PythonScript, archive: Archive) -> None:
    secret(py, ".netrc", f"default login me password {TOKEN}")
    assert py.run().code == 2
    assert archive.requests == []


@pytest.mark.usefixtures("entry")
def test_a_wrong_token_is_not_authorised(py: PythonScript) -> None:
    assert py.run(SKYBASKET_TOKEN="another").code == 2  # noqa: S106 - not a secret
    assert py.results() == ["Not authorised"]


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("token", ["a b", "x\r\nHost: other", "$(id)", "é"])
def test_a_token_that_is_none_is_refused(py: PythonScript, archive: Archive, token: str) -> None:
    run = py.run(SKYBASKET_TOKEN=token)
    assert (run.code, run.err) == (2, "SKYBASKET_TOKEN is not a token: it holds a character that no token has.\n")
    assert archive.requests == []


def test_it_goes_along_to_another_address_of_the_archive_but_to_no_other_host(
    py: PythonScript, archive: Archive, elsewhere: Archive
) -> None:
    near, far = (archive.add(f"mast:{name}", body(n), exclusive=True) for n, name in enumerate(["near", "far"]))
    elsewhere.add(far.uri, archive.files[far.uri])
    archive.misbehave(near.uri, "moved")
    archive.misbehave(far.uri, f"to {elsewhere.url}")
    py.write(near, far)
    assert py.run(SKYBASKET_TOKEN=TOKEN).code == 0
    assert [request.authorization for request in archive.requests] == [f"Bearer {TOKEN}"] * 3
    assert [request.authorization for request in elsewhere.requests] == [""]


@pytest.mark.usefixtures("entry")
def test_who_sits_at_a_terminal_is_asked_and_sees_how_far_it_is(py: PythonScript) -> None:
    py.patch("now < self._last + (0.2 if", "now < self._last + (0.0 if")  # else a run as short as this one shows no bar
    command = [sys.executable, "-c", TERMINAL, *py.command()]
    shown = b""
    with subprocess.Popen(
        command,
        cwd=py.folder,
        env={"HOME": str(py.folder), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        while b"Your token for 127.0.0.1" not in shown:
            piece = run.stdout.read1()
            assert piece
            shown += piece
        run.stdin.write(f"{TOKEN}\n".encode())
        run.stdin.flush()
        shown += run.stdout.read()
        assert run.wait(20) == 0
    assert b"1 of 1 OK, 0 failed" in shown
    assert b"[####################] 1 of 1 files, 5.0 kB of 5.0 kB" in shown
    assert TOKEN.encode() not in shown
