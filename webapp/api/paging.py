"""Lists in pages: ``limit``, and ``after`` with the cursor that the page before ended in."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, urlencode

from flask import request

from webapp.api.operations import Parameter
from webapp.errors import UserError
from webapp.file_list import Place
from webapp.query_strings import short

MOST = 1_000
DEFAULT = 200
MOST_FIELDS = 2_000
LONGEST_CURSOR = 2_000

PARAMETERS = (
    Parameter("after", "The `next` of the page before."),
    Parameter("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT}),
)


def asked() -> tuple[str, str, int]:
    """The query string without its paging, the cursor (empty: from the start), and the limit. Raises UserError 400."""
    try:
        pairs = parse_qsl(request.query_string.decode("ascii", "replace"), True, max_num_fields=MOST_FIELDS)  # noqa: FBT003 - keep_blank_values
    except ValueError as error:
        raise UserError(400, f"The address holds more than {MOST_FIELDS:,} values.", "Send fewer.") from error
    rest = urlencode([pair for pair in pairs if pair[0] not in {"after", "limit"}])
    found = dict(pairs)
    return rest, found.get("after", ""), _limit(found.get("limit"))


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise UserError(400, f"limit must be a whole number from 1 to {MOST:,}, not {short(text)}.", "Ask for pages.")
    return int(text)


def place(cursor: str) -> Place | None:
    """The place in a list that a cursor names, if there is one. Raises UserError 400."""
    if not cursor:
        return None
    digest, row = unpack(cursor, str, int)
    return Place(str(digest), int(row))


def next_of(found: Place | None) -> str | None:
    """The cursor of a place where a page ends."""
    return pack([found.digest, found.row]) if found else None


def pack(values: list[str | int]) -> str:
    """A cursor of these values."""
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def unpack(cursor: str, *kinds: type) -> list[str | int]:
    """The values of a cursor, of these kinds. Raises UserError 400 for a text that is none of ours."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError  # noqa: TRY301 - said once, below
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or [type(each) for each in values] != list(kinds):
            raise ValueError  # noqa: TRY301 - as above
        "".join(each for each in values if isinstance(each, str)).encode()  # half a surrogate is no text
    except (ValueError, RecursionError) as error:
        raise UserError(
            400, "after is not the next of any page.", "Take it from the answer before, as it is, or leave it out."
        ) from error
    return values
