"""What the readers of query strings share: single values, page numbers, and how a refusal quotes and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HINT = "Take it out of the address, or use the page's own filters."
LAST_PAGE = 1_000_000
LONGEST_QUOTE = 60  # fits one line of a message


def one(values: Mapping[str, Sequence[str]], name: str) -> str:
    """The only value of a key; empty if there is none. Raises UserError 400 if there are several."""
    found = values.get(name, ())
    if len(set(found)) > 1:
        raise UserError(400, f"The address gives {name} more than once.", HINT)
    return found[0] if found else ""


def page_number(text: str, name: str = "page") -> int:
    """A page, counted from 1; the first where nothing is said. Raises UserError 400 for anything else."""
    text = text or "1"
    if not (len(text) <= len(str(LAST_PAGE)) and text.isascii() and text.isdigit() and 0 < int(text) <= LAST_PAGE):
        raise UserError(400, f"{name} must be a whole number from 1 on, not {short(text)}.", HINT)
    return int(text)


def short(value: str) -> str:
    """A value as a sentence quotes it."""
    return repr(value if len(value) <= LONGEST_QUOTE else value[: LONGEST_QUOTE - 3] + "…")
