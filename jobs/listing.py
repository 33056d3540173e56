"""Scripts and lists: every file looked up in its store, then written down by one dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jobs.checksums import checksums, in_order
from jobs.dialects import dialect
from jobs.errors import NO_STORE, JobError, StoreError
from jobs.files import replacing_bytes
from jobs.items import Header, items
from jobs.manifest import MANIFEST_FILE, Totals, read_head, read_jsonl
from jobs.names import stand_alone
from jobs.preflight import UNKNOWN, Check
from jobs.progress import Progress
from jobs.results import PROBLEMS, READY, Finding, write_findings, write_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jobs.dialects import Dialect
    from jobs.items import Item
    from jobs.manifest import Entry
    from jobs.storage import StoreMap

_LACKS = {
    "sha256": "Nobody knows its SHA-256.",
    "public": "It is not in a public S3 bucket.",
}


def prepare(folder: Path, base_url: str, stores: StoreMap, format_: str, header: dict[str, Any]) -> None:
    """Write ``<folder>/<name><suffix>`` for the manifest in the folder, and end the job.

    ``header`` may hold ``archive``, ``link`` and ``citation``. Raises JobError for a dialect that is not there, or
    if it can list no file at all.
    """
    writer = dialect(format_)
    listing = _Listing(folder, stores, writer)
    head = read_head(folder / MANIFEST_FILE)
    script = folder / f"{head.name}{writer.suffix}"
    about = Header(head.name, head.created_at, base_url.rstrip("/"), *listing.totals, **header)
    with replacing_bytes(script) as out:
        writer.write(about, listing.items(), out)
        if listing.totals.files and not listing.written:
            raise JobError(f"None of the files can be in this list. {listing.findings[-1].problem}")
    write_findings(folder, listing.findings)
    sentence = listing.sentence()
    write_state(
        folder,
        PROBLEMS if sentence else READY,
        sentence,
        files=listing.totals.files,
        size=listing.totals.bytes,
        artefacts=[script],
    )


class _Listing:
    """The files of one manifest; asks the stores on construction."""

    def __init__(self, folder: Path, stores: StoreMap, writer: Dialect) -> None:
        self._manifest, self._stores, self._wants = folder / MANIFEST_FILE, stores, writer.wants
        self._check = Check(stores)
        self.totals: Totals = self._check.run(read_jsonl(self._manifest), read_head(self._manifest).files)
        self.findings: list[Finding] = list(self._check.findings)
        self.written = 0
        self._left_out: set[str] = set()
        self._sha256: dict[str, str] = {}  # by URI, where nobody knew it
        if "sha256" in self._wants:
            self._compute()

    def items(self) -> Iterator[Item]:
        """What the dialect writes; once."""
        known = self._wrong()
        alone = stand_alone(entry.path for entry in read_jsonl(self._manifest))
        for item in items(self._entries(), self._check.versions, alone, self._stores):
            lacks = next((field for field in self._wants if getattr(item, field) is None), None)
            if lacks is None:
                self.written += 1
                yield item
            else:
                self._left_out.add(item.uri)
                if item.uri not in known:
                    self.findings.append(Finding(item.uri, _LACKS[lacks], None))

    def sentence(self) -> str:
        """What is wrong, once all is written; empty if nothing is."""
        files = f"{self.totals.files:,} {'file' if self.totals.files == 1 else 'files'}"
        others = len(self._wrong() - self._left_out)
        said = [f"{len(self._left_out):,} of {files} cannot be in this list."] if self._left_out else []
        said += [f"{others:,} of {files} {'is' if others == 1 else 'are'} not as the catalogue says."] if others else []
        return " ".join(said)

    def _wrong(self) -> set[str]:
        return {finding.uri for finding in self.findings if finding.problem}

    def _entries(self) -> Iterator[Entry]:
        for entry in self._check.entries(read_jsonl(self._manifest)):
            yield entry if entry.sha256 else entry._replace(sha256=self._sha256.get(entry.uri))

    def _compute(self) -> None:
        todo = [
            (entry, version, size)
            for entry, version, size in zip(self._entries(), self._check.versions, self._check.sizes, strict=True)
            if entry.sha256 is None and UNKNOWN not in {version, size}
        ]
        progress = Progress(len(todo), sum(size for _, _, size in todo))
        done = 0
        for count, (finding, size) in enumerate(in_order(self._read, todo), 1):
            if finding.sha256 is not None:
                self._sha256[finding.uri] = finding.sha256
            self.findings.append(finding)
            done += size
            progress.at(count, done)

    def _read(self, file: tuple[Entry, int, int]) -> tuple[Finding, int]:
        entry, version, size = file
        place = self._stores.locate(entry.uri, entry.location)
        try:
            if place is None:
                return Finding(entry.uri, NO_STORE, None), size
            found = checksums(place.store.read(place.path, 0, size, version))
        except StoreError as error:
            return Finding(entry.uri, str(error), None), size
        return Finding(entry.uri, "", size, found.sha256, found.crc32), size
