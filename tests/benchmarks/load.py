"""A world brought straight into an empty SQLite catalogue, or written as a product table. Not how Skybasket does it."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.benchmarks.world import World

COLUMNS = (
    *("obsID", "obs_collection", "dataproduct_type", "obs_id", "description", "dataURI", "productType"),
    *("productGroupDescription", "productSubGroupDescription", "project", "prvversion", "proposal_id"),
    *("productFilename", "size", "parent_obsid", "dataRights", "calib_level"),
)
RECOMMENDED = "Minimum Recommended Products"
FIRST_NUMBER = 200_000_000  # of the archive's observation numbers
DESCRIPTION = "Data product of the generated archive"


def into_database(world: World, file: Path) -> None:
    """Fill a migrated, empty database; catalogue ids are indices + 1."""
    observed = [
        (i + 1, o.mission, o.obs_id, FIRST_NUMBER + i, 0, o.target, o.instrument, o.proposal)
        for i, o in enumerate(world.observations)
    ]
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA synchronous=OFF")
        insert(database, "rights", "mission, programme, released_at", world.rights)
        names = 'mission, category, ext, "group", level, recommended'
        insert(database, "kind", names, map(astuple, world.kinds))
        insert(database, "folder", "mission, path", world.folders)
        insert(database, "observation", "id, mission, obs_id, obsid, stub, target, instrument, proposal_id", observed)
        names = "uri, mission, filename, folder_id, kind_id, rights_id, observation_id, size, proposal_id, description"
        insert(database, "product", f"{names}, revision, added_at", _products(world))
        insert(database, "observation_product", "observation_id, product_id", sorted(_links(world)))
        database.execute("UPDATE catalogue_state SET version = version + 1")
        database.commit()
        database.execute("PRAGMA optimize")


def into_csv(world: World, file: Path) -> None:
    """Write the world as MAST's product service lists it, with MAST's column names."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        writer.writerows(table_rows(world))


def table_rows(world: World) -> Iterator[tuple[Any, ...]]:
    """The rows of a product table, in the order of COLUMNS; an empty text where a value is missing."""
    columns = zip(
        world.names,
        world.observation.tolist(),
        world.kind.tolist(),
        world.right.tolist(),
        world.size.tolist(),
        strict=True,
    )
    for row, (name, own, kind_number, right, size) in enumerate(columns):
        observation, kind = world.observations[own], world.kinds[kind_number]
        parent = own if observation.parent is None else observation.parent
        yield (
            FIRST_NUMBER + own,
            observation.mission,
            "image",
            observation.obs_id,
            DESCRIPTION,
            world.uri(row),
            kind.category,
            RECOMMENDED if kind.recommended else "",
            kind.group,
            observation.instrument,
            "1.2.3",
            observation.proposal,
            name,
            size if size >= 0 else "",
            FIRST_NUMBER + parent,
            "PUBLIC" if world.rights[right][2] < 4_000_000_000 else "EXCLUSIVE_ACCESS",
            "" if kind.level is None else kind.level,
        )


def _products(world: World) -> Iterator[tuple[Any, ...]]:
    columns = zip(
        *(column.tolist() for column in (world.folder, world.kind, world.right, world.observation, world.size)),
        strict=True,
    )
    for row, (folder, kind, right, own, size) in enumerate(columns):
        mission, proposal = world.kinds[kind].mission, world.observations[own].proposal
        ids = (folder + 1, kind + 1, right + 1, own + 1)
        known = size if size >= 0 else None
        yield (world.uri(row), mission, world.names[row], *ids, known, proposal, DESCRIPTION, 1, 0)


def _links(world: World) -> Iterator[tuple[int, int]]:
    """Each file with its own observation, and with the one that combines that."""
    for row, own in enumerate(world.observation.tolist()):
        yield own + 1, row + 1
        parent = world.observations[own].parent
        if parent is not None:
            yield parent + 1, row + 1


def insert(database: sqlite3.Connection, table: str, names: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows into a table; ``names`` are its columns as SQL has them."""
    marks = ", ".join("?" * (names.count(",") + 1))
    database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
