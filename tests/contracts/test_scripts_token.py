"""How both downloaded scripts come by a token for exclusive files, and who sees it: only the archive itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import Script, body, size_of, wait_until

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
    assert run.err.splitlines() == [
        *(f"  a/{n:02}.fits" for n in range(20)),
        "  and 5 more",
        "These files are of exclusive access. Put your token into the environment variable SKYBASKET_TOKEN,",
        "or into the file ~/.config/skybasket/token that only you may read.",
    ]
    assert archive.requests == []


def test_public_files_are_asked_for_without_it(script: Script, archive: Archive) -> None:
    exclusive, public = archive.add("mast:a", body(1), exclusive=True), archive.add("mast:b", body(2))
    script.write(exclusive, public)
    assert script.run(SKYBASKET_TOKEN=TOKEN).code == 0
    assert {request.uri: request.authorization for request in archive.requests} == {
        exclusive.uri: f"Bearer {TOKEN}",
        public.uri: "",
    }


@pytest.mark.usefixtures("entry")
def test_a_token_is_in_no_output_and_in_no_file(script: Script) -> None:
    run = script.run(SKYBASKET_TOKEN=TOKEN)
    assert run.code == 0
    assert script.wrong() == []
    assert TOKEN not in run.out + run.err
    assert not [file for file in script.dest.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()]


@pytest.mark.usefixtures("entry")
def test_a_wrong_token_is_not_authorised(script: Script) -> None:
    assert script.run(SKYBASKET_TOKEN="another").code == 2  # noqa: S106 - not a secret
    assert script.results() == ["Not authorised"]


@pytest.mark.parametrize("token", ["a b", 'x"\nurl = "file:///etc/passwd', "x\r\nHost: other", "$(id)", "é"])
@pytest.mark.usefixtures("entry")
def test_a_token_that_is_none_is_refused(script: Script, archive: Archive, token: str) -> None:
    sentence = "SKYBASKET_TOKEN is not a token: it holds a character that no token has.\n"
    assert script.run(SKYBASKET_TOKEN=token) == (2, "", sentence)
    assert archive.requests == []


def test_no_process_has_the_token_in_its_arguments_or_environment(
    script: Script, archive: Archive, entry: Entry
) -> None:
    entry = archive.add(entry.uri, body(size=200_000), exclusive=True)
    script.write(entry)
    archive.misbehave(entry.uri, "stall")
    with script.start(SKYBASKET_TOKEN=TOKEN, token="x") as run:  # noqa: S106 - it must not stay exported
        wait_until(lambda: size_of(script.part(entry)))
        arguments = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if readable(file)]
        environments = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/environ") if is_child(file, run.pid)]
        run.terminate()
        run.wait(20)
    assert bool(environments) == (script.kind == "sh")  # the other starts no program
    assert not [text for text in arguments + environments if TOKEN.encode() in text]


def readable(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False


def is_child(file: Path, session: int) -> bool:
    """Whether it is of another program of this session; the script itself, and its copies, keep what they had."""
    try:
        return (
            os.getsid(int(file.parent.name)) == session
            and int(file.parent.name) != session
            and (file.parent / "comm").read_text() != "dash\n"
        )
    except OSError:
        return False


@pytest.mark.parametrize("place", ["mine", "home/.config/skybasket/token", "config/skybasket/token"])
@pytest.mark.usefixtures("entry")
def test_a_file_that_only_its_owner_may_read_can_hold_the_token(script: Script, place: str) -> None:
    secret(script, place, f"\n {TOKEN} \r\n\n")
    chosen = ["--token-file", place] if place == "mine" else []
    env = {"XDG_CONFIG_HOME": str(script.folder / "config")} if place.startswith("config") else {}
    assert script.run(*chosen, **env).code == 0
    assert script.wrong() == []


@pytest.mark.usefixtures("entry")
def test_a_file_of_several_words_holds_no_token(script: Script, archive: Archive) -> None:
    file = secret(script, "mine", f"{TOKEN}\nof May 2026\n")
    sentence = f"{file} is not a token: it holds a character that no token has.\n"
    assert script.run("--token-file", "mine") == (2, "", sentence)
    assert archive.requests == []


@pytest.mark.usefixtures("entry")
def test_the_file_that_is_named_counts_and_not_the_usual_one(script: Script) -> None:
    secret(script, "home/.config/skybasket/token", "another")
    secret(script, "mine", TOKEN)
    assert script.run("--token-file", "mine").code == 0


@pytest.mark.parametrize("mode", [0o640, 0o604])
@pytest.mark.parametrize("place", ["mine", "home/.config/skybasket/token", "home/.netrc"])
def test_a_file_that_others_may_read_is_refused(
    script: Script, archive: Archive, entry: Entry, place: str, mode: int
) -> None:
    words = f"machine 127.0.0.1 password {TOKEN}" if place == "home/.netrc" else TOKEN
    file = secret(script, place, words, mode)
    chosen = ["--token-file", place] if place == "mine" else []
    assert script.run(*chosen) == (2, "", f"Others may read {file}. Run this first: chmod 600 {file}\n")
    assert archive.starts(entry.uri) == []


@pytest.mark.parametrize(
    ("words", "sentence"), [(None, "The file {} cannot be read."), ("\n", "There is no token in {}.")]
)
@pytest.mark.usefixtures("entry")
def test_a_file_without_a_token_is_a_sentence(script: Script, words: str | None, sentence: str) -> None:
    file = script.folder / "mine" if words is None else secret(script, "mine", words)
    assert script.run("--token-file", "mine") == (2, "", f"{sentence.format(file)}\n")


@pytest.mark.parametrize("place", ["home/.netrc", "netrc"])
@pytest.mark.parametrize(
    "words",
    [
        f"machine 127.0.0.1 login me password {TOKEN}\nmachine other password y\n",
        f"machine other password no\n# machine 127.0.0.1\nmachine\n127.0.0.1\n login password\n password {TOKEN}\n",
        f"macdef init\nmachine 127.0.0.1 password no\n\nmachine 127.0.0.1 password {TOKEN}\ndefault password no",
    ],
)
@pytest.mark.usefixtures("entry")
def test_netrc_can_hold_the_token(script: Script, words: str, place: str) -> None:
    secret(script, place, words)
    env = {"NETRC": "netrc"} if place == "netrc" else {}
    assert script.run(**env).code == 0
    assert script.wrong() == []


@pytest.mark.usefixtures("entry")
def test_what_netrc_says_of_others_is_not_sent(script: Script, archive: Archive) -> None:
    secret(script, "home/.netrc", f"machine 127.0.0.10 password {TOKEN}\ndefault login me password {TOKEN}\n", 0o644)
    assert script.run().code == 2
    assert archive.requests == []


@pytest.mark.usefixtures("entry")
def test_at_a_terminal_the_token_is_asked_for_and_not_shown(script: Script) -> None:
    code, shown = script.run_at_a_terminal(b"Your token for 127.0.0.1 (it is not shown): ", TOKEN)
    assert code == 0
    assert b"1 of 1 OK, 0 failed" in shown
    assert TOKEN.encode() not in shown


def test_it_goes_along_to_another_address_of_the_archive_but_to_no_other_server(
    script: Script, archive: Archive, elsewhere: Archive
) -> None:
    near, far = (archive.add(f"mast:{name}", body(n), exclusive=True) for n, name in enumerate(["near", "far"]))
    elsewhere.add(far.uri, archive.files[far.uri])
    archive.misbehave(near.uri, "moved")
    archive.misbehave(far.uri, f"to {elsewhere.url}")
    script.write(near, far)
    assert script.run(SKYBASKET_TOKEN=TOKEN).code == 0
    assert [request.authorization for request in archive.requests] == [f"Bearer {TOKEN}"] * 3
    assert [request.authorization for request in elsewhere.requests] == [""]
