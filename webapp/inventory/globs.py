"""A glob over a million file names at once: ``*``, ``?``, ``[abc]``, ``[a-z]``, ``[!a]``, whatever the case.

Between its stars a pattern has pieces of fixed length. The first must stand at a name's start, the last at its end, and
each other one as far left as it can; so no choice is ever taken back, and the cost is bounded by pieces x bytes of
names. What a character matches is asked of ``fnmatch``; names with characters beyond ASCII, where lower case may change
lengths, are left to ``fnmatch`` whole, one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.inventory.arrays import Bools, Bytes, Floats, Ints
    from webapp.inventory.names import Names

CHUNK_NAMES = 32_768  # about 2 MB: stays in the processor's cache, and bounds the memory
SAMPLE_BYTES = 65_536  # enough to tell rare characters from common ones
COMMON = 0.1  # a piece that stands at one place in ten or more is found sooner by walking than by listing all places
STEPS = 16  # and if not so soon, it is not so common
ASCII = 128
TOKEN = re.compile(r"\[!?+\]?+[^\]]*\]|.", re.DOTALL)  # a bracket may hold "]" as its first member


def tokens(pattern: str) -> list[str]:
    """The pattern's characters and brackets; a bracket that is not closed comes as a lone ``[``."""
    return TOKEN.findall(pattern)


def match_names(names: Names, pattern: str) -> Bools:
    """Which names match, bool (n,)."""
    pattern = pattern.lower()
    result = np.zeros(len(names), bool)
    sample = np.bincount(names.blob[:: max(1, len(names.blob) // SAMPLE_BYTES)], minlength=256)
    pieces = _pieces(pattern, sample / max(1, sample.sum()))
    edges = [*range(0, len(names), CHUNK_NAMES), len(names)]
    for first, end in pairwise(edges):
        start = int(names.offsets[first])
        chunk = _Chunk(names.blob[start : int(names.offsets[end])], names.offsets[first : end + 1] - start)
        result[first + chunk.matching(pieces)] = True
    match = re.compile(translate(pattern)).match
    for row in names.beyond_ascii.tolist():
        result[row] = match(names[row].lower()) is not None
    return result


@dataclass(frozen=True, eq=False)
class _Piece:
    """What stands between two stars: for each character a table (256,) of the bytes that it matches.

    ``anchor`` is the rarest character; ``common`` says that the piece stands nearly anywhere.
    """

    text: str
    tables: Sequence[Bools]
    anchor: int
    common: bool

    def __len__(self) -> int:
        return len(self.tables)


def _pieces(pattern: str, frequency: Floats) -> list[_Piece]:
    @cache
    def table(token: str) -> Bools:
        match = re.compile(translate(token)).match
        accepted = np.zeros(256, bool)
        accepted[:ASCII] = [match(chr(code).lower()) is not None for code in range(ASCII)]
        return accepted

    split: list[list[str]] = [[]]
    for part in tokens(pattern):
        if part == "*":
            split.append([])
        else:
            split[-1].append(part)
    pieces = []
    for parts in split:
        tables = [table(part) for part in parts]
        share = [float(frequency[accepted].sum()) for accepted in tables]
        anchor = share.index(min(share)) if share else 0
        pieces.append(_Piece("".join(parts), tables, anchor, common=prod(share) >= COMMON))
    return pieces


class _Chunk:
    """Some names: ``blob`` uint8, name i is ``blob[offsets[i]:offsets[i + 1] - 1]``."""

    def __init__(self, blob: Bytes, offsets: Ints) -> None:
        self.blob = blob
        self.rows = np.arange(len(offsets) - 1)  # the names that may still match ...
        self.start = offsets[:-1]  # ... from here ...
        self.stop = offsets[1:] - 1  # ... to here
        self.found: dict[str, Ints] = {}

    def matching(self, pieces: Sequence[_Piece]) -> Ints:
        """The indices of the names that match."""
        head, *middle = pieces
        tail = middle.pop() if middle else None
        length = self.stop - self.start
        needed = sum(len(piece) for piece in pieces)
        self._keep(np.flatnonzero(length == needed if tail is None else length >= needed))
        self._keep(self._fitting(head, self.start))
        self.start = self.start + len(head)
        if tail is not None:
            self.stop = self.stop - len(tail)
            self._keep(self._fitting(tail, self.stop))
        for piece in middle:
            if len(piece) and len(self.rows):
                self.start = self._next(piece) + len(piece)
                self._keep(np.flatnonzero(self.start <= self.stop))
        return self.rows

    def _keep(self, which: Ints) -> None:
        if len(which) < len(self.rows):
            self.rows, self.start, self.stop = self.rows[which], self.start[which], self.stop[which]

    def _fitting(self, piece: _Piece, at: Ints) -> Ints:
        """The indices into ``at`` of the places where the piece stands."""
        which = np.arange(len(at))
        for step, accepted in enumerate(piece.tables):
            good = np.flatnonzero(accepted.take(self.blob.take(at + step)))
            if len(good) < len(at):
                at, which = at[good], which[good]
        return which

    def _next(self, piece: _Piece) -> Ints:
        """For each name the first place from its start on where the piece stands; if there is none, one too far on."""
        at = self.start.copy()
        waiting = np.flatnonzero(at + len(piece) <= self.stop)
        for _ in range(STEPS if piece.common else 0):
            waiting = np.delete(waiting, self._fitting(piece, at[waiting]))
            at[waiting] += 1
            waiting = waiting[at[waiting] + len(piece) <= self.stop[waiting]]
        if len(waiting):
            if piece.text not in self.found:
                self.found[piece.text] = np.append(self._places(piece), np.iinfo(np.int64).max // 2)
            places = self.found[piece.text]
            at[waiting] = places.take(np.searchsorted(places, at[waiting]))
        return at

    def _places(self, piece: _Piece) -> Ints:
        """All places where the piece stands, ascending. One that reaches over a name's end is beyond its stop."""
        accepted = piece.tables[piece.anchor]
        codes = np.flatnonzero(accepted)
        if len(codes) <= len("aA"):  # a comparison is ten times faster than a table
            hits = np.zeros(len(self.blob), bool)
            for code in codes:
                hits |= self.blob == code
        else:
            hits = accepted.take(self.blob)
        at = np.flatnonzero(hits) - piece.anchor
        at = at[(at >= 0) & (at + len(piece) <= len(self.blob))]
        return at[self._fitting(piece, at)]
