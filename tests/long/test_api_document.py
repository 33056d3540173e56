"""The OpenAPI document against the running application, at length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.conformance import ask

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.webapp import Site

pytestmark = pytest.mark.long


@pytest.mark.parametrize("who", ["nobody", "a token", "a basket key"])
def test_whoever_asks_the_application_is_as_the_document_says(lite: Site, tmp_path: Path, who: str) -> None:
    ask(lite, tmp_path, "--max-examples", "60", "--continue-on-failure", who=who)
