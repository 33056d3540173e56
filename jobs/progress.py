"""Progress of the running job, kept in Redis beside the job. Losing it never costs the job anything."""

from __future__ import annotations

import time

from redis.exceptions import RedisError
from rq import get_current_job

INTERVAL = 0.5  # seconds; the page that shows it polls no faster
AFTER_LOSS = 30.0  # seconds without a word when Redis did not answer: each attempt may cost a job a socket's timeout


class Progress:
    """Files done of files to do. Outside a worker it goes nowhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._job = get_current_job()
        self._next = time.monotonic() + INTERVAL  # a quick job never asks Redis at all

    def at(self, done: int) -> None:
        """Say how many files are done. Writes at most twice a second."""
        now = time.monotonic()
        if self._job is None or now < self._next:
            return
        self._next = now + INTERVAL
        self._job.meta["progress"] = [done, self._total]
        try:
            self._job.save_meta()  # type: ignore[no-untyped-call]
        except (RedisError, OSError):
            self._next = now + AFTER_LOSS
