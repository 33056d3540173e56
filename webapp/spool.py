"""The spool's limit: what has not been used for longest goes first. Lists of files always stay.

What may go: what jobs made for deliveries that are over (they become Expired, and can be made again from their list),
and inventories, which are built again when needed. What belongs to an unfinished delivery, or describes staged files,
stays; so does what was used within the last minutes.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from webapp import clock
from webapp.db import reading, writing
from webapp.delivery_files import folder as delivery_folder
from webapp.errors import UserError
from webapp.queries import chores as query
from webapp.template_filters import size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from webapp.context import Services

MARKER = ".used"  # its time is when the folder was last used
LOCK = ".lock"  # as jobs.tasks holds it while it works in a delivery's folder
LIST = ".jsonl"  # the ending of manifest, findings, receipt
FRESH_SECONDS = 600  # just made, or being fetched
MARK_SECONDS = 60  # a download asks for many ranges
LEFT_SECONDS = 86_400  # what nobody knows is what a killed process left, once it is this old
A_TICK = 200  # things removed
EVICTED = "It was removed to make room for newer ones. You can make it again."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Thing:
    """A folder in the spool. ``bytes`` are those that would go with it."""

    folder: Path
    bytes: int
    used_at: float
    delivery_id: str | None = None


def used(folder: Path) -> None:
    """Remember that what is in this folder of the spool was used just now. Raises nothing."""
    marker = folder / MARKER
    try:
        if clock.now() - marker.stat().st_mtime < MARK_SECONDS:
            return
    except OSError:
        pass  # not marked yet
    try:
        marker.touch()
        os.utime(marker, (clock.now(), clock.now()))
    except OSError:
        log.warning("The time of use of %s could not be noted.", folder.name)


def room(services: Services, wanted: int) -> None:
    """Make room in the spool for ``wanted`` bytes. Raises UserError 507 with the free figure if there cannot be."""
    held, things = _survey(services)
    loose = sum(thing.bytes for thing in things)
    limit = services.settings.spool_bytes
    services.settings.spool.mkdir(parents=True, exist_ok=True)
    free = min(limit - held, shutil.disk_usage(services.settings.spool).free) + loose
    if wanted > free:
        raise UserError(
            507,
            f"This download needs {size(wanted)} on this server, and {size(max(free, 0))} are free.",
            "Take a zip or tar, which need no room, or a script; or try again later.",
        )
    _evict(services, held + wanted - limit, things, len(things))


def size_of(services: Services) -> int:
    """Bytes in the spool."""
    return _measure([services.settings.spool])


def evict(services: Services) -> None:
    """Keep the spool within its limit, and remove what killed processes left; the clock's chore."""
    _sweep(services)
    held, things = _survey(services)
    _evict(services, held - services.settings.spool_bytes, things, A_TICK)


def strip(services: Services, delivery_id: str) -> None:
    """Remove what was made for a delivery, and keep its lists."""
    for path in _made(delivery_folder(services, delivery_id)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold a delivery's folder as a job does, so that no job begins in it. False if one works there, or it is gone."""
    try:
        lock = (folder / LOCK).open("w")
    except OSError:
        yield False
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _survey(services: Services) -> tuple[int, list[Thing]]:
    """Bytes in the spool, and what of it may go, longest unused first."""
    spool = services.settings.spool
    deliveries = {each.name: each for each in _folders(spool / "deliveries")}
    with reading(services.engine) as session:
        over = query.evictable(session, list(deliveries))
    total, things = 0, []
    for name, folder in deliveries.items():
        whole = _measure([folder])
        total += whole
        if name in over:
            made = _measure(_made(folder))
            things.append(Thing(folder, made, _used_at(folder), name))
    for folder in _folders(spool / "inventories"):
        whole = _measure([folder])
        total += whole
        if not folder.name.startswith("."):  # a process is writing it
            things.append(Thing(folder, whole, _used_at(folder)))
    fresh = clock.now() - FRESH_SECONDS
    loose = [thing for thing in things if thing.bytes and thing.used_at < fresh]
    return total, sorted(loose, key=attrgetter("used_at"))


def _evict(services: Services, too_much: int, things: list[Thing], limit: int) -> None:
    for thing in things[:limit]:
        if too_much <= 0:
            return
        if thing.delivery_id is None:
            shutil.rmtree(thing.folder, ignore_errors=True)  # a process that has it open keeps what it needs
        elif not _evict_delivery(services, thing.folder, thing.delivery_id):
            continue
        too_much -= thing.bytes


def _evict_delivery(services: Services, folder: Path, delivery_id: str) -> bool:
    with held(folder) as mine:
        if not mine:
            return False
        with writing(services.engine) as session:
            query.set_expired(session, delivery_id, EVICTED)  # before its files go, so that nothing is promised
        with reading(services.engine) as session:
            if not query.evictable(session, [delivery_id]):
                return False  # it is being made again
        strip(services, delivery_id)
        return True


def _sweep(services: Services) -> None:
    """Remove folders that no delivery has, and inventories that were not written to their end."""
    spool, old = services.settings.spool, clock.now() - LEFT_SECONDS
    folders = {each.name: each for each in _folders(spool / "deliveries") if _used_at(each) < old}
    with reading(services.engine) as session:
        known = query.known(session, list(folders))
    left = [each for name, each in folders.items() if name not in known]
    left += [each for each in _folders(spool / "inventories") if each.name.startswith(".") and _used_at(each) < old]
    for folder in left[:A_TICK]:
        log.info("Removing what a process left behind: %s", folder)
        shutil.rmtree(folder, ignore_errors=True)


def _folders(parent: Path) -> list[Path]:
    try:
        return [each for each in parent.iterdir() if each.is_dir() and not each.is_symlink()]
    except FileNotFoundError:
        return []


def _made(folder: Path) -> list[Path]:
    """What is in a delivery's folder besides its lists and marks."""
    try:
        inside = list(folder.iterdir())
    except FileNotFoundError:
        return []
    return [each for each in inside if each.suffix != LIST and each.name not in {LOCK, MARKER}]


def _used_at(folder: Path) -> float:
    """When a folder was last used: its mark, else the newest of what is in it."""
    try:
        with os.scandir(folder) as inside:
            times = {each.name: each.stat(follow_symlinks=False).st_mtime for each in inside if each.name != LOCK}
        return times.get(MARKER) or max(times.values(), default=folder.stat().st_mtime)
    except FileNotFoundError:
        return 0.0


def _measure(paths: list[Path]) -> int:
    """Bytes of these files, and of all below these folders. What goes away meanwhile counts nothing."""
    total = 0
    for path in paths:
        try:
            if path.is_dir() and not path.is_symlink():
                total += _measure(list(path.iterdir()))
            else:
                total += path.lstat().st_size
        except FileNotFoundError:
            continue
    return total
