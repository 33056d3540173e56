"""How much is in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from webapp.db import reading
from webapp.models import Product

if TYPE_CHECKING:
    from sqlalchemy import Engine


def count_files(engine: Engine) -> int:
    """The number of files that can be found; withdrawn ones cannot."""
    with reading(engine) as session:
        return session.exec(select(func.count()).where(col(Product.withdrawn_at).is_(None))).one()
