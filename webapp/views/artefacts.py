"""What a delivery has to fetch: bundles that are made as they are sent, files in the spool, and what is staged.

Ranges as at the file door. A bundle whose files have changed is cut off while it is sent, and answers 410 afterwards,
naming the file: never a wrong byte.
"""

from __future__ import annotations

import logging
import time
from contextlib import closing
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from flask import Blueprint, Response, send_file

from jobs.bundles import BrokenBundle, Bundle, broken, mark_broken
from jobs.errors import JobError
from jobs.results import STAGED, VIRTUAL
from jobs.staging import PARTS
from webapp import deliveries, delivery_access, delivery_files, spool
from webapp.context import services
from webapp.errors import UserError
from webapp.identity import needs, who
from webapp.ranges import ranged
from webapp.staging_room import staged_folder
from webapp.tokens import DOWNLOAD
from webapp.views.files import TYPES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from jobs.results import Artefact
    from jobs.storage import StoreMap
    from webapp.deliveries import Status

blueprint = Blueprint("artefacts", __name__)
log = logging.getLogger(__name__)

MADE_AGAIN = "Make the download again on its page; it will hold what is there now."
USED_SECONDS = 60
OPEN_BUNDLES = 64  # kept open: their columns are mapped, so that each costs little

_opening = Lock()  # many come for one bundle at once, and each would lay it out for itself: 3 MB with 100,000 files


@blueprint.get("/deliveries/<delivery_id>/<path:name>")
@needs(DOWNLOAD)
def artefact(delivery_id: str, name: str) -> Response:
    """One artefact of a delivery, with ranges; HEAD comes with GET."""
    here = services()
    found = deliveries.status(here, delivery_id)
    delivery_access.must_read(here, found.record, who())
    place = delivery_files.folder(here, delivery_id)
    if (problem := broken(place, found.record.run)) is not None:
        raise UserError(410, str(problem), MADE_AGAIN)
    known = next((each for each in found.artefacts if each.name == name), None)
    if known is not None and known.kind == VIRTUAL:
        return _virtual(found, known, place)
    staged = (
        staged_folder(here.settings, found.record) if found.artefacts and found.artefacts[0].kind == STAGED else None
    )
    if known is None and (staged is None or not _inside(staged, name)):
        hint = (
            "It has expired; its page can make it again." if found.state == "Expired" else "Its page lists what it has."
        )
        raise UserError(410 if found.state == "Expired" else 404, f"This delivery has no file {name[:200]!r}.", hint)
    spool.used(place)
    return _file((staged or place) / name, known)


def _virtual(found: Status, known: Artefact, place: Path) -> Response:
    here = services()
    spool.used(place)
    try:
        with _opening:
            bundle = _opened(place, known.name, found.record.run, here.stores)
    except JobError as error:
        raise UserError(410, f"{known.name} cannot be had any more: {error}", "Make the download again.") from error
    headers = {
        "Content-Type": bundle.media_type,
        "Content-Disposition": f'attachment; filename="{known.name}"',
        "Cache-Control": "private, no-cache",
    }
    return ranged(
        headers,
        length=bundle.length,
        etag=bundle.etag,
        mtime=found.record.created_at,
        read=lambda start, end: _begun(_sent(bundle, place, found.record.run, start, end)),
    )


def _begun(pieces: Generator[bytes]) -> Iterator[bytes]:
    """The same pieces. The first one is made now, because until then a broken bundle can be said in words."""
    try:
        first = [next(pieces, b"")]
    except BrokenBundle as error:
        raise UserError(410, str(error), MADE_AGAIN) from error

    def rest() -> Iterator[bytes]:
        with closing(pieces):
            yield first.pop()  # let go, while a slow reader takes the rest
            yield from pieces

    return rest()


def _sent(bundle: Bundle, place: Path, run: int, start: int, end: int) -> Generator[bytes]:
    """The bytes; where a file has changed the connection is cut, because what is missing cannot be sent right."""
    used_at = time.monotonic()
    try:
        for piece in bundle.read(start, end):
            if time.monotonic() > used_at + USED_SECONDS:  # a long one must not lose its folder to the spool's limit
                spool.used(place)
                used_at = time.monotonic()
            yield piece
    except BrokenBundle as error:
        mark_broken(place, run, error)
        log.warning("%s is cut off: %s", place.name, error)
        raise


@lru_cache(maxsize=OPEN_BUNDLES)
def _opened(place: Path, name: str, _run: int, stores: StoreMap) -> Bundle:
    bundle = Bundle(place, name, stores)
    log.debug("Opened %s, %s.", name, bundle.etag)  # reads all columns: now, once
    return bundle


def _inside(staged: Path, name: str) -> bool:
    """Whether this is a file of the staged folder, and no part of what is being staged."""
    try:
        root, file = staged.resolve(), (staged / name).resolve()
        return file.is_file() and file.is_relative_to(root) and file.relative_to(root).parts[0] != PARTS
    except OSError:  # no file has a name as long as that
        return False


def _file(file: Path, known: Artefact | None) -> Response:
    try:
        response = send_file(file, as_attachment=True, etag=known.sha256 if known and known.sha256 else True, max_age=0)
    except FileNotFoundError as error:
        raise UserError(410, f"{file.name} is gone from this server.", "Make the download again.") from error
    ext = file.name.rsplit(".", 1)[-1].lower()
    response.headers["Content-Type"] = TYPES.get(ext, "application/octet-stream")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-cache"  # who may have it is asked each time
    return response
