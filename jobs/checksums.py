"""Size, SHA-256 and CRC-32 of files, read once, several at a time."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

THREADS = 4  # hashing lets other threads run
_T = TypeVar("_T")
_R = TypeVar("_R")


class Checksums(NamedTuple):
    """Of a file's bytes."""

    size: int  # bytes
    crc32: int
    sha256: str  # lower-case hex


def checksums(pieces: Iterable[bytes]) -> Checksums:
    """Of all pieces in order. Raises what reading them raises."""
    sha256, crc32, size = hashlib.sha256(), 0, 0
    for piece in pieces:
        sha256.update(piece)
        crc32 = zlib.crc32(piece, crc32)
        size += len(piece)
    return Checksums(size, crc32, sha256.hexdigest())


def in_order(do: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
    """``do(item)`` of each, in order, several at a time and never far ahead."""
    items = iter(items)
    with ThreadPoolExecutor(THREADS) as pool:
        running = deque(pool.submit(do, item) for item in islice(items, 2 * THREADS))
        while running:
            yield running.popleft().result()
            running.extend(pool.submit(do, item) for item in islice(items, 1))
