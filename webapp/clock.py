"""The time of day. Everything that asks for it takes a value instead, so that tests can move it."""

from __future__ import annotations

import time


def now() -> int:
    """Seconds since 1970-01-01T00:00:00 UTC; every ``*_at`` column holds such a number."""
    return int(time.time())
