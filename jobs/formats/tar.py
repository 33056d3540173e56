"""Tar: POSIX.1-2017 ustar, with a pax extended header for what ustar cannot say.

That is a name that is not ASCII or does not fit (100 bytes, or 155 and 100 around a slash), a size of 8 GiB or more, a
time before 1970 or after 2242. Owner is 0 without a name, mode 0644. Padded to GNU tar's records of 10,240 bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jobs.layout import Laid, Layout, Members, Run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = NDArray[np.int64]

name = "tar"
suffix = ".tar"
media_type = "application/x-tar"
virtual = True
needs_crc = False

VERSION = 1  # of the bytes that this module makes: part of the ETag
SECTOR, RECORD = 512, 10_240
NAME, PREFIX = 100, 155
OCTAL = 8**11  # the first number that eleven octal digits do not hold
CHUNK = 1 << 16  # names looked at together, to bound the memory of it
SLASH, LAST_ASCII = 0x2F, 0x7F

FIELDS = [("name", "S100"), ("mode", "S8"), ("uid", "S8"), ("gid", "S8"), ("size", "S12"), ("mtime", "S12")]
FIELDS += [("checksum", "S8"), ("type", "S1"), ("link", "S100"), ("magic", "S6"), ("version", "S2"), ("uname", "S32")]
FIELDS += [("gname", "S32"), ("major", "S8"), ("minor", "S8"), ("prefix", "S155"), ("rest", "S12")]
HEADER = np.dtype(FIELDS)
PLACES = 8 ** np.arange(10, -1, -1, dtype=np.int64)


class Shape(NamedTuple):
    """How the headers of some members look."""

    split: Column  # bytes of the name that go into the prefix, the slash not counted; 0 is none
    path: NDArray[np.bool_]  # the name needs a pax record
    size: NDArray[np.bool_]
    mtime: NDArray[np.bool_]

    @property
    def pax(self) -> NDArray[np.bool_]:
        """An extended header is needed."""
        return self.path | self.size | self.mtime


def layout(members: Members) -> Layout:
    """A tar of the members. A record is the padding of the content before it, its headers, and its content."""
    headers = np.empty(len(members), np.int64)
    for low in range(0, len(members), CHUNK):
        headers[low : low + CHUNK] = _header_lengths(members[low : low + CHUNK])
    headers[1:] += _padding(members.sizes[:-1])
    body = Run(headers, members.sizes, lambda *span: _pack(members, *span))
    end = len(body) + int(_padding(members.sizes[-1:]).sum()) + 2 * SECTOR
    zeros = bytes(-(-end // RECORD) * RECORD - len(body))
    return Laid((body, zeros), lambda: members.digest(f"{name} {VERSION}", crcs=False))


def _padding(sizes: Column) -> Column:
    """Bytes up to the next full sector."""
    return -sizes % SECTOR


def _shape(part: Members) -> Shape:
    base, end = int(part.offsets[0]), int(part.offsets[-1])
    names, offsets = part.names[base:end], part.offsets - base
    starts, lengths = offsets[:-1], np.diff(offsets)
    # The first slash that leaves at most 100 bytes behind it: it must leave one byte, and at most 155 before it.
    slashes = np.append(np.flatnonzero(names == SLASH), end + PREFIX + 1)
    cuts = slashes[np.searchsorted(slashes, starts + np.maximum(lengths - NAME - 1, 1))] - starts
    splits = (lengths > NAME) & (cuts <= PREFIX) & (cuts < lengths - 1)
    foreign = np.zeros(len(part), np.bool_)
    foreign[np.searchsorted(starts, np.flatnonzero(names > LAST_ASCII), "right") - 1] = True
    path = foreign | ((lengths > NAME) & ~splits)
    mtime = (part.mtimes < 0) | (part.mtimes >= OCTAL)
    return Shape(np.where(splits & ~path, cuts, 0), path, part.sizes >= OCTAL, mtime)


def _header_lengths(part: Members) -> Column:
    shape = _shape(part)
    lengths = np.full(len(part), SECTOR, np.int64)
    for at in np.flatnonzero(shape.pax).tolist():
        records = len(_records(part, shape, at, part.paths(at, at + 1)[0]))
        lengths[at] += SECTOR + records + -records % SECTOR
    return lengths


def _records(part: Members, shape: Shape, at: int, path: bytes) -> bytes:
    """The records of one member's extended header."""
    records = _record(b"path", path) if shape.path[at] else b""
    records += _record(b"size", b"%d" % part.sizes[at]) if shape.size[at] else b""
    return records + (_record(b"mtime", b"%d" % part.mtimes[at]) if shape.mtime[at] else b"")


def _record(keyword: bytes, value: bytes) -> bytes:
    """``<length> <keyword>=<value>`` and a newline, where the length counts its own digits."""
    rest = len(keyword) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %b=%b\n" % (length, keyword, value)


def _pack(members: Members, first: int, last: int) -> list[bytes]:
    part = members[first:last]
    shape = _shape(part)
    names, prefixes = part.paths(0, len(part)), [b""] * len(part)
    for at in np.flatnonzero(shape.split).tolist():
        cut = int(shape.split[at])
        prefixes[at], names[at] = names[at][:cut], names[at][cut + 1 :]
    extended = [b""] * len(part)
    for at in np.flatnonzero(shape.pax).tolist():
        records = _records(part, shape, at, names[at])
        if shape.path[at]:  # readers of pax do not look at it, others shall find a name that they can have
            names[at] = names[at][-NAME:].decode("ascii", "replace").replace("\ufffd", "_").encode()
        head = _blocks([b"PaxHeaders/" + names[at][-80:]], [b""], np.array([len(records)]), np.zeros(1, np.int64), b"x")
        extended[at] = head + records + bytes(-len(records) % SECTOR)
    sizes, mtimes = np.where(shape.size, 0, part.sizes), np.where(shape.mtime, 0, part.mtimes)
    blocks = _blocks(names, prefixes, sizes, mtimes, b"0")
    before = members.sizes[first - 1 : first].tolist() if first else [0]
    paddings = _padding(np.append(before, part.sizes[:-1])).tolist()
    return [
        bytes(padding) + extra + blocks[at : at + SECTOR]
        for padding, extra, at in zip(paddings, extended, range(0, len(blocks), SECTOR), strict=True)
    ]


def _blocks(names: list[bytes], prefixes: list[bytes], sizes: Column, mtimes: Column, kind: bytes) -> bytes:
    """Headers as ustar has them, one sector each."""
    headers = np.zeros(len(names), HEADER)
    headers["name"], headers["prefix"] = names, prefixes
    headers["mode"], headers["uid"], headers["gid"] = b"0000644", b"0000000", b"0000000"
    headers["major"], headers["minor"] = b"0000000", b"0000000"
    headers["size"], headers["mtime"] = _octal(sizes, 11), _octal(mtimes, 11)
    headers["type"], headers["magic"], headers["version"] = kind, b"ustar", b"00"
    headers["checksum"] = b" " * 8  # as it counts into itself
    sums = headers.view(np.uint8).reshape(len(names), SECTOR).sum(axis=1, dtype=np.int64)
    headers["checksum"] = np.char.add(_octal(sums, 6), b"\0 ")
    return headers.tobytes()


def _octal(numbers: Column, digits: int) -> NDArray[np.bytes_]:
    """The numbers as so many octal digits."""
    figures = numbers[:, None] // PLACES[-digits:] % 8 + ord("0")
    return figures.astype(np.uint8).view(f"S{digits}")[:, 0]
