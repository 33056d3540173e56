"""What to bring over from MAST, from the words of the command: criteria as astroquery's ``query_criteria`` takes them.

``KEY=VALUE`` (several of one key: any of them), ``KEY=MIN..MAX`` for numbers, one ``*`` or ``%`` value for each key.
Refuses with IngestError what MAST would misunderstand or silently leave out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from webapp import sky
from webapp.ingest.errors import IngestError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

OBS_IDS_AT_ONCE = 200
MOST_NAMED = 3  # values of one key in a sentence
PROGRAMME, MISSION, OBS_ID = "proposal_id", "obs_collection", "obs_id"

Criteria: TypeAlias = "Mapping[str, Sequence[Any]]"

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})")
_JWST_PROGRAMME = re.compile(r"(?:jw)?0*(\d+)", re.IGNORECASE)
_POSITION = frozenset({"coordinates", "objectname", "radius", "pagesize", "page", "resolver"})


@dataclass(frozen=True)
class Cone:
    """All within ``radius`` of a position, in degrees, ICRS."""

    ra: float
    dec: float
    radius: float


@dataclass(frozen=True)
class Selection:
    """Which observations. ``criteria``: any value of one key, all keys; a pair of floats is a range."""

    criteria: Criteria = field(default_factory=dict)
    cone: Cone | None = None

    def __str__(self) -> str:
        """``obs_collection=JWST, proposal_id=2733``."""
        words = [f"{key}={_told(values)}" for key, values in self.criteria.items()]
        if self.cone:
            words.append(f"within {self.cone.radius:g} degrees of {self.cone.ra:g} {self.cone.dec:+g}")
        return ", ".join(words)

    def questions(self) -> Iterator[Criteria]:
        """The same as criteria of which none names too many observations at once."""
        named = self.criteria.get(OBS_ID, ())
        for start in range(0, max(len(named), 1), OBS_IDS_AT_ONCE):
            some = named[start : start + OBS_IDS_AT_ONCE]
            yield {**self.criteria, OBS_ID: some} if named else self.criteria


def selection(
    pairs: Iterable[str],
    *,
    mission: str | None = None,
    programmes: Iterable[str] = (),
    obs_ids: Iterable[str] = (),
    coordinates: str | None = None,
    radius: str | None = None,
) -> Selection:
    """From what the command was given. Raises IngestError, also when nothing was."""
    found: dict[str, list[Any]] = {}
    for pair in pairs:
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not value or not _KEY.fullmatch(key):
            raise IngestError(
                f"{shown(pair)} is not a criterion; one looks like target_name=NGC-3132 or t_min=59000..60000."
            )
        if key.lower() in _POSITION:
            raise IngestError(f"{key} is no criterion; for a position there are --coordinates and --radius.")
        found.setdefault(key, []).append(value)
    if mission:
        found.setdefault(MISSION, []).append(mission)
    for programme in programmes:
        plain = _JWST_PROGRAMME.fullmatch(programme)
        found.setdefault(PROGRAMME, []).append(plain[1] if plain else programme)
    for obs_id in obs_ids:
        found.setdefault(OBS_ID, []).append(obs_id)
    if radius and not coordinates:
        raise IngestError("--radius goes with --coordinates.")
    cone = _cone(coordinates, radius or "3m") if coordinates else None
    if not found and cone is None:
        raise IngestError("Say what to bring over: --programme, --obs, --coordinates or --criteria KEY=VALUE.")
    return Selection({key: _checked(key, values) for key, values in found.items()}, cone)


def _checked(key: str, values: list[str]) -> Sequence[Any]:
    ranges = [found for found in map(_RANGE.fullmatch, values) if found]
    if ranges and len(values) > 1:
        raise IngestError(f"{key} has a range and another value; MAST takes one range for each key.")
    if ranges:
        low, high = float(ranges[0][1]), float(ranges[0][2])
        if low > high:
            raise IngestError(f"{key}={values[0]} ends before it begins; write the smaller number first.")
        return low, high
    wild = [value for value in values if "*" in value or "%" in value]
    if len(wild) > 1:
        raise IngestError(f"{key} has {len(wild)} values with * or %; MAST takes one for each key.")
    return tuple(dict.fromkeys(values))


def _cone(coordinates: str, radius: str) -> Cone:
    what, text = "coordinates", coordinates
    ra, dec = sky.split_pair(coordinates)
    if not dec:
        raise IngestError(f"{shown(coordinates)} is one coordinate; write two, such as --coordinates '150.119 2.206'.")
    try:
        position = sky.right_ascension(ra), sky.declination(dec)
        what, text = "radius", radius
        return Cone(*position, sky.radius(radius))
    except sky.PositionError as error:
        raise IngestError(f"--{what} {shown(text)} {error}.") from error


def _told(values: Sequence[Any]) -> str:
    if isinstance(values[0], float):
        return "..".join(f"{value:.12g}" for value in values)
    more = len(values) - MOST_NAMED
    return " or ".join(values[:MOST_NAMED]) + (f" or {more:,} more" if more > 0 else "")
