"""``skybasket doctor`` against real folders, databases and a real Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from webapp.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.fixtures.valkey import Valkey


@pytest.fixture
def healthy(tmp_path: Path, sqlite_template: Path, valkey: Valkey) -> dict[str, str]:
    """The settings of an installation that is in order."""
    (tmp_path / "archive").mkdir()
    return {
        "SKYBASKET_HOME": str(tmp_path / "home"),
        "SKYBASKET_DATABASE_URL": f"sqlite:///{sqlite_template}",
        "SKYBASKET_REDIS_URL": valkey.url,
        "SKYBASKET_STORES": f"mast:={tmp_path / 'archive'}",
    }


def doctor(settings: dict[str, str]) -> Result:
    return CliRunner().invoke(main, ["doctor"], env=settings)


def test_an_installation_in_order_gets_exit_code_0_and_an_ok_for_each_part(healthy: dict[str, str]) -> None:
    result = doctor(healthy)
    lines = [line.split(": ")[0] for line in result.output.splitlines()]
    parts = ["Python", "Secret", "Database", "Queue", "Store mast:", "Spool", "Stage"]
    assert lines == [f"ok     {part}" for part in parts]
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("SKYBASKET_SECRET", "short", "WRONG  Secret: it is shorter than 16 characters."),
        ("SKYBASKET_DATABASE_URL", "sqlite:////nowhere/x.db", "       Run: skybasket init"),
        ("SKYBASKET_DATABASE_URL", "postgresql://127.0.0.1:1/x", "       Check SKYBASKET_DATABASE_URL."),
        ("SKYBASKET_REDIS_URL", "redis://127.0.0.1:1", "       Start it, or check SKYBASKET_REDIS_URL."),
        ("SKYBASKET_STORES", "mast:=/nowhere", "WRONG  Store mast:: the folder /nowhere cannot be read."),
        ("SKYBASKET_STORES", "mast:=ftp://host/", "       Mount it, or check SKYBASKET_STORES."),
        ("SKYBASKET_SPOOL", "/dev/null/spool", "       Set SKYBASKET_SPOOL to a folder of yours."),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(healthy: dict[str, str], setting: str, value: str, said: str) -> None:
    result = doctor(healthy | {setting: value})
    assert said in result.output.splitlines()
    assert result.exit_code == 1


def test_a_database_without_tables_is_wrong(healthy: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    result = doctor(healthy | {"SKYBASKET_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"})
    assert "has older tables than this version." in result.output


def test_a_password_is_never_shown(healthy: dict[str, str]) -> None:
    result = doctor(healthy | {"SKYBASKET_DATABASE_URL": "postgresql://me:s3cret@127.0.0.1:1/x"})
    assert "s3cret" not in result.output


def test_a_secret_that_others_can_read_is_wrong(healthy: dict[str, str], tmp_path: Path) -> None:
    doctor(healthy)
    (tmp_path / "home" / "secret").chmod(0o644)
    assert "others can read" in doctor(healthy).output
