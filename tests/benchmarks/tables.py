"""Tables in Markdown that also read well in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, aligned: the first column left, the others right."""
    every = [head, *rows]
    first, *rest = (max(map(len, column)) for column in zip(*every, strict=True))
    rule = f"|{'-' * (first + 2)}|" + "|".join(f"{'-' * (width + 1)}:" for width in rest) + "|"
    lines = [" | ".join([row[0].ljust(first), *map(str.rjust, row[1:], rest)]) for row in every]
    return "\n".join([f"| {lines[0]} |", rule, *(f"| {line} |" for line in lines[1:])])
