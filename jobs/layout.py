"""Virtual bundles: which byte of an archive is what, by arithmetic alone. The formats say what headers look like.

An archive is a list of sections. A ``Run`` is a section of records, each a header followed by the content of a file (or
by nothing, as in a zip's directory); a section of bytes is just that. Where a record begins follows from the lengths of
headers and contents, so any range is found by bisection, and only the headers in it are packed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from jobs.members import Members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["Laid", "Layout", "Members", "Run", "Span"]

BLOCK = (
    128  # headers packed at once: spreads what a call of NumPy costs, and holds 100 kB for each slow reader of a tar
)


class Span(NamedTuple):
    """The bytes ``start <= i < end`` of one member's content."""

    member: int
    start: int
    end: int


class Layout(Protocol):
    """A bundle that is known byte for byte but nowhere stored."""

    @property
    def length(self) -> int:
        """Bytes."""
        ...

    @property
    def etag(self) -> str:
        """A strong validator, without quotes: differs wherever a byte may differ."""
        ...

    def parts(self, start: int, end: int) -> Iterator[bytes | Span]:
        """The bytes ``start <= i < end``. Raises ValueError if the bundle does not have them."""
        ...


class Run:
    """Records of given lengths, packed on demand.

    ``headers``: int64, bytes of each header; ``sizes``: bytes of the content that follows each, or None where none
    does; ``pack(first, last)`` gives the headers of the records ``first <= i < last``.
    """

    def __init__(
        self,
        headers: NDArray[np.int64],
        sizes: NDArray[np.int64] | None,
        pack: Callable[[int, int], list[bytes]],
    ) -> None:
        self.bounds = np.zeros(len(headers) + 1, np.int64)  # where each record begins, and where the last one ends
        np.cumsum(headers if sizes is None else headers + sizes, out=self.bounds[1:])
        self._sizes = sizes
        self._pack = pack

    def __len__(self) -> int:
        return int(self.bounds[-1])

    def parts(self, start: int, end: int) -> Iterator[bytes | Span]:
        """The bytes ``start <= i < end``, where ``start < end``."""
        first = int(np.searchsorted(self.bounds, start, "right")) - 1
        last = int(np.searchsorted(self.bounds, end, "left"))
        # Only the first and the last record can be cut, so that the many between them need not be looked at.
        inner, outer = first + 1, max(first + 1, last - 1)
        low, high = int(self.bounds[inner]), int(self.bounds[outer])
        yield from _clipped(self._records(first, inner), start - int(self.bounds[first]), min(end, low) - start)
        yield from self._records(inner, outer)
        if outer < last:
            yield from _clipped(self._records(outer, last), 0, end - high)

    def _records(self, first: int, last: int) -> Iterator[bytes | Span]:
        for low in range(first, last, BLOCK):
            high = min(low + BLOCK, last)
            headers = self._pack(low, high)
            if self._sizes is None:
                yield b"".join(headers)
                continue
            sizes = self._sizes[low:high].tolist()
            for member, header, size in zip(range(low, high), headers, sizes, strict=True):
                yield header
                if size:
                    yield Span(member, 0, size)


@dataclass(frozen=True, eq=False)
class Laid:
    """A ``Layout`` of sections, one after the other."""

    sections: Sequence[Run | bytes]
    digest: Callable[[], str]

    @cached_property
    def length(self) -> int:
        """Bytes."""
        return sum(map(len, self.sections))

    @cached_property
    def etag(self) -> str:
        """Computed when first asked for: it reads all columns, which ``parts`` does not."""
        return self.digest()

    def parts(self, start: int, end: int) -> Iterator[bytes | Span]:
        """The bytes ``start <= i < end``. Raises ValueError if the bundle does not have them."""
        if not 0 <= start <= end <= self.length:
            raise ValueError(f"Bytes {start} to {end} are not in a bundle of {self.length} bytes.")
        return self._parts(start, end)

    def _parts(self, start: int, end: int) -> Iterator[bytes | Span]:
        at = 0
        for section in self.sections:
            low, high = max(start - at, 0), min(end - at, len(section))
            if low < high:
                yield from [section[low:high]] if isinstance(section, bytes) else section.parts(low, high)
            at += len(section)


def _clipped(pieces: Iterator[bytes | Span], skip: int, count: int) -> Iterator[bytes | Span]:
    """``count`` bytes of the pieces after the first ``skip``. Raises ValueError if there are fewer."""
    for piece in pieces:
        length = len(piece) if isinstance(piece, bytes) else piece.end - piece.start
        if skip >= length:
            skip -= length
            continue
        take = min(length - skip, count)
        if take == length:
            yield piece
        elif isinstance(piece, bytes):
            yield piece[skip : skip + take]
        else:
            yield Span(piece.member, piece.start + skip, piece.start + skip + take)
        skip = 0
        count -= take
        if not count:
            return
    raise ValueError(f"The layout lacks {count} bytes.")
