"""Positions on the sky as people write them, and how far apart two are.

Handles degrees (``150.119``) and sexagesimal (``10:00:28.6``, ``10h00m28.6s``, ``10 00 28.6``), the two coordinates
apart or as one text; radii with a unit. Refuses what is not a place on the sphere. No names of objects: nothing is
looked up outside. Parsing and the separation are astropy's, imported when first needed since that takes 0.7 s.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CHARACTERS = 40
FULL_CIRCLE = 360.0
POLE = 90.0
FARTHEST = 180.0
DEGREES_IN = {"d": 1.0, "deg": 1.0, "°": 1.0, "m": 1 / 60, "arcmin": 1 / 60, "'": 1 / 60}
DEGREES_IN |= {"s": 1 / 3600, "arcsec": 1 / 3600, '"': 1 / 3600}

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_TYPESET = str.maketrans("−′″", "-'\"")  # noqa: RUF001 - as papers print them
_SIXTY = re.compile(r"[:hdm°' ]\s*60(?!\d)")  # astropy reads 10:60:00 as 11:00:00 and warns; it is a slip of the pen
_RADIUS = re.compile(r"(\d+\.?\d*|\.\d+)\s*(\D*)")


class PositionError(ValueError):
    """A text is no coordinate or radius; the message ends a sentence that begins with the text."""


def split_pair(text: str) -> tuple[str, str]:
    """``10:00:28.6 +02:12:21`` as its two coordinates; the second is empty if there is but one.

    They part at a comma, else before a sign, else in the middle of an even number of words.
    """
    first, comma, second = _clean(text).partition(",")
    if comma:
        return first.strip(), second.strip()
    words = first.split()
    signed = [place for place, word in enumerate(words) if place and word[0] in "+-"]
    if not signed and len(words) % 2:
        return first, ""
    middle = signed[0] if signed else len(words) // 2
    return " ".join(words[:middle]), " ".join(words[middle:])


def right_ascension(text: str) -> float:
    """Degrees, 0 to 360; a sexagesimal text is in hours unless it says ``d``. Raises PositionError."""
    degrees = _angle(text, "hourangle")
    if not 0 <= degrees <= FULL_CIRCLE:
        raise PositionError("is not between 0 and 360 degrees (0 and 24 hours)")
    return degrees % FULL_CIRCLE


def declination(text: str) -> float:
    """Degrees, -90 to 90. Raises PositionError."""
    degrees = _angle(text, "deg")
    if not -POLE <= degrees <= POLE:
        raise PositionError("is not between -90 and 90 degrees")
    return degrees


def radius(text: str) -> float:
    """Degrees; a bare number is in arc minutes, else ``0.2d``, ``12m``, ``30s``. Raises PositionError."""
    found = _RADIUS.fullmatch(_clean(text))
    unit = DEGREES_IN.get(found[2].strip().lower() or "m") if found else None
    if found is None or unit is None:
        raise PositionError("is not a radius such as 3 (arc minutes), 0.2d, 12m or 30s")
    degrees = float(found[1]) * unit
    if not 0 < degrees <= FARTHEST:
        raise PositionError("is not more than 0 and at most 180 degrees")
    return degrees


def separation(ra: float, dec: float, ras: NDArray[np.float64], decs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees between one position and n others (all in degrees, shape (n,)); right at the poles and across RA 0."""
    from astropy.coordinates import angular_separation  # noqa: PLC0415 - see above

    apart = angular_separation(math.radians(ra), math.radians(dec), np.radians(ras), np.radians(decs))
    return np.degrees(np.asarray(apart, np.float64))


def _clean(text: str) -> str:
    return " ".join(text.translate(_TYPESET).split())


def _angle(text: str, unit: str) -> float:
    cleaned = _clean(text)
    if len(cleaned) > MOST_CHARACTERS:
        raise PositionError(f"is longer than {MOST_CHARACTERS} characters")
    if _PLAIN.fullmatch(cleaned):
        return float(cleaned)
    if _SIXTY.search(cleaned):
        raise PositionError("has 60 minutes or seconds")
    from astropy.coordinates import Angle  # noqa: PLC0415 - see above

    try:
        return float(Angle(cleaned, unit=unit).deg)
    except (ValueError, TypeError) as error:
        raise PositionError("is neither degrees (150.119) nor sexagesimal (10:00:28.6, 10h00m28.6s)") from error
