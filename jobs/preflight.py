"""Is every promised file in its store, with the size that was promised? Asked in parallel, in constant memory."""

from __future__ import annotations

from array import array
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from jobs.errors import MissingFile, StoreError
from jobs.manifest import Totals
from jobs.progress import Progress
from jobs.results import Finding
from jobs.storage import Remote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobs.manifest import Entry
    from jobs.storage import StoreMap

THREADS = 8  # disks and network file systems answer several questions at once
BATCH = 500  # entries a thread takes at a time
_UNKNOWN = -1


class Check:
    """The check of one manifest: ``run()`` it, then read ``findings`` and the corrected ``entries()``."""

    def __init__(self, stores: StoreMap) -> None:
        self._stores = stores
        self._sizes = array("q")
        self.findings: list[Finding] = []

    def run(self, entries: Iterator[Entry], files: int) -> Totals:
        """Ask the stores for each of the ``files`` entries. Returns the true totals."""
        progress = Progress(files)
        for sizes, findings in self._batches(entries):
            self._sizes.extend(sizes)
            self.findings.extend(findings)
            progress.at(len(self._sizes))
        known = [size for size in self._sizes if size != _UNKNOWN]
        return Totals(len(self._sizes), sum(known), len(self._sizes) - len(known))

    def entries(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The manifest's entries with their true sizes.

        Where the size differs from the catalogue's, the catalogue's hashes are of another file, so they are dropped.
        """
        for entry, found in zip(entries, self._sizes, strict=True):
            size = None if found == _UNKNOWN else found
            if size == entry.size:
                yield entry
            elif entry.size is None:
                yield entry._replace(size=size)
            else:
                yield entry._replace(size=size, sha256=None, crc32=None)

    def _batches(self, entries: Iterator[Entry]) -> Iterator[tuple[list[int], list[Finding]]]:
        """The answers, batch by batch and in order, never more than a few batches ahead."""
        with ThreadPoolExecutor(THREADS) as pool:
            asked = deque(pool.submit(self._ask, batch) for batch in islice(_batched(entries), 2 * THREADS))
            while asked:
                yield asked.popleft().result()
                asked.extend(pool.submit(self._ask, batch) for batch in islice(_batched(entries), 1))

    def _ask(self, batch: list[Entry]) -> tuple[list[int], list[Finding]]:
        sizes: list[int] = []
        findings: list[Finding] = []
        for entry in batch:
            true_size, problem = self._size(entry)
            size = entry.size if true_size is None else true_size
            sizes.append(_UNKNOWN if size is None else size)
            learned = entry.size is None and true_size is not None  # no problem, but news for the catalogue
            if problem or learned:
                findings.append(Finding(entry.uri, problem, true_size))
        return sizes, findings

    def _size(self, entry: Entry) -> tuple[int | None, str]:
        """The size in the store, if it has the file, and the problem, if there is one."""
        place = self._stores.locate(entry.uri, entry.location)
        if isinstance(place, Remote):
            return None, ""  # another server's: its size shows when it is fetched
        if place is None:
            return None, "No store is configured for this file."
        try:
            size = place.store.stat(place.path).size
        except MissingFile:
            return None, "The archive lists this file, but it is not in its store."
        except StoreError as error:
            return None, str(error)
        if entry.size is not None and size != entry.size:
            return size, f"The file has {size:,} bytes; the catalogue says {entry.size:,}."
        return size, ""


def _batched(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, BATCH)):
        yield batch
