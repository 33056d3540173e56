"""What goes wrong for a person: one sentence, and one hint what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class UserError(Exception):
    """An expected failure. ``status`` is the HTTP status, ``sentence`` says what and where, ``hint`` what to do.

    ``more`` is for programs: members of the problem document that the API sends.
    """

    def __init__(self, status: int, sentence: str, hint: str = "", *, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.hint = hint
        self.more = more or {}
