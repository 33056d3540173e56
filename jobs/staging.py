"""Batch staging: copies the files of a manifest into the staging store, verified, with a receipt.

A run that was killed or cancelled, or that found no room, leaves whole files and a journal (jobs.receipts). The next
one goes on from there, and ends with the same files and the same receipt as one that nobody disturbed.
"""

from __future__ import annotations

import shutil
from array import array
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jobs.copying import Copier
from jobs.errors import JobError, ManifestError
from jobs.files import NO_ROOM, replacing
from jobs.manifest import MANIFEST_FILE, Entry, read_head, read_jsonl
from jobs.names import flat_paths, safe_path
from jobs.omitted import read_omitted
from jobs.progress import INTERVAL, Progress
from jobs.receipts import CSV_FILE, DUPLICATE, HTML_FILE, Journal, Line, Row, write_csv, write_html
from jobs.results import (
    FAILED,
    PROBLEMS,
    READY,
    STAGED,
    Finding,
    artefact_of,
    read_state,
    write_findings,
    write_state,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from jobs.storage import StoreMap

FILES = "files"  # in the manifest's paths
FLAT = "flat"  # without folders, as far as names allow

THREADS = 8  # disks and network stores answer several questions at once
AHEAD = 4 * THREADS  # files that wait for a thread
_PARTS = ".skybasket"  # a folder's name that no delivered file can have (jobs.names)


class _Plan(NamedTuple):
    """Where the files of a manifest go."""

    paths: list[str] | None  # None: where the manifest says
    same_as: dict[int, tuple[int, str]]  # a file whose URI stood before -> number and path of that one, copied once
    bytes: int  # of the files whose size is known, each counted once


class _Ended(Exception):  # noqa: N818 - no error: somebody else ended the job, as Cancel does
    """The folder has its terminal state, so there is nothing more to do."""


def stage_files(folder: Path, stage: Path, stores: StoreMap, layout: str) -> None:
    """Copy every file of ``<folder>/manifest.jsonl`` below ``stage``, and write the receipts and the state.

    Raises JobError, with what is there left for a retry.
    """
    head = read_head(folder / MANIFEST_FILE)
    plan = _plan(folder, layout)
    parts = stage / _PARTS
    try:
        shutil.rmtree(parts, ignore_errors=True)  # of a run that was killed
        parts.mkdir(parents=True)
        with Journal(folder, head.files) as journal:
            _copy_all(folder, stage, plan, journal, Copier(stores, parts))
            shutil.rmtree(parts)
            _end(folder, stage, head.name, plan, journal)
    except _Ended:
        return
    except OSError as error:
        raise JobError(_unwritable(error)) from error


def staged_paths(entries: Iterable[Entry], layout: str) -> list[str]:
    """Where each file is below the delivery's folder of the staging store, in the manifest's order."""
    paths = [entry.path for entry in entries]
    return flat_paths(paths) if layout == FLAT else paths


def _plan(folder: Path, layout: str) -> _Plan:
    paths = staged_paths(_entries(folder), layout) if layout == FLAT else None
    size = sum(entry.size or 0 for entry in _entries(folder))
    marks = np.frombuffer(array("q", (hash(entry.uri) for entry in _entries(folder))), np.int64)
    if len(np.unique(marks)) == len(marks):  # as nearly always; a table of a million URIs would need 200 MB
        return _Plan(paths, {}, size)
    first: dict[str, tuple[int, str]] = {}
    same_as: dict[int, tuple[int, str]] = {}
    for number, entry, path in _placed(folder, paths):
        if first.setdefault(entry.uri, (number, path)) != (number, path):
            same_as[number] = first[entry.uri]
            size -= entry.size or 0
    return _Plan(paths, same_as, size)


def _entries(folder: Path) -> Iterator[Entry]:
    for entry in read_jsonl(folder / MANIFEST_FILE):
        if safe_path(entry.path) != entry.path:
            raise ManifestError(f"{entry.path!r} is not a safe path.")
        yield entry


def _placed(folder: Path, paths: list[str] | None) -> Iterator[tuple[int, Entry, str]]:
    """Number, entry and path below the staged folder of each file."""
    for number, entry in enumerate(_entries(folder)):
        yield number, entry, paths[number] if paths else entry.path


def _copy_all(folder: Path, stage: Path, plan: _Plan, journal: Journal, copier: Copier) -> None:
    todo = bytearray()  # 1 for each file that has to be copied
    done_bytes = 0
    for number, _, path in _placed(folder, plan.paths):
        row = journal.row(number)
        if row is not None and is_there(row, stage / path):
            done_bytes += row.size or 0
            todo.append(0)
        else:
            todo.append(number not in plan.same_as)
    work = (
        lambda number=number, entry=entry, path=path: copier.copy(number, entry, stage / path)
        for number, entry, path in _placed(folder, plan.paths)
        if todo[number]
    )
    progress = Progress(len(todo), plan.bytes, done_bytes)
    done = len(todo) - sum(todo)
    for rows in _in_threads(work, copier):
        if read_state(folder) is not None:
            raise _Ended
        for row in rows:
            journal.add(row)
        done += len(rows)
        progress.at(done, done_bytes + copier.bytes)


def _in_threads(work: Iterator[Callable[[], Row]], copier: Copier) -> Iterator[list[Row]]:
    """What the calls return as they end, several at once; an empty list where none has ended for a while."""
    running: set[Future[Row]] = set()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            while True:
                running |= {pool.submit(call) for call in islice(work, AHEAD - len(running))}
                if not running:
                    return
                ended, running = wait(running, INTERVAL, FIRST_COMPLETED)
                yield [each.result() for each in ended]
        finally:
            copier.stop()
            pool.shutdown(cancel_futures=True)


def is_there(row: Row, file: Path) -> bool:
    """Whether the file that this row speaks of was delivered and has not changed since."""
    if not row.delivered:
        return False
    try:
        found = file.stat(follow_symlinks=False)
    except OSError:
        return False
    return (found.st_size, found.st_mtime_ns) == (row.size, row.mtime_ns)


class _Tally:
    """Counts how it went, and tells it in findings and a sentence."""

    def __init__(self) -> None:
        self.files = self.bytes = self.delivered = self.failed = self.differing = 0
        self._first_failed = self._first_differing = ""

    def findings(self, lines: Iterable[tuple[Entry, Line]]) -> Iterator[Finding]:
        """What the web should know of these files; they are counted on the way."""
        for entry, (_, path, _, row) in lines:
            self.files += 1
            if row.result.startswith(DUPLICATE):
                continue
            problem = row.detail
            if not row.delivered:
                problem = problem or row.result
                self._first_failed = self._first_failed or f"{path}: {problem}"
                self.failed += 1
            else:
                self.delivered += 1
                self.bytes += row.size or 0
                self._first_differing = self._first_differing or (problem and f"{path}: {problem}")
                self.differing += bool(problem)
            read = (row.size, row.sha256, row.crc32)
            if problem or read != (entry.size, entry.sha256, entry.crc32):
                yield Finding(entry.uri, problem, *read)

    @property
    def state(self) -> str:
        if self.failed and not self.delivered:
            return FAILED
        return PROBLEMS if self.failed or self.differing else READY

    @property
    def sentence(self) -> str:
        """What went wrong, with one example of each; empty if nothing did."""
        sentences = []
        if self.failed:
            example = "" if self.failed == 1 else "The first is "
            sentences.append(f"{self.failed:,} of {self.files:,} files failed. {example}{self._first_failed}")
        if self.differing:
            verb = "is" if self.differing == 1 else "are"
            sentences.append(
                f"{self.differing:,} of {self.files:,} files {verb} not as the catalogue says. {self._first_differing}"
            )
        return " ".join(sentences)


def _end(folder: Path, stage: Path, name: str, plan: _Plan, journal: Journal) -> None:
    """Write the receipts, the findings, and last the state."""
    with replacing(stage / CSV_FILE) as out:
        write_csv(out, _all_lines(folder, plan, journal))
    with replacing(stage / HTML_FILE) as out:
        write_html(out, name, _all_lines(folder, plan, journal))
    tally = _Tally()
    write_findings(folder, tally.findings(_lines(folder, plan, journal)))
    papers = [artefact_of(stage / paper, STAGED) for paper in (CSV_FILE, HTML_FILE)]
    write_state(folder, tally.state, tally.sentence, files=tally.delivered, size=tally.bytes, artefacts=papers)


def _lines(folder: Path, plan: _Plan, journal: Journal) -> Iterator[tuple[Entry, Line]]:
    for number, entry, path in _placed(folder, plan.paths):
        same, its_path = plan.same_as.get(number, (number, path))
        row = journal.row(same)
        if row is None:
            raise JobError("The record of what was copied has been damaged. Please try again.")
        if same != number and row.delivered:
            row = row._replace(result=f"{DUPLICATE} {its_path}", detail="")
        yield entry, Line(entry.uri, path, entry.exclusive, row)


def _all_lines(folder: Path, plan: _Plan, journal: Journal) -> Iterator[Line]:
    """The lines of a receipt: the files of the manifest, then those that were left out."""
    yield from (line for _, line in _lines(folder, plan, journal))
    for omitted in read_omitted(folder):
        yield Line(omitted.uri, omitted.path, omitted.exclusive, Row(-1, omitted.reason))


def _unwritable(error: OSError) -> str:
    if error.errno in NO_ROOM:
        return "There is no room left in the staging store. What is there stays, and a retry goes on from it."
    return f"The staging store cannot be written: {error.strerror}. What is there stays, and a retry goes on from it."
