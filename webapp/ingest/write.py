"""What a merge writes, as steps that may each be a transaction of its own.

Their order is right in between: what products refer to, then products, then links, then what disappears.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text, update
from sqlmodel import col

from webapp import clock
from webapp.ingest.compare import WRITTEN
from webapp.models import CatalogueState, Folder, Kind, Observation, ReferenceRole, Rights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from webapp.ingest.compare import Plan

_MODELS: dict[str, Any] = {
    "kind": Kind,
    "rights": Rights,
    "folder": Folder,
    "observation": Observation,
    "reference_role": ReferenceRole,
}
_COLUMNS = ", ".join(("id", "uri", *WRITTEN))
_CHANGES = ", ".join(f"{name} = c.{name}" for name in WRITTEN)

# What to write, and how, for some of its rows; {now} is the time.
_PRODUCTS = f"""
    INSERT INTO product ({_COLUMNS}, revision, added_at)
    SELECT {_COLUMNS}, 1, {{now}} FROM ready_product c WHERE {{rows}} ORDER BY id"""
_REVISIONS = """
    INSERT INTO product_revision (product_id, revision, size, sha256, replaced_at)
    SELECT p.id, p.revision, p.size, p.sha256, {now} FROM ready_change c JOIN product p ON p.id = c.id
    WHERE c.revised AND {rows}"""
_UPDATES = f"""
    UPDATE product SET {_CHANGES}, withdrawn_at = NULL,
    revision = product.revision + CASE WHEN c.revised THEN 1 ELSE 0 END
    FROM ready_change c WHERE c.id = product.id AND {{rows}}"""
_LINKS = """
    INSERT INTO observation_product (observation_id, product_id)
    SELECT observation_id, product_id FROM ready_link c WHERE {rows} ORDER BY 1, 2 ON CONFLICT DO NOTHING"""
_WITHDRAWALS = """
    UPDATE product SET withdrawn_at = {now} WHERE id IN (SELECT c.id FROM ready_absent c WHERE c.gone = 1 AND {rows})"""
_UNLINKS = """
    DELETE FROM observation_product WHERE observation_id IN (SELECT id FROM stage_touched)
    AND product_id IN (SELECT c.id FROM ready_absent c WHERE c.gone = 0 AND {rows})"""
_USES = """
    INSERT INTO reference_use (product_id, role_id)
    SELECT product_id, role_id FROM ready_fresh c WHERE {rows} ON CONFLICT DO NOTHING"""
_OLD_USES = """
    DELETE FROM reference_use WHERE (product_id, role_id) IN
    (SELECT c.product_id, c.role_id FROM ready_stale c WHERE {rows})"""
_SLICED = {
    "ready_product": [_PRODUCTS],
    "ready_change": [_REVISIONS, _UPDATES],
    "ready_link": [_LINKS],
    "ready_fresh": [_USES],
    "ready_absent": [_WITHDRAWALS, _UNLINKS],
    "ready_stale": [_OLD_USES],
}


def steps(connection: Connection, plan: Plan, most: int) -> Iterator[Callable[[], None]]:
    """Steps of at most ``most`` rows each."""
    now = clock.now()
    yield partial(_referred_to, connection, plan)
    for table, statements in _SLICED.items():
        for start in range(0, plan.sizes[table], max(most, 1)):
            # Temporary tables of SQLite number their rows; PostgreSQL writes all at once.
            whole = plan.sizes[table] <= most
            rows = "1 = 1" if whole else f"c.rowid > {start} AND c.rowid <= {start + most}"
            yield partial(_run, connection, [each.format(now=now, rows=rows) for each in statements])
    yield partial(_go_on_from, connection)


def raise_version(connection: Connection) -> None:
    """Tell everyone that the catalogue is another one now."""
    connection.execute(update(CatalogueState).values(version=col(CatalogueState.version) + 1))


def _run(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _referred_to(connection: Connection, plan: Plan) -> None:
    for table, model in _MODELS.items():
        if table == "observation":
            _absorb(connection, plan)  # before the new ones, which may take the stubs' names
        if plan.rows[table]:
            connection.execute(insert(model), plan.rows[table])
    for row in plan.observations:
        connection.execute(update(Observation).where(col(Observation.id) == row["id"]).values(row))


def _absorb(connection: Connection, plan: Plan) -> None:
    """Move a stub's links and its places in baskets to the observation that it turned out to be."""
    for each in plan.absorbed:
        for table, others in (("observation_product", "product_id"), ("basket_observation", "basket_id, added_at")):
            moved = (
                f"INSERT INTO {table} (observation_id, {others}) SELECT :into, {others} FROM {table}"
                " WHERE observation_id = :stub ON CONFLICT DO NOTHING"
            )
            connection.execute(text(moved), each)
            connection.execute(text(f"DELETE FROM {table} WHERE observation_id = :stub"), each)
        connection.execute(text("UPDATE product SET observation_id = :into WHERE observation_id = :stub"), each)
        connection.execute(text("DELETE FROM observation WHERE id = :stub"), each)


def _go_on_from(connection: Connection) -> None:
    """The numbers from which PostgreSQL goes on."""
    if connection.dialect.name == "postgresql":
        for table in (*_MODELS, "product"):
            highest = f"(SELECT coalesce(max(id), 1) FROM {table})"
            _run(connection, [f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})"])
