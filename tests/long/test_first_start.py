"""The first start of all: an empty home, the demo archive, and a second start that finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.fixtures.up import Up, free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.long


def test_a_first_start_makes_the_demo_archive_and_a_second_one_finds_it(tmp_path: Path) -> None:
    port = free_port()
    with Up(tmp_path / "home", port) as first:
        first.ready()
        assert "TESS" in httpx.get(f"http://127.0.0.1:{port}/").text
        first.process.terminate()
        first.end()
    with Up(tmp_path / "home", port) as second:
        assert "is empty" not in second.ready().said
