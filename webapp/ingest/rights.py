"""Who may read, from a table's rights and release date."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.ingest import columns
from webapp.models.catalogue import ALWAYS

MJD_1970 = 40_587.0  # 1970-01-01T00:00 UTC
DAY = 86_400


@dataclass(frozen=True)
class RightsKey:
    """A row of the table ``rights``. ``released_at`` in seconds since 1970; None: no date is known yet."""

    mission: str
    programme: str
    released_at: int | None


@dataclass(frozen=True)
class RightsClaim:
    """What one row says about rights; ``stated`` is false where it is silent."""

    mission: str
    programme: str | None
    stated: bool
    released_at: int | None

    def fresh(self) -> RightsKey:
        """The rights of a product that the catalogue does not have yet. Silence means public."""
        return RightsKey(self.mission, self.programme or "", self.released_at if self.stated else ALWAYS)

    def over(self, known: RightsKey) -> RightsKey:
        """The rights of a product that is known with other rights."""
        released_at = self.released_at if self.stated else known.released_at
        return RightsKey(self.mission, self.programme or known.programme, released_at)


def strictness(key: RightsKey) -> float:
    """Greater is stricter."""
    return float("inf") if key.released_at is None else float(key.released_at)


def claim(mission: str, programme: str | None, rights: str | None, release: str | None) -> RightsClaim:
    """From dataRights and t_obs_release (MJD). Raises CellError."""
    open_to_all = columns.public(rights) if rights is not None else None
    if release is not None:
        released_at = round((columns.real("release", release, 0, columns.MAX_MJD) - MJD_1970) * DAY)
        return RightsClaim(mission, programme, stated=True, released_at=max(released_at, ALWAYS))
    if open_to_all is None:
        return RightsClaim(mission, programme, stated=False, released_at=None)
    return RightsClaim(mission, programme, stated=True, released_at=ALWAYS if open_to_all else None)
