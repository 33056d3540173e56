"""Lists that come in pages, read one row at a time in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skybasket_client.answers import member, not_understood
from skybasket_client.words import query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skybasket_client.wire import Wire

PAGE = 1000  # rows: the most that the API gives at once


def rows(wire: Wire, path: str, asked: str, name: str) -> Iterator[dict[str, Any]]:
    """Each row of a list; the next page is asked for when the one before has been read. Raises SkybasketError."""
    for page in pages(wire, path, asked, name):
        yield from page[name]


def pages(wire: Wire, path: str, asked: str, name: str) -> Iterator[dict[str, Any]]:
    """Each page of a list, as it is answered. Raises SkybasketError."""
    after: str | None = None
    seen: set[str | None] = set()
    while after not in seen:
        seen.add(after)
        page = wire.get(f"{path}?{query(asked, limit=PAGE, after=after)}")
        found = member(page, name, list)
        if not all(isinstance(each, dict) for each in found):
            raise not_understood(f"It says nothing of {name}.")
        yield page
        if "next" in page and page["next"] is None:
            return
        after = member(page, "next", str)
        if not found:
            break
    raise not_understood("It is a list that does not go on, and does not end.")
