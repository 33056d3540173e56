"""A short Python script that fetches by astroquery's ``Observations.download_file`` and verifies every file.

``bodies/with_astroquery.py`` is its code. The files are comments at its end, each a line of JSON in ASCII, which the
script reads from itself: nothing of the catalogue is ever Python, and a long list costs no memory.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, BinaryIO

from jobs.columns import facts
from jobs.dialects import SCRIPT, text
from jobs.items import FILE, must_be_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "astroquery"
method = SCRIPT
suffix = ".astroquery.py"
media_type = "text/x-python"
title = "astroquery script"
about = "A Python script, short enough to make it your own, that fetches with astroquery and verifies every file."
needs = "Python 3.9 or later with astroquery 0.4.7 or later."
use = "python3 {file}"
token = "It takes your token from the environment variable SKYBASKET_TOKEN."  # noqa: S105 - a sentence
language = "python"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the script. Raises JobError for an address of the server that is none."""
    must_be_server(header.base_url)
    delivery = {"name": header.name, "server": header.base_url, "address": header.base_url + FILE}
    with text(out) as script:
        # Nobody's words in the first two lines: they could be taken for the name of a coding (PEP 263).
        script.write("#!/usr/bin/env python3\n# A script for astroquery.\n")
        script.writelines(f"# {_ascii(key)}: {_ascii(words)}\n" for key, words in facts(header).items())
        script.write(files("jobs.dialects").joinpath("bodies/with_astroquery.py").read_text("utf-8"))
        script.write(f"\n#: {json.dumps(delivery)}\n")
        for item in items:
            row = {"path": item.path, "uri": item.uri, "size": item.size, "sha256": item.sha256}
            script.write(f"#| {json.dumps({**row, 'exclusive': item.exclusive})}\n")


def _ascii(words: str) -> str:
    return words.encode("ascii", "backslashreplace").decode()
