"""Commands that write say first which catalogue they write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from webapp.cli import main
from webapp.commands.catalogue import place
from webapp.db import engine_for

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "arguments", [["init"], ["checksum"], ["ingest", "table", "none.csv"], ["ingest", "fits", "none"]]
)
def test_a_command_that_writes_begins_with_the_catalogue(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, arguments, env={"SKYBASKET_HOME": str(tmp_path)})
    assert done.output.splitlines()[0] == f"Catalogue: {tmp_path / 'skybasket.db'}"


def test_a_password_is_not_shown() -> None:
    engine = engine_for("postgresql+psycopg://me:secret@host/db?sslpassword=secret")
    assert place(engine) == "postgresql+psycopg://me:***@host/db"
    engine.dispose()
