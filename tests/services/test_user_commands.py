"""The commands about people, tokens, teams and programmes, run by their users' own words."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from click.testing import CliRunner

from tests.fixtures.people import PASSWORD
from webapp import accounts, cli, logins, passwords, tokens
from webapp.context import Services
from webapp.db import engine_for
from webapp.errors import UserError
from webapp.inventories import Inventories
from webapp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

ROOT = Path(__file__).resolve().parents[2]


class Command(Protocol):
    """Runs ``skybasket`` with a home of its own."""

    def __call__(self, words: str, typed: str = "") -> Result: ...


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "skybasket.db")
    return folder


@pytest.fixture
def skybasket(home: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(home.parent)

    def run(words: str, typed: str = "") -> Result:
        return CliRunner().invoke(cli.main, words.split(), input=typed, env={"SKYBASKET_HOME": str(home)})

    return run


@pytest.fixture
def ada(skybasket: Command) -> None:
    assert skybasket("user add ada --email ada@example.org", f"{PASSWORD}\n").exit_code == 0


@pytest.fixture
def services(home: Path) -> Iterator[Services]:
    settings = Settings(home=home, spool=home / "spool", database_url=f"sqlite:///{home}/skybasket.db")
    engine = engine_for(settings.database_url)
    yield Services(settings, engine, Inventories(engine, settings.spool, settings.inventory_cache_bytes))
    engine.dispose()


def listed(skybasket: Command, words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(skybasket(f"{words} --json").stdout)
    return found


def knows(services: Services, password: str) -> bool:
    found = accounts.with_password(services, "ada")
    return found is not None and passwords.is_right(password, found[1])


def test_a_password_is_read_from_standard_input(skybasket: Command, services: Services, ada: None) -> None:  # noqa: ARG001 - made by it
    assert knows(services, PASSWORD)
    (row,) = listed(skybasket, "user list")
    assert row == {**row, "name": "ada", "email": "ada@example.org", "admin": False, "seen": None, "tokens": 0}


def test_a_password_that_is_typed_is_asked_for_twice_and_never_shown(home: Path, services: Services) -> None:
    command = [sys.executable, "-m", "webapp.cli", "user", "add", "ada"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SKYBASKET_HOME": str(home)}
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        shown = b""
        for question in (b"Password: ", b"The same again: "):
            while question not in shown:
                shown += os.read(ours, 1000)
            os.write(ours, f"{PASSWORD}\n".encode())
        while b"Made the account ada." not in shown:
            shown += os.read(ours, 1000)
        assert process.wait(60) == 0
    finally:
        os.close(ours)
        os.close(theirs)
    assert PASSWORD.encode() not in shown
    assert knows(services, PASSWORD)


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        ("user add a", PASSWORD, "A name has 2 to 100 characters"),
        ("user add bob", "short", "A password has 10 to 1,000 characters; this one has 5."),
        ("user add bob", "", "A password has 10 to 1,000 characters; this one has 0."),
        ("user add bob --email nowhere", PASSWORD, "'nowhere' is no mail address."),
        ("user add ada", PASSWORD, "There is an account called ada already."),
        ("user disable nobody", "", "There is no account called 'nobody'."),
        ("token revoke ada 7", "", "There is no such token"),
        ("team add none ada", "", "There is no team called 'none'."),
        ("programme allow JWST 4098 nobody", "", "There is no account called 'nobody'."),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_code_two(
    skybasket: Command,
    ada: None,  # noqa: ARG001 - made by it
    words: str,
    typed: str,
    sentence: str,
) -> None:
    done = skybasket(words, typed)
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_another_password_ends_the_logins(skybasket: Command, services: Services, ada: None) -> None:  # noqa: ARG001 - made by it
    word = logins.begin(services, 1, "a browser")
    assert skybasket("user password ada", "other words together\n").exit_code == 0
    assert knows(services, "other words together")
    assert logins.find(services, word) is None


def test_disabling_ends_logins_and_tokens(skybasket: Command, services: Services, ada: None) -> None:  # noqa: ARG001 - made by it
    login, token = logins.begin(services, 1, "a browser"), tokens.new(services, 1, "x", ["read"])
    assert skybasket("user disable ada").exit_code == 0
    assert skybasket("user enable ada").exit_code == 0
    assert logins.find(services, login) is None
    with pytest.raises(UserError, match="revoked"):
        tokens.find(services, token)


def test_an_administrator_is_made_and_unmade(skybasket: Command, ada: None) -> None:  # noqa: ARG001 - made by it
    found = []
    for words in ("user admin ada", "user admin ada --off"):
        assert skybasket(words).exit_code == 0
        found.append(listed(skybasket, "user list")[0]["admin"])
    assert found == [True, False]


def test_an_account_is_removed_by_whoever_says_yes(skybasket: Command, ada: None) -> None:  # noqa: ARG001 - made by it
    assert skybasket("user remove ada", "n\n").exit_code == 1
    assert len(listed(skybasket, "user list")) == 1
    assert skybasket("user remove ada", "y\n").exit_code == 0
    assert listed(skybasket, "user list") == []


def test_a_token_alone_is_on_standard_output(skybasket: Command, services: Services, ada: None) -> None:  # noqa: ARG001 - made by it
    done = skybasket("token new ada --for laptop")
    assert done.stdout.count("\n") == 1
    token, account = tokens.find(services, done.stdout.strip())
    assert (account.name, token.name, token.scopes) == ("ada", "laptop", "read download")
    assert done.stdout.strip() not in done.stderr


def test_tokens_are_listed_and_revoked(skybasket: Command, ada: None) -> None:  # noqa: ARG001 - made by it
    word = skybasket("token new ada --for laptop --scope write").stdout.strip()
    (row,) = listed(skybasket, "token list ada")
    assert row == {**row, "id": 1, "last four": word[-4:], "scopes": ["write"], "state": "works"}
    assert skybasket("token revoke ada 1").exit_code == 0
    assert listed(skybasket, "token list ada")[0]["state"] == "revoked"
    assert "laptop" in skybasket("token list ada").stdout


def test_programmes_and_teams_are_allowed_listed_and_denied(skybasket: Command, ada: None) -> None:  # noqa: ARG001 - made by it
    for words in ("team new ours", "team add ours ada", "programme allow jwst 4098 team:ours"):
        assert skybasket(words).exit_code == 0
    done = skybasket("programme allow JWST 4098 ada")
    assert (done.exit_code, done.stdout) == (0, "ada may read JWST 4098.\n")
    assert "Warning: The catalogue has no programme JWST 4098 so far." in done.stderr
    assert listed(skybasket, "team list") == [{"team": "ours", "members": ["ada"]}]
    (row,) = listed(skybasket, "programme list jwst")
    assert (row["programme"], row["readers"]) == ("4098", ["team:ours", "ada"])
    assert listed(skybasket, "programme list HST") == []
    for words in ("programme deny JWST 4098 ada", "team take ours ada", "team remove ours --yes"):
        assert skybasket(words).exit_code == 0
    assert listed(skybasket, "programme list") == listed(skybasket, "team list") == []
