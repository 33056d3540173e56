"""The files of a manifest on their way into the staging store: what is to do, doing it, and how it ended.

Whatever a run does to a file goes into the journal (jobs.receipts) after it happened; a later run does only what no
good row speaks of. At the end are the receipts, the findings, and last the state.
"""

from __future__ import annotations

from array import array
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from jobs.errors import JobError, ManifestError
from jobs.files import replacing
from jobs.manifest import MANIFEST_FILE, read_head, read_jsonl
from jobs.manifest_page import HTML_NAME
from jobs.names import safe_path
from jobs.omitted import read_omitted
from jobs.progress import INTERVAL, Progress
from jobs.receipts import CSV_FILE, DUPLICATE, Line, Row, write_csv, write_html
from jobs.results import STAGED, Artefact, artefact_of, read_state, write_findings, write_state
from jobs.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path

    from jobs.copying import Copier
    from jobs.manifest import Entry
    from jobs.receipts import Journal

THREADS = 8  # disks and network stores answer several questions at once
AHEAD = 4 * THREADS  # files that wait for a thread


class EndedByOthers(Exception):  # noqa: N818 - no error: somebody cancelled it
    """The folder has its terminal state, so there is nothing more to do."""


class Batch:
    """The files of ``<folder>/manifest.jsonl``. Raises ManifestError for a path that is not safe.

    Memory: some 20 bytes a file; the manifest is read anew for each pass.
    """

    def __init__(self, folder: Path, journal: Journal) -> None:
        self.folder, self.journal = folder, journal
        self.head = read_head(folder / MANIFEST_FILE)
        self.bytes = 0  # of the files whose size is known, each counted once
        self._same_as = self._duplicates()  # number of a file whose URI stood before -> number and path of that one

    def files(self) -> Iterator[tuple[int, Entry]]:
        """Number and entry of each file."""
        for number, entry in enumerate(read_jsonl(self.folder / MANIFEST_FILE)):
            if safe_path(entry.path) != entry.path:
                raise ManifestError(f"{entry.path!r} is not a safe path.")
            yield number, entry

    def work(self, do: Callable[[int, Entry], Row], is_done: Callable[[Entry, Row], bool], copier: Copier) -> None:
        """``do(number, entry)`` with each file that is not done yet, several at once.

        ``is_done(entry, row)`` says of a delivered file whether the row still holds. Raises EndedByOthers and what
        ``do`` raises.
        """
        todo = bytearray()  # 1 for each file that something has to be done with
        done_bytes = 0
        for number, entry in self.files():
            row = self.journal.row(number)
            if row is not None and row.delivered and is_done(entry, row):
                done_bytes += row.size or 0
                todo.append(0)
            else:
                todo.append(number not in self._same_as)
        calls = (lambda number=number, entry=entry: do(number, entry) for number, entry in self.files() if todo[number])
        progress = Progress(len(todo), self.bytes, done_bytes)
        done = len(todo) - sum(todo)
        with closing(_in_threads(calls, copier)) as ended:
            for rows in ended:
                self.go_on()
                for row in rows:
                    self.journal.add(row)
                done += len(rows)
                progress.at(done, done_bytes + copier.bytes)

    def go_on(self) -> None:
        """Raise EndedByOthers if somebody has ended the job meanwhile."""
        if read_state(self.folder) is not None:
            raise EndedByOthers

    def lines(self) -> Iterator[tuple[Entry, Line]]:
        """What happened to each file of the manifest. Raises JobError if something is not written down."""
        for number, entry in self.files():
            same, its_path = self._same_as.get(number, (number, entry.path))
            row = self.journal.row(same)
            if row is None:
                raise JobError("The record of what was copied has been damaged. Please try again.")
            if same != number and row.delivered:
                row = row._replace(result=f"{DUPLICATE} {its_path}", detail="")
            yield entry, Line(entry.uri, entry.path, entry.exclusive, row)

    def end(self, stage: Path, artefacts: Iterable[Artefact] = ()) -> None:
        """Write the receipts into ``stage``, then findings and state into the folder."""
        with replacing(stage / CSV_FILE) as out:
            write_csv(out, self._receipt())
        with replacing(stage / HTML_NAME) as out:
            write_html(out, self.head.name, self._receipt())
        tally = Tally()
        write_findings(self.folder, tally.findings(self.lines()))
        made = [*artefacts, *(artefact_of(stage / paper, STAGED) for paper in (CSV_FILE, HTML_NAME))]
        write_state(self.folder, tally.state, tally.sentence, files=tally.delivered, size=tally.bytes, artefacts=made)

    def _receipt(self) -> Iterator[Line]:
        """The files of the manifest, then those that were left out."""
        yield from (line for _, line in self.lines())
        for omitted in read_omitted(self.folder):
            yield Line(omitted.uri, omitted.path, omitted.exclusive, Row(-1, omitted.reason))

    def _duplicates(self) -> dict[int, tuple[int, str]]:
        marks = array("q")
        for _, entry in self.files():
            marks.append(hash(entry.uri))
            self.bytes += entry.size or 0
        if len(np.unique(np.frombuffer(marks, np.int64))) == len(marks):
            return {}  # as nearly always; a table of a million URIs would need 200 MB
        first: dict[str, tuple[int, str]] = {}
        same_as: dict[int, tuple[int, str]] = {}
        for number, entry in self.files():
            if first.setdefault(entry.uri, (number, entry.path)) != (number, entry.path):
                same_as[number] = first[entry.uri]
                self.bytes -= entry.size or 0
        return same_as


def _in_threads(calls: Iterator[Callable[[], Row]], copier: Copier) -> Generator[list[Row]]:
    """What the calls return as they end, several at once; an empty list where none has ended for a while."""
    running: set[Future[Row]] = set()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            while True:
                running |= {pool.submit(call) for call in islice(calls, AHEAD - len(running))}
                if not running:
                    return
                ended, running = wait(running, INTERVAL, FIRST_COMPLETED)
                yield [each.result() for each in ended]
        except BaseException:
            copier.stop()
            pool.shutdown(cancel_futures=True)
            raise
