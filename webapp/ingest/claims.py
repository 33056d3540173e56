"""What one row says about an observation, and about its product's kind."""

from __future__ import annotations

from typing import Any, NamedTuple

from webapp.ingest import columns
from webapp.ingest.kinds import RECOMMENDED, Claim, KindKey, Stated
from webapp.ingest.names import NO_GROUP

META = ("target", "instrument", "filters", "proposal_id", "dataproduct_type", "t_min", "t_max", "ra", "dec")
NO_META: tuple[Any, ...] = (None,) * len(META)


class ObservationClaim(NamedTuple):
    """What one row says about an observation: its name, or its number, or only what the file name suggests."""

    mission: str
    obs_id: str | None
    number: int | None
    fallback: str | None
    rights: int | None  # number of a claim
    meta: tuple[Any, ...]  # in the order of META


def kind_claim(key: tuple[KindKey | None, str, str, str | None, str | None, str | None, str | None]) -> Claim:
    """From ``(kind by the name or None, mission, extension, category, group, level, recommended)``, cells as text.

    None for the kind: the cells say it all. None for a cell: the table is silent. Raises CellError.
    """
    derived, mission, ext, category, group, level, recommended = key
    stated = Stated(
        category=None if category is None else columns.category(category),
        group=None if group is None else columns.group(group),
        level=None if level is None else columns.level(level),
        recommended=None if recommended is None else recommended.strip().lower() == RECOMMENDED,
    )
    if derived is None:
        derived = KindKey(mission, stated.category or "", ext, NO_GROUP, stated.level, recommended=False)
    return Claim(stated, derived)
