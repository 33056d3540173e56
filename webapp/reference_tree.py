"""The references of a selection as a tree of instruments, types and files, and which of them a form's ticks mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING
from zlib import crc32

from webapp.errors import UserError
from webapp.inventory.panels import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from webapp.reference_types import ReferenceType
    from webapp.references import Used

AGAIN = "Look again: another tab may have changed the selection."
_INSTRUMENTS = {
    "nircam": "NIRCam",
    "nirspec": "NIRSpec",
    "synphot": "throughputs",  # CRDS' name of what several instruments share
    "": "(instrument unknown)",
}


@dataclass(frozen=True, eq=False)
class TypeGroup:
    """The references of one type."""

    mission: str
    type: ReferenceType
    files: tuple[Used, ...]

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.mission}/{self.type.instrument}/{self.type.name}"

    @property
    def meaning(self) -> str:
        """What CRDS says of the type, unless that is its label again."""
        words = ["".join(filter(str.isalnum, text.lower())) for text in (self.type.meaning, self.type.label)]
        return "" if words[0] == words[1] else self.type.meaning

    @property
    def place(self) -> str:
        """Where its files are listed: the id of an element, whatever else is selected."""
        return f"of-{crc32(self.key.encode()):08x}"

    @cached_property
    def addable(self) -> Totals:
        """What ticking it means."""
        return totals(each for each in self.files if each.addable)


@dataclass(frozen=True, eq=False)
class InstrumentGroup:
    """The types of one instrument."""

    mission: str
    instrument: str
    types: tuple[TypeGroup, ...]

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.mission}/{self.instrument}"

    @property
    def title(self) -> str:
        """``JWST NIRCam``."""
        return f"{self.mission} {_INSTRUMENTS.get(self.instrument, self.instrument.upper())}"

    @cached_property
    def files(self) -> tuple[Used, ...]:
        """Those of all its types."""
        return tuple(each for group in self.types for each in group.files)

    @cached_property
    def addable(self) -> Totals:
        """What ticking it means."""
        return together(each.addable for each in self.types)


@dataclass(frozen=True)
class Ticks:
    """What a form ticks: files by their keys, whole types and instruments by theirs, or everything."""

    files: Sequence[str]
    types: Sequence[str] = ()
    instruments: Sequence[str] = ()
    everything: bool = False


def totals(files: Iterable[Used]) -> Totals:
    """How many files, and how large."""
    sizes = [each.reference.size for each in files]
    known = [size for size in sizes if size is not None]
    return Totals(len(sizes), sum(known), len(sizes) - len(known))


def together(parts: Iterable[Totals]) -> Totals:
    """The sum of some totals."""
    every = list(parts)
    return Totals(*(sum(getattr(each, name) for each in every) for name in ("files", "bytes", "unknown_size")))


def tree(used: Sequence[Used]) -> tuple[InstrumentGroup, ...]:
    """References in tree order, in their groups."""
    return tuple(_instruments(used))


def _instruments(used: Sequence[Used]) -> Iterator[InstrumentGroup]:
    for (mission, instrument), files in groupby(used, lambda e: (e.reference.mission, e.reference.type.instrument)):
        by_type = groupby(files, lambda each: each.reference.type)
        types = tuple(TypeGroup(mission, type_, tuple(alike)) for type_, alike in by_type)
        yield InstrumentGroup(mission, instrument, types)


def ticked(used: Sequence[Used], ticks: Ticks) -> list[str]:
    """The keys of the files that are meant, each once: of a whole group those that can be added.

    Raises UserError 422 for a key that the tree does not have, and for a file that cannot be had.
    """
    groups = tree(used)
    branches: dict[str, InstrumentGroup | TypeGroup] = {each.key: each for each in groups}
    branches |= {each.key: each for group in groups for each in group.types}
    leaves = {each.reference.key: each for each in used}
    found: dict[str, None] = {}
    for key in (*ticks.instruments, *ticks.types):
        if key not in branches:
            raise _unknown(key)
        found |= {each.reference.key: None for each in branches[key].files if each.addable}
    for key in ticks.files:
        if key not in leaves:
            raise _unknown(key)
        if problem := leaves[key].reference.problem:
            raise UserError(422, f"{leaves[key].reference.name} cannot be added: {problem}", "Nothing was added.")
        found[key] = None
    if ticks.everything:
        found |= {each.reference.key: None for each in used if each.addable}
    return list(found)


def _unknown(key: str) -> UserError:
    sentence = f"{key[:200]} is not among the references of what is selected now, so nothing was added."
    return UserError(422, sentence, AGAIN)
