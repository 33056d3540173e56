"""What a file name says: mission, stem, group, extension. The suffix tables are in missions.toml, in one place.

Operators add missions and suffixes by ``[missions.<NAME>]`` in skybasket.toml, in the same shape.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webapp.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_GROUP = "none"
CATEGORIES = ("SCIENCE", "AUXILIARY", "INFO", "PREVIEW", "CALIBRATION", "CATALOG")
LEVELS = range(-1, 5)
PICTURES = frozenset({"jpg", "jpeg", "png", "gif"})

_COMPRESSED = frozenset({"gz", "bz2", "xz", "zst", "z", "fz"})
_MISSION_FIELDS = {
    "names": str,
    "combined": str,
    "references": str,
    "level": int,
    "needs_suffix": bool,
    "citation": str,
}
_EXTENSION = re.compile(r"[a-z0-9]{1,12}")


class MissionsError(SettingsError):
    """A mission's table in skybasket.toml is unusable; the text is a sentence for the operator."""


@dataclass(frozen=True)
class Suffix:
    """One entry of a mission's suffix table; missions.toml says what the fields mean."""

    group: str
    pattern: str
    category: str
    level: int | None = None
    combined_level: int | None = None
    recommended: bool | str = False
    description: str = ""


@dataclass(frozen=True)
class Mission:
    """The names of one mission."""

    name: str
    names: str = ""
    combined: str = ""
    references: str = ""
    level: int | None = None
    needs_suffix: bool = False
    citation: str = ""
    suffixes: tuple[Suffix, ...] = ()

    @cached_property
    def _ending(self) -> re.Pattern[str]:
        # The lazy stem makes the longest known suffix win; later entries win over earlier ones of the same length.
        parts = [f"(?P<s{i}>{suffix.pattern})" for i, suffix in enumerate(self.suffixes)]
        known = "|".join(reversed(parts)) or "(?!)"
        return re.compile(rf"(?P<stem>.+?)_(?:{known})(?:_thumb)?", re.IGNORECASE)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return re.compile(self.names or "(?!)", re.IGNORECASE)

    @cached_property
    def _combined(self) -> re.Pattern[str]:
        return re.compile(self.combined or "(?!)", re.IGNORECASE)

    @cached_property
    def _references(self) -> re.Pattern[str]:
        return re.compile(self.references or "(?!)", re.IGNORECASE)

    def reference(self, name: str) -> str | None:
        """The group of a calibration reference file, or None if the name is not one's."""
        match = self._references.match(name)
        return match["group"].upper() if match and self.ending(base_name(name)) is None else None

    def ending(self, base: str) -> tuple[str, Suffix] | None:
        """``(stem, suffix)`` of a name without extension that ends in a known suffix."""
        match = self._ending.fullmatch(base)
        if match is None:
            return None
        found = next(i for i in range(len(self.suffixes)) if match[f"s{i}"] is not None)
        return match["stem"], self.suffixes[found]

    def owns(self, name: str) -> bool:
        """Whether the file name is one of this mission's."""
        if self.reference(name):
            return True
        if self._names.match(name) is None:
            return False
        return not self.needs_suffix or self.ending(base_name(name)) is not None

    def has_name(self, text: str) -> bool:
        """Whether the text begins like this mission's names; it may be a folder."""
        return self._names.match(text) is not None

    def is_combined(self, name: str) -> bool:
        """Whether the name is that of a product made from several exposures."""
        return self._combined.match(name) is not None


