"""Batches through a real queue with real workers, which are killed in the middle and lose their queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest
from redis import Redis

from jobs import client
from jobs.results import read_state
from tests.fixtures.batches import FILES, until, working

if TYPE_CHECKING:
    from tests.fixtures.batches import Batch, Batches
    from tests.fixtures.valkey import Valkey


def state_of(url: str, batch: Batch) -> str | None:
    found = client.status(url, batch.name)
    return found.state if found else None


def the_same(one: Batch, other: Batch) -> None:
    assert one.end() == other.end()
    assert one.content() == other.content()


@pytest.mark.parametrize(
    ("victim", "layout"),
    [
        ("worker", "files"),
        pytest.param("child", "files", marks=pytest.mark.long),
        pytest.param("worker", "zip", marks=pytest.mark.long),
    ],
)
def test_a_batch_that_was_killed_ends_like_one_that_nobody_disturbed(
    redis_url: str, batches: Batches, victim: str, layout: str
) -> None:
    batches.layout = layout
    batch = batches.batch()
    with working(redis_url, "heavy") as worker:
        whole = batches.undisturbed(redis_url)
        batch.submit(redis_url)
        batch.until_halfway()
        (child,) = psutil.Process(worker.pid).children()
        if layout == "files":  # a bundle is made of the sources, once all have been verified
            batches.lose_a_source()
        if victim == "child":
            batches.gate.open.set()
            child.kill()
        else:
            worker.kill()
        psutil.wait_procs([child], 30)
        if victim == "child":
            the_same(batch, whole)
    if victim == "worker":
        assert not (batch.stage / "HST" / "gated.fits").exists()
        batches.gate.open.set()
        with working(redis_url, "heavy"):
            the_same(batch, whole)


def test_a_cancelled_batch_stops_and_a_retry_goes_on_from_it(redis_url: str, batches: Batches) -> None:
    batch = batches.batch()
    with working(redis_url, "heavy"):
        whole = batches.undisturbed(redis_url)
        batch.submit(redis_url)
        batch.until_halfway()
        client.cancel(redis_url, batch.name)
        until(lambda: state_of(redis_url, batch) == "Cancelled")
        assert read_state(batch.folder) is None
        assert not (batch.stage / "HST" / "gated.fits").exists()
        batches.lose_a_source()
        batches.gate.open.set()
        batch.submit(redis_url)
        the_same(batch, whole)


def test_a_batch_goes_on_while_its_queue_is_restarted(valkey: Valkey, batches: Batches) -> None:
    batch = batches.batch()
    with working(valkey.url, "heavy"):
        whole = batches.undisturbed(valkey.url)
        batch.submit(valkey.url)
        batch.until_halfway()
        valkey.stop()
        valkey.start()
        batches.gate.open.set()
        the_same(batch, whole)
        until(lambda: state_of(valkey.url, batch) == "Ended")


def test_a_batch_can_end_while_its_queue_is_down(valkey: Valkey, batches: Batches) -> None:
    batch = batches.batch()
    with working(valkey.url, "heavy"):
        whole = batches.undisturbed(valkey.url)
        batch.submit(valkey.url)
        batch.until_halfway()
        valkey.stop()
        batches.gate.open.set()
        the_same(batch, whole)
        valkey.start()
        until(lambda: state_of(valkey.url, batch) == "Ended")


def test_a_batch_goes_on_when_its_queue_was_emptied_and_it_was_submitted_again(
    valkey: Valkey, batches: Batches
) -> None:
    batch = batches.batch()
    with working(valkey.url, "heavy"), working(valkey.url, "heavy"):
        whole = batches.undisturbed(valkey.url)
        batch.submit(valkey.url)
        batch.until_halfway()
        with Redis.from_url(valkey.url) as redis:
            redis.flushall()
        assert client.status(valkey.url, batch.name) is None
        batch.submit(valkey.url)
        until(lambda: state_of(valkey.url, batch) == "Preparing")
        batches.gate.open.set()
        the_same(batch, whole)
        until(lambda: state_of(valkey.url, batch) == "Ended")


def test_files_and_bytes_done_are_told_while_a_batch_runs(redis_url: str, batches: Batches) -> None:
    batch = batches.batch()
    with working(redis_url, "heavy"):
        batch.submit(redis_url)
        batch.until_halfway()
        found = until(lambda: (s := client.status(redis_url, batch.name)) and s.done == FILES and s)
    assert found.total == FILES + 1
    assert found.done_bytes == sum(
        entry.size or 0 for entry in (*batch.entries[:3], *batch.entries[6:], batch.entries[4])
    )
    assert found.total_bytes == sum(entry.size or 0 for entry in batch.entries)


def test_a_job_with_a_state_of_its_own_stops_without_a_word(redis_url: str, batches: Batches) -> None:
    batch = batches.batch()
    with working(redis_url, "heavy"):
        batch.submit(redis_url)
        batch.until_halfway()
        state = '{"state": "Cancelled", "sentence": "", "files": 0, "bytes": 0, "artefacts": [], "finished_at": 1}'
        (batch.folder / "state.json").write_text(state)
        batches.gate.open.set()
        until(lambda: state_of(redis_url, batch) == "Ended")
    assert (batch.folder / "state.json").read_text() == state
    assert not (batch.stage / "receipt.csv").exists()
