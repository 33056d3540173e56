"""What is on disk of a delivery: its manifest, its artefacts, and how its job ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.errors import JobError
from jobs.manifest import read_jsonl
from jobs.results import PROBLEMS, READY, read_findings, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jobs.manifest import Entry
    from jobs.results import Finding, State
    from webapp.context import Services

MANIFEST_FILE = "manifest.jsonl"  # as jobs.tasks reads it
GONE = "Its files are gone from this server. Make it again from the basket."


def folder(services: Services, delivery_id: str) -> Path:
    """Where a delivery's manifest and artefacts are."""
    return services.settings.spool / "deliveries" / delivery_id


def manifest_entries(services: Services, delivery_id: str) -> Iterator[Entry]:
    """The files that a delivery promises; none if the list is gone from this server."""
    file = folder(services, delivery_id) / MANIFEST_FILE
    return read_jsonl(file) if file.exists() else iter(())


def problems(services: Services, delivery_id: str, limit: int) -> tuple[list[Finding], int]:
    """The first files that were not as promised, by URI, and how many there are in all."""
    first: list[Finding] = []
    total = 0
    for finding in read_findings(folder(services, delivery_id)):
        if finding.problem:
            total += 1
            first += [finding] if total <= limit else []
    return first, total


def ended(place: Path) -> State | None:
    """How a delivery's job ended; None while it has not. Raises JobError if not all that it left is there."""
    state = read_state(place)
    if state is not None and not all((place / artefact.name).is_file() for artefact in state.artefacts):
        raise JobError(GONE)
    return state


def promising(place: Path) -> bool:
    """Whether a delivery can still be had: it has not failed, and nothing of it is missing."""
    try:
        state = ended(place)
    except JobError:
        return False
    return (place / MANIFEST_FILE).exists() if state is None else state.state in {READY, PROBLEMS}
