"""Makes the demo archive on disk: all of it or nothing. A folder that has it is left as it is."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from webapp.errors import UserError
from webapp.ingest.demo import hlsp, hst_archive, jwst_archive, references, tables, tess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from webapp.ingest.demo.facts import Item
    from webapp.ingest.errors import Progress

FILES = 1144  # for the progress bar; a test holds it
TABLES = "tables"
SUMMARY = "demo.json"  # written last: where it is, the archive is complete
WAIT_SECONDS = 300  # for another process that makes the same archive


@dataclass(frozen=True)
class DemoSummary:
    """What the archive holds. ``observations`` are those that list products, ``members`` their exposures."""

    files: int
    bytes: int
    observations: int
    members: int


def items() -> Iterator[Item]:
    """Every file of the archive, in a fixed order."""
    yield from jwst_archive.items()
    yield from hst_archive.items()
    yield from tess.items()
    yield from hlsp.items()
    yield from references.items(jwst_archive.DETECTORS, hst_archive.VARIANTS)


def make_demo(folder: Path, *, progress: Progress | None = None) -> DemoSummary:
    """Make the archive: ``mast:JWST/product/x`` is ``<folder>/JWST/product/x``, tables are in ``<folder>/tables``.

    It is made beside the folder and renamed when complete, so that a killed run leaves nothing half made; if it is
    there already, nothing is done. Raises UserError if the folder holds something else or cannot be written.
    """
    return write(folder, items, progress)


def write(folder: Path, contents: Callable[[], Iterator[Item]], progress: Progress | None = None) -> DemoSummary:
    """Write files and tables as ``make_demo`` promises, whatever the contents."""
    folder = folder.absolute()
    try:
        while (found := _found(folder)) is None:
            with _place_beside(folder) as part:
                if part is not None:
                    _fill(part, contents(), progress)
                    part.rename(folder)
    except OSError as error:
        raise UserError(500, f"The demo archive cannot be written to {folder}: {error.strerror or error}.") from error
    return found


def _found(folder: Path) -> DemoSummary | None:
    """The summary of a complete archive, None if there is nothing."""
    try:
        return DemoSummary(**json.loads((folder / SUMMARY).read_text("utf-8")))
    except FileNotFoundError:
        if folder.is_dir() and any(folder.iterdir()):
            raise UserError(
                409, f"{folder} holds other files.", "Name an empty or a new folder for the demo."
            ) from None
        return None


@contextmanager
def _place_beside(folder: Path) -> Iterator[Path | None]:
    """An empty folder to fill, held by a lock on itself; None when another process had it, and may have finished."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.part")
    part.mkdir(exist_ok=True)
    held = os.open(part, os.O_RDONLY)
    try:
        if not _locked(held):
            sentence = f"Another process has been making {folder} for {WAIT_SECONDS} seconds."
            raise UserError(503, sentence, "Try again later.")
        if not part.exists() or os.fstat(held).st_ino != part.stat().st_ino:
            yield None
            return
        _empty(part)  # what a killed run left
        try:
            yield part
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    finally:
        os.close(held)


def _locked(held: int) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _empty(part: Path) -> None:
    for child in part.iterdir():
        if child.is_dir():
            shutil.rmtree(child)
        else:
            child.unlink()


def _fill(part: Path, contents: Iterator[Item], progress: Progress | None) -> None:
    listed: dict[str, list[tuple[Any, ...]]] = {}
    marked: set[str] = set()
    named: set[str] = set()
    files = size = 0
    for item in contents:
        path = part / item.path
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with path.open("xb") as file:  # a second file of the same name would be a mistake
            file.write(item.content)
        name = item.mission.lower() if item.observation else "references"
        listed.setdefault(name, []).extend(tables.rows(item, sha256(item.content).hexdigest()))
        marked.update(parent.obs_id for parent in item.parents)
        named.update({item.observation.obs_id} if item.observation else set())
        files, size = files + 1, size + len(item.content)
        if progress:
            progress("Making the demo archive", files, FILES)
    (part / TABLES).mkdir()
    for name, rows in listed.items():
        (part / TABLES / f"{name}.ecsv").write_bytes(tables.ecsv(rows))
    summary = DemoSummary(files, size, len(marked), len(named - marked))
    (part / SUMMARY).write_text(json.dumps(asdict(summary)) + "\n", "utf-8")
