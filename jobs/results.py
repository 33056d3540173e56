"""What a job leaves in the artefact folder: findings (``result.jsonl``), then its terminal state (``state.json``).

``state.json`` is written last, so whoever sees it finds the rest complete. It decides over whatever the queue says.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, NamedTuple

from jobs.errors import JobError
from jobs.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

STATE_FILE = "state.json"
RESULT_FILE = "result.jsonl"

READY = "Ready"
PROBLEMS = "Finished with problems"
FAILED = "Failed"
CANCELLED = "Cancelled"
TERMINAL = frozenset({READY, PROBLEMS, FAILED, CANCELLED})


class Finding(NamedTuple):
    """What a job found out about one file: a problem, or only what the catalogue did not know."""

    uri: str
    problem: str  # a sentence; empty where only the size or the checksums are news
    true_size: int | None  # bytes in the store; None: not there, or not known
    sha256: str | None = None  # lower-case hex, of the bytes in the store; None: nobody read them
    crc32: int | None = None


FILE = "file"  # in the artefact folder
VIRTUAL = "virtual"  # a bundle that is nowhere: made as it is sent (jobs.bundles)
STAGED = "staged"  # in the delivery's folder of the staging store


class Artefact(NamedTuple):
    """Something to fetch that a job made."""

    name: str
    bytes: int
    sha256: str  # lower-case hex; of a virtual bundle, which nobody has read as a whole, empty
    kind: str = FILE
    files: int = 0  # of the archive's that are in it; 0 for what is not a bundle


class State(NamedTuple):
    """How a job ended."""

    state: str  # one of TERMINAL
    sentence: str  # for people; empty when all went well
    files: int
    bytes: int
    artefacts: tuple[Artefact, ...]
    finished_at: int  # seconds since 1970 UTC


def write_findings(folder: Path, findings: Iterable[Finding]) -> None:
    """Replace ``result.jsonl``."""
    with replacing(folder / RESULT_FILE) as out:
        for finding in findings:
            out.write(json.dumps(finding._asdict()) + "\n")


def read_findings(folder: Path) -> Iterator[Finding]:
    """The findings of a job that has ended; none if it left no file. Raises JobError if the file is damaged."""
    try:
        with (folder / RESULT_FILE).open(encoding="utf-8") as lines:
            for line in lines:
                yield Finding(**json.loads(line))
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError) as error:
        raise JobError(f"The findings of {folder.name} cannot be read.") from error


def write_state(
    folder: Path,
    state: str,
    sentence: str = "",
    *,
    files: int = 0,
    size: int = 0,
    artefacts: Iterable[Path | Artefact] = (),
) -> State:
    """End a job: write ``state.json``, for a path with the size and hash of that file. Returns what is there then.

    The first end stays: a job that was cancelled while it wrote its last line is cancelled.
    """
    if state not in TERMINAL:
        raise ValueError(state)
    if (before := read_state(folder)) is not None:
        return before
    made = tuple(each if isinstance(each, Artefact) else artefact_of(each) for each in artefacts)
    end = State(state, sentence, files, size, made, int(time.time()))
    with replacing(folder / STATE_FILE) as out:
        json.dump({**end._asdict(), "artefacts": [artefact._asdict() for artefact in made]}, out)
    return end


def read_state(folder: Path) -> State | None:
    """How the job of this folder ended; None while it has not. Raises JobError if the file is damaged."""
    try:
        content = json.loads((folder / STATE_FILE).read_text("utf-8"))
        artefacts = tuple(Artefact(**artefact) for artefact in content.pop("artefacts"))
        found = State(artefacts=artefacts, **content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise JobError(f"The state of {folder.name} cannot be read.") from error
    return found


def artefact_of(file: Path, kind: str = FILE) -> Artefact:
    """A file as an artefact of its own name; it is read for its hash."""
    with file.open("rb") as content:
        return Artefact(file.name, file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest(), kind)
