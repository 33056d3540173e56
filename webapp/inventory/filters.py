"""What the file selector shows, and file-name patterns resolved to masks."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from webapp.inventory.globs import match_names, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webapp.inventory.arrays import Bools
    from webapp.inventory.inventory import Inventory

PATTERN_LENGTH = 200


@dataclass(frozen=True)
class Filters:
    """The state of all filters; hashable. ``choices`` maps a facet's name to the values chosen in it."""

    mrp: bool = True
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    name: str | None = None
    selected: bool = False

    def __post_init__(self) -> None:
        chosen = {facet: frozenset(values) for facet, values in sorted(self.choices.items()) if values}
        object.__setattr__(self, "choices", MappingProxyType(chosen))

    def __hash__(self) -> int:
        return hash((self.mrp, tuple(self.choices.items()), self.name, self.selected))


def check_pattern(pattern: str) -> None:
    """Raise ValueError with a sentence for the user if ``pattern`` cannot be used."""
    if not pattern:
        raise ValueError("The file name pattern is empty.")
    if len(pattern) > PATTERN_LENGTH:
        raise ValueError(f"The file name pattern has {len(pattern)} characters; at most {PATTERN_LENGTH} are possible.")
    if any(character < " " or "\x7f" <= character < "\xa0" for character in pattern):
        raise ValueError("The file name pattern holds a control character.")
    if "/" in pattern:
        raise ValueError("The file name pattern holds a slash, which no file name does.")
    if "[" in tokens(pattern):
        raise ValueError("The file name pattern opens a bracket [ that it does not close with ].")


def name_mask(inventory: Inventory, pattern: str) -> Bools:
    """The files whose whole name matches a glob (see ``globs``), bool (n,).

    Raises ValueError as ``check_pattern`` does.
    """
    check_pattern(pattern)
    return match_names(inventory.names, pattern)
