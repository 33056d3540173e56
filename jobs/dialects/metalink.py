"""Metalink 4 (RFC 5854): names, sizes, hashes and addresses. Its text is a sequence of elements in the RFC's schema.

aria2 1.36 saves a name with "&" in it as "&#38;": it leaves entities in attributes as libxml2 hands them over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from jobs.columns import facts, one_line
from jobs.dialects import LIST, text
from jobs.items import must_be_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "metalink"
method = LIST
suffix = ".meta4"
media_type = "application/metalink4+xml"
title = "Metalink"
about = "Download managers read it: name, size, SHA-256 and address of every file, which they verify."
needs = "A download manager that reads Metalink 4, such as aria2."
use = (
    "aria2c -M {file} -d {name} -c -V -j4 -x1 --retry-wait=3 --max-tries=6 "
    "--auto-file-renaming=false --allow-overwrite=true"
)
token = "Metalink cannot say which server gets a token, so exclusive files fail; take the aria2 list for them."  # noqa: S105 - a sentence
language = "xml"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the document. Raises JobError for an address of the server that is none."""
    must_be_server(header.base_url)
    known = facts(header)
    said = "\n".join(f"{key}: {words}" for key, words in known.items())
    said = re.sub("-(?=-)", "- ", said)  # two of them would end the comment
    with text(out) as file:
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<!--\n{said}\n-->\n')
        file.write('<metalink xmlns="urn:ietf:params:xml:ns:metalink">\n')
        file.write(f"  <generator>Skybasket</generator>\n  <published>{known['made']}</published>\n")
        for item in items:
            file.write(_file(header, item))
        file.write("</metalink>\n")


def _file(header: Header, item: Item) -> str:
    lines = [f"<file name={quoteattr(item.path)}>", f"  <identity>{escape(one_line(item.uri))}</identity>"]
    if item.size is not None:
        lines.append(f"  <size>{item.size}</size>")
    if item.sha256 is not None:
        lines.append(f'  <hash type="sha-256">{item.sha256}</hash>')
    lines += [f"  <url>{escape(header.address(item))}</url>", "</file>"]
    return "".join(f"  {line}\n" for line in lines)
