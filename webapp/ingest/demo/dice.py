"""Random numbers that are the same on every machine and in every NumPy: raw PCG64 bits and exact arithmetic.

NumPy promises the raw stream of a bit generator, not the distributions built on it, so those are made here.
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shape = tuple[int, ...]

_BELL_MEAN = 4 * 32767.5
_BELL_SIGMA = 37837.0  # of the sum of four 16-bit numbers


class Dice:
    """One independent stream for each name: ``Dice("NGC 3324", "stars")``."""

    def __init__(self, *name: object) -> None:
        digest = sha256("/".join(map(str, name)).encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(digest[:16], "big"))

    def _raw(self, shape: Shape) -> NDArray[np.uint64]:
        return np.asarray(self._bits.random_raw(int(np.prod(shape))), np.uint64).reshape(shape)

    def below(self, limit: int, *shape: int) -> Ints:
        """Integers from 0 to ``limit`` - 1 (``limit`` at most 2^31)."""
        return (((self._raw(shape) >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)

    def unit(self, *shape: int) -> Floats:
        """Numbers in [0, 1), multiples of 2^-53."""
        return (self._raw(shape) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def span(self, low: float, high: float, *shape: int) -> Floats:
        """Numbers in [low, high)."""
        return low + (high - low) * self.unit(*shape)

    def bell(self, *shape: int) -> Floats:
        """Numbers of mean 0 and standard deviation 1, nearly normal (a sum of four; none beyond 3.5)."""
        raw = self._raw(shape)
        total = np.zeros(shape, np.float64)
        for shift in (0, 16, 32, 48):
            total += ((raw >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.float64)
        return (total - _BELL_MEAN) / _BELL_SIGMA
