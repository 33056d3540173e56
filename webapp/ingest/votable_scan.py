"""Looks through a VOTable before astropy reads it, and refuses what would reach outside the file or fill the memory.

VOTable 1.4 section 5.4: STREAM may name its data by an address, which astropy would open, local files too. Entities
are refused, since they let a few bytes grow without limit. Reads as a stream, holding nothing.
"""

from __future__ import annotations

from typing import IO
from xml.parsers import expat

from webapp.ingest.errors import IngestError

MOST_ROWS = 50_000_000  # astropy reserves memory for as many as the header says


def check(file: str, stream: IO[bytes]) -> None:
    """Raises IngestError for data elsewhere, entities and absurd numbers of rows, ExpatError for damaged XML."""

    def start(name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2].upper()
        values = {key.rpartition(":")[2].lower(): value for key, value in attributes.items()}
        if tag == "STREAM" and "href" in values:
            raise IngestError(f"{file} keeps its data elsewhere (STREAM with href); save it with the data inside.")
        rows = values.get("nrows", "").strip() if tag == "TABLE" else ""
        digits = rows.lstrip("+0").replace("_", "")  # as int() reads it, but of any length
        if len(digits) > len(str(MOST_ROWS)) or (digits.isdecimal() and int(digits) > MOST_ROWS):
            raise IngestError(f"{file} says it has over {MOST_ROWS:,} rows (nrows); split it.")

    def entity(*_declared: object) -> None:
        raise IngestError(f"{file} declares XML entities, which a VOTable does not need; save it without.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = entity
    parser.ParseFile(stream)
