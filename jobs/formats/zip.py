"""Zip, stored: APPNOTE 6.3.10, names in UTF-8, Zip64 only where a number does not fit.

CRC-32 and sizes stand in the local header (no data descriptors), and with Zip64 in its extra field too, which the
macOS Archive Utility needs. Times are UTC in the DOS fields, and exact in the extended timestamp (0x5455) where they
fit its 32 bits. No directory entries, no compression, no encryption.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from jobs.layout import Laid, Layout, Members, Run

if TYPE_CHECKING:
    from numpy.typing import NDArray

name = "zip"
suffix = ".zip"
media_type = "application/zip"
virtual = True
needs_crc = True

VERSION = 1  # of the bytes that this module makes: part of the ETag
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF  # these values say: look into the Zip64 record
PLAIN, ZIP64 = 20, 45  # version needed to extract, section 4.4.3
MADE_BY = 3 << 8 | 63  # UNIX, version 6.3 of the specification
UTF8 = 1 << 11
REGULAR = 0o100644 << 16  # file type and mode as UNIX has them
EARLIEST, LATEST = 315_532_800, 4_354_819_198  # 1980-01-01 and 2107-12-31 23:59:58, what the DOS fields can say

COMMON = [("needed", "<u2"), ("flags", "<u2"), ("method", "<u2"), ("time", "<u2"), ("date", "<u2"), ("crc", "<u4")]
COMMON += [("packed", "<u4"), ("size", "<u4"), ("name", "<u2"), ("extra", "<u2")]
LOCAL = np.dtype([("signature", "<u4"), *COMMON])
ATTRIBUTES = [("comment", "<u2"), ("disk", "<u2"), ("internal", "<u2"), ("external", "<u4"), ("offset", "<u4")]
CENTRAL = np.dtype([("signature", "<u4"), ("made_by", "<u2"), *COMMON, *ATTRIBUTES])
STAMP = np.dtype([("id", "<u2"), ("length", "<u2"), ("flags", "u1"), ("mtime", "<i4")])


def layout(members: Members) -> Layout:
    """A zip of the members: headers and contents, directory, end."""
    names, stamps = np.diff(members.offsets), STAMP.itemsize * _stamped(members.mtimes)
    large = members.sizes >= FULL32
    body = Run(LOCAL.itemsize + names + stamps + 20 * large, members.sizes, lambda *span: _local(members, *span))
    starts = body.bounds[:-1]
    directory = Run(
        CENTRAL.itemsize + names + stamps + _zip64_lengths(large, starts >= FULL32),
        None,
        lambda *span: _central(members, starts, *span),
    )
    end = _end(len(members), len(directory), len(body))
    return Laid((body, directory, end), lambda: members.digest(f"{name} {VERSION}", crcs=True))


def _stamped(mtimes: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (mtimes >= -(1 << 31)) & (mtimes < 1 << 31)


def _zip64_lengths(large: NDArray[np.bool_], far: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Bytes of the Zip64 extra field in the directory, which holds only what does not fit (section 4.5.3)."""
    return 4 * (large | far) + 16 * large + 8 * far.astype(np.int64)


def _local(members: Members, first: int, last: int) -> list[bytes]:
    """Local headers, section 4.3.7."""
    part = members[first:last]
    extras = _stamps(part.mtimes)
    for at in np.flatnonzero(part.sizes >= FULL32).tolist():
        extras[at] += struct.pack("<HHQQ", 1, 16, part.sizes[at], part.sizes[at])
    records = np.zeros(len(part), LOCAL)
    records["signature"] = 0x04034B50
    records["needed"] = np.where(part.sizes >= FULL32, ZIP64, PLAIN)
    return _packed(records, part, extras)


def _central(members: Members, starts: NDArray[np.int64], first: int, last: int) -> list[bytes]:
    """Records of the directory, section 4.3.12; ``starts``: where each local header begins."""
    part, starts = members[first:last], starts[first:last]
    large, far = part.sizes >= FULL32, starts >= FULL32
    extras = _stamps(part.mtimes)
    for at in np.flatnonzero(large | far).tolist():
        numbers = [int(part.sizes[at])] * 2 if large[at] else []
        numbers += [int(starts[at])] if far[at] else []
        extras[at] += struct.pack(f"<HH{len(numbers)}Q", 1, 8 * len(numbers), *numbers)
    records = np.zeros(len(part), CENTRAL)
    records["signature"] = 0x02014B50
    records["made_by"] = MADE_BY
    records["needed"] = np.where(large | far, ZIP64, PLAIN)
    records["external"] = REGULAR
    records["offset"] = np.minimum(starts, FULL32)
    return _packed(records, part, extras)


def _packed(records: NDArray[np.void], part: Members, extras: list[bytes]) -> list[bytes]:
    """The records with what both kinds have in common, each followed by its name and extra fields."""
    records["flags"] = UTF8
    records["time"], records["date"] = _dos(part.mtimes)
    records["crc"] = part.crcs
    records["packed"] = records["size"] = np.minimum(part.sizes, FULL32)
    records["name"] = np.diff(part.offsets)
    records["extra"] = list(map(len, extras))
    fixed, width = records.tobytes(), records.itemsize
    names = part.paths(0, len(part))
    return [
        fixed[at : at + width] + path + extra
        for at, path, extra in zip(range(0, len(fixed), width), names, extras, strict=True)
    ]


def _stamps(mtimes: NDArray[np.int64]) -> list[bytes]:
    """The extended timestamp of Info-ZIP: the same in both headers where there is only a time of change."""
    fits = _stamped(mtimes)
    records = np.zeros(len(mtimes), STAMP)
    records["id"], records["length"], records["flags"] = 0x5455, 5, 1
    records["mtime"] = np.where(fits, mtimes, 0)
    packed, width = records.tobytes(), STAMP.itemsize
    return [packed[width * at : width * (at + 1)] if fit else b"" for at, fit in enumerate(fits.tolist())]


def _dos(mtimes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Time and date as MS-DOS has them (section 4.4.6), UTC, to two seconds."""
    seconds = np.clip(mtimes, EARLIEST, LATEST)
    day = seconds % 86_400
    dates = seconds.astype("M8[s]").astype("M8[D]")
    months = dates.astype("M8[M]")
    month = months.astype(np.int64)  # since 1970
    year = month // 12 - 10  # since 1980
    time = day // 3600 << 11 | day // 60 % 60 << 5 | day % 60 // 2
    return time, year << 9 | (month % 12 + 1) << 5 | ((dates - months.astype("M8[D]")).astype(np.int64) + 1)


def _end(entries: int, size: int, start: int) -> bytes:
    """End of the directory, section 4.3.16; before it the Zip64 record and its locator where they are needed."""
    zip64 = b""
    if entries >= FULL16 or size >= FULL32 or start >= FULL32:
        numbers = (entries, entries, size, start)
        zip64 = struct.pack("<LQHHLLQQQQ", 0x06064B50, 44, MADE_BY, ZIP64, 0, 0, *numbers)
        zip64 += struct.pack("<LLQL", 0x07064B50, 0, start + size, 1)
    count = min(entries, FULL16)
    return zip64 + struct.pack("<LHHHHLLH", 0x06054B50, 0, 0, count, count, min(size, FULL32), min(start, FULL32), 0)
