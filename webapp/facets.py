"""The one table of facets: what each filter asks of a file, its words, and the order of its values.

Adding a facet is adding one entry to ``FACETS``; its name is its key in the URL and in the API. *Recommended only*, the
name pattern and *selected only* are not facets: they have no list of values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from webapp.facet_meanings import ACCESS, BATCH, CATEGORIES, EXTENSIONS, LEVELS, MISSIONS, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from webapp.inventory.inventory import Kind


GroupWords: TypeAlias = "Mapping[str, Mapping[str, str]]"  # mission -> group -> one line


def _mission_meaning(value: str, _mission: str | None, _groups: GroupWords) -> str:
    return MISSIONS.get(value, f"Files of {value}")


def _extension_meaning(value: str, _mission: str | None, _groups: GroupWords) -> str:
    return f"Files whose name ends in .{value}"


def _group_meaning(value: str, mission: str | None, groups: GroupWords) -> str:
    found = {name: table[value] for name, table in groups.items() if value in table and mission in {None, name}}
    if not found:
        return f"Files whose name ends in _{value.lower()}"
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return "; ".join(f"{name}: {meaning}" for name, meaning in found.items())


def _no_meaning(value: str, _mission: str | None, _groups: GroupWords) -> str:
    return f"Files marked {value}"


@dataclass(frozen=True)
class Facet:
    """One filter with a list of values.

    ``value`` gives a file's value from its kind, whether everybody may read it now, and the missions that are
    available by batch. ``words`` maps known values, in their order, to label and meaning; ``other_label`` and
    ``other_meaning`` speak of the rest. A ``closed`` facet has no values but the known ones.
    """

    name: str
    title: str
    value: Callable[[Kind, bool, frozenset[str]], str]
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    other_label: str = "{}"
    other_meaning: Callable[[str, str | None, GroupWords], str] = _no_meaning
    closed: bool = False

    def label(self, value: str) -> str:
        """What the page calls a value."""
        return self.words[value][0] if value in self.words else self.other_label.format(value)

    def meaning(self, value: str, groups: GroupWords, mission: str | None = None) -> str:
        """One line on what a value means.

        ``groups`` says what file groups mean in the missions at hand; ``mission``, where known, settles a group that
        several of them use.
        """
        return self.words[value][1] if value in self.words else self.other_meaning(value, mission, groups)

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
        Facet(
            "category",
            "Data product category",
            lambda kind, _public, _batch: kind.category,
            CATEGORIES,
            closed=True,
        ),
        Facet("type", "Data product type", lambda kind, _public, _batch: kind.product_type, TYPES, closed=True),
        Facet(
            "level",
            "Calibration level",
            lambda kind, _public, _batch: "unknown" if kind.level is None else str(kind.level),
            LEVELS,
            closed=True,
        ),
        Facet(
            "ext",
            "File extension",
            lambda kind, _public, _batch: kind.ext or "none",
            EXTENSIONS,
            ".{}",
            _extension_meaning,
        ),
        Facet("mission", "Mission", lambda kind, _public, _batch: kind.mission, other_meaning=_mission_meaning),
        Facet(
            "access",
            "Access",
            lambda _kind, public, _batch: "public" if public else "exclusive",
            ACCESS,
            closed=True,
        ),
        Facet(
            "batch",
            "Batch download availability",
            lambda kind, _public, batch: "1" if "*" in batch or kind.mission in batch else "0",
            BATCH,
            closed=True,
        ),
        Facet(
            "group",
            "Data product group",
            lambda kind, _public, _batch: kind.group,
            {"none": ("No group", "Files without a group, such as previews")},
            other_meaning=_group_meaning,
        ),
    )
}
