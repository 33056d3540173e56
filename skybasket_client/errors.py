"""What goes wrong, as one exception."""

from __future__ import annotations

from typing import Any


class SkybasketError(Exception):
    """A request that was refused, or that brought no answer.

    ``sentence`` says what and where, ``hint`` what to do. ``status`` is the HTTP status; None where no server answered.
    ``problem`` holds all members of the answer (RFC 9457), such as ``missing``, ``findings`` or ``digest``.
    """

    def __init__(
        self, sentence: str, hint: str = "", *, status: int | None = None, problem: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{sentence} {hint}".strip())
        self.sentence = sentence
        self.hint = hint
        self.status = status
        self.problem = problem or {}
