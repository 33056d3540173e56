"""What an ingest did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Uses(NamedTuple):
    """Links to calibration references: of how many products, how many there are now, and what changed."""

    products: int = 0
    links: int = 0
    new: int = 0
    removed: int = 0

    def __str__(self) -> str:
        """In words."""
        return (
            f"links: {self.links:,} ({self.new:,} new, {self.links - self.new:,} unchanged, {self.removed:,} removed)"
        )


NO_USES = Uses()


@dataclass(frozen=True)
class Counts:
    """``new + updated + unchanged`` are the different products of the table; ``duplicate_links`` its further rows.

    ``changed`` is whether anything at all in the catalogue changed. Of a folder, ``ignored`` is how many files nothing
    explains, ``skipped`` a sentence for each damaged one.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate_links: int = 0
    withdrawn: int = 0
    changed: bool = False
    ignored: int = 0
    skipped: tuple[str, ...] = ()
    uses: Uses = NO_USES

    def __str__(self) -> str:
        """One plain line."""
        parts = (
            (self.new, "new"),
            (self.updated, "updated"),
            (self.unchanged, "unchanged"),
            (self.duplicate_links, "duplicate link" if self.duplicate_links == 1 else "duplicate links"),
            (self.withdrawn, "withdrawn"),
        )
        return ", ".join(f"{count:,} {what}" for count, what in parts)
