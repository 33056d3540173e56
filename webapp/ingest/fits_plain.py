"""Position and time from the plain cards that most telescopes write: RA, DEC, DATE-OBS, TIME-OBS, EXPTIME.

FITS 4.0 sections 8.3 and 9: numbers are degrees, sexagesimal texts are hours (RA) and degrees (DEC), times are UTC.
What cannot be understood says nothing; positions of another equinox than 2000 are left out rather than be wrong.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from astropy.coordinates import Angle
from astropy.time import Time

from webapp.ingest.columns import MAX_MJD

if TYPE_CHECKING:
    from webapp.ingest.fits_headers import Cards

SECONDS_PER_DAY = 86_400
J2000 = 2_000
LONGEST = 10_000_000  # seconds in one exposure; more is another unit or a mistake


def position(cards: Cards) -> tuple[float, float] | None:
    """Right ascension and declination, degrees."""
    ra, dec = cards.text("RA"), cards.text("DEC")
    if ra is None or dec is None or cards.number(0, 3_000, "EQUINOX") not in {None, J2000}:
        return None
    lon, lat = _degrees(ra, "hourangle"), _degrees(dec, "deg")
    # A comparison with not-a-number is false.
    if lon is None or lat is None or not (0 <= lon <= 360 and -90 <= lat <= 90):  # noqa: PLR2004 - the sphere
        return None
    return lon, lat


def start(cards: Cards) -> float | None:
    """The beginning of the exposure, MJD."""
    date, time = cards.text("DATE-OBS"), cards.text("TIME-OBS")
    if date is None:
        return None
    text = f"{date}T{time}" if time and "T" not in date else date
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # erfa doubts years before 1960, and those in the far future
            mjd = float(Time(text.removesuffix("Z"), format="fits", scale="utc").mjd)
    except (ValueError, TypeError):
        return None
    return mjd if 1 <= mjd <= MAX_MJD else None


def end(cards: Cards, begun: float | None) -> float | None:
    """The end of an exposure, MJD, by its length."""
    seconds = cards.number(0, LONGEST, "EXPTIME")
    return None if begun is None or seconds is None else begun + seconds / SECONDS_PER_DAY


def _degrees(text: str, unit: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 60 seconds are a minute
            return float(Angle(text, unit=unit).degree)
    except (ValueError, TypeError):
        return None
