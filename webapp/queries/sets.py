"""A condition "one of these" for any number of values: one bound parameter, where ``IN (?, ?, ...)`` has a limit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, Text, any_, func, literal, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlmodel import Session


def one_of(session: Session, column: Any, values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
    """Whether ``column`` is one of ``values`` (all of one type). SQLite unpacks JSON, PostgreSQL takes an array."""
    if session.get_bind().dialect.name == "sqlite":
        member = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(member.c.value))  # type: ignore[no-any-return]  # a column of any type
    kind = Text() if values and isinstance(values[0], str) else BigInteger()
    return column == any_(literal(list(values), ARRAY(kind)))  # type: ignore[no-any-return]  # as above
