"""What goes wrong, as one exception."""

from __future__ import annotations

from typing import Any

REFUSED, SILENT, FAILED = "refused", "silent", "failed"


class SkybasketError(Exception):
    """A request that was refused, or that brought no answer.

    ``sentence`` says what and where, ``hint`` what to do. ``status`` is the HTTP status; None where no server answered.
    ``problem`` holds all members of the answer (RFC 9457), such as ``missing``, ``findings`` or ``digest``.
    ``why``: "refused" by the server or here; "silent" where there is no answer, or none that is understood; "failed"
    where what was ordered did not come, or not as it should.
    """

    def __init__(
        self,
        sentence: str,
        hint: str = "",
        *,
        status: int | None = None,
        problem: dict[str, Any] | None = None,
        why: str = REFUSED,
    ) -> None:
        super().__init__(f"{sentence} {hint}".strip())
        self.sentence = sentence
        self.hint = hint
        self.status = status
        self.problem = problem or {}
        self.why = why
