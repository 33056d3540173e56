"""Which product a row names: URI, file name and mission, each taken from the others where the table is silent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from webapp.ingest.errors import CellError, shown
from webapp.ingest.interning import Memo
from webapp.ingest.uris import UriError, canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.ingest.names import Missions

MAX_NAME = 255  # bytes, as file systems allow

_MISSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")

Cells = "Sequence[str | None]"


class Identities:
    """Reads the identity of rows. ``mission`` is the operator's word and goes over everything else."""

    def __init__(self, missions: Missions, mission: str | None) -> None:
        self._missions = missions
        self._override = mission
        self._checked: Memo[str] = Memo(self._check)

    def of(
        self,
        uris: Sequence[str | None],
        names: Sequence[str | None],
        urls: Sequence[str | None],
        missions: Sequence[str | None],
    ) -> tuple[list[str], list[str], list[str]]:
        """Canonical URIs, file names and missions. Raises CellError."""
        given = [None if uri is None else checked_uri(uri) for uri in uris]
        filenames = [
            filename(name) if name is not None else _filename_of(uri or url, at)
            for at, (name, uri, url) in enumerate(zip(names, given, urls, strict=True))
        ]
        if self._override is not None:
            owners = [self._checked[self._override]] * len(filenames)
        else:
            owners = [
                self._checked[mission] if mission is not None else self._owner(uri, name, at)
                for at, (mission, uri, name) in enumerate(zip(missions, given, filenames, strict=True))
            ]
        known = [
            uri if uri is not None else checked_uri(f"mast:{mission}/product/{name}", "filename", name)
            for uri, mission, name in zip(given, owners, filenames, strict=True)
        ]
        return known, filenames, owners

    def mission(self, stated: str) -> str:
        """The mission of a row that names no product. Raises CellError."""
        return self._checked[self._override or stated]

    def _owner(self, uri: str | None, name: str, at: int) -> str:
        if uri is not None and uri.startswith("mast:"):
            mission, slash, _ = uri[5:].partition("/")
            if slash:
                return self._checked[mission]
        found = self._missions.owner_of(name)
        if found is None:
            complaint = f"has {shown(uri or name)}, a name that tells no mission; say it with --mission"
            raise CellError("filename" if uri is None else "uri", None, complaint, at=at)
        return found

    def _check(self, value: str) -> str:
        value = value.strip()
        if not _MISSION.fullmatch(value):
            raise CellError("mission", value, f"has {shown(value)}, which is not the name of a mission")
        return value.upper() if value.upper() in self._missions else value


def filename(value: str) -> str:
    """The last part of a path. Raises CellError for what no file can be called."""
    name = value.rpartition("/")[2].strip()
    if not name or name in {".", ".."} or not name.isprintable() or "\\" in name:
        raise CellError("filename", value, f"has {shown(value)}, which is not a file name")
    if len(name) > MAX_NAME // 4 and len(name.encode()) > MAX_NAME:
        raise CellError("filename", value, f"has a file name of {len(name.encode()):,} bytes; {MAX_NAME} are allowed")
    return name


def _filename_of(address: str | None, at: int) -> str:
    if address is None:
        raise CellError("uri", None, "is empty, and nothing else in the row names the product", at=at)
    path = address.partition("?")[0]
    try:
        return filename(path)
    except CellError as error:
        raise CellError("uri", None, f"has {shown(address)}, which does not end in a file name", at=at) from error


def checked_uri(uri: str, column: str = "uri", value: str | None = None) -> str:
    """The one spelling of a data URI. Raises CellError about ``value`` (default: the URI) of that column."""
    try:
        return canonical(uri)
    except UriError as error:
        complaint = str(error).rstrip(".")
        raise CellError(column, uri if value is None else value, f"is refused: {complaint}") from error
