"""The one table of facets: what each filter asks of a file, its words, and the order of its values.

Adding a facet is adding one entry to ``FACETS``; its name is its key in the URL and in the API. *Recommended only*, the
name pattern and *selected only* are not facets: they have no list of values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from webapp import facet_meanings as words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from webapp.inventory.inventory import Kind


def _mission_words(value: str, _mission: str | None) -> tuple[str, str]:
    return value, words.MISSIONS.get(value, f"Files of {value}")


def _extension_words(value: str, _mission: str | None) -> tuple[str, str]:
    return f".{value}", f"Files whose name ends in .{value}"


def _group_words(value: str, mission: str | None) -> tuple[str, str]:
    if value == "none":
        return "No group", "Files without a group, such as previews"
    found = {name: groups[value] for name, groups in words.GROUPS.items() if value in groups}
    if mission in found:
        return value, found[mission]
    if mission is not None or not found:
        return value, f"Files whose name ends in _{value.lower()}"
    if len(set(found.values())) == 1:
        return value, next(iter(found.values()))
    return value, "; ".join(f"{name}: {meaning}" for name, meaning in found.items())


def _as_it_is(value: str, _mission: str | None) -> tuple[str, str]:
    return value, f"Files marked {value}"


@dataclass(frozen=True)
class Facet:
    """One filter with a list of values.

    ``value`` gives a file's value from its kind, whether everybody may read it now, and the missions that are
    available by batch. ``words`` maps known values, in order, to label and meaning; ``other`` makes both for the rest.
    A ``closed`` facet has no values but the known ones.
    """

    name: str
    title: str
    value: Callable[[Kind, bool, frozenset[str]], str]
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    other: Callable[[str, str | None], tuple[str, str]] = _as_it_is
    closed: bool = False

    def label(self, value: str) -> str:
        """What the page calls a value."""
        return (self.words.get(value) or self.other(value, None))[0]

    def meaning(self, value: str, mission: str | None = None) -> str:
        """One line on what a value means, in ``mission`` if that is known."""
        return (self.words.get(value) or self.other(value, mission))[1]

    def accepts(self, value: str) -> bool:
        """Whether a URL can ask for this value, be it in the basket or not."""
        return value in self.words if self.closed else bool(value)

    def sort_key(self, value: str) -> tuple[int, str]:
        """Known values in the order of ``words``, then the others by name."""
        return self._places.get(value, len(self._places)), value

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {value: place for place, value in enumerate(self.words)}


FACETS: Mapping[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet("category", "Data product category", lambda kind, _public, _batch: kind.category, words.CATEGORIES),
        Facet("type", "Data product type", lambda kind, _public, _batch: kind.product_type, words.TYPES, closed=True),
        Facet(
            "level",
            "Calibration level",
            lambda kind, _public, _batch: "unknown" if kind.level is None else str(kind.level),
            words.LEVELS,
            closed=True,
        ),
        Facet(
            "ext",
            "File extension",
            lambda kind, _public, _batch: kind.ext or "none",
            words.EXTENSIONS,
            _extension_words,
        ),
        Facet("mission", "Mission", lambda kind, _public, _batch: kind.mission, other=_mission_words),
        Facet(
            "access",
            "Access",
            lambda _kind, public, _batch: "public" if public else "exclusive",
            words.ACCESS,
            closed=True,
        ),
        Facet(
            "batch",
            "Batch download availability",
            lambda kind, _public, batch: "1" if "*" in batch or kind.mission in batch else "0",
            words.BATCH,
            closed=True,
        ),
        Facet("group", "Data product group", lambda kind, _public, _batch: kind.group, other=_group_words),
    )
}
