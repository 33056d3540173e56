"""Files in real folders, a catalogue of nothing but them, and their bundles, prepared by the job itself."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.manifest import MANIFEST_FILE, Entry, Manifest, write_jsonl
from jobs.results import READY, read_state
from jobs.tasks import prepare_bundle
from webapp import clock
from webapp.db import engine_for, writing
from webapp.models import Basket, Delivery
from webapp.queries.inventory import catalogue_version
from webapp.stores import add_store, store_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from webapp.settings import Settings

PREFIX = "mast:JWST/product/"
A_FOLDER = 33  # files, as in archives
FORMATS = ("zip", "tar")


@dataclass(frozen=True)
class Files:
    """So many files of one size, at ``<archive>/<name>/``; ``paths`` are relative to the archive."""

    name: str
    folder: Path
    paths: list[str]
    size: int  # bytes of each
    crc32: int | None  # of each, where they are the same

    @property
    def bytes(self) -> int:
        return len(self.paths) * self.size


class Holdings:
    """An archive of its own, which these settings serve."""

    def __init__(self, settings: Settings, archive: Path) -> None:
        self._settings, self._archive = settings, archive
        add_store(settings, PREFIX, archive.as_uri())

    def write(self, name: str, files: int, size: int) -> Files:
        """Files of random bytes, no two the same."""
        content = memoryview(os.urandom(size + files))
        paths = self._paths(name, files)
        for number, path in enumerate(paths):
            (self._archive / path).write_bytes(content[number : number + size])
        return Files(name, self._archive / name, paths, size, None)

    def sparse(self, name: str, files: int, size: int) -> Files:
        """Files of zeros, which take no room on the disk."""
        paths = self._paths(name, files)
        for path in paths:
            with (self._archive / path).open("wb") as out:
                out.truncate(size)
        return Files(name, self._archive / name, paths, size, _crc_of_zeros(size))

    def prepare(self, files: Files, form: str, count: int | None = None) -> str:
        """The bundle of these files, or of the first ``count``: its path at the server."""
        paths = files.paths[:count]
        delivery = f"{files.name}-{form.replace('.', '-')}-{len(paths)}"
        place = self._settings.spool / "deliveries" / delivery
        place.mkdir(parents=True)
        entries = (Entry(PREFIX + path, path, files.size, None, files.crc32, False, None, path) for path in paths)  # noqa: FBT003 - the fields of a tuple
        manifest = Manifest(files.name, tuple(entries), clock.now())
        write_jsonl(manifest, place / MANIFEST_FILE)
        stores = [list(pair) for pair in store_pairs(self._settings)]
        limits = {"most_bytes": self._settings.bundle_bytes, "most_files": self._settings.part_files}
        header = {"archive": "An archive", "link": "http://127.0.0.1", "citation": ""}
        prepare_bundle(str(place), stores, form, {**limits, "fail": True}, header)
        ended = read_state(place)
        if ended is None or ended.state != READY:
            raise RuntimeError(f"The bundle was not made: {ended}")
        self._list(delivery, form, manifest)
        return f"/deliveries/{delivery}/{ended.artefacts[0].name}"

    def _list(self, delivery: str, form: str, manifest: Manifest) -> None:
        engine = engine_for(self._settings.database_url)
        now = manifest.created_at
        with writing(engine) as session:
            # The frozen basket of an order says of which catalogue it is: while that has not changed, nor have rights.
            known = f"1:{catalogue_version(session)}"
            files = f"files-of-{delivery}"
            session.add(Basket(id=files, owner="benchmark", digest_for=known, created_at=now, changed_at=now))
            session.add(
                Delivery(
                    id=delivery,
                    owner="benchmark",
                    files_id=files,
                    method="bundle",
                    format=form,
                    name=manifest.name,
                    digest=manifest.digest,
                    files=manifest.totals.files,
                    bytes=manifest.totals.bytes,
                    state=READY,
                    created_at=now,
                    finished_at=now,
                )
            )
        engine.dispose()

    def _paths(self, name: str, files: int) -> list[str]:
        paths = []
        for number in range(files):
            folder = f"{name}/jw{number // A_FOLDER:05d}001001_02101_00001_nrca1"
            if number % A_FOLDER == 0:
                (self._archive / folder).mkdir(parents=True)
            paths.append(f"{folder}/jw{number:08d}001_02101_00001_nrca1_cal.fits")
        return paths


def _crc_of_zeros(size: int) -> int:
    """Without making so many."""
    block, crc = bytes(1 << 20), 0
    for at in range(0, size, len(block)):
        crc = zlib.crc32(block[: size - at], crc)
    return crc
