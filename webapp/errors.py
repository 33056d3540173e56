"""What goes wrong for a person: one sentence, and one hint what to do."""

from __future__ import annotations


class UserError(Exception):
    """An expected failure. ``status`` is the HTTP status, ``sentence`` says what and where, ``hint`` what to do."""

    def __init__(self, status: int, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.hint = hint
