"""The columns of tables of links to calibration references: what they are called, and what may be in them.

Upper and lower case are the same in names of columns. A reference is a data URI, or only a name, in the forms that
headers have: ``crds://name``, ``jref$name``, a path, a bare name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from webapp.ingest import columns
from webapp.ingest.errors import CellError, shown
from webapp.ingest.header_references import bare_context, bare_name
from webapp.ingest.identity import checked_uri
from webapp.ingest.product_table import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

# field: the names it goes by, in lower case; size, sha256 and description are the reference's
FIELDS = {
    "product": ("product", "product_uri", "datauri", "uri"),
    "reference": ("reference", "reference_uri"),
    "keyword": ("keyword",),
    "context": ("context", "crds_context", "crds_ctx"),
    "size": ("size",),
    "sha256": ("sha256",),
    "description": ("description",),
}
NO_KEYWORD = "REFERENCE"  # the keyword of a link whose table says none

# CRDS and the pipelines write all of these
_NONE = re.compile(r"(crds://)?(n/?a|undefined|not[ _]applicable|not found.*)", re.IGNORECASE)
_KEYWORD = re.compile(r"[A-Z0-9][A-Z0-9_. -]{0,79}")  # HIERARCH's may have blanks; a card has 80 characters
_URI = re.compile(r"(?!crds:)[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def fields_of(header: Sequence[str], file: str) -> dict[str, int]:
    """Which position holds which field. Raises IngestError for doubles and what is missing."""
    found = columns.positions(header, file, FIELDS)
    if "product" not in found:
        raise columns.lacks(header, file, "names the products by data URI (product, product_uri, dataURI or uri)")
    if "reference" not in found:
        raise columns.lacks(header, file, "names the references (reference or reference_uri)")
    return found


def product(value: str | None) -> str:
    """The canonical data URI of the product that a row is about. Raises CellError."""
    if value is None:
        raise CellError("product", value, "is empty; each row names a product by its data URI")
    return checked_uri(value, "product")


def reference(cells: tuple[str, str | None, str | None, str | None]) -> Reference | None:
    """From ``(mission of the product, reference, keyword, context)``; None for ``N/A``. Raises CellError."""
    mission, named, keyword, context = cells
    text = (named or "").strip(" '\"")
    if not text or _NONE.fullmatch(text):
        return None
    name, uri = _named(mission, text)
    return Reference(_keyword(keyword), name, _context(context), uri)


def _named(mission: str, text: str) -> tuple[str, str]:
    """Name and URI."""
    if _URI.match(text):
        uri = checked_uri(text, "reference")
        name: str | None = uri.partition("?")[0].rpartition("/")[2]
    else:
        uri = ""
        name = bare_name(mission, text) if text.isprintable() else None
    if not name:
        raise CellError("reference", text, f"has {shown(text)}, which is neither a data URI nor the name of a file")
    return name, uri


def _keyword(value: str | None) -> str:
    keyword = columns.text("keyword", value or "").upper()
    if keyword and not _KEYWORD.fullmatch(keyword):
        raise CellError("keyword", value, f"has {shown(value)}, which is no keyword of a header such as DARKFILE")
    return keyword or NO_KEYWORD


def _context(value: str | None) -> str:
    context = bare_context(value or "")
    if not context and value and not _NONE.fullmatch(value.strip()):
        raise CellError("context", value, f"has {shown(value)}, which is no CRDS context such as jwst_1293.pmap")
    return context
