"""Frozen baskets: what was frozen stays as it was, whatever the catalogue does and whatever caches lose."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, select

from tests.fixtures.holdings import IMAGE, WFPC2, Holdings, file
from webapp import basket_content, basket_copies, baskets, removing, snapshots
from webapp.context import Services
from webapp.errors import UserError
from webapp.inventories import Inventories
from webapp.inventory.storage import DamagedInventory, pack, unpack
from webapp.models import Snapshot
from webapp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Delete, Engine, Update

OWNER = "owner"


@pytest.fixture
def services(engine: Engine, tmp_path: Path) -> Services:
    settings = Settings(home=tmp_path, spool=tmp_path / "spool")
    return Services(settings, engine, Inventories(engine, settings.spool, 10**9))


@pytest.fixture
def holdings(engine: Engine, tmp_path: Path) -> Holdings:
    return Holdings(engine, tmp_path / "archive")


def live(services: Services, holdings: Holdings, *obs_ids: str) -> baskets.Opened:
    basket_id = baskets.create(services, OWNER)
    basket_content.add_observations(services, basket_id, OWNER, [holdings.observations[each] for each in obs_ids])
    return baskets.opened(services, basket_id)


def frozen(services: Services, basket: baskets.Opened, *, of: slice = slice(None)) -> str:
    """All or some of a basket's files, all of them ticked."""
    rows = np.zeros(len(basket.inventory), np.bool_)
    rows[of] = True
    return snapshots.freeze(services, basket, rows, rows, OWNER)


def names(basket: baskets.Opened) -> list[str]:
    return [basket.inventory.name(row) for row in np.flatnonzero(~basket.removed)]


def forget(services: Services) -> None:
    """As another process does after the spool was emptied."""
    services.inventories._kept.clear()
    shutil.rmtree(services.settings.spool, ignore_errors=True)


def test_a_frozen_basket_holds_the_rows_that_were_frozen_and_their_ticks(
    services: Services, holdings: Holdings
) -> None:
    basket = live(services, holdings, WFPC2)
    found = baskets.opened(services, frozen(services, basket, of=slice(1, 3)))
    assert names(found) == names(basket)[1:3]
    assert found.selection.tolist() == [False, True, True, False, False]
    assert found.row.files == 2


def test_a_frozen_basket_stays_when_files_come_and_go(services: Services, holdings: Holdings) -> None:
    basket = live(services, holdings, WFPC2)
    basket_id = frozen(services, basket)
    holdings.withdraw(f"{WFPC2}_c0f.fits")
    holdings.add(file(f"{WFPC2}_a0f.fits", WFPC2, mission="HST", folder=WFPC2, group="A0F", level=2))
    assert names(baskets.opened(services, basket_id)) == names(basket)


def test_a_frozen_basket_is_read_from_the_database_when_every_cache_is_lost(
    services: Services, holdings: Holdings
) -> None:
    basket = live(services, holdings, WFPC2, IMAGE)
    basket_id = frozen(services, basket)
    holdings.withdraw(f"{WFPC2}_c0f.fits")
    forget(services)
    found = baskets.opened(services, basket_id)
    assert (names(found), found.inventory.digest) == (names(basket), basket.inventory.digest)
    assert (services.settings.spool / "inventories" / found.inventory.digest).is_dir()


def test_one_inventory_is_kept_once_however_often_it_is_frozen(services: Services, holdings: Holdings) -> None:
    basket = live(services, holdings, WFPC2)
    ids = {frozen(services, basket, of=slice(each)) for each in range(1, 4)}
    with Session(services.engine) as session:
        kept = session.exec(select(Snapshot.digest)).all()
    assert (len(ids), kept) == (3, [basket.inventory.digest])


def test_one_inventory_can_be_frozen_by_several_at_once(services: Services, holdings: Holdings) -> None:
    basket = live(services, holdings, WFPC2)
    together, ids = threading.Barrier(4), []

    def run() -> None:
        together.wait(10)
        ids.append(frozen(services, basket))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 4


def test_a_frozen_basket_is_not_the_one_that_a_session_works_with(
    services: Services, holdings: Holdings, at: Callable[[int], None]
) -> None:
    at(1)
    basket = live(services, holdings, WFPC2)
    at(2)
    frozen(services, basket)
    current = baskets.current(services, OWNER)
    assert current
    assert (current.id, current.files) == (basket.row.id, 5)


