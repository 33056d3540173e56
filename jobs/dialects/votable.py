"""The manifest as a VOTable (IVOA Recommendation, 1.4): opens in TOPCAT, Aladin, pyvo and Astropy.

Astropy writes the document for a table of these columns without rows; the rows are put into it as they come.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO
from xml.sax.saxutils import escape

from jobs.columns import MEANINGS, facts, rows
from jobs.dialects import LIST, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "votable"
method = LIST
suffix = ".vot"
media_type = "application/x-votable+xml"
title = "VOTable"
about = "A table for the Virtual Observatory's programs: path, URI, address, size, SHA-256 and access of every file."
needs = "A program such as TOPCAT, Aladin or Astropy."
use = ""
token = ""
language = "xml"
wants: frozenset[str] = frozenset()

_HERE = "  </TABLE>"


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the document."""
    head, tail = _document(header)
    with text(out) as file:
        file.write(f"{head}   <DATA>\n    <TABLEDATA>\n")
        for row in rows(header, items):
            cells = ("" if cell is None else escape(str(cell)) for cell in row)
            file.write(f"     <TR>{''.join(f'<TD>{cell}</TD>' for cell in cells)}</TR>\n")
        file.write(f"    </TABLEDATA>\n   </DATA>\n{tail}")


def _document(header: Header) -> tuple[str, str]:
    """All that stands before the rows and after them."""
    from astropy.io.votable.tree import Field, Info, Resource, TableElement, VOTableFile  # noqa: PLC0415 - a second

    document = VOTableFile(version="1.4")
    resource = Resource(ID="delivery", type="results")
    document.resources.append(resource)
    for key, words in facts(header).items():
        resource.infos.append(Info(ID=key, name=key, value=words))
    table = TableElement(document, ID="files", name="files")
    resource.tables.append(table)
    for column, meaning in MEANINGS.items():
        kind = (
            {"datatype": "long", "unit": "byte"} if column == "bytes" else {"datatype": "unicodeChar", "arraysize": "*"}
        )
        field = Field(document, ID=column, name=column, **kind)
        field.description = meaning
        table.fields.append(field)
    whole = io.BytesIO()
    document.to_xml(whole, tabledata_format="tabledata")
    head, here, tail = whole.getvalue().decode().partition(_HERE)
    return head, here + tail
