"""Why something from outside was refused: one sentence that says file, row and column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]  # what is being done, how much, of how much


def no_progress(_doing: str, _done: int, _total: int) -> None:
    """Show nothing."""


class IngestError(ValueError):
    """Bad input. The text is one sentence for the operator; nothing was changed."""


class CatalogueBusy(IngestError):  # noqa: N818 - an answer as much as an error
    """Another process keeps the catalogue; nothing is wrong with the input."""


class CellError(ValueError):
    """One value of a column is unusable; ``value`` or ``at``, its place in the batch, finds its row."""

    def __init__(self, column: str, value: str | None, complaint: str, *, at: int | None = None) -> None:
        super().__init__(complaint)
        self.column = column
        self.value = value
        self.at = at


def shown(value: str | None) -> str:
    """A cell as it may be quoted in a sentence: printable, and not longer than a line."""
    text = "" if value is None else value
    return repr(text if len(text) <= 60 else text[:57] + "...") if text.isprintable() else ascii(text[:57])  # noqa: PLR2004 - about a line
