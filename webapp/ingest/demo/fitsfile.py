"""FITS bytes from plain arrays: integers on disk, with BSCALE where the pipeline's unit is a fraction."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from webapp.ingest.demo.facts import Card


def _fitting(cards: Iterable[Card]) -> list[Card]:
    """The cards; a comment for which the 80 characters of its line have no room is left out."""
    fitting: list[Card] = []
    for keyword, value, comment in cards:
        room = 67 - max(20, len(value) + 2 if isinstance(value, str) else 20)
        fitting.append((keyword, value, comment if len(comment) <= room else ""))
    return fitting


def primary(cards: Iterable[Card], data: Any = None) -> Any:
    """The first HDU, with or without pixels."""
    hdu = fits.PrimaryHDU(data)
    hdu.header.extend(_fitting(cards), strip=False, end=True)
    return hdu


def image(
    name: str, pixels: Any, cards: Iterable[Card] = (), *, unit: str = "", scale: float = 1.0, version: int = 0
) -> Any:
    """An image extension. ``scale`` is the worth of one count in ``unit``."""
    hdu = fits.ImageHDU(pixels, name=name)
    if version:
        hdu.header["EXTVER"] = (version, "extension version number")
    if unit:
        hdu.header["BUNIT"] = (unit, "physical units of the array values")
    if scale != 1.0:
        hdu.header["BSCALE"] = (scale, "physical value of one count")
        hdu.header["BZERO"] = (0.0, "physical value of count 0")
    hdu.header.extend(_fitting(cards), strip=False, end=True)
    return hdu


def blank(name: str, shape: tuple[int, int], value: int = 0, version: int = 0) -> Any:
    """HST's way to store a constant array: no pixels, only their value and the size they would have."""
    hdu = fits.ImageHDU(name=name)
    hdu.header["EXTVER"] = (version or 1, "extension version number")
    hdu.header["NPIX1"] = (shape[1], "length of constant array axis 1")
    hdu.header["NPIX2"] = (shape[0], "length of constant array axis 2")
    hdu.header["PIXVALUE"] = (value, "values of pixels in constant array")
    return hdu


def table(
    name: str, columns: Mapping[str, Any], cards: Iterable[Card] = (), units: Mapping[str, str] | None = None
) -> Any:
    """A binary table; two-dimensional arrays become vector columns, strings fixed-width text."""
    made = []
    for title, values in columns.items():
        array = np.asarray(values)
        if array.dtype.kind == "U":
            array = array.astype("S")
        code = f"{array.dtype.itemsize}A" if array.dtype.kind == "S" else _CODES[array.dtype.str[1:]]
        if array.ndim > 1:
            code = f"{int(np.prod(array.shape[1:]))}{code}"
        shape = str(array.shape[:0:-1]).replace(" ", "") if array.ndim > 2 else None  # noqa: PLR2004 - a cube of cells
        made.append(fits.Column(title, code, unit=(units or {}).get(title), array=array, dim=shape))
    hdu = fits.BinTableHDU.from_columns(made, name=name)
    hdu.header.extend(_fitting(cards), strip=False, end=True)
    return hdu


_CODES = {"u1": "B", "i2": "I", "i4": "J", "i8": "K", "f4": "E", "f8": "D", "b1": "L"}


def pack(*hdus: Any) -> bytes:
    """The file's bytes."""
    buffer = BytesIO()
    fits.HDUList(list(hdus)).writeto(
        buffer, output_verify="ignore"
    )  # tests verify; here it would take a third of the time
    return buffer.getvalue()


def tangent(ra: float, dec: float, shape: tuple[int, int], arcsec: float) -> list[Card]:
    """World coordinates of an image centred at (ra, dec) with north up, ``arcsec`` a pixel."""
    degree = arcsec / 3600.0
    return [
        ("WCSAXES", 2, "number of World Coordinate System axes"),
        ("CRPIX1", (shape[1] + 1) / 2.0, "axis 1 coordinate of the reference pixel"),
        ("CRPIX2", (shape[0] + 1) / 2.0, "axis 2 coordinate of the reference pixel"),
        ("CRVAL1", ra, "first axis value at the reference pixel"),
        ("CRVAL2", dec, "second axis value at the reference pixel"),
        ("CTYPE1", "RA---TAN", "first axis coordinate type"),
        ("CTYPE2", "DEC--TAN", "second axis coordinate type"),
        ("CUNIT1", "deg", "first axis units"),
        ("CUNIT2", "deg", "second axis units"),
        ("CD1_1", -degree, "linear transformation matrix element"),
        ("CD1_2", 0.0, "linear transformation matrix element"),
        ("CD2_1", 0.0, "linear transformation matrix element"),
        ("CD2_2", degree, "linear transformation matrix element"),
        ("RADESYS", "ICRS", "name of the coordinate reference frame"),
    ]
