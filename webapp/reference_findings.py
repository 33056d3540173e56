"""What the references of a selection lack, said aloud: files that are not there, types that are not named, contexts."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from webapp.findings import MOST_LISTED, Finding
from webapp.references import of_selected
from webapp.template_filters import files as count_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.context import Services
    from webapp.inventory.arrays import Ints
    from webapp.plans import Plan
    from webapp.references import References

MISSING = "missing_references"
COMBINED = 3  # the calibration level from which a product is made of several exposures
_CONTEXT = re.compile(r"[a-z]+_(\d+)\.pmap")
_NUMBERS = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"}


def reference_findings(found: References) -> tuple[Finding, ...]:
    """All there are. They stop nothing by themselves: only who calibrates anew needs what they are about."""
    return (*_missing(found), *_gaps(found), *_contexts(found))


def of_plan(services: Services, plan: Plan) -> tuple[Finding, ...]:
    """Those of the files that a plan is for. Whoever takes references along should see first which are missing."""
    chosen = np.zeros(len(plan.basket.inventory), np.bool_)
    chosen[plan.rows] = True
    asks = takes_references(plan)
    found = reference_findings(of_selected(services, plan.basket, chosen))
    return tuple(replace(each, asks=asks and each.code == MISSING) for each in found)


def takes_references(plan: Plan) -> bool:
    """Whether any file of a plan is a reference itself."""
    inventory = plan.basket.inventory
    kinds = [number for number, kind in enumerate(inventory.kinds) if kind.product_type == "reference"]
    return bool(np.isin(inventory.kind[plan.rows], kinds).any())


def _missing(found: References) -> Iterator[Finding]:
    lost = found.missing
    if not lost:
        return
    one = len(lost) == 1
    yield Finding(
        MISSING,
        f"{len(lost):,} {'reference is' if one else 'references are'} missing from the archive.",
        "Tell the archive, or look for it at CRDS." if one else "Tell the archive, or look for them at CRDS.",
        len(lost),
        sum(each.reference.size or 0 for each in lost),
        tuple(
            (each.reference.name, f"{each.reference.problem} Named by {count_files(each.files)}.")
            for each in lost[:MOST_LISTED]
        ),
        asks=False,
    )


def _gaps(found: References) -> Iterator[Finding]:
    rows: dict[str, list[Ints]] = defaultdict(list)  # what the type is called in HST's files and in JWST's may be one
    for gap in found.index.links.gaps:
        chosen = gap.rows[found.chosen[gap.rows]]
        if len(chosen):
            rows[found.index.types[gap.type].label].append(chosen)
    for label, parts in sorted(rows.items()):
        lacking = np.unique(np.concatenate(parts))
        inventory = found.basket.inventory
        exposures = len(np.unique(inventory.folders_of(lacking)))
        combined = inventory.levels[inventory.kind[lacking]].max() >= COMBINED
        noun = ("observation" if combined else "exposure") + ("" if exposures == 1 else "s")
        yield Finding(
            "unnamed_type",
            f"{exposures:,} {noun} {'names' if exposures == 1 else 'name'} no {label}.",
            "Others of the same instrument and kind do.",
            len(lacking),
            _bytes(found, lacking),
            _listed(found, lacking),
            asks=False,
        )


def _contexts(found: References) -> Iterator[Finding]:
    counts = found.index.links.contexts(found.chosen).tolist()
    by_observatory: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for number, count in enumerate(counts):
        if count:
            name = found.index.contexts[number]
            by_observatory[name.partition("_")[0]].append((name, number, count))
    for observatory, several in sorted(by_observatory.items()):
        if len(several) == 1:
            continue
        said = ", ".join(f"{_short(name)} ({count_files(count)})" for name, _, count in several)
        whose = f" of {observatory.upper()}" if len(by_observatory) > 1 else ""
        rare = sorted(several, key=lambda each: each[2])[:-1]
        listed = [
            (path, name)
            for name, number, _ in rare
            for path, _ in _listed(found, found.index.links.in_context(number, found.chosen))
        ]
        yield Finding(
            "contexts",
            f"{_NUMBERS.get(len(several), len(several))} CRDS contexts{whose}: {said}.",
            "These files were calibrated with different sets of references. Those of the rarer contexts are listed.",
            sum(count for _, _, count in rare),
            0,
            tuple(listed[:MOST_LISTED]),
            asks=False,
        )


def _short(context: str) -> str:
    """jwst_1180.pmap is called 1180."""
    match = _CONTEXT.fullmatch(context)
    return match[1] if match else context


def _bytes(found: References, rows: Ints) -> int:
    return int(np.maximum(found.basket.inventory.size[rows], 0).sum())


def _listed(found: References, rows: Ints) -> tuple[tuple[str, str], ...]:
    return tuple((path, "") for path in found.basket.inventory.paths(rows[:MOST_LISTED]))
