"""What a basket is called: its owner's own word, or the day it was made on."""

from __future__ import annotations

from webapp.errors import UserError
from webapp.template_filters import day

LONGEST = 100  # characters
COPY = ", copy"


def clean(text: str) -> str:
    """A name as it is kept: one line, no control characters; empty is no name. Raises UserError 422 for a long one."""
    name = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    if len(name) > LONGEST:
        raise UserError(422, f"The name has {len(name):,} characters; {LONGEST} are possible.", "Make it shorter.")
    return name


def shown(name: str, created_at: int) -> str:
    """How a basket is called on screen: ``Basket of 2 May 2026`` where it has no name."""
    return name or f"Basket of {day(created_at)}"


def of_copy(title: str) -> str:
    """``X, copy``."""
    return cut(title, LONGEST - len(COPY)) + COPY


def cut(title: str, longest: int = LONGEST) -> str:
    """A name that is no longer than that."""
    return title if len(title) <= longest else f"{title[: longest - 1].rstrip()}…"
