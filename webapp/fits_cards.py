"""The headers of a FITS file by ranged reads that skip the data.

Source of the arithmetic: FITS Standard 4.0, section 3.3 (2,880-byte blocks) and 4.4.1 (size of a data unit). Reads at
most 50 HDUs and 1 MB of headers; refuses compressed files, whose headers cannot be reached by ranges.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from astropy.io.fits import Header
from astropy.io.fits.verify import VerifyError
from astropy.utils.exceptions import AstropyUserWarning

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 2_880
MOST_HDUS = 50
MOST_BYTES = 1_000_000
END = b"END" + b" " * 77
SHOWN = bytes(ord("?") if code < 32 or 127 <= code < 160 else code for code in range(256))  # noqa: PLR2004 - control codes


class NotFits(ValueError):  # noqa: N818 - it is what it says
    """The file is not (or no longer) valid FITS; the text is a sentence."""


@dataclass(frozen=True)
class Hdu:
    """One header: its number, its EXTNAME or PRIMARY, and its 80-character cards without padding."""

    number: int
    name: str
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Headers:
    """The headers read; ``more`` says that a limit ended the reading."""

    hdus: tuple[Hdu, ...]
    more: bool


def read_headers(read: Callable[[int, int], bytes], size: int) -> Headers:
    """Read all headers. ``read(start, end)`` gives those bytes; ``size`` is the file's, in bytes. Raises NotFits."""
    position, spent = 0, 0
    hdus: list[Hdu] = []
    while position < size:
        if len(hdus) == MOST_HDUS or spent >= MOST_BYTES:
            return Headers(tuple(hdus), more=True)
        text = _header_at(read, position, size, MOST_BYTES - spent + BLOCK)
        if text is None:
            return Headers(tuple(hdus), more=True)
        if not text:
            break  # special records (section 3.5), or padding
        spent += len(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyUserWarning)  # what is odd is shown as it is
            header = Header.fromstring(text.decode("latin-1"))
            data = _data_bytes(header)
            name = _name(header, len(hdus))
        lines = text.translate(SHOWN).decode("latin-1")
        cards = tuple(lines[i : i + 80].rstrip() for i in range(0, len(lines), 80))
        last = next((i for i, card in enumerate(cards) if card == "END"), len(cards))
        hdus.append(Hdu(len(hdus), name, cards[:last]))
        position += len(text) + -(-data // BLOCK) * BLOCK
    if not hdus:
        raise NotFits("This file does not begin like a FITS file.")
    return Headers(tuple(hdus), more=False)


def _header_at(read: Callable[[int, int], bytes], start: int, size: int, most: int) -> bytes | None:
    """The header blocks from ``start`` on; empty if none begins there; None if they are longer than ``most`` bytes."""
    text = b""
    begin = b"XTENSION=" if start else b"SIMPLE  ="
    while len(text) < most:
        at = start + len(text)
        block = read(at, min(at + BLOCK, size))
        if not text and not block.startswith(begin):
            return b""
        if len(block) < BLOCK:
            raise NotFits("This FITS file ends in the middle of a header.")
        text += block
        if any(block[i : i + 80] == END for i in range(0, BLOCK, 80)):
            return text
    return None


def _name(header: Header, number: int) -> str:
    if not number:
        return "PRIMARY"
    try:
        return str(header.get("EXTNAME", "")).strip() or f"HDU {number}"
    except VerifyError:  # the card is shown as it is
        return f"HDU {number}"


def _data_bytes(header: Header) -> int:
    try:
        axes = [int(header[f"NAXIS{i + 1}"]) for i in range(int(header["NAXIS"]))]
        if header.get("GROUPS") is True and axes and axes[0] == 0:
            axes = axes[1:]  # random groups, section 6
        count = 1 if axes else 0
        for axis in axes:
            count *= axis
        bits = abs(int(header["BITPIX"])) * int(header.get("GCOUNT", 1)) * (int(header.get("PCOUNT", 0)) + count)
    except (KeyError, TypeError, ValueError, OverflowError, VerifyError) as error:
        raise NotFits("A header of this FITS file does not say how long its data are.") from error
    if bits < 0:
        raise NotFits("A header of this FITS file gives its data a negative length.")
    return bits // 8
