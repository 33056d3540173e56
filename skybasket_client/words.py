"""Query strings from words: what filters and searches look like in an address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import urlencode

One: TypeAlias = str | float | bool
Word: TypeAlias = One | Iterable[One] | None


def query(text: str = "", /, **words: Word) -> str:
    """``text``, a query string, with ``words`` behind it: ``query("mrp=0", ext=["fits", "csv"], selected=True)``.

    True is written 1 and False 0, a list is a repeated word, None is left out.
    """
    return "&".join(filter(None, (text.removeprefix("?"), urlencode(pairs(words)))))


def pairs(words: dict[str, Word]) -> list[tuple[str, str]]:
    """The same as pairs."""
    found = []
    for name, word in words.items():
        if word is None:
            continue
        several = [word] if isinstance(word, str | float | bool | int) else word
        found += [(name, str(int(one) if isinstance(one, bool) else one)) for one in several]
    return found
