"""The files of a manifest as they are in their stores now: which are there, how large, and with what checksums."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jobs.checksums import checksums, in_order
from jobs.documents import Row
from jobs.errors import NO_STORE, StoreError
from jobs.manifest import MANIFEST_FILE, read_head, read_jsonl
from jobs.omitted import MISSING, read_omitted
from jobs.plan import folder_numbers
from jobs.preflight import Check
from jobs.progress import Progress
from jobs.results import Finding
from jobs.storage import Located

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from jobs.manifest import Entry
    from jobs.storage import StoreMap

NAMED = 3  # files that a sentence names
UNKNOWN = -1


class Kept(NamedTuple):
    """A file that is there."""

    number: int  # in the manifest
    entry: Entry
    size: int  # bytes
    mtime: int  # seconds since 1970 UTC
    version: int
    sha256: str | None
    crc32: int | None


class Checked:
    """Asks the stores on construction. Memory: some 40 bytes a file; the manifest is read anew for each pass."""

    def __init__(self, folder: Path, stores: StoreMap) -> None:
        self._folder, self._stores = folder, stores
        self._manifest = folder / MANIFEST_FILE
        self._files = read_head(self._manifest).files
        self.at = int(time.time())
        self._check = Check(stores)
        self._check.run(read_jsonl(self._manifest), self._files)
        self.findings: list[Finding] = list(self._check.findings)
        self._sizes = np.array(self._check.sizes, np.int64)
        self._crcs = np.full(self._files, UNKNOWN, np.int64)
        self._sha256: dict[int, str] = {}  # where computed here
        gone = {
            finding.uri: finding.problem for finding in self.findings if finding.problem and finding.true_size is None
        }
        self.missing: dict[int, str] = {}
        for number, entry in enumerate(self._check.entries(read_jsonl(self._manifest))):
            if entry.crc32 is not None:
                self._crcs[number] = entry.crc32
            if entry.uri in gone:
                self.missing[number] = gone[entry.uri]
            elif self._sizes[number] == UNKNOWN:
                self._lose(
                    number, entry, "Its size cannot be found out, so it cannot be in a bundle; a script can fetch it."
                )

    @property
    def problems(self) -> int:
        """Files that are not as they were promised."""
        return sum(bool(finding.problem) for finding in self.findings)

    def sentence(self) -> str:
        """What is wrong, in one sentence; empty if nothing is."""
        wrong = [finding for finding in self.findings if finding.problem]
        if not wrong:
            return ""
        names = ", ".join(finding.uri.rpartition("/")[2] for finding in wrong[:NAMED])
        more = f" and {len(wrong) - NAMED:,} more" if len(wrong) > NAMED else ""
        files = "file" if self._files == 1 else "files"
        are = "is" if len(wrong) == 1 else "are"
        return f"{len(wrong):,} of {self._files:,} {files} {are} not as promised: {names}{more}."

    def kept(self) -> Iterator[Kept]:
        """The files that are there, in order."""
        for number, entry in enumerate(self._check.entries(read_jsonl(self._manifest))):
            if number not in self.missing:
                crc = int(self._crcs[number])
                yield Kept(
                    number,
                    entry,
                    int(self._sizes[number]),
                    self._check.mtimes[number],
                    self._check.versions[number],
                    entry.sha256 or self._sha256.get(number),
                    None if crc == UNKNOWN else crc,
                )

    def sizes(self) -> NDArray[np.int64]:
        """Bytes of the files that are there, in order."""
        return np.delete(self._sizes, list(self.missing))

    def folders(self) -> NDArray[np.int64]:
        """A number for each file that is there, which rises where the folder changes."""
        return folder_numbers(file.entry.path for file in self.kept())

    def left_out(self) -> Iterator[Row]:
        """The files that are not there, and those that the user agreed to leave out."""
        if self.missing:
            for number, entry in enumerate(read_jsonl(self._manifest)):
                if number in self.missing:
                    yield Row(entry.uri, entry.path, entry.size, entry.sha256, entry.exclusive, MISSING)
        for each in read_omitted(self._folder):
            yield Row(each.uri, each.path, None, None, each.exclusive, each.reason)

    def compute_crcs(self) -> None:
        """Read the files whose CRC-32 nobody knows; what they turn out to be becomes a finding for the catalogue."""
        todo = [file for file in self.kept() if file.crc32 is None]
        progress = Progress(len(todo), sum(file.size for file in todo))
        done = 0
        for count, (file, problem) in enumerate(in_order(self._read, todo), 1):
            if problem:
                self._lose(file.number, file.entry, problem)
            done += file.size
            progress.at(count, done)

    def _read(self, file: Kept) -> tuple[Kept, str]:
        place = self._stores.locate(file.entry.uri, file.entry.location)
        if not isinstance(place, Located):
            return file, NO_STORE
        try:
            found = checksums(place.store.read(place.path, 0, file.size, file.version))
        except StoreError as error:
            return file, str(error)
        self._crcs[file.number] = found.crc32
        self._sha256[file.number] = found.sha256
        damaged = file.entry.sha256 not in {None, found.sha256}
        problem = "Its SHA-256 is not the one in the catalogue." if damaged else ""
        self.findings.append(Finding(file.entry.uri, problem, file.size, found.sha256, found.crc32))
        return file, ""

    def _lose(self, number: int, entry: Entry, problem: str) -> None:
        self.missing[number] = problem
        self.findings.append(Finding(entry.uri, problem, None))
