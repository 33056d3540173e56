"""Walks a folder of real files and makes of it what a product table would say.

FITS files are read by their headers; pictures and sidecars join the observation whose name theirs begins with;
JWST associations say which exposures a combined observation was made from.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import fsspec

from webapp.ingest.errors import IngestError, shown
from webapp.ingest.fits_headers import Facts, facts, read_cards
from webapp.ingest.fits_join import Joiner, settle_support
from webapp.ingest.names import PICTURES, extension, split_name
from webapp.ingest.product_table import Batch, Table
from webapp.ingest.uris import UriError, canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.ingest.errors import Progress
    from webapp.ingest.names import Missions

FITS = frozenset({"fits", "fit", "fits.gz", "fit.gz", "fits.fz"})
SIDECARS = PICTURES | {"json", "csv", "ecsv", "txt", "log", "pdf", "asdf", "xml"}
REMOTE_THREADS = 16  # each waits for the network nearly all the time
BATCH = 4_000

_SAID = (
    "category",
    "description",
    "dataproduct_type",
    "proposal_id",
    "pipeline_version",
    "target",
    "instrument",
    "filters",
    "t_min",
    "t_max",
    "ra",
    "dec",
)


@dataclass(frozen=True)
class Found:
    """A file of the folder, by its path below it."""

    path: str
    size: int | None

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def plain(self) -> bool:
        """Whether the path holds nothing that the catalogue refuses in names."""
        return self.path.isprintable() and "\\" not in self.path


@dataclass
class Folder:
    """A folder or any fsspec URL. ``url`` is what a store needs to serve it."""

    url: str
    files: list[Found]
    filesystem: Any
    root: str
    left_out: list[str] = field(default_factory=list)  # sentences about what is no file of this folder

    @classmethod
    def open(cls, location: str) -> Folder:
        """List the files. Raises IngestError if there is no such folder, or nothing in it."""
        try:
            filesystem, root = fsspec.core.url_to_fs(location)
            if not filesystem.isdir(root):
                raise IngestError(f"There is no folder {location}.")
            listed = filesystem.find(root, detail=True)
        except (OSError, ValueError, ImportError) as error:
            if isinstance(error, IngestError):
                raise
            raise IngestError(f"{location} cannot be listed: {error}.") from error
        base = root.rstrip("/") + "/"
        local = "file" in (filesystem.protocol if isinstance(filesystem.protocol, tuple) else (filesystem.protocol,))
        url = Path(root).as_uri() if local else filesystem.unstrip_protocol(root)
        folder = cls(url.rstrip("/"), [], filesystem, base)
        for name, info in sorted(listed.items()):
            path = name.removeprefix(base)
            if any(part.startswith(".") for part in path.split("/")):
                continue
            why = _unfit(Path(base), path) if local and info["type"] != "file" else None
            if why:
                folder.left_out.append(f"{shown(path)} {why}")
            else:
                folder.files.append(Found(path, info.get("size")))
        return folder

    @property
    def local(self) -> bool:
        """Whether the files are on this machine."""
        return bool(self.url.startswith("file:"))

    def address(self, path: str) -> str:
        """The URL of a file."""
        return f"{self.url}/{quote(path) if self.local else path}"

    def stream(self, path: str) -> Any:
        """A file's bytes, seekable."""
        return self.filesystem.open(self.root + path, "rb")


@dataclass
class Survey:
    """What a folder holds."""

    folder: Folder
    facts: dict[str, Facts] = field(default_factory=dict)  # by path
    damaged: list[str] = field(default_factory=list)  # sentences
    ignored: int = 0


def _unfit(root: Path, path: str) -> str | None:
    """Why an entry of a local folder is left out: opening a named pipe waits for ever, links may show other folders."""
    try:
        real = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a link to itself
        return "is a link to nothing."
    if not real.is_relative_to(root.resolve()):
        return "is a link that leaves the folder."
    return None if real.is_file() else "is not a regular file."


