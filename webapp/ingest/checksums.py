"""Fills CRC-32, SHA-256 and the true size of products whose bytes are in local stores.

Resumable: what was hashed is written every 256 files, and a product that has all three is not read again. A size or
hash that turns out to be another than the catalogue's raises the product's revision. Files that change while they are
read are left for the next time.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, insert, or_, select, update
from sqlmodel import col

from jobs.checksums import Checksums, checksums
from jobs.errors import MissingFile, StoreError
from webapp import clock
from webapp.db import reading, writing
from webapp.ingest.errors import no_progress
from webapp.ingest.lock import catalogue_lock
from webapp.ingest.write import raise_version
from webapp.models import Product, ProductRevision

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from jobs.storage import StoreMap
    from webapp.ingest.errors import Progress

PAGE = 256  # files between two writes
PIECE = 1 << 20

_UNKNOWN = or_(col(Product.sha256).is_(None), col(Product.crc32).is_(None), col(Product.size).is_(None))
_WANTED = (col(Product.withdrawn_at).is_(None), _UNKNOWN)


class _Due(NamedTuple):
    id: int
    uri: str
    location: str | None
    revision: int
    size: int | None
    sha256: str | None


@dataclass
class Outcome:
    """``hashed`` files, of which ``corrected`` differed from the catalogue; ``elsewhere`` are not in a local store."""

    hashed: int = 0
    corrected: int = 0
    elsewhere: int = 0
    missing: list[str] = field(default_factory=list)  # URIs
    failed: list[str] = field(default_factory=list)  # sentences


def checksum(engine: Engine, stores: StoreMap, *, jobs: int, progress: Progress = no_progress) -> Outcome:
    """Hash with ``jobs`` threads (hashing lets the others run). Every page is one short transaction."""
    outcome = Outcome()
    with reading(engine) as session:
        total = session.execute(select(func.count()).select_from(Product).where(*_WANTED)).scalar_one()
    after = done = 0
    with ThreadPoolExecutor(jobs) as pool:
        while page := _page(engine, after):
            after = page[-1].id
            local = [(due, file) for due in page if (file := _local(due, stores, outcome)) is not None]
            try:
                results = list(pool.map(_try_sums, [file for _, file in local]))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
            _settle(engine, [(due, result) for (due, _), result in zip(local, results, strict=True)], outcome)
            done += len(page)
            progress("Hashing", done, max(total, done))
    return outcome


def _page(engine: Engine, after: int) -> list[_Due]:
    columns = [col(getattr(Product, name)) for name in _Due._fields]
    query = select(*columns).where(*_WANTED, col(Product.id) > after).order_by(col(Product.id)).limit(PAGE)
    with reading(engine) as session:
        return [_Due(*row) for row in session.execute(query)]


def _local(due: _Due, stores: StoreMap, outcome: Outcome) -> Path | None:
    try:
        place = stores.locate(due.uri, due.location)
        file = place.store.local_path(place.path) if place is not None else None
    except StoreError as error:
        outcome.failed.append(f"{due.uri}: {error}")
        return None
    if file is None:
        outcome.elsewhere += 1
    return file


def _try_sums(file: Path) -> Checksums | Exception:
    try:
        return sums(file)
    except (OSError, StoreError) as error:
        return error


def sums(file: Path) -> Checksums:
    """Size, CRC-32 and SHA-256 of a file. Raises OSError, or StoreError if it changes meanwhile."""
    with file.open("rb", buffering=0) as stream:
        before = os.fstat(stream.fileno())
        found = checksums(iter(lambda: stream.read(PIECE), b""))
        after = os.fstat(stream.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or found.size != after.st_size:
        raise StoreError(f"{file.name} changed while it was read; run the command again.")
    return found


def _settle(engine: Engine, results: list[tuple[_Due, Checksums | Exception]], outcome: Outcome) -> None:
    found = []
    for due, result in results:
        if isinstance(result, Checksums):
            found.append((due, result))
        elif isinstance(result, FileNotFoundError | MissingFile):
            outcome.missing.append(due.uri)
        else:
            outcome.failed.append(f"{due.uri}: {result}")
    if not found:
        return
    with catalogue_lock(engine), writing(engine) as session:
        sizes_change = False
        for due, sums_ in found:
            differs = due.size not in {None, sums_.size} or due.sha256 not in {None, sums_.sha256}
            # Not if an ingest replaced it meanwhile.
            still = (col(Product.id) == due.id, col(Product.revision) == due.revision)
            values = {**sums_._asdict(), "revision": due.revision + differs}
            if not session.execute(update(Product).where(*still).values(values)).rowcount:  # type: ignore[attr-defined]  # an UPDATE has one
                continue
            outcome.hashed += 1
            sizes_change |= due.size != sums_.size
            if differs:
                outcome.corrected += 1
                old = {"product_id": due.id, "revision": due.revision, "size": due.size, "sha256": due.sha256}
                session.execute(insert(ProductRevision).values(**old, replaced_at=clock.now()))
        if sizes_change:
            raise_version(session.connection())
