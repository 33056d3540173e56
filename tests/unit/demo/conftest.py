from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def archive(demo_archive: Path) -> Path:
    """The demo archive, under the name that these tests know it by."""
    return demo_archive
