"""The rivals as a WSGI application: ``/<maker>/<folder>`` sends that folder of RIVALS_FOLDER as an archive, made now.

Each as its documentation shows it. ``zip`` and ``tar`` are the programs, whose output is passed on.
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stream_zip import NO_COMPRESSION_64, stream_zip
from zipstream import ZipStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

PIECE = 1 << 18


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    _, maker, name = environ["PATH_INFO"].split("/") if environ["PATH_INFO"].count("/") == 2 else ("", "", "")
    if maker not in MAKERS:
        start_response("404 Not Found", [])
        return []
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return MAKERS[maker](Path(os.environ["RIVALS_FOLDER"]) / name)


def _zipstream(folder: Path) -> Iterable[bytes]:
    return ZipStream.from_path(folder)


def _stream_zip(folder: Path) -> Iterable[bytes]:
    return stream_zip(
        (
            str(file.relative_to(folder)),
            datetime.fromtimestamp(file.stat().st_mtime, UTC),
            0o100644,
            NO_COMPRESSION_64,
            _content(file),
        )
        for file in folder.rglob("*")
        if file.is_file()
    )


def _content(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            yield piece


def _program(*command: str, folder: Path) -> Iterator[bytes]:
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, bufsize=0) as program:
        assert program.stdout is not None
        while piece := program.stdout.read(PIECE):
            yield piece


MAKERS = {
    "zipstream-ng": _zipstream,
    "stream-zip": _stream_zip,
    "zip": lambda folder: _program("zip", "-0", "-q", "-r", "-", ".", folder=folder),
    "tar": lambda folder: _program("tar", "cf", "-", ".", folder=folder),
}
