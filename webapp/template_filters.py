"""How numbers and dates are written: decimal units, never "0.0 MB", thousands separated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.inventory.panels import Totals

MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
UNITS = ("kB", "MB", "GB", "TB", "PB")


def size(count: int | None) -> str:
    """``3.2 GB``: one decimal, whole bytes below 1,000; unknown says so."""
    if count is None or count < 0:
        return "unknown"
    if count < 1000:  # noqa: PLR2004 - the first decimal unit
        return f"{count} B"
    value = float(count)
    for unit in UNITS:
        value /= 1000
        if round(value, 1) < 1000 or unit == UNITS[-1]:  # noqa: PLR2004 - the next unit's size
            return f"{value:,.1f} {unit}"
    raise AssertionError


def number(count: int) -> str:
    """``1,204``."""
    return f"{count:,}"


def files(count: int) -> str:
    """``1 file``, ``1,204 files``."""
    return f"{count:,} file" if count == 1 else f"{count:,} files"


def volume(totals: Totals) -> str:
    """``3.2 GB``, ``3.2 GB + 40 files of unknown size``, ``size unknown``."""
    if totals.unknown_size == 0:
        return size(totals.bytes)
    if totals.unknown_size == totals.files:
        return "size unknown"
    return f"{size(totals.bytes)} + {files(totals.unknown_size)} of unknown size"


def date(at: int | None) -> str:
    """``2026-05-02`` of seconds since 1970 UTC."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def day(at: int) -> str:
    """``2 May 2026``."""
    then = datetime.fromtimestamp(at, UTC)
    return f"{then.day} {then:%B %Y}"


def moment(at: int | None) -> str:
    """``2026-05-02 14:23 UTC``."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def duration(seconds: int) -> str:
    """``40 s``, ``25 min``, ``3 h 20 min``, ``2.5 days``."""
    minutes = round(seconds / 60)
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{max(1, seconds)} s"
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes / 1440:.1f} days"


def mjd(value: float | None) -> str:
    """The date of a modified Julian date."""
    if value is None:
        return ""
    try:
        return (MJD_ZERO + timedelta(days=value)).strftime("%Y-%m-%d")
    except (OverflowError, ValueError):
        return ""


def init(app: Flask) -> None:
    """Register all of the above by name."""
    for function in (size, number, files, volume, date, day, moment, duration, mjd):
        app.jinja_env.filters[function.__name__] = function
