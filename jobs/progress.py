"""Progress of the running job, kept in Redis beside the job. Losing it never costs the job anything."""

from __future__ import annotations

import time
from collections import deque

from redis.exceptions import RedisError
from rq import get_current_job

INTERVAL = 0.5  # seconds; the page that shows it polls no faster
AFTER_LOSS = 30.0  # seconds without a word when Redis did not answer: each attempt may cost a job a socket's timeout
RATE_SECONDS = 20.0  # the rate is that of the last so many: long enough to be calm, short enough to be true


class Progress:
    """Files done of files to do, and bytes where they are counted. Outside a worker it goes nowhere.

    ``total_bytes`` and ``bytes_before``, the bytes that an earlier run has done, are for jobs that copy.
    """

    def __init__(self, total: int, total_bytes: int | None = None, bytes_before: int = 0) -> None:
        self._total = total
        self._total_bytes = total_bytes
        self._job = get_current_job()
        now = time.monotonic()
        self._next = now + INTERVAL  # a quick job never asks Redis at all
        self._marks = deque([(now, bytes_before)])  # when, and how many bytes were done

    def at(self, done: int, done_bytes: int = 0) -> None:
        """Say how many files (and bytes) are done. Writes at most twice a second."""
        now = time.monotonic()
        if self._job is None or now < self._next:
            return
        self._next = now + INTERVAL
        self._job.meta["progress"] = [done, self._total]
        if self._total_bytes is not None:
            self._job.meta["bytes"] = [done_bytes, self._total_bytes, self._rate(now, done_bytes)]
        try:
            self._job.save_meta()  # type: ignore[no-untyped-call]
        except (RedisError, OSError):
            self._next = now + AFTER_LOSS

    def _rate(self, now: float, done_bytes: int) -> int:
        """Bytes per second of late."""
        self._marks.append((now, done_bytes))
        while self._marks[1][0] < now - RATE_SECONDS:
            self._marks.popleft()
        before, bytes_before = self._marks[0]
        return max(0, round((done_bytes - bytes_before) / max(now - before, INTERVAL)))
