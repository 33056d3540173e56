"""Finds rows for kinds and rights: the one that is there, or a new one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any


class Settling:
    """Gives each distinct kind, or rights, one row; ``new`` are those that the catalogue does not have yet."""

    def __init__(self, key: type[Any], known: list[tuple[Any, ...]]) -> None:
        self._known = {row[0]: key(*row[1:]) for row in known}
        self._ids: dict[Any, int] = {value: number for number, value in reversed(self._known.items())}
        self._following = max(self._known, default=0) + 1
        self._map: dict[tuple[int, int], int] = {}
        self.new: list[dict[str, Any]] = []

    def settle(self, number: int, known: int | None, claim: Any) -> None:
        """Find the row for a claim over the row that the product has had (None: the product is new)."""
        key = claim.fresh() if known is None else claim.over(self._known[known])
        self._map[number, known or 0] = self.id_of(key)

    def id_of(self, key: Any) -> int:
        """The id of the row with that content."""
        if key not in self._ids:
            self._ids[key] = self._following + len(self.new)
            self.new.append({"id": self._ids[key], **asdict(key)})
        return self._ids[key]

    def mapped(self) -> list[tuple[int, int, int]]:
        """``(claim, known or 0, id)``."""
        return [(*pair, found) for pair, found in self._map.items()]
