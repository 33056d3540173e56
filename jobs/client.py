"""The only door from the web to the queue: submit, status, cancel, and how it stands. RQ does not show through it.

What goes into the queue are names and primitives as JSON, never objects of ours. Every call ends within a few seconds,
and raises QueueError with a sentence if the queue does not answer.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, WatchError
from redis.retry import Retry as ConnectionRetry
from rq import Queue, Retry, Worker
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.job import JobStatus as RqStatus
from rq.serializers import JSONSerializer

from jobs.errors import QueueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 3.0
RUNS = 5  # of a job whose worker was killed, before it counts as failed

QUEUED = "Queued"
PREPARING = "Preparing"
ENDED = "Ended"
FAILED = "Failed"
CANCELLED = "Cancelled"

_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_STATES = {
    RqStatus.STARTED: PREPARING,
    RqStatus.FINISHED: ENDED,
    RqStatus.FAILED: FAILED,
    RqStatus.STOPPED: CANCELLED,
    RqStatus.CANCELED: CANCELLED,
}
_OVER = frozenset({ENDED, FAILED, CANCELLED})


class JobStatus(NamedTuple):
    """What the queue knows of a job. ``Ended`` says only that it ran: how it went is in its folder (jobs.results)."""

    state: str  # Queued, Preparing, Ended, Failed, Cancelled
    done: int | None = None  # files
    total: int | None = None  # files
    position: int | None = None  # jobs before it in its queue, while Queued
    done_bytes: int | None = None  # of jobs that copy
    total_bytes: int | None = None  # of the files whose size is known
    rate: int | None = None  # bytes per second of late

    @property
    def seconds_left(self) -> int | None:
        """How long it will still take at this rate; None if that cannot be told."""
        if not self.rate or self.done_bytes is None or self.total_bytes is None:
            return None
        return max(0, self.total_bytes - self.done_bytes) // self.rate


class QueueState(NamedTuple):
    """How many jobs of a queue wait, run, and failed of late."""

    name: str
    waiting: int
    running: int
    failed: int


class WorkerState(NamedTuple):
    """A worker that is there, what it listens to, and how many jobs it has done since it started."""

    name: str
    is_busy: bool
    queues: tuple[str, ...]
    done: int
    failed: int


def submit(
    redis_url: str, task: str, *, job_id: str, queue: str = "quick", timeout: int, kwargs: dict[str, Any]
) -> None:
    """Enqueue ``jobs.tasks.<task>(**kwargs)`` unless the job of this id is waiting or running already.

    A job that is over makes room for a new run. ``timeout`` is in seconds. Raises QueueError.
    """
    if not _ID.fullmatch(job_id):
        raise QueueError(f"{job_id!r} cannot be the id of a job: use letters, digits, '_' and '-'.")
    with _connection(redis_url) as redis:
        place = Queue(queue, connection=redis, serializer=JSONSerializer)
        for _ in range(RUNS):
            try:
                place.enqueue_call(
                    f"jobs.tasks.{task}",
                    kwargs=kwargs,
                    timeout=timeout,
                    job_id=job_id,
                    unique=True,
                    retry=Retry(max=RUNS - 1),
                    result_ttl=86_400,
                    failure_ttl=86_400,
                    description=f"{task} {job_id}",
                )
            except DuplicateJobError:
                if not _make_room(redis, job_id):
                    return
            else:
                return


def status(redis_url: str, job_id: str) -> JobStatus | None:
    """What the queue knows of a job; None if nothing. Raises QueueError."""
    with _connection(redis_url) as redis:
        job = _job(redis, job_id)
        if job is None:
            return None
        state = _state(job)
        meta = job.get_meta(refresh=False)
        done, total = meta.get("progress", (None, None))
        done_bytes, total_bytes, rate = meta.get("bytes", (None, None, None))
        position = job.get_position() if state == QUEUED else None
        return JobStatus(state, done, total, position, done_bytes, total_bytes, rate)


def cancel(redis_url: str, job_id: str) -> None:
    """Take a job out of its queue, or stop it if it runs; its folder keeps what it has. Raises QueueError."""
    with _connection(redis_url) as redis:
        job = _job(redis, job_id)
        if job is None or _state(job) in _OVER:
            return
        if _state(job) == PREPARING:
            try:
                send_stop_job_command(redis, job_id, serializer=JSONSerializer)
            except (InvalidJobOperation, NoSuchJobError):
                return  # it ended meanwhile
        else:
            job.cancel()


def ping(redis_url: str) -> None:
    """Return if the queue answers, else raise QueueError."""
    with _connection(redis_url) as redis:
        redis.ping()


def queues(redis_url: str, names: Sequence[str]) -> list[QueueState]:
    """How many jobs of each of these queues wait, run, and failed within the last day. Raises QueueError."""
    with _connection(redis_url) as redis:
        found = [Queue(name, connection=redis, serializer=JSONSerializer) for name in names]
        return [
            QueueState(
                queue.name,
                waiting=queue.count,
                running=queue.started_job_registry.get_job_count(cleanup=False),
                failed=queue.failed_job_registry.get_job_count(cleanup=False),
            )
            for queue in found
        ]


def workers(redis_url: str) -> list[WorkerState]:
    """The workers that give signs of life. Raises QueueError."""
    with _connection(redis_url) as redis:
        found = Worker.all(connection=redis, serializer=JSONSerializer)
        states = [
            WorkerState(
                each.name,
                is_busy=each.get_state() == "busy",
                queues=tuple(sorted(each.queue_names())),
                done=each.successful_job_count,
                failed=each.failed_job_count,
            )
            for each in found
        ]
        return sorted(states, key=attrgetter("queues", "name"))


def _job(redis: Redis, job_id: str) -> Job | None:
    try:
        return Job.fetch(job_id, connection=redis, serializer=JSONSerializer)
    except NoSuchJobError:
        return None


def _state(job: Job) -> str:
    return _STATES.get(job.get_status(refresh=False), QUEUED)


def _make_room(redis: Redis, job_id: str) -> bool:
    """Delete the job of this id if it is over. False if it is waiting or running.

    Only if nobody else has changed it since we looked: else two callers could each delete the other's new job.
    """
    with redis.pipeline() as pipe:
        pipe.watch(Job.key_for(job_id))  # type: ignore[no-untyped-call]
        job = _job(redis, job_id)
        if job is None:
            return True
        if _state(job) not in _OVER:
            return False
        pipe.multi()
        job.delete(pipeline=pipe)
        with suppress(WatchError):
            pipe.execute()
        return True


@contextmanager
def _connection(redis_url: str) -> Iterator[Redis]:
    try:
        yield _client(redis_url)
    except (RedisError, OSError) as error:
        raise QueueError("The job queue does not answer. Please try again in a minute.") from error


@cache
def _client(redis_url: str) -> Redis:
    """One pool of connections per queue and process; it notices a fork by itself."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=ConnectionRetry(NoBackoff(), 1),  # a connection that the server closed while idle is opened again
    )
