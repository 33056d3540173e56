"""Temporary tables of one connection, filled without holding any lock that others could wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

# The columns of a staged product; folder, kind, rights and observation are numbers of claims.
PRODUCT = {
    "seq": "INTEGER PRIMARY KEY",
    "uri": "TEXT NOT NULL",
    "mission": "TEXT NOT NULL",
    "filename": "TEXT NOT NULL",
    "states": "INTEGER NOT NULL",
    "folder": "INTEGER NOT NULL",
    "kind": "INTEGER NOT NULL",
    "rights": "INTEGER NOT NULL",
    "observation": "INTEGER",
    "size": "BIGINT",
    "sha256": "TEXT",
    "crc32": "BIGINT",
    "location": "TEXT",
    "description": "TEXT",
    "dataproduct_type": "TEXT",
    "proposal_id": "TEXT",
    "project": "TEXT",
    "pipeline_version": "TEXT",
}
_PAIR = {"PRIMARY KEY": "(claim, known)"}
TABLES = {
    "stage_product": PRODUCT,
    "stage_known": {"seq": "INTEGER PRIMARY KEY", "id": "INTEGER NOT NULL"},
    "stage_link": {"seq": "INTEGER NOT NULL", "claim": "INTEGER NOT NULL"},
    "stage_reference": {"seq": "INTEGER NOT NULL", "role": "INTEGER"},  # no role: read, and names none
    "stage_use": {"product_id": "INTEGER NOT NULL", "role": "INTEGER"},
    "stage_folder": {"claim": "INTEGER PRIMARY KEY", "mission": "TEXT", "path": "TEXT"},
    "map_folder": {"claim": "INTEGER PRIMARY KEY", "id": "INTEGER NOT NULL"},
    "map_kind": {"claim": "INTEGER", "known": "INTEGER", "id": "INTEGER NOT NULL", **_PAIR},
    "map_rights": {"claim": "INTEGER", "known": "INTEGER", "id": "INTEGER NOT NULL", **_PAIR},
    "map_role": {"claim": "INTEGER PRIMARY KEY", "id": "INTEGER NOT NULL"},
    "map_observation": {"claim": "INTEGER PRIMARY KEY", "id": "INTEGER NOT NULL", "derived": "INTEGER NOT NULL"},
    "stage_touched": {"id": "INTEGER PRIMARY KEY"},
}


def create(connection: Connection) -> None:
    """Make the temporary tables."""
    for name, columns in TABLES.items():
        described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} ({described})")


def fill(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append rows to a temporary table, in the order of its columns."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    else:
        marks = ", ".join("?" * len(TABLES[table].keys() - _PAIR))
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", list(rows))


def finish(connection: Connection, late_sizes: Mapping[int, int]) -> None:
    """After the last row: sizes that only a later row of the same product knew."""
    for seq, size in late_sizes.items():
        connection.exec_driver_sql(f"UPDATE stage_product SET size = {size:d} WHERE seq = {seq:d}")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE stage_product, stage_link")


def replace(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Make these the only rows of a temporary table."""
    connection.exec_driver_sql(f"DELETE FROM {table}")
    fill(connection, table, rows)


def _copy(connection: Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
