from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from webapp import clock_process
from webapp.context import Services
from webapp.inventories import Inventories
from webapp.settings import Settings

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Engine


NOWHERE = Path("/nonexistent")


class Chore:
    """Fails as long as it is told to."""

    def __init__(self, name: str, *failures: str | None) -> None:
        self.__name__ = name
        self.failures = list(failures)
        self.runs = 0

    def __call__(self, _services: Services) -> None:
        self.runs += 1
        if self.failures and (failure := self.failures.pop(0)):
            raise RuntimeError(failure)


def services_on(engine: Engine) -> Services:
    settings = Settings(spool=NOWHERE, stage=NOWHERE)
    return Services(settings, engine, Inventories(engine, settings.spool, settings.inventory_cache_bytes))


def ticks(engine: Engine, count: int, *chores: clock_process.Chore) -> None:
    services = services_on(engine)
    failures: dict[clock_process.Chore, str] = {}
    for _ in range(count):
        clock_process.tick(services, chores, failures)


def test_a_chore_that_fails_keeps_no_other_from_running(sqlite_engine: Engine) -> None:
    good = Chore("good")
    ticks(sqlite_engine, 1, Chore("bad", "broken"), good)
    assert good.runs == 1


def test_a_failure_is_one_line_in_the_log(sqlite_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    ticks(sqlite_engine, 1, Chore("bad", "broken\nin two lines"))
    assert caplog.messages == ["bad failed and will be tried again: RuntimeError: broken in two lines"]


def test_a_repeated_failure_is_said_once_and_its_end_too(
    sqlite_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    ticks(sqlite_engine, 4, Chore("bad", "broken", "broken", "broken"))
    assert caplog.messages == [
        "bad failed and will be tried again: RuntimeError: broken",
        "bad works again.",
    ]


def test_a_chore_for_now_and_then_is_not_done_at_every_tick(sqlite_engine: Engine) -> None:
    chore = Chore("seldom")
    ticks(sqlite_engine, 3, clock_process.seldom(chore))
    assert chore.runs == 1


def test_a_chore_for_now_and_then_that_failed_is_done_again_at_the_next_tick(sqlite_engine: Engine) -> None:
    chore = Chore("seldom", "broken")
    ticks(sqlite_engine, 3, clock_process.seldom(chore))
    assert chore.runs == 2


def test_the_clock_does_all_chores_on_an_empty_database(sqlite_engine: Engine) -> None:
    failures: dict[clock_process.Chore, str] = {}
    clock_process.tick(services_on(sqlite_engine), clock_process.CHORES, failures)
    assert not failures
