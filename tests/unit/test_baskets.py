"""Baskets below the pages: what two writers at once do, and limits."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2, Holdings
from webapp import basket_content, baskets
from webapp.context import Services
from webapp.errors import UserError
from webapp.inventories import Inventories
from webapp.models import InventoryOrder
from webapp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

OWNER = "owner"


@pytest.fixture
def services(engine: Engine, tmp_path: Path) -> Services:
    settings = Settings(home=tmp_path, spool=tmp_path / "spool", basket_files=10)
    return Services(settings, engine, Inventories(engine, settings.spool, 10**9))


@pytest.fixture
def holdings(engine: Engine, tmp_path: Path) -> Holdings:
    return Holdings(engine, tmp_path / "archive")


def basket(services: Services, holdings: Holdings, *obs_ids: str) -> str:
    basket_id = baskets.create(services, OWNER)
    ids = [holdings.observations[obs_id] for obs_id in obs_ids]
    basket_content.add_observations(services, basket_id, OWNER, ids)
    return basket_id


def at_once(count: int, work: Callable[[], object]) -> list[object]:
    """What so many threads that begin together get, errors included."""
    together, seen = threading.Barrier(count), []

    def run() -> None:
        together.wait(10)
        try:
            seen.append(work())
        except Exception as error:  # noqa: BLE001 - is what is looked at
            seen.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


class Meeting:
    """Two connections that send a statement beginning like this wait for each other, once."""

    def __init__(self, engine: Engine, beginning: str) -> None:
        self.engine, self.beginning = engine, beginning
        self.barrier = threading.Barrier(2)
        self.met = threading.local()

    def __enter__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._meet)

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._meet)

    def _meet(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(self.beginning) and not getattr(self.met, "once", False):
            self.met.once = True
            self.barrier.wait(10)


@pytest.fixture
def on_postgres(postgres_engine: Engine, tmp_path: Path) -> Iterator[tuple[Services, Holdings]]:
    """There two writers really run at once; SQLite lets them in one by one."""
    settings = Settings(home=tmp_path, spool=tmp_path / "spool")
    made = Services(settings, postgres_engine, Inventories(postgres_engine, settings.spool, 10**9))
    yield made, Holdings(postgres_engine, tmp_path / "archive")
    postgres_engine.dispose()


def test_two_baskets_with_the_same_content_can_be_opened_for_the_first_time_at_once(
    on_postgres: tuple[Services, Holdings],
) -> None:
    services, holdings = on_postgres
    ids = iter([basket(services, holdings, WFPC2) for _ in range(2)])
    with Meeting(services.engine, "INSERT INTO inventory_order"):
        seen = at_once(2, lambda: len(baskets.opened(services, next(ids)).inventory))
    assert seen == [5, 5]
    with Session(services.engine) as session:
        assert len(session.exec(select(InventoryOrder.digest)).all()) == 1


def test_an_observation_that_is_added_twice_at_once_is_there_once(services: Services, holdings: Holdings) -> None:
    basket_id = baskets.create(services, OWNER)
    ids = [holdings.observations[IMAGE]]
    seen = at_once(4, lambda: basket_content.add_observations(services, basket_id, OWNER, ids).new)
    assert sorted(map(str, seen)) == ["0", "0", "0", "1"]


def test_a_step_that_is_undone_twice_at_once_is_undone_once(services: Services, holdings: Holdings) -> None:
    basket_id = basket(services, holdings, WFPC2)
    step = basket_content.remove_all(services, basket_id, OWNER).step
    assert step is not None
    seen = at_once(4, lambda: basket_content.undo(services, basket_id, OWNER, step).sentence.partition(":")[0])
    assert sorted(map(str, seen)) == ["Already undone", "Already undone", "Already undone", "Undone"]
    assert len(baskets.opened(services, basket_id).inventory) == 5


def test_ticks_and_additions_at_once_all_count(services: Services, holdings: Holdings) -> None:
    services = replace(services, settings=replace(services.settings, basket_files=100))
    basket_id = basket(services, holdings, WFPC2)
    rows, others = iter(range(4)), iter([IMAGE, EXPOSURE])

    def tick() -> None:
        row = next(rows)

        def operation(found: baskets.Opened) -> baskets.Bits:
            wanted = found.inventory.product == products[row]
            return baskets.Bits(found.selection | wanted, found.removed)

        baskets.change(services, basket_id, OWNER, operation)

    def add() -> None:
        ids = [holdings.observations[next(others)]]
        basket_content.add_observations(services, basket_id, OWNER, ids)

    products = baskets.opened(services, basket_id).inventory.product.copy()
    work = iter([tick, add, tick, tick, add, tick])
    lock = threading.Lock()

    def run() -> None:
        with lock:
            task = next(work)
        task()

    assert at_once(6, run) == [None] * 6
    found = baskets.opened(services, basket_id)
    assert int(found.selection.sum()) == 4
    assert len(found.inventory) == 14


def test_a_change_that_others_never_let_through_is_a_sentence(services: Services, holdings: Holdings) -> None:
    basket_id = basket(services, holdings, WFPC2)

    def again(found: baskets.Opened) -> baskets.Bits:
        return baskets.Bits(~found.selection, found.removed)

    def overtaken(found: baskets.Opened) -> baskets.Bits:
        baskets.change(services, basket_id, OWNER, again)
        return again(found)

    with pytest.raises(UserError) as caught:
        baskets.change(services, basket_id, OWNER, overtaken)
    assert caught.value.status == 503


def test_a_change_that_changes_nothing_is_no_new_version(services: Services, holdings: Holdings) -> None:
    basket_id = basket(services, holdings, WFPC2)
    before = baskets.opened(services, basket_id).row.version
    baskets.change(services, basket_id, OWNER, lambda found: baskets.Bits(found.selection, found.removed))
    assert baskets.opened(services, basket_id).row.version == before


def test_a_basket_holds_so_many_files_and_no_more(services: Services, holdings: Holdings) -> None:
    basket_id = basket(services, holdings, WFPC2)
    with pytest.raises(UserError) as caught:
        basket_content.add_observations(services, basket_id, OWNER, [holdings.observations[IMAGE]])
    assert caught.value.status == 422
    assert caught.value.sentence.endswith("one basket holds 10.")
    assert len(baskets.opened(services, basket_id).inventory) == 5


def test_files_that_observations_share_count_once_towards_the_limit(services: Services, holdings: Holdings) -> None:
    basket_id = basket(services, holdings, IMAGE, EXPOSURE)  # 7 and 4 links: one file is in both, one withdrawn
    assert len(baskets.opened(services, basket_id).inventory) == 9


def test_an_observation_that_is_there_already_adds_no_step(services: Services, holdings: Holdings) -> None:
    basket_id = basket(services, holdings, OTHER_EXPOSURE)
    added = basket_content.add_observations(services, basket_id, OWNER, [holdings.observations[OTHER_EXPOSURE]] * 2)
    assert (added.new, added.already, added.step) == (0, 1, None)


def working_in(services: Services) -> str:
    found = baskets.current(services, OWNER)
    return found.id if found else ""


def test_the_basket_of_a_session_is_the_one_that_it_changed_last(
    services: Services, holdings: Holdings, at: Callable[[int], None]
) -> None:
    at(1)
    first = basket(services, holdings, WFPC2)
    at(2)
    second = basket(services, holdings, OTHER_EXPOSURE)
    assert working_in(services) == second
    at(3)
    basket_content.add_observations(services, first, OWNER, [holdings.observations[OTHER_EXPOSURE]])
    assert working_in(services) == first


def test_a_session_that_never_changed_anything_has_no_basket(services: Services) -> None:
    assert baskets.current(services, None) is None
