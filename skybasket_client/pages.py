"""Lists that come in pages, read one row at a time in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skybasket_client.words import query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skybasket_client.wire import Wire

PAGE = 1000  # rows: the most that the API gives at once


def rows(wire: Wire, path: str, asked: str, name: str) -> Iterator[dict[str, Any]]:
    """Each row of a list; the next page is asked for when the one before has been read. Raises SkybasketError."""
    after: str | None = None
    while True:
        page = wire.get(f"{path}?{query(asked, limit=PAGE, after=after)}")
        yield from page[name]
        after = page["next"]
        if after is None:
            return
