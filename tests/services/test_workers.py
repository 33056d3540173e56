"""Two queues: short jobs do not wait for long ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
from redis import Redis

from jobs import client
from jobs.results import read_state
from tests.fixtures.batches import ROOT, SECONDS, until, working

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.batches import Batches
    from tests.fixtures.deliveries import Deliveries


def test_a_short_job_does_not_wait_for_a_long_one(redis_url: str, batches: Batches, deliveries: Deliveries) -> None:
    batch, script = batches.batch(), deliveries.folder(deliveries.file(), name="script")
    with working(redis_url, "quick", "heavy"):
        batch.submit(redis_url)
        batch.until_halfway()
        client.submit(redis_url, "prepare_script", job_id="s", timeout=60, kwargs=deliveries.kwargs(script))
        assert until(lambda: read_state(script)).state == "Ready"
        assert read_state(batch.folder) is None


def test_the_place_in_a_queue_is_counted_in_that_queue(redis_url: str, batches: Batches) -> None:
    for name, queue in (("q1", "quick"), ("q2", "quick"), ("h1", "heavy")):
        batches.batch(name).submit(redis_url, queue)
    found = {name: client.status(redis_url, name) for name in ("q1", "q2", "h1")}
    assert {name: status.position for name, status in found.items() if status} == {"q1": 0, "q2": 1, "h1": 0}


def test_workers_told_to_stop_all_end(redis_url: str) -> None:
    with working(redis_url, "quick", "heavy") as workers:
        children = until(lambda: len(found := psutil.Process(workers.pid).children()) == 2 and found)
        until(lambda: registered(redis_url) == 2)
        workers.send_signal(signal.SIGTERM)
        assert workers.wait(SECONDS) == 0
    assert not any(child.is_running() for child in children)


def test_the_death_of_one_worker_ends_the_others_and_is_an_error(redis_url: str) -> None:
    with working(redis_url, "quick", "heavy") as workers:
        until(lambda: registered(redis_url) == 2)
        one, other = psutil.Process(workers.pid).children()
        one.kill()
        assert workers.wait(SECONDS) == 1
    assert not other.is_running()


def test_the_command_serves_both_queues_by_default(redis_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "SKYBASKET_REDIS_URL": redis_url, "SKYBASKET_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "webapp.cli", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as workers:
        try:
            until(lambda: registered(redis_url) == 2)
            with Redis.from_url(redis_url) as redis:
                queues = {queue: int(redis.scard(f"rq:workers:{queue}")) for queue in ("quick", "heavy")}
        finally:
            workers.terminate()
    assert (queues, workers.returncode) == ({"quick": 1, "heavy": 1}, 0)


def registered(url: str) -> int:
    """Workers that have told the queue of themselves."""
    with Redis.from_url(url) as redis:
        return int(redis.scard("rq:workers"))
