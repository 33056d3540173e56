"""Ways to name a reference file, as the catalogue has them or will have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlmodel import col

from webapp.models import ReferenceRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_KEY = ("mission", "keyword", "name", "context", "uri")


class Roles:
    """``mapped``: (number of the claim, id). ``new``: the rows that the catalogue lacks."""

    def __init__(self, connection: Connection, claims: Sequence[tuple[str, ...]]) -> None:
        known: dict[tuple[str, ...], int] = {}
        if claims:
            rows = select(col(ReferenceRole.id), *(col(getattr(ReferenceRole, name)) for name in _KEY))
            known = {tuple(row[1:]): row[0] for row in connection.execute(rows)}
        following = (connection.execute(select(func.max(col(ReferenceRole.id)))).scalar() or 0) + 1
        fresh = [claim for claim in claims if claim not in known]
        known |= {claim: following + place for place, claim in enumerate(fresh)}
        self.mapped = [(number, known[claim]) for number, claim in enumerate(claims)]
        self.new: list[dict[str, Any]] = [
            {"id": known[claim], **dict(zip(_KEY, claim, strict=True))} for claim in fresh
        ]