def test_the_owner_can_change_the_ticks_of_a_frozen_basket(services: Services, holdings: Holdings) -> None:
    basket_id = frozen(services, live(services, holdings, WFPC2))
    baskets.change(services, basket_id, OWNER, lambda found: baskets.Bits(~found.selection, found.removed))
    assert not baskets.opened(services, basket_id).selection.any()


def test_a_stranger_cannot_change_the_ticks_of_a_frozen_basket(services: Services, holdings: Holdings) -> None:
    basket_id = frozen(services, live(services, holdings, WFPC2))
    with pytest.raises(UserError) as caught:
        baskets.change(services, basket_id, "other", lambda found: baskets.Bits(~found.selection, found.removed))
    assert caught.value.status == 403


@pytest.mark.parametrize(
    "change",
    [
        lambda services, id_, ids: basket_content.add_observations(services, id_, OWNER, ids),
        lambda services, id_, ids: basket_content.change_observations(services, id_, OWNER, remove=ids),
        lambda services, id_, _ids: basket_content.remove_all(services, id_, OWNER),
        lambda services, id_, _ids: removing.remove(services, id_, OWNER, lambda found: found.selection),
    ],
    ids=["add", "remove observations", "remove all", "remove files"],
)
def test_what_is_in_a_frozen_basket_cannot_be_changed_by_its_owner(
    services: Services, holdings: Holdings, change: Callable[[Services, str, list[int]], object]
) -> None:
    basket = live(services, holdings, WFPC2)
    basket_id = frozen(services, basket)
    with pytest.raises(UserError) as caught:
        change(services, basket_id, [holdings.observations[WFPC2]])
    assert caught.value.status == 409
    assert names(baskets.opened(services, basket_id)) == names(basket)


def test_putting_more_than_a_basket_holds_puts_nothing(services: Services, holdings: Holdings) -> None:
    source = frozen(services, live(services, holdings, WFPC2))
    small = replace(services, settings=replace(services.settings, basket_files=4))
    target = baskets.create(services, "other")
    with pytest.raises(UserError) as caught:
        basket_copies.put(small, source, "other")
    assert caught.value.sentence == "With these files the basket would hold 5 files; one basket holds 4."
    assert len(baskets.opened(services, target).inventory) == 0


def test_the_frozen_basket_of_nobody_is_not_there_without_its_share(services: Services, holdings: Holdings) -> None:
    basket = live(services, holdings, WFPC2)
    all_rows = np.ones(len(basket.inventory), np.bool_)
    basket_id = snapshots.freeze(services, basket, all_rows, all_rows, baskets.NOBODY)
    with pytest.raises(UserError) as caught:
        baskets.opened(services, basket_id)
    assert caught.value.status == 404


def test_an_inventory_is_the_same_after_packing(services: Services, holdings: Holdings) -> None:
    inventory = live(services, holdings, WFPC2, IMAGE).inventory
    again = unpack(pack(inventory))
    assert (again.digest, again.folders, again.kinds) == (inventory.digest, inventory.folders, inventory.kinds)


@pytest.mark.parametrize("data", [b"", b"damaged", None], ids=["empty", "other bytes", "cut short"])
def test_packed_bytes_that_are_damaged_are_refused(services: Services, holdings: Holdings, data: bytes | None) -> None:
    packed = pack(live(services, holdings, WFPC2).inventory)
    with pytest.raises(DamagedInventory):
        unpack(packed[:-9] if data is None else data)


@pytest.mark.parametrize(
    "damage", [update(Snapshot).values(content=b"damaged"), delete(Snapshot)], ids=["bytes", "gone"]
)
def test_a_kept_inventory_that_is_damaged_is_a_sentence(
    services: Services, holdings: Holdings, damage: Update | Delete
) -> None:
    basket_id = frozen(services, live(services, holdings, WFPC2))
    with Session(services.engine) as session:
        session.execute(damage)
        session.commit()
    forget(services)
    with pytest.raises(UserError) as caught:
        baskets.opened(services, basket_id)
    assert caught.value.status == 500
