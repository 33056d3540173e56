"""Run by Alembic, inside the connection and transaction that webapp/migrate.py hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel

import webapp.models  # noqa: F401 - registers the tables


def plain_string(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write SQLModel's string type as SQLAlchemy's, so that a migration outlives the model library."""
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    render_item=plain_string,
)
with context.begin_transaction():
    context.run_migrations()
