"""The worker process: takes jobs from queues and runs each in a child that has all modules loaded already.

A worker ends with its parent, a child with its worker, and a job whose worker was killed is taken up again by the next
worker: measured 8 to 13 seconds later, 16 at most by the settings below. A lost Redis is waited for.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from jobs import tasks  # noqa: F401 - loaded here, so that a forked child starts in milliseconds
from jobs.dialects import dialects
from jobs.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from rq.job import Job

log = logging.getLogger(__name__)

MONITORING_SECONDS = 3  # heartbeat of a running job, and maintenance; RQ's 30 and 600 recover nothing in 580 s
WORKER_TTL = 20  # RQ waits 15 s less than this for a job, then does maintenance
HEARTBEAT_SLACK = 7  # seconds beyond the next heartbeat after which a job's worker counts as dead
GRACE_SECONDS = 3.0  # that a running job gets to end by itself when the worker is told to stop
MOST_WAIT_SECONDS = 5.0  # between attempts to reach Redis

_PR_SET_PDEATHSIG = 1


def run(
    redis_url: str,
    queues: Sequence[str],
    *,
    burst: bool = False,
    monitoring_seconds: int = MONITORING_SECONDS,
    heartbeat_slack: int = HEARTBEAT_SLACK,
) -> None:
    """Work until SIGTERM or SIGINT, or in ``burst`` until the queues are empty.

    One queue per worker loses nothing if the worker is killed between taking a job and starting it: ``run_each``.
    """
    die_with_parent(signal.SIGTERM)
    dialects(), kinds()  # scanned once, before any fork
    wait = 1.0
    while True:
        try:
            worker = SkybasketWorker(
                list(queues),
                connection=Redis.from_url(redis_url, retry=Retry(NoBackoff(), 1)),  # longer waits are the loop's
                serializer=JSONSerializer,
                job_monitoring_interval=monitoring_seconds,
                maintenance_interval=monitoring_seconds,
                worker_ttl=WORKER_TTL,
            )
            worker.heartbeat_slack = heartbeat_slack
            for queue in worker.queues:
                queue.release_maintenance_lock()  # type: ignore[no-untyped-call]  # of a worker killed in the middle: it would hold for 15 minutes
            worker.work(burst=burst, logging_level="WARNING")
            wait = 1.0
        except RedisError as error:
            log.warning("The queue does not answer (%s); trying again in %.0f s.", type(error).__name__, wait)
        except StopRequested:
            return
        else:
            if burst:
                return
        if SkybasketWorker.told_to_stop:
            return
        time.sleep(wait)
        wait = min(2 * wait, MOST_WAIT_SECONDS)


def run_each(redis_url: str, queues: Sequence[str]) -> bool:
    """One worker process per queue, until told to stop; then True. If one of them ends by itself, all do: False.

    A worker that listens to several queues lets a long job keep back the short ones, and RQ takes a job from several
    in a way that loses it if the worker is killed at that moment.
    """
    fork = multiprocessing.get_context("fork")  # all modules are loaded, and nothing runs yet
    workers = [fork.Process(target=run, args=(redis_url, [queue])) for queue in queues]
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        for worker in workers:
            worker.terminate()

    for worker in workers:
        worker.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    multiprocessing.connection.wait([worker.sentinel for worker in workers])
    asked = stopping.is_set()
    stop(signal.SIGTERM, None)
    for worker in workers:
        worker.join()
    return asked


def die_with_parent(sig: signal.Signals) -> None:
    """Ask the kernel for ``sig`` when the parent process dies. Linux only; elsewhere nothing happens."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:  # it died in between, so no signal will come
            os.kill(os.getpid(), sig)


class SkybasketWorker(Worker):
    """RQ's forking worker with our waits."""

    max_connection_wait_time = MOST_WAIT_SECONDS
    heartbeat_slack = HEARTBEAT_SLACK
    told_to_stop = False

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002 - RQ's signature
        """Seconds after which a job without a sign of life counts as abandoned; RQ's own is a minute longer."""
        return int(self.job_monitoring_interval) + self.heartbeat_slack

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End soon: a running job gets a few seconds, then is stopped and goes back into its queue."""
        SkybasketWorker.told_to_stop = True  # of the class: the loop of ``run`` may be between two workers
        timer = threading.Timer(GRACE_SECONDS, self._stop_child, [self.horse_pid])
        timer.daemon = True
        timer.start()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def _stop_child(self, child: int) -> None:
        """Not RQ's kill_horse, which would end our own process group if the job has ended by itself meanwhile."""
        if child and child == self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)

    def setup_work_horse_signals(self) -> None:
        """In the child: a worker killed alone must not leave its job running beside the next worker's."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        die_with_parent(signal.SIGKILL)
