"""What failed waits, twice as long each time. Kept in memory: a new process tries at once."""

from __future__ import annotations

FIRST_SECONDS = 60
LONGEST_SECONDS = 3_600


class Backoff:
    """Which keys have to wait, and until when."""

    def __init__(self) -> None:
        self._waits: dict[str, tuple[int, int]] = {}  # seconds of the last wait, and when it is over

    def waiting(self, now: int) -> set[str]:
        """The keys that are not to be tried now."""
        self._waits = {key: wait for key, wait in self._waits.items() if now - wait[1] < 2 * LONGEST_SECONDS}
        return {key for key, (_, until) in self._waits.items() if now < until}

    def failed(self, key: str, now: int) -> None:
        """It was tried, and has to wait."""
        last = self._waits.get(key, (0, 0))[0]
        wait = min(2 * last, LONGEST_SECONDS) or FIRST_SECONDS
        self._waits[key] = (wait, now + wait)

    def succeeded(self, key: str) -> None:
        """The next failure is a first one."""
        self._waits.pop(key, None)
