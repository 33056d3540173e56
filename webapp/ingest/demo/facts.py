"""The words of the demo archive: an observation, and a file with what a product table says about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)


def when(mjd: float) -> datetime:
    """The UTC time of a modified Julian date, to the second."""
    return MJD_ZERO + timedelta(seconds=round(mjd * 86400))


@dataclass(frozen=True)
class Observation:
    """What a user marks (or the exposure that is a member of it). Angles in degrees (ICRS), times in MJD (UTC)."""

    mission: str
    obs_id: str
    target: str
    ra: float
    dec: float
    instrument: str
    filters: str
    proposal_id: str
    t_min: float
    t_max: float
    dataproduct_type: str
    project: str
    version: str | None  # of the calibration pipeline
    calib_level: int
    released: float  # MJD from which everybody may read
    type: str = "S"  # S simple, C composite, D derived
    exclusive: bool = False

    @property
    def obsid(self) -> int:
        """The archive's number: eight digits, from the name."""
        digest = sha256(f"{self.mission}/{self.obs_id}".encode()).digest()
        return 20_000_000 + int.from_bytes(digest[:8], "big") % 70_000_000

    def member(self, obs_id: str, start: float, seconds: float, level: int = 2) -> Observation:
        """One exposure of this observation."""
        end = start + seconds / 86400
        return replace(self, obs_id=obs_id, t_min=start, t_max=end, calib_level=level, type="S")


@dataclass(frozen=True)
class Item:
    """One file, its bytes, and its row. ``observation`` is its own one; ``parents`` are those that list it."""

    filename: str
    content: bytes
    mission: str
    category: str  # SCIENCE, AUXILIARY, INFO, PREVIEW, CALIBRATION, CATALOG
    description: str
    observation: Observation | None = None
    parents: tuple[Observation, ...] = ()
    group: str | None = None  # None for previews
    level: int | None = None
    recommended: bool = False
    version: str | None = None
    place: str = "product"  # folder in the URI

    @property
    def path(self) -> str:
        """Where it lies below the archive's folder; ``mast:`` before it makes the URI."""
        return f"{self.mission}/{self.place}/{self.filename}"


Card = tuple[str, Any, str]
