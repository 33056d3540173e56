"""Preparing a bundle: check each file in its store, compute missing CRC-32s, write columns and papers, build tar.gz.

A file that was agreed on and is not there ends in Failed, or is left out and named, as the user chose. The store's size
is the true one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.bundles import PAPERS, Bundle, BundlePart, Description, Place, Places, write_bundle
from jobs.checked import Checked
from jobs.documents import IN_BUNDLE, About, Papers, Row
from jobs.formats import format_of, inner_of
from jobs.manifest import MANIFEST_FILE, read_head
from jobs.members import Members
from jobs.plan import split
from jobs.progress import Progress
from jobs.reference_list import write_delivered
from jobs.results import FAILED, PROBLEMS, READY, VIRTUAL, Artefact, artefact_of, write_findings, write_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jobs.checked import Kept
    from jobs.formats import Built
    from jobs.manifest import Head
    from jobs.plan import Part
    from jobs.storage import StoreMap


@dataclass(frozen=True)
class Wanted:
    """How to prepare it. ``fail``: rather not at all than without a file that was agreed on."""

    format: str
    fail: bool
    most_bytes: int
    most_files: int
    archive: str
    link: str
    citation: str
    run: int = 1  # which try: what is made again has another name, so that nobody resumes the old one with it


def prepare(folder: Path, stores: StoreMap, wanted: Wanted) -> None:
    """Do all of it and write the state. Raises JobError; may be run again after being killed anywhere."""
    head = read_head(folder / MANIFEST_FILE)
    checked = Checked(folder, stores)
    if inner_of(wanted.format).needs_crc and not (checked.missing and wanted.fail):
        checked.compute_crcs()
    write_findings(folder, checked.findings)
    if checked.missing and (wanted.fail or len(checked.missing) == head.files):
        write_state(folder, FAILED, checked.sentence(), files=head.files)
        return
    parts = split(checked.sizes(), checked.folders(), most_bytes=wanted.most_bytes, most_files=wanted.most_files)
    named = _write(folder, head, checked, parts, wanted)
    for old in folder.glob(f"*{format_of(wanted.format).suffix}*"):  # of an earlier run, or one that was killed
        old.unlink()
    artefacts = [_artefact(folder, part, each, stores, wanted) for part, each in zip(named, parts, strict=True)]
    write_state(
        folder,
        PROBLEMS if checked.problems else READY,
        checked.sentence(),
        files=sum(part.last - part.first for part in parts),
        size=sum(part.bytes for part in parts),
        artefacts=artefacts,
    )


def _write(folder: Path, head: Head, checked: Checked, parts: tuple[Part, ...], wanted: Wanted) -> list[BundlePart]:
    """Papers, columns and description. In the columns each part's papers follow its files."""
    papers_place = folder / PAPERS / str(wanted.run)  # those of an earlier run may still be on their way to somebody
    papers_place.mkdir(parents=True, exist_ok=True)
    suffix = format_of(wanted.format).suffix
    places: list[Place] = []
    named: list[BundlePart] = []
    left_out = list(checked.left_out())
    references = write_delivered(folder, papers_place, {row.path for row in left_out})

    def members() -> Iterator[tuple[str, int, int, int]]:
        kept = checked.kept()
        for number, part in enumerate(parts, 1):
            first = len(places)
            of = f"{number} of {len(parts)}" if len(parts) > 1 else ""
            about = _about(head, checked, part, wanted, of=of, omitted=len(left_out))
            with Papers(papers_place, about, references) as papers:
                for _ in range(part.last - part.first):
                    file = next(kept)
                    papers.add(_row(file))
                    places.append(Place(file.entry.uri, file.entry.location or "", file.version))
                    yield f"{head.name}/{file.entry.path}", file.size, file.crc32 or 0, file.mtime
                for left in left_out:
                    papers.add(left)
            for paper in papers.written():
                places.append(Place("", f"{wanted.run}/{paper.file.name}", 0))
                yield f"{head.name}/{paper.name}", paper.size, paper.crc32, head.created_at
            end = f"_{wanted.run}" if wanted.run > 1 else ""
            end += f"_part{number}of{len(parts)}" if of else ""
            named.append(BundlePart(f"{head.name}{end}{suffix}", first, len(places)))

    Members.of(members()).save(folder)
    Places.save(folder, places)
    write_bundle(folder, Description(wanted.format, tuple(named)))
    return named


def _about(head: Head, checked: Checked, part: Part, wanted: Wanted, *, of: str, omitted: int) -> About:
    return About(
        name=head.name,
        part=of,
        archive=wanted.archive,
        link=wanted.link,
        citation=wanted.citation,
        checked_at=checked.at,
        files=part.last - part.first,
        omitted=omitted,
    )


def _row(file: Kept) -> Row:
    entry = file.entry
    return Row(entry.uri, entry.path, file.size, file.sha256, entry.exclusive, IN_BUNDLE)


def _artefact(folder: Path, part: BundlePart, cut: Part, stores: StoreMap, wanted: Wanted) -> Artefact:
    bundle = Bundle(folder, part.name, stores)
    form = format_of(wanted.format)
    if form.virtual:
        return Artefact(part.name, bundle.length, "", VIRTUAL, cut.last - cut.first)
    made = folder / part.name
    _build(form, bundle, made)
    return artefact_of(made)._replace(files=cut.last - cut.first)


def _build(form: Built, bundle: Bundle, made: Path) -> None:
    part = made.with_name(f"{made.name}.part")
    progress = Progress(1, bundle.length)

    def counted() -> Iterator[bytes]:
        done = 0
        for piece in bundle.read(0, bundle.length):
            yield piece
            done += len(piece)
            progress.at(0, done)

    try:
        with part.open("wb") as out:
            form.build(counted(), out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(made)
    finally:
        part.unlink(missing_ok=True)
