"""What a server answers, believed only as far as it has the form that the API promises."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from skybasket_client.errors import SILENT, SkybasketError

T = TypeVar("T")


def not_understood(detail: str = "") -> SkybasketError:
    """An answer of another form."""
    return SkybasketError("The server's answer is not understood.", detail, why=SILENT)


def decoded(body: bytes) -> dict[str, Any] | None:
    """The JSON object (RFC 8259) that a body holds; None if it is none."""
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def member(said: dict[str, Any], name: str, kind: type[T]) -> T:
    """A member of an answer. Raises SkybasketError if it is missing, or something else."""
    found = said.get(name)
    if not isinstance(found, kind) or isinstance(found, bool):
        raise not_understood(f"It says nothing of {name}.")
    return found


def _refuse(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are not JSON
