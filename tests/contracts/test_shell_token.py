"""How a shell script comes by a token for exclusive files, and who sees it: only the archive itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import Script, body, old_curl, size_of, wait_until

if TYPE_CHECKING:
    from jobs.manifest import Entry


@pytest.fixture
def entry(script: Script, archive: Archive) -> Entry:
    """An exclusive file, for which there is a script."""
    entry = archive.add("mast:a/x.fits", body(), exclusive=True)
    script.write(entry)
    return entry


def secret(script: Script, name: str, words: str, mode: int = 0o600) -> Path:
    """A file of the script's user."""
    file = script.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(words)
    file.chmod(mode)
    return file


def test_without_a_token_the_files_are_named(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n:02}.fits", body(n), exclusive=n < 25) for n in range(30)))
    run = script.run()
    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines()[:21] == [*(f"  a/{n:02}.fits" for n in range(20)), "  and 5 more"]
    assert "SKYBASKET_TOKEN" in run.err
    assert archive.requests == []


def test_public_files_are_asked_for_without_it(script: Script, archive: Archive) -> None:
    exclusive, public = archive.add("mast:a", body(1), exclusive=True), archive.add("mast:b", body(2))
    script.write(exclusive, public)
    assert script.run(SKYBASKET_TOKEN=TOKEN).code == 0
    assert {request.uri: request.authorization for request in archive.requests} == {
        exclusive.uri: f"Bearer {TOKEN}",
        public.uri: "",
    }


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


def test_no_process_has_the_token_in_its_arguments_or_environment(
    script: Script, archive: Archive, entry: Entry
) -> None:
    archive.files[entry.uri] = body(size=200_000)
    archive.misbehave(entry.uri, "stall")
    with script.start(SKYBASKET_TOKEN=TOKEN, token="x") as run:  # noqa: S106 - it must not stay exported
        wait_until(lambda: script.curl() and size_of(script.part(entry)))
        arguments = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if readable(file)]
        environments = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/environ") if is_child(file, run.pid)]
        run.terminate()
        run.wait(20)
    assert environments
    assert not [text for text in arguments + environments if TOKEN.encode() in text]


def readable(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False


def is_child(file: Path, session: int) -> bool:
    """Whether it is of another program of this session; copies of the shell itself keep what it was started with."""
    try:
        return os.getsid(int(file.parent.name)) == session and (file.parent / "comm").read_text() != "dash\n"
    except OSError:
        return False


@pytest.mark.parametrize("place", ["mine", "home/.config/skybasket/token", "config/skybasket/token"])
@pytest.mark.usefixtures("entry")
def test_a_file_that_only_its_owner_may_read_can_hold_the_token(script: Script, place: str) -> None:
    secret(script, place, f"{TOKEN}\r\n")
    chosen = ["--token-file", place] if place == "mine" else []
    env = {"XDG_CONFIG_HOME": str(script.folder / "config")} if place.startswith("config") else {}
    assert script.run(*chosen, **env).code == 0
    assert script.wrong() == []


@pytest.mark.parametrize("mode", [0o640, 0o604])
@pytest.mark.parametrize("place", ["mine", "home/.netrc"])
def test_a_file_that_others_may_read_is_refused(
    script: Script, archive: Archive, entry: Entry, place: str, mode: int
) -> None:
    words = TOKEN if place == "mine" else f"machine 127.0.0.1 password {TOKEN}"
    file = secret(script, place, words, mode)
    chosen = ["--token-file", place] if place == "mine" else []
    run = script.run(*chosen)
    assert (run.code, run.err) == (2, f"Others may read {file}. Run this first: chmod 600 {file}\n")
    assert archive.starts(entry.uri) == []


@pytest.mark.parametrize(
    ("words", "sentence"), [(None, "The file {} cannot be read."), ("\n", "There is no token in {}.")]
)
@pytest.mark.usefixtures("entry")
def test_a_file_without_a_token_is_a_sentence(script: Script, words: str | None, sentence: str) -> None:
    file = script.folder / "mine" if words is None else secret(script, "mine", words)
    run = script.run("--token-file", str(file))
    assert (run.code, run.err) == (2, f"{sentence.format(file)}\n")


@pytest.mark.parametrize(
    "words",
    [
        f"machine 127.0.0.1 login me password {TOKEN}",
        f"machine other password no\n# machine 127.0.0.1\nmachine\n127.0.0.1\n login password\n password {TOKEN}\n",
        f"macdef init\nmachine 127.0.0.1 password no\n\nmachine 127.0.0.1 password {TOKEN}\ndefault password no",
    ],
)
@pytest.mark.usefixtures("entry")
def test_netrc_can_hold_the_token(script: Script, words: str) -> None:
    file = secret(script, "netrc", words)
    assert script.run(NETRC=str(file)).code == 0
    assert script.wrong() == []


@pytest.mark.usefixtures("entry")
def test_what_netrc_says_of_others_is_not_sent(script: Script, archive: Archive) -> None:
    secret(script, "home/.netrc", f"machine 127.0.0.10 password {TOKEN}\ndefault login me password {TOKEN}\n", 0o644)
    assert script.run().code == 2
    assert archive.requests == []


TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.mark.usefixtures("entry")
def test_at_a_terminal_the_token_is_asked_for_and_not_shown(script: Script) -> None:
    command = [sys.executable, "-c", TERMINAL, *script.command()]
    env = {**os.environ, "HOME": str(script.folder)}
    with subprocess.Popen(
        command, cwd=script.folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        shown = b""
        while b"(it is not shown): " not in shown:
            piece = os.read(run.stdout.fileno(), 4_096)
            assert piece
            shown += piece
        run.stdin.write(f"{TOKEN}\n".encode())
        run.stdin.flush()
        shown += run.stdout.read()
        assert run.wait(20) == 0
    assert b"Your token for 127.0.0.1" in shown
    assert b"1 of 1 OK, 0 failed" in shown
    assert TOKEN.encode() not in shown


def test_no_other_server_gets_the_token(script: Script, archive: Archive, elsewhere: Archive, entry: Entry) -> None:
    elsewhere.add(entry.uri, body())
    archive.misbehave(entry.uri, f"to {elsewhere.url}")
    script.write(entry)
    assert script.run(SKYBASKET_TOKEN=TOKEN).code == 0
    assert [request.authorization for request in elsewhere.requests] == [""]


def test_a_curl_that_would_take_the_token_along_does_not_follow(
    script: Script, archive: Archive, elsewhere: Archive, entry: Entry
) -> None:
    archive.misbehave(entry.uri, f"to {elsewhere.url}")
    run = script.run(PATH=old_curl(script.folder / "bin"), SKYBASKET_TOKEN=TOKEN)
    assert run.code == 1
    assert script.receipt()[entry.path] == ("Failed", "the server answered 302, which this curl cannot follow safely")
    assert elsewhere.requests == []
