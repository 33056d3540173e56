from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.job import Job, _current_job
from rq.serializers import JSONSerializer

from jobs import client, progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.valkey import Valkey


@pytest.fixture
def running(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    """A job as its worker sees it while it runs, with progress written at once."""
    monkeypatch.setattr(progress, "INTERVAL", -1)
    connection = Redis.from_url(valkey.url, retry=Retry(NoBackoff(), 0))
    job = Job.create("jobs.tasks.prepare_script", id="d1", connection=connection, serializer=JSONSerializer)
    job.save()
    token = _current_job.set(job)
    yield job
    _current_job.reset(token)
    connection.close()


def test_progress_is_seen_by_the_web(valkey: Valkey, running: Job) -> None:
    progress.Progress(1_000).at(500)
    assert running.id == "d1"
    assert client.status(valkey.url, "d1") == client.JobStatus("Queued", 500, 1_000)


@pytest.mark.usefixtures("running")
def test_bytes_their_rate_and_the_time_left_are_seen_by_the_web(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    told = progress.Progress(10, 100_000_000, bytes_before=20_000_000)
    for now, done in ((1_010.0, 30_000_000), (1_030.0, 40_000_000), (1_050.0, 60_000_000)):  # noqa: B007 - read above
        told.at(5, done)
    found = client.status(valkey.url, "d1")
    assert found is not None
    assert (found.done_bytes, found.total_bytes, found.rate) == (60_000_000, 100_000_000, 750_000)
    assert found.seconds_left == 53


@pytest.mark.usefixtures("running")
def test_a_lost_connection_does_not_end_the_job(valkey: Valkey) -> None:
    told = progress.Progress(1_000)
    valkey.stop()
    told.at(500)
    valkey.start()
    told.at(600)  # not again so soon
    assert client.status(valkey.url, "d1") == client.JobStatus("Queued")


def test_outside_a_worker_progress_goes_nowhere() -> None:
    progress.Progress(10).at(5)
