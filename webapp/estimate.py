"""How long a download takes and how much disk it needs, at the speed that the user says their line has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.errors import UserError
from webapp.template_filters import duration

if TYPE_CHECKING:
    from jobs.manifest import Totals

DEFAULT_SPEED = 50  # Mbit/s: a slow office or a good home
SLOWEST, FASTEST = 1, 100_000


@dataclass(frozen=True)
class Estimate:
    """``seconds`` of transfer at ``speed`` Mbit/s; ``disk``: bytes for the bundle and what is unpacked from it."""

    speed: int
    seconds: int
    disk: int
    unpacked: bool  # whether the bundle and its files need room at once

    @property
    def time(self) -> str:
        """``about 1 h 50 min``."""
        return f"about {duration(self.seconds)}"


def of(totals: Totals, speed: int | None, *, method: str, bundled: int | None = None) -> Estimate:
    """The estimate for files of these totals; those of unknown size count as nothing.

    ``bundled``: bytes of their bundles, once they are made.
    """
    rate = speed or DEFAULT_SPEED
    bundle = method == "bundle"
    fetched = totals.bytes if bundled is None else bundled
    disk = fetched + totals.bytes if bundle else totals.bytes
    return Estimate(rate, -(-fetched * 8 // (rate * 10**6)), disk, bundle)


def speed(text: str) -> int:
    """The speed that a form says, in Mbit/s. Raises UserError 422."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and SLOWEST <= int(text[:12]) <= FASTEST):
        raise UserError(
            422,
            f"{text[:20]!r} cannot be the speed of a line.",
            f"It is a whole number of Mbit/s from {SLOWEST} to {FASTEST:,}.",
        )
    return int(text)
