"""Is every promised file in its store, with the size that was promised? Asked in parallel, in constant memory."""

from __future__ import annotations

from array import array
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from jobs.errors import NO_STORE, NOT_THERE, MissingFile, NotGiven, StoreError, UnknownSize
from jobs.manifest import Totals
from jobs.progress import Progress
from jobs.results import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobs.manifest import Entry
    from jobs.storage import Located, StoreMap

THREADS = 8  # disks and network file systems answer several questions at once
REMOTE_THREADS = 32  # a store further away allows fewer to each host (jobs.upstream)
BATCH = 500  # entries a thread takes at a time
MOST_FAILURES = 20  # in a row, after which another server is not asked any more
UNKNOWN = -1


class Answer(NamedTuple):
    """What the store says of one entry: UNKNOWN where it says nothing; and what is wrong, if something is."""

    size: int = UNKNOWN
    mtime: int = UNKNOWN
    version: int = UNKNOWN
    problem: str = ""
    alone: bool = False  # the problem is of this file, and says nothing of its server


class Check:
    """The check of one manifest: ``run()`` it, then read ``findings``, the columns and the corrected ``entries()``.

    Columns, in the order of the entries: ``sizes`` (bytes; the catalogue's where the store has no such file),
    ``mtimes`` (seconds since 1970 UTC) and ``versions`` (of jobs.storage.Stat); UNKNOWN where nobody knows.
    """

    def __init__(self, stores: StoreMap) -> None:
        self._stores = stores
        self._failures: Counter[tuple[int, str]] = Counter()  # in a row, by store and host
        self.sizes = array("q")
        self.mtimes = array("q")
        self.versions = array("q")
        self.findings: list[Finding] = []

    def run(self, entries: Iterator[Entry], files: int) -> Totals:
        """Ask the stores for each of the ``files`` entries. Returns the true totals."""
        progress = Progress(files)
        for batch, answers in self._batches(entries):
            for entry, answer in zip(batch, answers, strict=True):
                self._note(entry, answer)
            progress.at(len(self.sizes))
        known = [size for size in self.sizes if size != UNKNOWN]
        return Totals(len(self.sizes), sum(known), len(self.sizes) - len(known))

    def entries(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The manifest's entries with their true sizes.

        Where the size differs from the catalogue's, the catalogue's hashes are of another file, so they are dropped.
        """
        for entry, found in zip(entries, self.sizes, strict=True):
            size = None if found == UNKNOWN else found
            if size == entry.size:
                yield entry
            elif entry.size is None:
                yield entry._replace(size=size)
            else:
                yield entry._replace(size=size, sha256=None, crc32=None)

    def _note(self, entry: Entry, answer: Answer) -> None:
        size, mtime, version, problem, _ = answer
        if entry.size is not None and size not in (UNKNOWN, entry.size):
            problem = f"The file has {size:,} bytes; the catalogue says {entry.size:,}."
        learned = entry.size is None and size != UNKNOWN  # no problem, but news for the catalogue
        if problem or learned:
            self.findings.append(Finding(entry.uri, problem, None if size == UNKNOWN else size))
        self.sizes.append(size if size != UNKNOWN or entry.size is None else entry.size)
        self.mtimes.append(mtime)
        self.versions.append(version)

    def _batches(self, entries: Iterator[Entry]) -> Iterator[tuple[list[Entry], list[Answer]]]:
        """The answers, batch by batch and in order, never more than a few batches ahead."""
        with ThreadPoolExecutor(THREADS) as pool, ThreadPoolExecutor(REMOTE_THREADS) as remote:
            asked = deque(
                (batch, pool.submit(self._ask, batch, remote)) for batch in islice(_batched(entries), 2 * THREADS)
            )
            while asked:
                batch, answers = asked.popleft()
                yield batch, answers.result()
                asked.extend((each, pool.submit(self._ask, each, remote)) for each in islice(_batched(entries), 1))

    def _ask(self, batch: list[Entry], remote: ThreadPoolExecutor) -> list[Answer]:
        """Ask for each entry; those of stores further away at the same time, the others one after the other."""
        asked: list[Answer | Future[Answer]] = []
        for entry in batch:
            place = self._stores.locate(entry.uri, entry.location)
            if place is None:
                asked.append(Answer(problem=NO_STORE))
            elif place.store.remote:
                asked.append(remote.submit(self._answer_of_remote, place))
            else:
                asked.append(_answer(place))
        return [each.result() if isinstance(each, Future) else each for each in asked]

    def _answer_of_remote(self, place: Located) -> Answer:
        host = urlsplit(place.url).netloc if place.url else ""
        key = id(place.store), host
        if self._failures[key] >= MOST_FAILURES:
            return Answer(problem="Its server failed for many files in a row, so it was not asked for this one.")
        answer = _answer(place)
        failed = not answer.alone and answer.problem not in ("", NOT_THERE)
        self._failures[key] = self._failures[key] + 1 if failed else 0
        return answer


def _answer(place: Located) -> Answer:
    try:
        found = place.store.stat(place.path)
    except MissingFile:
        return Answer(problem=NOT_THERE)
    except (NotGiven, UnknownSize) as error:
        return Answer(problem=str(error), alone=True)
    except StoreError as error:
        return Answer(problem=str(error))
    return Answer(found.size, int(found.mtime), found.version)


def _batched(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, BATCH)):
        yield batch
