"""Small caches for columns in which few values occur often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V")

KEPT = 200_000  # a column in which every value differs must not fill the memory


class Memo(dict[Any, V], Generic[V]):
    """``memo[key]`` is ``make(key)``, remembered for a while."""

    def __init__(self, make: Callable[[Any], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> V:
        if len(self) >= KEPT:
            self.clear()
        value = self[key] = self._make(key)
        return value


class Numbers(dict[Any, int], Generic[V]):
    """``numbers[key]`` numbers the distinct keys from 0; ``made[number]`` is what ``make`` says of the key."""

    def __init__(self, make: Callable[[Any], V]) -> None:
        super().__init__()
        self._make = make
        self.made: list[V] = []

    def __missing__(self, key: Any) -> int:
        self.made.append(self._make(key))
        number = self[key] = len(self.made) - 1
        return number
