"""Inventories in the spool: shared by processes, and built anew where they are damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import EXPOSURE
from webapp.db import reading
from webapp.inventories import Inventories
from webapp.inventory.storage import load
from webapp.spool import MARKER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.webapp import Site


@pytest.fixture
def basket(lite: Site) -> str:
    """A basket whose inventory is in the spool."""
    visitor = lite.visitor()
    base = visitor.basket(EXPOSURE)
    visitor.get(base)
    return base.rpartition("/")[2]


@pytest.fixture
def saved(lite: Site, basket: str) -> Path:  # noqa: ARG001 - the page has been asked for
    """Where the spool has the inventory."""
    (folder,) = (lite.settings.spool / "inventories").iterdir()
    return folder


def another_process(site: Site) -> Inventories:
    return Inventories(site.services.engine, site.settings.spool, site.settings.inventory_cache_bytes)


def test_what_one_process_built_another_finds(lite: Site, saved: Path) -> None:
    found = another_process(lite).get(saved.name)
    assert found is not None
    assert found.digest == saved.name


def test_one_that_is_opened_is_marked_as_used_so_that_it_is_kept_longer(lite: Site, saved: Path) -> None:
    another_process(lite).get(saved.name)
    assert (saved / MARKER).exists()


def test_an_unknown_inventory_is_not_found(lite: Site) -> None:
    assert another_process(lite).get("0" * 64) is None


def test_a_damaged_inventory_is_built_and_saved_anew(lite: Site, basket: str, saved: Path) -> None:
    (saved / "size.npy").write_bytes(b"")
    process = another_process(lite)
    assert process.get(saved.name) is None
    with reading(lite.services.engine) as session:
        process.build(session, basket)
    assert load(saved).digest == saved.name


def test_a_basket_whose_products_are_all_withdrawn_is_empty(lite: Site) -> None:
    for file in lite.holdings.of(EXPOSURE):
        lite.holdings.withdraw(file.name)
    visitor = lite.visitor()
    assert visitor.get(f"{visitor.basket(EXPOSURE)}?mrp=0").rows == []
