"""Staged files by their paths: all that was staged, and nothing else that is on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE
from webapp.staging_room import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site


@pytest.fixture
def visitor(queued: Site) -> Visitor:
    return queued.visitor()


@pytest.fixture
def url(queued: Site, visitor: Visitor) -> str:
    """A batch that is Ready."""
    base = visitor.basket(IMAGE)
    visitor.tick(base, queued.holdings[f"{IMAGE}_i2d.fits"].path)
    url = visitor.post(f"{base}/deliveries", {"as": "batch/files", "back": "mrp=0"}).location
    queued.work()
    return url


@pytest.fixture
def folder(queued: Site, url: str) -> Path:
    return folder_of(queued.settings, url.rpartition("/")[2])


def test_a_file_whose_name_begins_with_a_dot_can_be_fetched(visitor: Visitor, url: str, folder: Path) -> None:
    (folder / "JWST" / ".x.fits").write_bytes(b"staged")
    with visitor.get(f"{url}/JWST/.x.fits").response as answer:
        assert answer.data == b"staged"


@pytest.mark.parametrize("name", [".skybasket/0.part", "./.skybasket/0.part", "JWST/../.skybasket/0.part"])
def test_a_file_that_is_not_complete_cannot_be_fetched(visitor: Visitor, url: str, folder: Path, name: str) -> None:
    (folder / ".skybasket").mkdir()
    (folder / ".skybasket" / "0.part").write_bytes(b"half")
    visitor.get(f"{url}/{name}", status=404)


@pytest.mark.parametrize("name", ["out", "out/passwd", "../x", "JWST", "x" * 300, "x/" * 2_500])
def test_what_leads_out_or_is_no_file_cannot_be_fetched(visitor: Visitor, url: str, folder: Path, name: str) -> None:
    (folder / "out").symlink_to("/etc")
    visitor.get(f"{url}/{name}", status=404)
