"""What the next page shall tell the user: kept in the session, outside everything that a swap replaces."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import session

KEPT = 3  # older messages give way, as the session travels in a cookie


@dataclass(frozen=True)
class Message:
    """A sentence, perhaps with Undo, perhaps with links ``(text, url)``."""

    sentence: str
    undo_url: str = ""
    step: int | None = None
    back: str = ""  # where Undo returns to: a path of this server
    links: tuple[tuple[str, str], ...] = ()


def tell(message: Message) -> None:
    """Show this on the next page."""
    session["messages"] = [*session.get("messages", []), asdict(message)][-KEPT:]


def take() -> list[Message]:
    """The messages to show now; they are shown once."""
    kept: list[dict[str, Any]] = session.pop("messages") if "messages" in session else []
    return [Message(**{**each, "links": tuple(tuple(link) for link in each["links"])}) for each in kept]
