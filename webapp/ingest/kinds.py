"""The kind of a product: what a table says about it, else what its name says.

A table's word lasts: a later table that is silent about a value leaves it as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.ingest.names import NO_GROUP, PICTURES, extension, split_name

if TYPE_CHECKING:
    from webapp.ingest.names import Missions

RECOMMENDED = "minimum recommended products"  # MAST's productGroupDescription, case folded

_GROUP = re.compile(r"(?=.*[A-Z])[A-Z0-9-]{1,24}(_[A-Z])?")
_BY_EXTENSION = {
    "SCIENCE": frozenset({"", "fits", "asdf", "h5", "hdf5"}),
    "INFO": frozenset({"txt", "log", "pdf", "html", "htm", "json", "xml", "md", "yaml", "yml"}),
    "CATALOG": frozenset({"ecsv"}),
}


@dataclass(frozen=True)
class KindKey:
    """A row of the table ``kind``: what products of one kind have in common."""

    mission: str
    category: str
    ext: str
    group: str
    level: int | None
    recommended: bool


@dataclass(frozen=True)
class Stated:
    """What a table says about a product's kind; None where it is silent."""

    category: str | None = None
    group: str | None = None
    level: int | None = None
    recommended: bool | None = None


@dataclass(frozen=True)
class Claim:
    """What one row knows about a kind: the table's word, and what the name suggests."""

    stated: Stated
    derived: KindKey

    def fresh(self) -> KindKey:
        """The kind of a product that the catalogue does not have yet."""
        return self._with(self.derived)

    def over(self, known: KindKey) -> KindKey:
        """The kind of a product that is already known with another kind."""
        level = self.derived.level if known.level is None else known.level
        return self._with(
            KindKey(self.derived.mission, known.category, self.derived.ext, known.group, level, known.recommended)
        )

    def _with(self, base: KindKey) -> KindKey:
        said = self.stated
        category = said.category or base.category
        group = said.group or (NO_GROUP if category == "PREVIEW" else base.group)
        return KindKey(
            mission=base.mission,
            category=category,
            ext=base.ext,
            group=group,
            level=base.level if said.level is None else said.level,
            recommended=base.recommended if said.recommended is None else said.recommended,
        )


def derive(mission: str, filename: str, missions: Missions) -> KindKey:
    """The kind that a file's name suggests."""
    table = missions[mission]
    ext = extension(filename)
    group = table.reference(filename)
    if group:
        return KindKey(mission, "CALIBRATION", ext, group, None, recommended=False)
    base = filename[: -len(ext) - 1] if ext else filename
    found = table.ending(base)
    if found is None:
        return _unknown(mission, filename, ext, missions)
    suffix, combined = found[1], table.is_combined(filename)
    level = suffix.combined_level if combined and suffix.combined_level is not None else suffix.level
    if ext in PICTURES:
        return KindKey(mission, "PREVIEW", ext, NO_GROUP, level, recommended=False)
    recommended = combined if suffix.recommended == "combined" else bool(suffix.recommended)
    return KindKey(mission, suffix.category, ext, suffix.group, level, recommended)


def _unknown(mission: str, filename: str, ext: str, missions: Missions) -> KindKey:
    level = missions[mission].level
    if ext in PICTURES:
        return KindKey(mission, "PREVIEW", ext, NO_GROUP, level, recommended=False)
    plain = ext.partition(".")[0]
    category = next((name for name, exts in _BY_EXTENSION.items() if plain in exts), "AUXILIARY")
    split = split_name(mission, filename, missions)
    # A counter or a time stamp is no group: every file would be a kind of its own.
    group = split[1] if split and _GROUP.fullmatch(split[1]) else NO_GROUP
    return KindKey(mission, category, ext, group, level, recommended=False)
