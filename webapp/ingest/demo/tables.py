"""The archive's product tables, in the columns of MAST's product service: a row for each observation of a file."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING
from zlib import crc32

from astropy.table import Column, MaskedColumn, Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from webapp.ingest.demo.facts import Item, Observation

RECOMMENDED = "Minimum Recommended Products"
COLUMNS = (
    "obsID",
    "obs_collection",
    "dataproduct_type",
    "obs_id",
    "description",
    "type",
    "dataURI",
    "productType",
    "productGroupDescription",
    "productSubGroupDescription",
    "project",
    "prvversion",
    "proposal_id",
    "productFilename",
    "size",
    "parent_obsid",
    "dataRights",
    "calib_level",
    "filters",
    "target_name",
    "instrument_name",
    "t_min",
    "t_max",
    "s_ra",
    "s_dec",
    "t_obs_release",
    "sha256",
    "crc32",
)

NUMBERS: dict[str, type] = {"size": int, "calib_level": int} | dict.fromkeys(
    ("t_min", "t_max", "s_ra", "s_dec", "t_obs_release"), float
)


def rows(item: Item, sha256: str) -> list[tuple[Any, ...]]:
    """The rows of a file: one a parent. A reference file, which belongs to no observation, has one."""
    own = item.observation
    if own is None:
        return [_row(item, sha256, None, None)]
    return [_row(item, sha256, own, parent) for parent in item.parents]


def _row(item: Item, sha256: str, own: Observation | None, parent: Observation | None) -> tuple[Any, ...]:
    return (
        own.obsid if own else "",
        item.mission,
        own.dataproduct_type if own else "",
        own.obs_id if own else "",
        item.description,
        own.type if own else "S",
        f"mast:{item.path}",
        item.category,
        RECOMMENDED if item.recommended else "",
        item.group or "",
        own.project if own else "",
        item.version or "",
        own.proposal_id if own else "",
        item.filename,
        len(item.content),
        parent.obsid if parent else "",
        "EXCLUSIVE_ACCESS" if own and own.exclusive else "PUBLIC",
        "" if item.level is None else item.level,
        own.filters if own else "",
        own.target if own else "",
        own.instrument if own else "",
        own.t_min if own else "",
        own.t_max if own else "",
        own.ra if own else "",
        own.dec if own else "",
        own.released if own else "",
        sha256,
        f"{crc32(item.content):08x}",
    )


def ecsv(listed: Iterable[tuple[Any, ...]]) -> bytes:
    """The table as ECSV; what is missing is masked, and a column that would be empty is left out."""
    columns = []
    for name, cells in zip(COLUMNS, zip(*listed, strict=True), strict=True):
        kind = NUMBERS.get(name, str)
        missing = [cell == "" for cell in cells]
        values = [kind(0) if absent else kind(cell) for cell, absent in zip(cells, missing, strict=True)]
        if not all(missing):
            columns.append(MaskedColumn(values, name, mask=missing) if any(missing) else Column(values, name))
    text = StringIO()
    Table(columns).write(text, format="ascii.ecsv", delimiter=",")
    return text.getvalue().encode()
