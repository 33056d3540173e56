"""SHA-256 and CRC-32 of stored files, read once, several at a time."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jobs.storage import Store

THREADS = 4  # hashing lets other threads run
_T = TypeVar("_T")
_R = TypeVar("_R")


class Checksums(NamedTuple):
    """Of a file's bytes."""

    sha256: str  # lower-case hex
    crc32: int


def checksums(store: Store, path: str, size: int, version: int | None) -> Checksums:
    """Read one file. Raises StoreError, ChangedFile among them."""
    sha256, crc32 = hashlib.sha256(), 0
    for piece in store.read(path, 0, size, version):
        sha256.update(piece)
        crc32 = zlib.crc32(piece, crc32)
    return Checksums(sha256.hexdigest(), crc32)


def in_order(do: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
    """``do(item)`` of each, in order, several at a time and never far ahead."""
    items = iter(items)
    with ThreadPoolExecutor(THREADS) as pool:
        running = deque(pool.submit(do, item) for item in islice(items, 2 * THREADS))
        while running:
            yield running.popleft().result()
            running.extend(pool.submit(do, item) for item in islice(items, 1))
