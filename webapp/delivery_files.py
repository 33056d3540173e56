"""What is on disk of a delivery: its manifest, its artefacts, and how its job ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.bundles import BUNDLE_FILE
from jobs.errors import JobError
from jobs.manifest import MANIFEST_FILE, read_jsonl
from jobs.results import FILE, PROBLEMS, READY, VIRTUAL, read_findings, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jobs.manifest import Entry
    from jobs.results import Finding, State
    from webapp.context import Services
    from webapp.settings import Settings

NO_DELIVERY = ("There is no delivery at this address.", "It may have been typed wrong, or have expired.")
GONE = "Its files are gone from this server. Make it again from the basket."


def folder(services: Services, delivery_id: str) -> Path:
    """Where a delivery's manifest and artefacts are."""
    return folder_in(services.settings, delivery_id)


def folder_in(settings: Settings, delivery_id: str) -> Path:
    """The same, for processes without services."""
    return settings.spool / "deliveries" / delivery_id


def entries_in(place: Path) -> Iterator[Entry]:
    """The files that the delivery of a folder promises; none if the list is gone from this server."""
    file = place / MANIFEST_FILE
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
    for artefact in state.artefacts if state is not None else ():
        here = {FILE: artefact.name, VIRTUAL: BUNDLE_FILE}.get(artefact.kind)
        if here is not None and not (place / here).is_file():
            raise JobError(GONE)
    return state


def promising(place: Path) -> bool:
    """Whether a delivery can still be had: it has not failed, and nothing of it is missing."""
    try:
        state = ended(place)
    except JobError:
        return False
    return (place / MANIFEST_FILE).exists() if state is None else state.state in {READY, PROBLEMS}
