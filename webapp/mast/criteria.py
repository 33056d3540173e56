"""Criteria on observations, as ``params.filters`` of MAST's filtered services says them.

Values of one criterion are alternatives, criteria are not. A text matches whatever its case; ``freeText`` has ``%`` for
any characters (astroquery writes ``*`` as it). Numbers with decimals are asked for by ``{"min": ..., "max": ...}``,
both included. A criterion without any value, and one on a column that the catalogue does not hold, is refused: it
would find everything, or nothing, and nobody would know why.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from webapp.errors import UserError
from webapp.mast import asked
from webapp.mast.columns import FLOAT, INT, STRING, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST = 30  # criteria in one request: twice the columns that the catalogue holds
MOST_VALUES = 200  # in one request, of columns where each value is a condition of its own
LONGEST = 1_000  # characters of a value
MOST_WILDCARDS = 10  # in one value: each multiplies the work
NUMBERS = {"obsid"}  # texts in the table, whole numbers in the catalogue


@dataclass(frozen=True)
class Criterion:
    """What one column must be: one of ``values`` or ``whole``, or like ``pattern``, or in one of ``ranges``."""

    column: str
    many: bool = False  # a cell may hold several values
    values: tuple[str, ...] = ()
    whole: tuple[int, ...] = ()
    pattern: str = ""  # with % for any characters
    ranges: tuple[tuple[float | None, float | None], ...] = ()


def criteria(params: Mapping[str, Any], service: str) -> tuple[Criterion, ...]:
    """All that an observation must meet. Raises UserError."""
    sent = params.get("filters", [])
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent) or len(sent) > MOST:
        raise UserError(
            422,
            f"filters is not a list of up to {MOST} objects.",
            'One looks like {"paramName": "obs_collection", "values": ["HST"]}.',
        )
    found = tuple(_criterion(each, service) for each in sent)
    for name, times in Counter(each.column for each in found).items():
        if times > 1:  # each would be worked out for every observation
            raise UserError(422, f"There are {times} criteria on {name}.", "Send one, with all its values.")
    values = sum(len(each.ranges) + (len(each.values) if each.many else 0) for each in found)
    if values > MOST_VALUES:
        raise UserError(
            422,
            f"The criteria hold {values:,} ranges and filters; {MOST_VALUES} are taken.",
            "Ask in several requests.",
        )
    return found


def _criterion(sent: Mapping[str, Any], service: str) -> Criterion:
    name = asked.spelled(sent.get("paramName"), service)
    column = next(each for each in TABLES[service] if each.name == name)
    if name == "distance":
        raise UserError(422, "distance is no criterion.", "Ask for a smaller radius instead.")
    if not column.held:
        raise UserError(422, f"This archive's catalogue does not hold {name}.", "Ask without this criterion.")
    values = sent.get("values", [])
    values = values if isinstance(values, list) else [values]
    free = sent.get("freeText") or ""
    if not values and not free:
        raise UserError(422, f"The criterion {name} has no value.", "Give it one, or ask without this criterion.")
    if column.type == FLOAT:
        return Criterion(name, ranges=tuple(_range(each, name) for each in values))
    if column.type == INT or name in NUMBERS:
        if free:
            raise UserError(422, f"{name} is a number, so it takes no wildcard.", "Send the numbers themselves.")
        return Criterion(name, whole=tuple(_whole(values, name)))
    if column.type != STRING:
        raise UserError(422, f"{name} is no criterion.", "Ask without it.")
    return Criterion(name, column.many, tuple(_text(each, name) for each in values), pattern=_text(free, name))


def _text(sent: object, name: str) -> str:
    found = asked.text(sent, name)
    if len(found) > LONGEST or found.count("%") > MOST_WILDCARDS:
        raise UserError(
            422,
            f"A value of {name} has {len(found):,} characters and {found.count('%')} wildcards.",
            f"Up to {LONGEST:,} and {MOST_WILDCARDS} are taken.",
        )
    return found


def _range(sent: object, name: str) -> tuple[float | None, float | None]:
    if not isinstance(sent, dict) or not sent.keys() & {"min", "max"}:
        raise UserError(
            422, f"{name} is asked for by a range, not by {asked.shown(sent)}.", 'Send {"min": 1, "max": 2}.'
        )
    low, high = (None if sent.get(end) is None else asked.number(sent[end], name) for end in ("min", "max"))
    return low, high


def _whole(values: list[object], name: str) -> Iterator[int]:
    for value in values:
        words = asked.text(value, name).strip()
        digits = words.removesuffix(".0").removeprefix("-")
        if not digits.isdecimal() or not digits.isascii() or len(digits) > asked.MOST_DIGITS:
            raise UserError(422, f"{name} is {asked.shown(value)}, which is not a whole number.", "Send the number.")
        yield int(words.removesuffix(".0"))
