"""What there is to decide, or to know, before a delivery: each with its list of files and a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jobs.omitted import MISSING, NOT_AUTHORISED, NOT_IN_BATCH
from webapp.access import named
from webapp.template_filters import date as format_date
from webapp.template_filters import files as count_files
from webapp.template_filters import size as format_size

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from webapp.access import ReadRights, Who
    from webapp.plans import Plan

MOST_LISTED = 1_000  # files named of one finding
MANY_FILES = 20_000  # MAST's limit for a bundle; unpacking more is slow on many file systems


class _Words(NamedTuple):
    """What is said of files with one fate: behind "1 of 3 files", or "2 of 3 files", and as a hint."""

    sentence: str
    hint: str


class _Fate(NamedTuple):
    word: str  # of receipts
    code: str
    one: _Words
    many: _Words


_MISSING = _Fate(
    MISSING,
    "missing",
    _Words("is not in its store.", "Tell the archive; the rest can be had without it."),
    _Words("are not in their store.", "Tell the archive; the rest can be had without them."),
)
_NOT_IN_BATCH = _Fate(
    NOT_IN_BATCH,
    "not_in_batch",
    _Words("is not available in batch.", "Take it as a bundle or with a script; the rest can be staged without it."),
    _Words(
        "are not available in batch.", "Take them as a bundle or with a script; the rest can be staged without them."
    ),
)


@dataclass(frozen=True)
class Finding:
    """One thing found. ``files`` are (path, what is to be said of it), the first ones only; ``count`` has them all."""

    code: str
    sentence: str
    hint: str
    count: int
    bytes: int
    files: tuple[tuple[str, str], ...]
    blocks: bool = False  # these files cannot be delivered: leave them out, or do not start
    asks: bool = True  # the user should see it before anything starts


def findings(plan: Plan) -> tuple[Finding, ...]:
    """All that a plan found, what cannot be delivered first."""
    found = [
        _fated(plan, _MISSING),
        _not_authorised(plan),
        _fated(plan, _NOT_IN_BATCH),
        _over_limit(plan),
        _large_files(plan),
        _hidden(plan),
        _size_differs(plan),
        _unknown_size(plan),
        _renamed(plan),
        _many(plan),
        _unchecked(plan),
    ]
    return tuple(each for each in found if each is not None)


def not_yours(locked: int, total: int, kept: int, who: Who, programmes: Collection[str] = ()) -> str:
    """What is said of ``locked`` files, of ``total``, that somebody may not read, where ``kept`` can be had."""
    of, them = f"{locked:,} of {total:,} {_are(locked)} exclusive", "it" if locked == 1 else "them"
    if not who.known:
        rest = f"log in, or download the {kept:,} you can have." if kept else f"log in to download {them}."
        return f"{of}: {rest}"
    whose = f" to {named(programmes)}" if programmes else ""
    return f"{of}{whose} and not yours yet" + (f": download the {kept:,} you can have." if kept else ".")


def _released(rules: Collection[ReadRights]) -> str:
    """From when on everybody may read all of them."""
    times = [rule.released_at for rule in rules if rule.released_at is not None]
    if len(times) < len(rules):
        return "No release date is known yet." if not times else "Some of them have no release date yet."
    one = len(set(times)) == 1
    return f"{'Public' if one else 'All of them are public'} from {format_date(max(times))} on."


def _not_authorised(plan: Plan) -> Finding | None:
    places = sorted(i for i, word in plan.fates.items() if word == NOT_AUTHORISED)
    if not places:
        return None
    rules = {plan.rights[i] for i in places}
    names = {rule.programme for rule in rules}
    sentence = not_yours(len(places), len(plan.entries), plan.totals.files, plan.who, names)
    return Finding(
        "not_authorised",
        sentence,
        _released(rules),
        len(places),
        _bytes(plan, places),
        _listed(plan, places),
        blocks=True,
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _listed(plan: Plan, places: Iterable[int]) -> tuple[tuple[str, str], ...]:
    return tuple((plan.entries[i].path, plan.sentences.get(i, "")) for i in _first(places))


def _first(places: Iterable[int]) -> list[int]:
    return [i for i, _ in zip(places, range(MOST_LISTED), strict=False)]


def _bytes(plan: Plan, places: Iterable[int]) -> int:
    return sum(plan.entries[i].size or 0 for i in places)


def _fated(plan: Plan, fate: _Fate) -> Finding | None:
    places = sorted(i for i, word in plan.fates.items() if word == fate.word)
    if not places:
        return None
    said = fate.one if len(places) == 1 else fate.many
    sentence = f"{len(places):,} of {count_files(len(plan.entries))} {said.sentence}"
    return Finding(
        fate.code, sentence, said.hint, len(places), _bytes(plan, places), _listed(plan, places), blocks=True
    )


def _over_limit(plan: Plan) -> Finding | None:
    n = len(plan.parts)
    if n < 2:  # noqa: PLR2004 - one part is no parts
        return None
    files, size = plan.totals.files, plan.totals.bytes
    if size > plan.most_bytes:
        sentence = f"This selection is {format_size(size)}; one bundle holds {format_size(plan.most_bytes)}."
    else:
        sentence = f"This selection is {count_files(files)}; one bundle holds {plan.most_files:,}."
    hint = f"Make {n} parts, or use a script or batch."
    listed = tuple(
        (f"Part {k} of {n}", f"{count_files(part.last - part.first)}, {format_size(part.bytes)}")
        for k, part in enumerate(plan.parts[:MOST_LISTED], 1)
    )
    return Finding("over_limit", sentence, hint, n, size, listed)


def _large_files(plan: Plan) -> Finding | None:
    if plan.wish.method != "bundle":
        return None
    places = [i for i in plan.kept if (plan.entries[i].size or 0) > plan.most_bytes]
    if not places:
        return None
    sentence = f"{count_files(len(places))} {_are(len(places))} larger than one bundle may be."
    hint = "Each is a part of its own; a script resumes it as well."
    return Finding("large_file", sentence, hint, len(places), _bytes(plan, places), _listed(plan, places))


def _hidden(plan: Plan) -> Finding | None:
    if plan.wish.hidden:
        return None
    places = np.flatnonzero(plan.hidden).tolist()
    if not places:
        return None
    sentence = (
        f"{len(places):,} of the {count_files(len(plan.entries))} selected {_are(len(places))} hidden by filters."
    )
    one = len(places) == 1
    hint = f"{'It was' if one else 'They were'} ticked before, and {'is' if one else 'are'} part of your selection."
    return Finding("hidden", sentence, hint, len(places), _bytes(plan, places), _listed(plan, places))


def _size_differs(plan: Plan) -> Finding | None:
    wrong = {i: size for i, size in sorted(plan.corrected.items()) if size.was is not None}
    if not wrong:
        return None
    one = len(wrong) == 1
    sentence = f"{count_files(len(wrong))} {'has' if one else 'have'} another size in the store than in the catalogue."
    listed = tuple(
        (plan.entries[i].path, f"{wrong[i].true:,} bytes; the catalogue says {wrong[i].was:,}") for i in _first(wrong)
    )
    hint = f"You get {'it' if one else 'them'} as {'it is' if one else 'they are'} in the store."
    return Finding("size_differs", sentence, hint, len(wrong), _bytes(plan, wrong), listed)


def _unknown_size(plan: Plan) -> Finding | None:
    places = [i for i in plan.kept if plan.entries[i].size is None]
    if not places:
        return None
    sentence = f"The size of {count_files(len(places))} is not known, so the total may be larger."
    hint = "It is found out while the download is prepared."
    return Finding("unknown_size", sentence, hint, len(places), 0, _listed(plan, places), asks=False)


def _renamed(plan: Plan) -> Finding | None:
    places = [i for i in plan.kept if not plan.entries[i].wanted.endswith(plan.entries[i].path)]
    if not places:
        return None
    one = len(places) == 1
    sentence = (
        f"{count_files(len(places))} {'gets' if one else 'get'} another name, to be safe and unique on every system."
    )
    listed = tuple((plan.entries[i].wanted, f"becomes {plan.entries[i].path}") for i in _first(places))
    return Finding("renamed", sentence, "The content is the same.", len(places), _bytes(plan, places), listed)


def _many(plan: Plan) -> Finding | None:
    n = plan.totals.files
    if plan.wish.method != "bundle" or n <= MANY_FILES:
        return None
    sentence = f"{count_files(n)} are many for one bundle: unpacking may be slow."
    return Finding("many_files", sentence, "A script goes on where it stopped, file by file.", n, plan.totals.bytes, ())


def _unchecked(plan: Plan) -> Finding | None:
    if not plan.unchecked:
        return None
    sentence = f"{count_files(plan.unchecked)} {_are(plan.unchecked)} checked only while the download is prepared."
    return Finding(
        "unchecked",
        sentence,
        "What is missing then is named, never left out silently.",
        plan.unchecked,
        0,
        (),
        asks=False,
    )
