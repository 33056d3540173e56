"""Times of many runs: the median says how fast, the lowest and the highest how sure."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
TENTHS_BELOW = 10  # milliseconds; above it, tenths are noise


@dataclass(frozen=True)
class Sample:
    """Seconds that some runs took."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def percentile(self, percent: int) -> float:
        """What so many of 100 runs took at most."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]

    def __str__(self) -> str:
        """In milliseconds, with the spread."""
        low, high = milliseconds(min(self.seconds)), milliseconds(max(self.seconds))
        return f"{milliseconds(self.median)} ({low} to {high})" if len(self.seconds) > 1 else milliseconds(self.median)


def milliseconds(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:,.1f}" if value < TENTHS_BELOW else f"{value:,.0f}"


def timed(run: Callable[[T], object], each: Iterable[T]) -> Sample:
    """How long ``run`` takes with each of these; no two are the same, so that no memory of answers can help."""
    seconds = []
    for one in each:
        start = time.perf_counter()
        run(one)
        seconds.append(time.perf_counter() - start)
    return Sample(tuple(seconds))