class Missions:
    """All known missions: Skybasket's own and the operator's."""

    def __init__(self, by_name: Mapping[str, Mission]) -> None:
        self._by_name = dict(by_name)

    def __getitem__(self, name: str) -> Mission:
        return self._by_name.get(name) or Mission(name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def owner_of(self, filename: str) -> str | None:
        """The mission that gives such names; the operator's missions are asked first."""
        return next((m.name for m in reversed(self._by_name.values()) if m.owns(filename)), None)

    @cached_property
    def meanings(self) -> Mapping[str, Mapping[str, str]]:
        """What the groups of each mission mean, one line each; the operator's word goes over Skybasket's."""
        return {m.name: {s.group: s.description for s in m.suffixes if s.description} for m in self._by_name.values()}

    def citation(self, mission: str) -> str:
        """How the mission itself asks to be cited, or an empty string."""
        return self[mission].citation

    def describe(self, mission: str, group: str) -> str:
        """The one-line meaning of a group, or an empty string."""
        return self.meanings.get(mission, {}).get(group, "")


def extension(name: str) -> str:
    """The last dot part in lower case; a compressed file keeps two: ``fits.gz``. Empty if there is none."""
    rest, dot, last = name.rpartition(".")
    last = last.lower()
    if not dot or not _EXTENSION.fullmatch(last):
        return ""
    if last in _COMPRESSED:
        inner = rest.rpartition(".")[2].lower() if "." in rest else ""
        return f"{inner}.{last}" if _EXTENSION.fullmatch(inner) else last
    return last


def base_name(name: str) -> str:
    """The name without its extension."""
    ext = extension(name)
    return name[: -len(ext) - 1] if ext else name


def split_name(mission: str, name: str, missions: Missions | None = None) -> tuple[str, str] | None:
    """``(stem, group)`` of a file name, or None when it has no suffix.

    The longest known suffix is one unit (``_cal_thumb``, ``_o001_crf``, ``_rawtag_a``); without a known one, what
    follows the last ``_``; where the mission has no suffix table, digits alone are no suffix, but count observations.
    Pictures have the group ``none``.
    """
    base = base_name(name)
    table = (missions or builtin())[mission]
    known = table.ending(base)
    reference = None if known else table.reference(name)
    if reference:
        return base, reference
    if known:
        stem, group = known[0], known[1].group
    else:
        stem, underscore, last = (base[:-6] if base.lower().endswith("_thumb") else base).rpartition("_")
        counter = not table.suffixes and last.isdigit()
        if not underscore or not stem or not last or counter:
            return None
        group = last.upper()
    return stem, NO_GROUP if extension(name) in PICTURES else group


@lru_cache(maxsize=1)
def builtin() -> Missions:
    """Skybasket's own missions."""
    file = Path(__file__).with_name("missions.toml")
    return Missions(_parse(tomllib.loads(file.read_text("utf-8"))["missions"], {}))


def with_operators(table: Mapping[str, Any]) -> Missions:
    """Skybasket's missions and those of ``settings.missions``. Raises MissionsError naming mission and entry."""
    own = builtin()
    return Missions(own._by_name | _parse(table, own._by_name)) if table else own  # noqa: SLF001 - its own class


def _parse(table: Mapping[str, Any], known: Mapping[str, Mission]) -> dict[str, Mission]:
    found = {}
    for name, entry in table.items():
        where = f"[missions.{name}]"
        if not isinstance(entry, dict):
            raise MissionsError(f"{where} in skybasket.toml must be a table.")
        values = {key: value for key, value in entry.items() if key != "suffixes"}
        suffixes = entry.get("suffixes", [])
        if not isinstance(suffixes, list):
            raise MissionsError(f"{where} in skybasket.toml: suffixes must be a list of tables.")
        base = known.get(name, Mission(name))
        parsed = tuple(_suffix(each, f"{where} suffix {i}") for i, each in enumerate(suffixes, 1))
        _check(values, _MISSION_FIELDS, where)
        found[name] = replace(base, **values, suffixes=base.suffixes + parsed)
    return found


def _suffix(entry: Any, where: str) -> Suffix:
    if not isinstance(entry, dict) or not isinstance(entry.get("group"), str):
        raise MissionsError(f"{where} in skybasket.toml must be a table with a group.")
    values = {"pattern": re.escape(entry["group"].lower()), **entry}
    types: dict[str, type | tuple[type, ...]] = {"level": int, "combined_level": int, "recommended": (bool, str)}
    types |= dict.fromkeys(("group", "pattern", "category", "description"), str)
    _check(values, types, where)
    if values.get("category") not in CATEGORIES:
        raise MissionsError(f"{where} in skybasket.toml: category must be one of {', '.join(CATEGORIES)}.")
    if values.get("recommended") not in {None, True, False, "combined"}:
        raise MissionsError(f'{where} in skybasket.toml: recommended must be true, false or "combined".')
    return Suffix(**values | {"group": values["group"].upper()})


def _check(values: Mapping[str, Any], types: Mapping[str, type | tuple[type, ...]], where: str) -> None:
    for key, value in values.items():
        if key not in types:
            raise MissionsError(f"{where} in skybasket.toml: {key} is not known; it can have {', '.join(types)}.")
        if not isinstance(value, types[key]):
            raise MissionsError(f"{where} in skybasket.toml: {key} cannot be {value!r}.")
        if key.endswith("level") and value not in LEVELS:
            raise MissionsError(f"{where} in skybasket.toml: {key} must be from -1 to 4.")
        if key in {"pattern", "names", "combined", "references"}:
            _check_expression(str(value), ["group"] if key == "references" else [], f"{where} in skybasket.toml: {key}")


def _check_expression(text: str, groups: list[str], where: str) -> None:
    try:
        expression = re.compile(text)
    except re.error as error:
        raise MissionsError(f"{where} is not a regular expression: {error}.") from error
    if list(expression.groupindex) != groups or expression.groups != len(groups):
        wanted = "must have one group, (?P<group>...)" if groups else "may not have groups; write (?:...)"
        raise MissionsError(f"{where} {wanted}.")
