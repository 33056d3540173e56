"""How a batch went, counted, and told in a state, a sentence and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.receipts import DUPLICATE
from jobs.results import FAILED, PROBLEMS, READY, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobs.manifest import Entry
    from jobs.receipts import Line


class Tally:
    """Counts how it went, and tells it in findings and a sentence."""

    def __init__(self) -> None:
        self.files = self.bytes = self.delivered = self.failed = self.differing = 0
        self._first_failed = self._first_differing = ""

    def findings(self, lines: Iterable[tuple[Entry, Line]]) -> Iterator[Finding]:
        """What the web should know of these files; they are counted on the way."""
        for entry, (_, path, _, row) in lines:
            self.files += 1
            if row.result.startswith(DUPLICATE):
                continue
            problem = row.detail
            if not row.delivered:
                problem = problem or row.result
                self._first_failed = self._first_failed or f"{path}: {problem}"
                self.failed += 1
            else:
                self.delivered += 1
                self.bytes += row.size or 0
                self._first_differing = self._first_differing or (problem and f"{path}: {problem}")
                self.differing += bool(problem)
            read = (row.size, row.sha256, row.crc32)
            if problem or read != (entry.size, entry.sha256, entry.crc32):
                yield Finding(entry.uri, problem, *read)

    @property
    def state(self) -> str:
        """How the job ended."""
        if self.failed and not self.delivered:
            return FAILED
        return PROBLEMS if self.failed or self.differing else READY

    @property
    def sentence(self) -> str:
        """What went wrong, with one example of each; empty if nothing did."""
        sentences = []
        if self.failed:
            example = "" if self.failed == 1 else "The first is "
            sentences.append(f"{self.failed:,} of {self.files:,} files failed. {example}{self._first_failed}")
        if self.differing:
            verb = "is" if self.differing == 1 else "are"
            sentences.append(
                f"{self.differing:,} of {self.files:,} files {verb} not as the catalogue says. {self._first_differing}"
            )
        return " ".join(sentences)
