"""The script for wget under every shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import SHELLS
from tests.fixtures.simple_scripts import Script, troubled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive

pytestmark = pytest.mark.long


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_all_files(archive: Archive, tmp_path: Path, shell: str) -> None:
    script = Script(tmp_path, archive, "wget")
    script.write(*troubled(archive))
    run = script.run(shell=shell)
    assert (run.last_line, run.code) == ("19 of 19 OK, 0 failed", 0)
    assert all(script.right())
