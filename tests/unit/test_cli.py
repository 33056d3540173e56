from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from webapp import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(cli.main, [name, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: main {name}")


def test_an_unusable_setting_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    environment = {"SKYBASKET_HOME": str(tmp_path), "SKYBASKET_PART_FILES": "many"}
    result = CliRunner().invoke(cli.main, ["doctor"], env=environment)
    assert (result.exit_code, result.stderr) == (
        2,
        "The setting SKYBASKET_PART_FILES cannot be 'many'; it is a whole number above 0.\n",
    )


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(cli.main, ["lauch"])
    assert result.exit_code == 2
    assert "No such command 'lauch'" in result.stderr
