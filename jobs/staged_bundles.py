"""A bundle in the staging store: its files are read and verified first, then those that are right are packed.

Each file is read twice, since a bundle's headers come before contents that may turn out to be wrong. What is packed is
just the version that was verified. A zip or tar that was killed goes on at its last mark; a tar.gz begins anew.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from jobs.bundles import PAPERS, BrokenBundle, Bundle, BundlePart, Description, Place, Places, write_bundle
from jobs.documents import IN_BUNDLE, About, Papers
from jobs.documents import Row as PaperRow
from jobs.errors import JobError
from jobs.files import replacing
from jobs.formats import format_of
from jobs.members import Members
from jobs.omitted import read_omitted
from jobs.progress import Progress
from jobs.receipts import DELIVERED
from jobs.reference_list import write_delivered
from jobs.results import STAGED, Artefact, artefact_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jobs.batches import Batch
    from jobs.copying import Copier
    from jobs.storage import StoreMap

ATTEMPTS = 5  # files that may change under the packer before it gives up
MARK_BYTES = 1 << 28  # 256 MB: what a killed run does again at most
_MARK_FILE = "mark.json"


@dataclass(frozen=True)
class StagedBundle:
    """A bundle that becomes ``<place>/<name>.<suffix>``. ``parts``: a folder for what is not complete."""

    batch: Batch
    place: Path
    parts: Path
    stores: StoreMap
    format: str
    header: dict[str, Any]  # archive, link, citation
    run: int = 1  # what is made again has another name, so that nobody resumes the old one with it

    def make(self, copier: Copier) -> list[Artefact]:
        """Verify and pack; returns the bundle, or nothing if no file could be read. Raises JobError, OSError."""
        batch, made = self.batch, self.place / self._name
        batch.work(copier.check, lambda _, row: row.version is not None, copier)
        for _ in range(ATTEMPTS):
            files = self._lay_out()
            if not files:
                return []
            try:
                self._pack(Bundle(self.parts, self._name, self.stores), made)
            except BrokenBundle as broken:
                if not broken.uri:
                    raise
                number, entry = next(each for each in batch.files() if each[1].uri == broken.uri)
                batch.journal.add(copier.check(number, entry))  # what it is now, or why it cannot be had
            else:
                for old in self.place.glob(f"{batch.head.name}*{format_of(self.format).suffix}"):
                    if old != made:
                        old.unlink()
                return [artefact_of(made, STAGED)._replace(files=files)]
        raise JobError("The archive's files keep changing while they are packed. Please try again later.")

    @property
    def _name(self) -> str:
        again = f"_{self.run}" if self.run > 1 else ""
        return f"{self.batch.head.name}{again}{format_of(self.format).suffix}"

    def _lay_out(self) -> int:
        """Write columns and papers of what was verified; returns how many files that is."""
        batch, parts = self.batch, self.parts
        top = batch.head.name
        shutil.rmtree(parts / PAPERS, ignore_errors=True)
        (parts / PAPERS).mkdir()
        places: list[Place] = []
        left_out = list(read_omitted(batch.folder))
        wrong = {line.path for _, line in batch.lines() if line.row.result not in DELIVERED}
        files = batch.head.files - len(wrong)
        about = About(
            name=top,
            part="",
            checked_at=batch.head.created_at,  # and again now, but then each run would make another bundle
            files=files,
            omitted=len(wrong) + len(left_out),
            **self.header,
        )

        references = write_delivered(batch.folder, parts / PAPERS, wrong)

        def members() -> Iterator[tuple[str, int, int, int]]:
            with Papers(parts / PAPERS, about, references) as papers:
                for entry, (uri, path, exclusive, row) in batch.lines():
                    right = row.result in DELIVERED
                    papers.add(PaperRow(uri, path, row.size, row.sha256, exclusive, IN_BUNDLE if right else row.result))
                    if right:
                        places.append(Place(uri, entry.location or "", row.version or 0))
                        yield f"{top}/{path}", row.size or 0, row.crc32 or 0, (row.mtime_ns or 0) // 10**9
                for left in left_out:
                    papers.add(PaperRow(left.uri, left.path, None, None, left.exclusive, left.reason))
            for paper in papers.written():
                places.append(Place("", paper.file.name, 0))
                yield f"{top}/{paper.name}", paper.size, paper.crc32, batch.head.created_at

        if files:
            Members.of(members()).save(parts)
            Places.save(parts, places)
            write_bundle(parts, Description(self.format, (BundlePart(self._name, 0, len(places)),)))
        return files

    def _pack(self, bundle: Bundle, made: Path) -> None:
        """Write the bundle, from the last mark on. Raises BrokenBundle, OSError, EndedByOthers."""
        batch, form = self.batch, format_of(self.format)
        part, mark = self.parts / "bundle.part", self.parts / _MARK_FILE
        begun = _marked(mark, part, bundle.etag) if form.virtual else 0
        progress = Progress(batch.head.files, bundle.length, begun)

        def pieces() -> Iterator[bytes]:
            at = begun
            for piece in bundle.read(begun, bundle.length):
                yield piece
                at += len(piece)
                batch.go_on()
                progress.at(batch.head.files, at)

        with part.open("r+b" if begun else "wb") as out:
            out.truncate(begun)
            out.seek(begun)
            if form.virtual:
                for piece in pieces():
                    out.write(piece)
                    if out.tell() >= begun + MARK_BYTES:
                        begun = _saved(out)
                        with replacing(mark) as note:
                            json.dump([bundle.etag, begun], note)
            else:
                form.build(pieces(), out)
            _saved(out)
        part.replace(made)


def _marked(mark: Path, part: Path, etag: str) -> int:
    """How many bytes of this very bundle an earlier run has written for certain."""
    try:
        marked, at = json.loads(mark.read_text("utf-8"))
        return int(at) if marked == etag and part.stat().st_size >= at else 0
    except (OSError, ValueError, TypeError):
        return 0


def _saved(out: BinaryIO) -> int:
    """Bring all that was written to the disk; returns how much it is."""
    out.flush()
    os.fsync(out.fileno())
    return out.tell()
