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
    assert client.status(valkey.url, "d1") == ("Queued", 500, 1_000, None)


@pytest.mark.usefixtures("running")
def test_a_lost_connection_does_not_end_the_job(valkey: Valkey) -> None:
    told = progress.Progress(1_000)
    valkey.stop()
    told.at(500)
    valkey.start()
    told.at(600)  # not again so soon
    assert client.status(valkey.url, "d1") == ("Queued", None, None, None)


def test_outside_a_worker_progress_goes_nowhere() -> None:
    progress.Progress(10).at(5)
