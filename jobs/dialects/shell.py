"""A POSIX shell script that fetches, verifies and reports every file; ``shell.sh`` is its body.

Per delivery only comments, a few quoted variables and a table in a here-document are written, so nothing from the
catalogue is ever evaluated. The table's columns are separated by tabs: size in bytes or ``-``, SHA-256 or ``-``,
``x`` for exclusive access or ``-``, path, and the data URI percent-encoded for the query of a URL (RFC 3986, 3.4).
"""

from __future__ import annotations

import re
import time
from importlib.resources import files
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from jobs.errors import JobError
from jobs.names import safe_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.dialects import Header
    from jobs.manifest import Entry

name = "sh"
suffix = ".sh"
media_type = "application/x-sh"

_URL = re.compile(r"https?://[A-Za-z0-9._~:/\[\]@%-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEPT_IN_QUERY = "/:@!$'()*,;?~"  # may stand unencoded in a query and means nothing to those who split it
_END = "END OF TABLE"  # has no tab, so no row can be it


def write(header: Header, entries: Iterable[Entry], out: IO[str]) -> None:
    """Write the script. Raises JobError for an entry or address that is not safe in it; the manifest makes none."""
    if not _URL.fullmatch(header.base_url):
        raise JobError(f"{header.base_url!r} cannot be the address of this server.")
    out.write(_head(header))
    out.write(files("jobs.dialects").joinpath("shell.sh").read_text("utf-8"))
    out.write(f"\ntable() {{\n  cat <<'{_END}'\n")
    for entry in entries:
        out.write(_row(entry))
    out.write(f'{_END}\n}}\n\nmain "$@"\n')


def _head(header: Header) -> str:
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(header.created_at))
    unknown = f", {header.unknown:,} of them of unknown size" if header.unknown else ""
    comments = [
        f"{header.name}: {header.files:,} files, {header.bytes:,} bytes{unknown}",
        f"Made by {header.archive} on {made}.",
        f"Basket: {header.link}" if header.link else "",
        f"Please cite: {header.citation}" if header.citation else "",
        f"Run it with: sh {header.name}.sh",
        f"What else it can do: sh {header.name}.sh --help",
    ]
    lines = ["#!/bin/sh", *(f"# {_comment(text)}" for text in comments if text), ""]
    lines += [f"{key}={_quoted(value)}" for key, value in (("name", header.name), ("server", header.base_url))]
    return "\n".join(lines) + "\n\n"


def _row(entry: Entry) -> str:
    if safe_path(entry.path) != entry.path or (entry.sha256 and not _SHA256.fullmatch(entry.sha256)):
        raise JobError(f"The manifest's entry for {entry.uri!r} has no safe path, or no SHA-256 in lower-case hex.")
    size = "-" if entry.size is None else entry.size
    uri = quote(entry.uri, safe=_KEPT_IN_QUERY, errors="surrogatepass")
    return f"{size}\t{entry.sha256 or '-'}\t{'x' if entry.exclusive else '-'}\t{entry.path}\t{uri}\n"


def _comment(text: str) -> str:
    """One line, whatever the text holds."""
    return "".join(c if c.isprintable() else " " for c in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