def survey(folder: Folder, missions: Missions, mission: str | None, progress: Progress) -> Survey:
    """Read the headers, then join what has none."""
    found = Survey(folder)
    odd = {file for file in folder.files if not file.plain and extension(file.name) in FITS | SIDECARS}
    found.damaged += [
        f"{shown(file.path)} has a character that names cannot have; rename it." for file in folder.files if file in odd
    ]
    fits = [file for file in folder.files if extension(file.name) in FITS and file not in odd]
    others = [file for file in folder.files if extension(file.name) not in FITS and file not in odd]

    def headers(file: Found) -> Facts | str:
        try:
            with folder.stream(file.path) as stream:
                return facts(read_cards(stream, file.path, file.size), file.path, missions, mission)
        except IngestError as error:
            return str(error)
        except OSError as error:
            return f"{file.path} cannot be read: {error.strerror or error}."

    with ThreadPoolExecutor(1 if folder.local else REMOTE_THREADS) as pool:
        for done, (file, result) in enumerate(zip(fits, pool.map(headers, fits), strict=True), 1):
            if isinstance(result, Facts):
                found.facts[file.path] = result
            else:
                found.damaged.append(result)
            progress("Reading headers", done, len(fits))
    settle_support(found.facts)
    _join(found, others, missions, mission)
    return found


def _join(found: Survey, others: Sequence[Found], missions: Missions, mission: str | None) -> None:
    joiner = Joiner(found.folder, found.facts, missions, mission)
    for file in others:
        try:
            joined = joiner.join(file) if extension(file.name) in SIDECARS else None
        except (IngestError, OSError) as error:
            found.damaged.append(str(error))
            continue
        if joined is None:
            found.ignored += 1
        else:
            found.facts[file.path] = joined
    found.facts = {path: joiner.with_members(each) for path, each in sorted(found.facts.items())}


def as_table(found: Survey, prefix: str, missions: Missions) -> Table:
    """The survey as a product table. URIs are ``prefix`` + path. Raises IngestError for a path that no URI may have."""
    sizes = {file.path: file.size for file in found.folder.files}
    paths = list(found.facts)
    names = dict.fromkeys(("uri", "filename", "mission", "obs_id", "size", "location", "category", *_SAID))

    def rows(start: int) -> Batch:
        some = paths[start : start + BATCH]
        facts_of = [found.facts[path] for path in some]
        cells: dict[str, list[str | None]] = {name: [each.values.get(name) for each in facts_of] for name in _SAID}
        cells["description"] = [
            each.values.get("description") or _meaning(each.mission, path.rpartition("/")[2], missions)
            for each, path in zip(facts_of, some, strict=True)
        ]
        uris = [_uri(prefix, path) for path in some]
        cells["uri"] = list(uris)
        cells["filename"] = [path.rpartition("/")[2] for path in some]
        cells["mission"] = [each.mission for each in facts_of]
        cells["obs_id"] = [each.obs_id for each in facts_of]
        cells["size"] = [None if sizes[path] is None else str(sizes[path]) for path in some]
        # Where the URI has another spelling than the path, the store's prefix alone would not find the file.
        cells["location"] = [
            None if uri == prefix + path else found.folder.address(path) for uri, path in zip(uris, some, strict=True)
        ]
        parents = [each.parents for each in facts_of]
        return Batch(start + 1, len(some), cells, parents, [each.references for each in facts_of])

    batches = (rows(start) for start in range(0, len(paths), BATCH))
    file = found.folder.url.rpartition("/")[2]
    return Table(file, {name: name for name in names}, batches, lambda row: paths[row - 1], more_pages=False)


def _meaning(mission: str, filename: str, missions: Missions) -> str | None:
    split = split_name(mission, filename, missions)
    return (missions.describe(mission, split[1]) if split else "") or None


def _uri(prefix: str, path: str) -> str:
    try:
        return canonical(prefix + path)
    except UriError as error:
        raise IngestError(f"{shown(path)} cannot be named: {error}") from error
