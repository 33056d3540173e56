"""How much is in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from webapp.db import reading
from webapp.models import Observation, Product

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True)
class CatalogueSize:
    """Numbers of rows; stubs and withdrawn files are not counted."""

    observations: int
    files: int


def catalogue_size(engine: Engine) -> CatalogueSize:
    """Count what users can find."""
    with reading(engine) as session:
        observations = session.exec(select(func.count()).select_from(Observation).where(~col(Observation.stub))).one()
        files = session.exec(select(func.count()).where(col(Product.withdrawn_at).is_(None))).one()
    return CatalogueSize(observations, files)
