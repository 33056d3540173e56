"""A batch whose worker or child is killed with -9 at random moments ends like one that nobody disturbed."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from jobs.results import read_state
from tests.fixtures.batches import Batch, Gate, working

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.deliveries import Deliveries

pytestmark = pytest.mark.long

MOMENTS = 20


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    gate.open.set()
    yield gate
    gate.close()


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_batch_survives_kills_at_random_moments(
    redis_url: str, deliveries: Deliveries, gate: Gate, moment: int, record_property: pytest.RecordProperty
) -> None:
    chance = random.Random(moment)  # noqa: S311 - a moment, not a secret
    layout = ("files", "zip", "tar", "tar.gz")[moment % 4]
    entries = [deliveries.file(f"HST/{n}/{n}.fits", os.urandom(n * 1_000)) for n in range(200)]
    (deliveries.archive / entries[11].path).unlink()
    whole, batch = (Batch(deliveries, gate, name, entries, layout) for name in ("whole", "batch"))
    whole.submit(redis_url)
    with working(redis_url, "heavy", burst=True):
        _until_more(whole)
        begun = time.monotonic()
        whole.end()
        duration = time.monotonic() - begun
    batch.submit(redis_url)
    waits = [_killed(redis_url, batch, chance, duration) for _ in range(2) if read_state(batch.folder) is None]
    with working(redis_url, "heavy"):
        assert batch.end() == whole.end()
    assert batch.content() == whole.content()
    record_property("seconds until the next worker went on", waits)


def _killed(url: str, batch: Batch, chance: random.Random, duration: float) -> float:
    """Run a worker and kill it or its child at a moment; returns the seconds until it began or went on."""
    begun = time.monotonic()
    with working(url, "heavy") as worker:
        _until_more(batch)
        took = time.monotonic() - begun
        time.sleep(chance.uniform(0, duration))
        victims = [worker.pid, *(child.pid for child in psutil.Process(worker.pid).children())]
        psutil.Process(chance.choice(victims)).kill()
        return took


def _until_more(batch: Batch) -> None:
    """Wait until something happens to a file; or to the bundle, when all files have been read."""
    before = batch.rows()
    parts = batch.stage / ".skybasket" / "bundle.part"
    deadline = time.monotonic() + 30
    while batch.rows() == before and not parts.exists() and read_state(batch.folder) is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
