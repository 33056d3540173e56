from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from webapp.ingest.demo import make_demo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo archive, made once for all test processes: make_demo lets the first make it and the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo archive"
    make_demo(folder)
    return folder
