"""A prepared bundle: what its job left in the delivery's folder, opened to be read by any range.

The folder holds the columns of all members (jobs.members), where each member's bytes are and which version of them was
checked, and ``bundle.json``: the parts, each a run of members. Nothing of the bundle itself is on disk. A file that is
no longer the one that was checked raises BrokenBundle, naming it: never a silently wrong byte.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from contextlib import suppress
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jobs.errors import ChangedFile, JobError, ManifestError, StoreError
from jobs.files import replacing
from jobs.formats import inner_of
from jobs.members import Members
from jobs.streaming import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from jobs.layout import Layout
    from jobs.storage import Located, StoreMap

BUNDLE_FILE = "bundle.json"
BROKEN_FILE = "broken-{}.json"  # of a run: what is made anew is whole again, whoever still reads the old one
PAPERS = "papers"  # the folder of the documents that Skybasket adds
RUN = 32  # places looked up at once: spreads what a call of NumPy costs, and holds 30 kB for each slow reader
_PLACES = {"places": "<u1", "place_ends": "<i8", "versions": "<i8"}


class BrokenBundle(JobError):  # noqa: N818 - says what the bundle is
    """A file of the bundle changed or cannot be read. ``uri`` and ``path`` name it."""

    def __init__(self, uri: str, path: str, problem: str) -> None:
        super().__init__(f"{path} is not as it was when this bundle was prepared: {problem}")
        self.uri, self.path, self.problem = uri, path, problem


class BundlePart(NamedTuple):
    """The members ``first <= i < last``, which make one bundle."""

    name: str  # of the file that the user gets
    first: int
    last: int


class Place(NamedTuple):
    """Where the bytes of a member are: at a URI, or in a paper of the delivery's folder (``uri`` is empty)."""

    uri: str
    location: str  # recorded location, or the paper's name
    version: int


class Places:
    """Places of n members, as mapped columns."""

    def __init__(self, texts: NDArray[np.uint8], ends: NDArray[np.int64], versions: NDArray[np.int64]) -> None:
        self._texts, self._ends, self._versions = texts, ends, versions

    @staticmethod
    def save(folder: Path, places: Iterable[Place]) -> None:
        """Write the columns. Raises ManifestError for a place that cannot be written."""
        texts, ends, versions = bytearray(), array("q"), array("q")
        for place in places:
            if "\0" in place.uri or "\0" in place.location:
                raise ManifestError(f"{place.uri!r} holds a NUL.")
            texts += f"{place.uri}\0{place.location}".encode()
            ends.append(len(texts))
            versions.append(place.version)
        columns: dict[str, bytearray | array[int]] = {"places": texts, "place_ends": ends, "versions": versions}
        for name, column in columns.items():
            part = folder / f"{name}.npy.part"
            with part.open("wb") as out:
                np.save(out, np.frombuffer(column, _PLACES[name]))
            part.replace(folder / f"{name}.npy")

    @classmethod
    def load(cls, folder: Path) -> Places:
        """The columns, mapped into memory. Raises ManifestError."""
        try:
            return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _PLACES))
        except (OSError, ValueError, EOFError) as error:
            raise ManifestError(f"The places of the bundle in {folder.name} cannot be read.") from error

    def versions(self, first: int, last: int) -> bytes:
        """Those of the members ``first <= i < last``, eight bytes each."""
        return self._versions[first:last].tobytes()

    def of(self, first: int, last: int) -> Iterator[Place]:
        """Those of the members ``first <= i < last``."""
        bounds = [int(self._ends[first - 1]) if first else 0, *self._ends[first:last].tolist()]
        texts = self._texts[bounds[0] : bounds[-1]].tobytes()
        for (start, end), version in zip(pairwise(bounds), self._versions[first:last].tolist(), strict=True):
            uri, _, location = texts[start - bounds[0] : end - bounds[0]].decode().partition("\0")
            yield Place(uri, location, version)


