"""The files of a delivery with what became of each: the receipt where there is one, else what was promised.

Failed ones come first. Searching is for a part of the path, in any case.
"""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.bundles import broken
from jobs.errors import JobError
from jobs.manifest import MANIFEST_FILE, read_jsonl
from jobs.omitted import read_omitted
from jobs.receipts import CSV_FILE, DELIVERED, DUPLICATE
from jobs.results import read_findings
from webapp import delivery_files as files
from webapp.staging_room import staged_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord

MOST_SHOWN = 200


@dataclass(frozen=True)
class Line:
    """One file. ``size`` in bytes or None; ``bad``: the user does not have it, or not as promised."""

    path: str
    size: int | None
    result: str
    detail: str
    bad: bool


@dataclass(frozen=True)
class Receipt:
    """The lines to show, how many match in all (None: nobody counted), and whether it is a receipt or a promise."""

    lines: tuple[Line, ...]
    matching: int | None
    failed: int
    real: bool


def receipt(services: Services, record: DeliveryRecord, *, find: str = "", count: bool = True) -> Receipt:
    """The first lines of a delivery. Without ``count`` no more is read than is shown."""
    place = files.folder(services, record.id)
    table = staged_folder(services.settings, record) / CSV_FILE
    real = record.method == "batch" and table.is_file()
    found = _received(table) if real else _promised(place, record.run)
    bad: list[Line] = []
    good: list[Line] = []
    matching = failed = 0
    with suppress(JobError, OSError):  # of a damaged list, what can be read
        for line in found:
            failed += line.bad
            if find.lower() not in line.path.lower():
                continue
            matching += 1
            shown = bad if line.bad else good
            if len(shown) < MOST_SHOWN:
                shown.append(line)
            elif not count:
                break
    lines = tuple((bad + good)[:MOST_SHOWN])
    return Receipt(lines, matching if count else None, failed, real)


def _received(table: Path) -> Iterator[Line]:
    with table.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            result = row["result"]
            good = result in DELIVERED or result.startswith(DUPLICATE)
            size = int(row["bytes"]) if row["bytes"] else None
            yield Line(row["path"], size, result, row["detail"], bad=not good)


def _promised(place: Path, run: int) -> Iterator[Line]:
    problems = {}
    with suppress(JobError):
        problems = {finding.uri: finding.problem for finding in read_findings(place) if finding.problem}
    if (cut_off := broken(place, run)) is not None:
        problems[cut_off.uri] = cut_off.problem
    for omitted in read_omitted(place):
        yield Line(omitted.path, None, omitted.reason, "Left out, as agreed.", bad=False)
    if not (place / MANIFEST_FILE).exists():
        return
    for entry in read_jsonl(place / MANIFEST_FILE):
        problem = problems.get(entry.uri, "")
        yield Line(entry.path, entry.size, "Problem" if problem else "", problem, bad=bool(problem))
