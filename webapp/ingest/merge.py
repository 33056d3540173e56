"""Brings a staged table into the catalogue in one short transaction.

Everything that takes long, finding what is there and what differs, happens before it, against one snapshot, in
temporary tables. The transaction then checks that the catalogue is still the one that was compared with, and only
writes. If another ingest came between, the comparison is made once more, inside the transaction.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import insert, text, update
from sqlmodel import col

from webapp import clock
from webapp.ingest import staging
from webapp.ingest.compare import WRITTEN, Comparison
from webapp.ingest.counts import Counts
from webapp.models import CatalogueState, Folder, Kind, Observation, Rights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from webapp.ingest.compare import Plan
    from webapp.ingest.errors import Progress
    from webapp.ingest.rows import Rows

_MODELS = {"kind": Kind, "rights": Rights, "folder": Folder, "observation": Observation}
_NUMBERED = ("kind", "rights", "folder", "observation", "product")


def merge(engine: Engine, rows: Rows, *, complete: bool, progress: Progress) -> Counts:
    """Stage, compare and write. Raises IngestError, having changed nothing, when a row is refused."""
    with _own_connection(engine) as connection:
        with connection.begin():
            staging.create(connection)
            for batch in rows.staged():
                staging.fill(connection, "stage_product", batch.products)
                staging.fill(connection, "stage_link", batch.links)
                staging.fill(connection, "stage_reference", batch.references)
            staging.finish(connection, rows.late_sizes)
        progress("Comparing", 0, 1)
        with connection.begin():
            plan = Comparison(connection, rows, _version(connection), complete=complete).plan
        if plan.changed:
            progress("Merging", 0, 1)
            connection.execution_options(skybasket_write=True)
            with connection.begin():
                version = _locked_version(connection)
                if version != plan.version:
                    plan = Comparison(connection, rows, version, complete=complete).plan
                _write(connection, plan)
        progress("Merging", 1, 1)
    return Counts(plan.new, plan.updated, plan.unchanged, rows.rows - rows.products, plan.withdrawn, plan.changed)


@contextmanager
def _own_connection(engine: Engine) -> Iterator[Connection]:
    """A connection that is closed for good afterwards, its temporary tables with it."""
    with engine.connect() as connection:
        connection.detach()
        yield connection


def _version(connection: Connection) -> int:
    return int(connection.execute(text("SELECT version FROM catalogue_state")).scalar_one())


def _locked_version(connection: Connection) -> int:
    """The version, in a transaction that no other merge can overtake."""
    locked = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    return int(connection.execute(text(f"SELECT version FROM catalogue_state{locked}")).scalar_one())


def _write(connection: Connection, plan: Plan) -> None:
    now = clock.now()
    for table, model in _MODELS.items():
        if plan.rows[table]:
            connection.execute(insert(model), plan.rows[table])
    _write_observations(connection, plan)
    columns = ", ".join(("id", "uri", *WRITTEN))
    _do(
        connection,
        f"INSERT INTO product ({columns}, revision, added_at) SELECT {columns}, 1, {now} FROM ready_product ORDER BY id",
    )
    _do(
        connection,
        "INSERT INTO product_revision (product_id, revision, size, sha256, replaced_at)"
        f" SELECT p.id, p.revision, p.size, p.sha256, {now} FROM ready_change c JOIN product p ON p.id = c.id WHERE c.revised",
    )
    changes = ", ".join(f"{name} = c.{name}" for name in WRITTEN)
    _do(
        connection,
        f"UPDATE product SET {changes}, withdrawn_at = NULL,"
        " revision = product.revision + CASE WHEN c.revised THEN 1 ELSE 0 END"
        " FROM ready_change c WHERE c.id = product.id",
    )
    _do(
        connection,
        "INSERT INTO observation_product (observation_id, product_id)"
        " SELECT observation_id, product_id FROM ready_link WHERE 1 = 1 ORDER BY 1, 2 ON CONFLICT DO NOTHING",
    )
    _do(connection, f"UPDATE product SET withdrawn_at = {now} WHERE id IN (SELECT id FROM ready_absent WHERE gone = 1)")
    _do(
        connection,
        "DELETE FROM observation_product WHERE observation_id IN (SELECT id FROM stage_touched)"
        " AND product_id IN (SELECT id FROM ready_absent WHERE gone = 0)",
    )
    _do(connection, "DELETE FROM reference_use WHERE product_id IN (SELECT product_id FROM ready_use)")
    _do(
        connection,
        "INSERT INTO reference_use (product_id, keyword, reference, context)"
        " SELECT product_id, keyword, reference, context FROM ready_use",
    )
    connection.execute(update(CatalogueState).values(version=plan.version + 1))
    if connection.dialect.name == "postgresql":
        for table in _NUMBERED:
            _do(connection, f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _write_observations(connection: Connection, plan: Plan) -> None:
    """A stub that is absorbed goes first, so that its name is free; its links and its places in baskets move."""
    for each in plan.absorbed:
        for table, other in (("observation_product", "product_id"), ("basket_observation", "basket_id")):
            rest = ", added_at" if table == "basket_observation" else ""
            connection.execute(
                text(
                    f"INSERT INTO {table} (observation_id, {other}{rest}) SELECT :into, {other}{rest} FROM {table}"
                    " WHERE observation_id = :stub ON CONFLICT DO NOTHING"
                ),
                each,
            )
            connection.execute(text(f"DELETE FROM {table} WHERE observation_id = :stub"), each)
        connection.execute(text("UPDATE product SET observation_id = :into WHERE observation_id = :stub"), each)
        connection.execute(text("DELETE FROM observation WHERE id = :stub"), each)
    for row in plan.observations:
        connection.execute(update(Observation).where(col(Observation.id) == row["id"]).values(row))


def _do(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