class Bundle:
    """One part of a prepared delivery. Safe for many threads. Raises ManifestError if its columns are not there."""

    def __init__(self, folder: Path, name: str, stores: StoreMap) -> None:
        description = read_bundle(folder)
        found = next((part for part in description.parts if part.name == name), None)
        if found is None:
            raise ManifestError(f"There is no bundle {name!r} in {folder.name}.")
        self._folder, self._first, self._last, self._stores = folder, found.first, found.last, stores
        self.media_type = inner_of(description.format).media_type
        self._places = Places.load(folder)
        self._members = Members.load(folder)[found.first : found.last]
        self._layout: Layout = inner_of(description.format).layout(self._members)

    @property
    def length(self) -> int:
        """Bytes."""
        return self._layout.length

    @cached_property
    def etag(self) -> str:
        """A strong validator, without quotes: of the layout, and of what the papers say and which versions it holds.

        A tar has no CRC-32s, so two of its layouts may be equal while a paper or a file of the same second is not.
        """
        content = hashlib.sha256(f"{self._layout.etag}\n".encode())
        content.update(self._members.crcs.tobytes())
        content.update(self._places.versions(self._first, self._last))
        return content.hexdigest()[:32]

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes ``start <= i < end``. Raises BrokenBundle where a file is no longer what was checked."""
        return stream(self._layout.parts(start, end), _Contents(self))

    def located(self, first: int, last: int) -> list[tuple[Place, Located | None]]:
        """The members ``first <= i < last``, or as many as there are; the second is None for papers too."""
        first, last = self._first + first, min(self._first + last, self._last)
        locate = self._stores.locate
        return [
            (place, locate(place.uri, place.location) if place.uri else None) for place in self._places.of(first, last)
        ]

    def paper(self, name: str, start: int, end: int) -> bytes:
        """Bytes of one of the documents that Skybasket adds. Raises StoreError."""
        try:
            with (self._folder / PAPERS / name).open("rb") as paper:
                paper.seek(start)
                return paper.read(end - start)
        except OSError as error:
            raise StoreError(f"{name} is gone.") from error

    def name(self, member: int) -> str:
        """What a member is called in the bundle."""
        return self._members.name(member)


class _Contents:
    """The contents of a bundle's members for one download, which asks for them in their order."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._runs: dict[int, list[tuple[Place, Located | None]]] = {}  # the last two, as reading ahead needs

    def fetch(self, member: int, start: int, end: int) -> bytes:
        """Bytes of one member (jobs.streaming.Source)."""
        place, found = self._at(member)
        try:
            if found:
                return found.store.fetch(found.path, start, end, place.version)
            if not place.uri:
                return self._bundle.paper(place.location, start, end)
            raise ChangedFile("No store is configured for it any more.")
        except StoreError as error:
            raise BrokenBundle(place.uri, self._bundle.name(member), str(error)) from error

    def remote(self, member: int) -> bool:
        """Whether reading a member takes long enough to be done ahead (jobs.streaming.Source)."""
        found = self._at(member)[1]
        return found is not None and found.store.remote

    def _at(self, member: int) -> tuple[Place, Located | None]:
        number = member // RUN
        run = self._runs.get(number)
        if run is None:
            run = self._bundle.located(number * RUN, (number + 1) * RUN)
            self._runs = dict([*self._runs.items()][-1:]) | {number: run}  # anew, as several threads look
        return run[member % RUN]


class Description(NamedTuple):
    """What a prepared bundle is made of."""

    format: str
    parts: tuple[BundlePart, ...]


def write_bundle(folder: Path, description: Description) -> None:
    """Write ``bundle.json``; the columns are there before."""
    with replacing(folder / BUNDLE_FILE) as out:
        json.dump({"format": description.format, "parts": description.parts}, out)


def read_bundle(folder: Path) -> Description:
    """What ``write_bundle`` wrote. Raises ManifestError."""
    try:
        content = json.loads((folder / BUNDLE_FILE).read_text("utf-8"))
        return Description(content["format"], tuple(BundlePart(*part) for part in content["parts"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ManifestError(f"The bundle in {folder.name} cannot be read.") from error


def mark_broken(folder: Path, run: int, error: BrokenBundle) -> None:
    """Remember which file broke a bundle of a run while it was sent, so that no later range is served."""
    with suppress(OSError), replacing(folder / BROKEN_FILE.format(run)) as out:
        json.dump({"uri": error.uri, "path": error.path, "problem": error.problem}, out)


def broken(folder: Path, run: int) -> BrokenBundle | None:
    """What ``mark_broken`` remembered."""
    try:
        return BrokenBundle(**json.loads((folder / BROKEN_FILE.format(run)).read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        return BrokenBundle("", "A file", "the note about it is damaged.")
