"""What a client asks of ``/api/v0/invoke``: a JSON object, checked here and made into values of ours.

Handles service, params, format, page and pagesize; what else MAST's clients send says nothing about the answer.
Refuses with UserError: what is no JSON object, numbers that are none (NaN, too large), texts that cannot be printed.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from webapp.errors import UserError
from webapp.mast.columns import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ROWS = 50_000  # of a page: what astroquery asks for by itself
MOST_PAGE = 10**9
MOST_DIGITS = 19  # of a whole number
MOST_BRACKETS = 10_000  # millions of empty lists take seconds to read, and a gigabyte
MOST_NUMBERS = 200_000  # of observations: four pages of astroquery's
LONGEST_COLUMNS = 5_000  # characters of columns' names: all of them, several times
LONGEST_SHOWN = 60  # characters of what was sent
NORTH, HALF_CIRCLE = 90.0, 180.0
COUNT = "COUNT_BIG(*)"
LOOKS = '{"service": "Mast.Caom.Filtered", "params": {"columns": "*", "filters": []}, "format": "json", "page": 1}'


@dataclass(frozen=True)
class Asked:
    """One request. ``page`` counts from 1."""

    service: str
    params: Mapping[str, Any]
    format: str = "json"
    page: int = 1
    page_size: int = MOST_ROWS

    @property
    def offset(self) -> int:
        """Rows before the page."""
        return (self.page - 1) * self.page_size


@dataclass(frozen=True)
class Place:
    """All within ``radius`` of a position, in degrees, ICRS."""

    ra: float
    dec: float
    radius: float


def parse(text: str) -> Asked:
    """The request in the field ``request``. Raises UserError."""
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise UserError(422, "The field request holds too many lists and objects.", f"It looks like {LOOKS}.")
    try:
        sent = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, and lists in lists
        raise UserError(422, "The field request holds no JSON that can be read.", f"It looks like {LOOKS}.") from error
    if not isinstance(sent, dict):
        raise UserError(422, "The field request is not a JSON object.", f"It looks like {LOOKS}.")
    service, params, form = sent.get("service"), sent.get("params", {}), sent.get("format", "json")
    if not isinstance(service, str) or service not in TABLES:
        raise UserError(422, f"There is no service {shown(service)} here.", f"There are {', '.join(TABLES)}.")
    if not isinstance(params, dict):
        raise UserError(422, "The request's params are not a JSON object.", f"It looks like {LOOKS}.")
    if form not in ("json", "extjs"):  # it may be a list
        raise UserError(422, f"There is no format {shown(form)} here.", "Ask for json.")
    size = whole(sent.get("pagesize", MOST_ROWS), "pagesize")
    return Asked(service, params, form, whole(sent.get("page", 1), "page"), min(size, MOST_ROWS))


def position(params: Mapping[str, Any]) -> Place:
    """Where to look: ``position`` as "ra, dec, radius", or the three apart, in degrees. Raises UserError."""
    if "position" in params:
        parts = str(params["position"]).replace(",", " ").split()
    else:
        parts = [params[name] for name in ("ra", "dec", "radius") if name in params]
    if len(parts) != 3:  # noqa: PLR2004 - as the sentence says
        raise UserError(422, "A position is three numbers: ra, dec and radius, in degrees.", "Send all three.")
    ra, dec, radius = (number(part, name) for part, name in zip(parts, ("ra", "dec", "radius"), strict=True))
    if not -NORTH <= dec <= NORTH or not 0 <= radius <= HALF_CIRCLE:
        raise UserError(
            422,
            f"The position has dec {dec:g} and radius {radius:g}.",
            "dec is from -90 to 90 and radius from 0 to 180 degrees.",
        )
    return Place(ra % 360, dec, radius)


def columns(params: Mapping[str, Any], service: str) -> list[str] | None:
    """The names of the columns that are asked for, as the table spells them; None for a count. Raises UserError."""
    wanted = params.get("columns", "*")
    if not isinstance(wanted, str):
        raise UserError(422, "columns is not a text.", 'Send "*", or names with commas between.')
    if len(wanted) > LONGEST_COLUMNS:
        raise UserError(422, f"columns has {len(wanted):,} characters; {LONGEST_COLUMNS:,} are taken.", 'Send "*".')
    names = [part.strip() for part in wanted.split(",")]
    if names == [COUNT]:
        return None
    if names == ["*"]:
        return [column.name for column in TABLES[service]]
    return list(dict.fromkeys(spelled(name, service) for name in names))


def spelled(name: object, service: str) -> str:
    """A column's name as the table spells it: upper and lower case are the same. Raises UserError."""
    found = {column.name.lower(): column.name for column in TABLES[service]}
    if not isinstance(name, str) or name.lower() not in found:
        raise UserError(422, f"There is no column {shown(name)}.", f"There are {', '.join(found.values())}.")
    return found[name.lower()]


def number(value: object, what: str) -> float:
    """A finite number, or a text of one. Raises UserError."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise UserError(422, f"{what} is {shown(value)}, which is not a number.", "Send it as a decimal number.")
    return found


def whole(value: object, what: str) -> int:
    """A whole number above 0, or a text of one. Raises UserError."""
    found = number(value, what)
    if not found.is_integer() or not 0 < found <= MOST_PAGE:
        raise UserError(422, f"{what} is {shown(value)}.", "Send a whole number above 0.")
    return int(found)


def text(value: object, what: str) -> str:
    """A text, or a number as one; only what can be printed, and no database chokes on. Raises UserError."""
    found = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    if found is None or not found.isprintable():
        raise UserError(422, f"A value of {what} is {shown(value)}.", "Send texts that can be printed, or numbers.")
    return found


def shown(value: object) -> str:
    """What was sent, short and in ASCII."""
    said = ascii(value[: LONGEST_SHOWN + 1] if isinstance(value, str) else value)
    return said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]}..."


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
