"""The parts that shell scripts for users are put together from.

Per delivery only comments, a few quoted variables and a table in a here-document are written, so nothing from the
catalogue is ever evaluated.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import about, text
from jobs.items import must_be_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jobs.items import Header

_END = "END OF TABLE"  # has no tab, so no row can be it


def write_script(
    out: BinaryIO,
    header: Header,
    *,
    suffix: str,
    variables: Mapping[str, str],
    bodies: Iterable[str],
    rows: Iterable[str],
) -> None:
    """Write a script: what it is, its variables, the bodies (files beside the dialects), and the table.

    Behind the table ``files`` says how many rows it has: a disk without space may cut what a script copies of it.
    ``rows`` are lines without an end, with at least one tab. Raises JobError for an address of the server that is not
    safe in a script.
    """
    must_be_server(header.base_url)
    with text(out) as script:
        script.write("#!/bin/sh\n")
        script.writelines(f"# {line}\n" for line in about(header, f"sh {header.name}{suffix}"))
        script.write("\n")
        script.writelines(f"{key}={_quoted(value)}\n" for key, value in variables.items())
        for body in bodies:
            script.write("\n" + files("jobs.dialects").joinpath(body).read_text("utf-8"))
        script.write(f"\ntable() {{\n  cat <<'{_END}'\n")
        files_written = 0
        for row in rows:
            script.write(f"{row}\n")
            files_written += 1
        script.write(f'{_END}\n}}\n\nfiles={files_written}\nmain "$@"\n')


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "'\\''") + "'"
