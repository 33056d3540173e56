"""The columns of product tables: what they are called, and what may be in them.

Names are those of MAST's product service, of its manifests (uri, file, access) and of file lists (program, subdir,
filename, url); upper and lower case are the same.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from webapp.ingest.errors import CellError, IngestError, shown
from webapp.ingest.names import CATEGORIES, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# field: the names it goes by, in lower case
FIELDS = {
    "obsid": ("obsid",),
    "parent": ("parent_obsid",),
    "mission": ("obs_collection", "mission"),
    "obs_id": ("obs_id",),
    "uri": ("datauri", "uri"),
    "filename": ("productfilename", "filename", "file"),
    "url": ("url",),
    "size": ("size",),
    "category": ("producttype",),
    "recommended": ("productgroupdescription",),
    "group": ("productsubgroupdescription",),
    "level": ("calib_level",),
    "rights": ("datarights", "access"),
    "release": ("t_obs_release",),
    "proposal_id": ("proposal_id", "program"),
    "pipeline_version": ("prvversion",),
    "project": ("project",),
    "description": ("description",),
    "dataproduct_type": ("dataproduct_type",),
    "filters": ("filters",),
    "target": ("target_name",),
    "instrument": ("instrument_name",),
    "t_min": ("t_min",),
    "t_max": ("t_max",),
    "ra": ("s_ra",),
    "dec": ("s_dec",),
    "sha256": ("sha256",),
    "crc32": ("crc32",),
    "subdir": ("subdir",),
}
MISSING = frozenset({"", "--", "null", "NULL", "Null", "none", "None", "NONE", "masked"})
MAX_TEXT = 4_000  # the longest description at MAST has a few hundred
MAX_GROUP = 40
MAX_BYTES = 10**15  # a petabyte in one file is a mistake
MAX_MJD = 200_000  # the year 2406

_WHOLE = re.compile(r"(\d{1,18})(?:\.0*)?")
_LEVEL = re.compile(r"(-?\d)(?:\.0*)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CRC32 = re.compile(r"[0-9a-f]{8}")
_RIGHTS = {"public": True, "exclusive_access": False, "restricted": False}


def fields_of(header: Sequence[str], file: str) -> dict[str, int]:
    """Which position holds which field. Raises IngestError for doubles and when no column can name the products."""
    found = positions(header, file, FIELDS)
    if not found.keys() & {"uri", "filename", "url"}:
        raise lacks(header, file, "names the products (dataURI, uri, productFilename, filename or url)")
    return found


def positions(header: Sequence[str], file: str, fields: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Which position holds which of ``fields`` (field: the names it goes by). Raises IngestError for doubles."""
    field_of = {name: field for field, names in fields.items() for name in names}
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        field = field_of.get(name.strip().lower())
        if field is None:
            continue
        if field in found:
            raise IngestError(f"{file} has two columns for the same thing: {header[found[field]]} and {name}.")
        found[field] = position
    return found


def lacks(header: Sequence[str], file: str, what: str) -> IngestError:
    """A table without a column that it needs, and what it has instead."""
    names = ", ".join(shown(name)[1:-1] for name in header[:8])
    return IngestError(f"{file} has no column that {what}; it begins with {names or 'nothing'}.")


def text(field: str, value: str) -> str:
    """A printable text of bearable length, without white space around it."""
    value = value.strip()
    if len(value) > MAX_TEXT:
        raise CellError(field, value, f"has a text of {len(value):,} characters; {MAX_TEXT:,} are allowed")
    if not value.isprintable():
        raise CellError(field, value, f"has characters that cannot be printed: {shown(value)}")
    return value


def size(value: str) -> int:
    """A number of bytes."""
    match = _WHOLE.fullmatch(value.strip())
    if match is None:
        raise CellError("size", value, f"has {shown(value)}, which is not a number of bytes")
    if int(match[1]) > MAX_BYTES:
        raise CellError("size", value, f"has {shown(value)} bytes, more than a petabyte in one file")
    return int(match[1])


def level(value: str) -> int:
    """A calibration level, -1 to 4."""
    match = _LEVEL.fullmatch(value.strip())
    if match is None or int(match[1]) not in LEVELS:
        raise CellError("level", value, f"has {shown(value)}; calibration levels are -1 to 4")
    return int(match[1])


def number(field: str, value: str) -> int | None:
    """The archive's number of an observation; 0 means none."""
    match = _WHOLE.fullmatch(value.strip())
    if match is None:
        raise CellError(field, value, f"has {shown(value)}, which is not an observation's number")
    return int(match[1]) or None


def category(value: str) -> str:
    """A product type as MAST names it."""
    upper = value.strip().upper()
    if upper not in CATEGORIES:
        raise CellError("category", value, f"has {shown(value)}; it can be {', '.join(CATEGORIES)}")
    return upper


def group(value: str) -> str:
    """A product group: the suffix in capitals."""
    upper = text("group", value).upper()
    if len(upper) > MAX_GROUP:
        raise CellError("group", value, f"has {shown(value)}; a group has at most {MAX_GROUP} characters")
    return upper


def public(value: str) -> bool:
    """Whether the rights say that all may read."""
    try:
        return _RIGHTS[value.strip().lower()]
    except KeyError:
        raise CellError(
            "rights", value, f"has {shown(value)}; it can be PUBLIC, EXCLUSIVE_ACCESS or RESTRICTED"
        ) from None


def real(field: str, value: str, low: float, high: float) -> float:
    """A finite number between two bounds."""
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not low <= found <= high:  # false for NaN too
        raise CellError(field, value, f"has {shown(value)}, which is not a number from {low:g} to {high:g}")
    return found


def sha256(value: str) -> str:
    """A SHA-256 in lower-case hex."""
    lower = value.strip().lower()
    if not _SHA256.fullmatch(lower):
        raise CellError("sha256", value, f"has {shown(value)}, which is not a SHA-256 in hex")
    return lower


def crc32(value: str) -> int:
    """A CRC-32: eight hex digits."""
    lower = value.strip().lower()
    if not _CRC32.fullmatch(lower):
        raise CellError("crc32", value, f"has {shown(value)}, which is not a CRC-32 of eight hex digits")
    return int(lower, 16)
