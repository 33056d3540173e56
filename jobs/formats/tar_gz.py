"""tar.gz: the tar, compressed by ISA-L on several cores. Its length is not known before, so a job builds it.

The stream is one gzip member (RFC 1952) without name or time, so that the same tar gives the same bytes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from isal import igzip_threaded

if TYPE_CHECKING:
    from collections.abc import Iterable

name = "tar.gz"
suffix = ".tar.gz"
media_type = "application/gzip"
virtual = False
needs_crc = False
inner = "tar"

LEVEL = 2  # of ISA-L's 0 to 3: its own default
BLOCK = 1 << 20  # compressed at once; where it is cut decides the bytes, so it is fixed
THREADS = min(max(os.cpu_count() or 1, 2), 8)  # a machine with many cores has other work too


def build(pieces: Iterable[bytes], out: BinaryIO) -> None:
    """Compress ``pieces`` into ``out``, which stays open. Raises what reading the pieces or writing raises."""
    compressor = igzip_threaded.open(  # type: ignore[no-untyped-call]  # it has no types
        out, "wb", compresslevel=LEVEL, threads=THREADS, block_size=BLOCK
    )
    with compressor as compressed:
        held = bytearray()
        for piece in pieces:
            held += piece
            whole = len(held) - len(held) % BLOCK
            for at in range(0, whole, BLOCK):
                compressed.write(held[at : at + BLOCK])
            del held[:whole]
        compressed.write(held)
