"""What the files of a generated catalogue name: four links a file, some 3,000 distinct references of 100,000 files.

Only FITS files of JWST and HST name any, about a dozen each, one of every type. By ``SETS``, which is as archives are,
the exposures that are combined were calibrated with the same ones; by ``RANDOM`` each file with any others.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tests.benchmarks.load import insert
from tests.benchmarks.world import INSTRUMENTS, SEED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.world import World

SETS, RANDOM = "as archives are", "each file with any others"
LINKS_PER_FILE = 4
JWST_TYPES = (
    *("area", "dark", "distortion", "flat", "gain", "ipc", "linearity", "mask"),
    *("photom", "readnoise", "refpix", "saturation", "superbias", "trapdensity", "wfssbkg"),
)
HST_TYPES = (
    *("atodtab", "biasfile", "bpixtab", "ccdtab", "crrejtab", "darkfile", "dgeofile", "idctab"),
    *("imphttab", "mdriztab", "nlinfile", "npolfile", "oscntab", "pctetab", "pfltfile"),
)
TYPES = {"JWST": JWST_TYPES, "HST": HST_TYPES}
VERSIONS = 54  # of each type of each instrument
CONTEXTS = ("1180", "1263", "1293")
SIZE = 1_000  # bytes of a reference


class Linked(NamedTuple):
    """How many there are."""

    references: int
    links: int
    naming: int


def link(world: World, file: Path, archive: Path, how: str) -> Linked:
    """Add references and links to a database that ``world`` was brought into, and the files to ``archive``."""
    missions = np.array([each.mission for each in world.observations])[world.observation]
    fits = np.array([kind.ext == "fits" and kind.category != "CALIBRATION" for kind in world.kinds])[world.kind]
    naming = np.flatnonzero(fits & np.isin(missions, list(TYPES)))
    counts = np.full(len(naming), LINKS_PER_FILE * len(world) // len(naming))
    counts[: LINKS_PER_FILE * len(world) % len(naming)] += 1
    instruments = [(mission, name) for mission in TYPES for name in INSTRUMENTS[mission]]
    numbers = {each: place for place, each in enumerate(instruments)}
    of_observation = np.array([numbers.get((each.mission, each.instrument), -1) for each in world.observations])
    random = np.random.default_rng(SEED)
    group = np.array([i if each.parent is None else each.parent for i, each in enumerate(world.observations)])
    of_group, context_of = (random.integers(0, most, len(group)) for most in (VERSIONS, len(CONTEXTS)))
    own = np.repeat(world.observation[naming], counts)
    kind = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    version, context = (of_group[group[own]] + kind * 3) % VERSIONS, context_of[group[own]]
    if how == RANDOM:
        version, context = (random.integers(0, most, len(own)) for most in (VERSIONS, len(CONTEXTS)))
    reference = (of_observation[own] * len(JWST_TYPES) + kind) * VERSIONS + version
    claims, role = np.unique(reference * len(CONTEXTS) + context, return_inverse=True)
    every = np.unique(claims // len(CONTEXTS))
    names = {number: _named(instruments, number) for number in every.tolist()}
    with closing(sqlite3.connect(file)) as database:
        _roles(database, claims.tolist(), names)
        pairs = sorted(zip((np.repeat(naming, counts) + 1).tolist(), (role + 1).tolist(), strict=True))
        insert(database, "reference_use", "product_id, role_id", pairs)
        _references(database, list(names.values()))
        database.execute("UPDATE catalogue_state SET version = version + 1")
        database.commit()
        database.execute("PRAGMA optimize")
    for mission, name, _ in names.values():
        place = archive / mission / "product" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(bytes(SIZE))
    return Linked(len(names), len(pairs), len(naming))


def _named(instruments: list[tuple[str, str]], number: int) -> tuple[str, str, str]:
    """Mission, file name and type of a reference."""
    place, version = divmod(number, VERSIONS)
    instrument, kind = divmod(place, len(JWST_TYPES))
    mission, name = instruments[instrument]
    type_ = TYPES[mission][kind]
    short = name.partition("/")[0].lower()
    return mission, f"{mission.lower()}_{short}_{type_}_9{instrument}{version:02d}.fits", type_


def _roles(database: sqlite3.Connection, claims: list[int], names: dict[int, tuple[str, str, str]]) -> None:
    def rows() -> Iterator[tuple[str, str, str, str, str]]:
        for claim in claims:
            number, context = divmod(claim, len(CONTEXTS))
            mission, name, kind = names[number]
            keyword = f"R_{kind[:6]}".upper() if mission == "JWST" else kind.upper()
            yield mission, keyword, name, f"{mission.lower()}_{CONTEXTS[context]}.pmap", ""

    insert(database, "reference_role", "mission, keyword, name, context, uri", rows())


def _references(database: sqlite3.Connection, names: list[tuple[str, str, str]]) -> None:
    places = {}
    for mission in TYPES:
        database.execute("INSERT OR IGNORE INTO folder (mission, path) VALUES (?, 'references')", [mission])
        insert(
            database,
            "kind",
            'mission, category, ext, "group", recommended',
            [(mission, "CALIBRATION", "fits", "none", 0)],
        )
        insert(database, "rights", "mission, programme, released_at", [(mission, "reference", 0)])
        places[mission] = database.execute(
            """SELECT f.id, k.id, r.id FROM folder f, kind k, rights r WHERE f.mission = ? AND f.path = 'references'
            AND k.mission = f.mission AND k.category = 'CALIBRATION' AND r.mission = f.mission LIMIT 1""",
            [mission],
        ).fetchone()
    rows = ((f"mast:{m}/product/{name}", m, name, *places[m], SIZE, 1, 0) for m, name, _ in names)
    columns = "uri, mission, filename, folder_id, kind_id, rights_id, size, revision, added_at"
    insert(database, "product", columns, rows)
