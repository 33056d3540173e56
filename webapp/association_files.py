"""Which files of the catalogue the names in an association mean.

JWST names its members in full; its products have no ending, and may leave the source or the filters open. HST names
all by their roots. A name without an ending stands for the best file of its folder: science before tables, the highest
level, the recommended one, then as in ``BEST``; one that leaves something open stands for the best of each such folder.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from webapp.association_forms import names_of, pattern_of
from webapp.ingest.names import base_name, extension, split_name
from webapp.ingest.uris import UriError, canonical
from webapp.queries import associations as query
from webapp.queries.associations import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlmodel import Session

    from webapp.association_forms import Association
    from webapp.ingest.names import Missions
    from webapp.queries.associations import NamedProduct

MOST_OPEN_NAMES = 20  # that are looked for
SHORTEST = 8  # characters before what is left open, as in jw02736-: with fewer it would be a whole mission
BEST = ("DRC", "DRZ", "CRC", "CRJ", "FLC", "FLT", "CAL", "I2D", "S3D", "S2D", "X1DSUM", "X1D")


def files_of(session: Session, missions: Missions, uri: str, said: Association) -> dict[str, tuple[NamedProduct, ...]]:
    """The files of each name in the association with this canonical URI; names without any are left out.

    Two statements where all is named in full or by its root, and up to two more where names leave something open.
    """
    names = list(dict.fromkeys(names_of(said)))
    exact = {name: name.rpartition("/")[2] for name in names if extension(name)}
    beside = uri[: -len(uri.rpartition("/")[2])]
    known = query.by_uris(session, [uri, *_canonical(beside + each for each in exact.values())])
    mission = next(each.mission for each in known if each.uri == uri)
    by_name = {each.filename: each for each in known}
    lost = [each for each in exact.values() if each not in by_name]
    stems = {split[0] if (split := split_name(mission, each, missions)) else base_name(each) for each in lost}
    roots = {name: name.lower() for name in names if name not in exact and "{" not in name}
    found = query.in_folders(session, mission, list(roots.values()), sorted(stems), lost)
    by_name |= {each.filename: each for each in found if each.filename in set(lost)}
    best = _best(found)
    files = {name: (by_name[each],) for name, each in exact.items() if each in by_name}
    files |= {name: (best[root],) for name, root in roots.items() if root in best}
    products = [made.product.name for made in said.made if made.product]
    open_names = [name for name in products if name not in files and name not in exact]
    return files | _of_open_names(session, mission, open_names[:MOST_OPEN_NAMES])


def _of_open_names(session: Session, mission: str, names: Sequence[str]) -> dict[str, tuple[NamedProduct, ...]]:
    patterns = {name: pattern for name in names if (pattern := pattern_of(name))}
    beginnings = {name.lower().partition("{")[0] for name in patterns}
    there = query.folders(session, mission, sorted(each for each in beginnings if len(each) >= SHORTEST))
    meant = {name: [each for each in there if pattern.fullmatch(each.lower())] for name, pattern in patterns.items()}
    best = _best(query.in_folders(session, mission, sorted({each for some in meant.values() for each in some})))
    files = {name: tuple(best[each.lower()] for each in some if each.lower() in best) for name, some in meant.items()}
    return {name: some for name, some in files.items() if some}


def _best(files: Sequence[NamedProduct]) -> Mapping[str, NamedProduct]:
    """The best file of each folder, by the folder in lower case, among those that are named like it."""
    folders: dict[str, list[NamedProduct]] = defaultdict(list)
    for each in files:
        folder = each.folder.lower()
        if each.category in DATA and each.filename.lower().startswith(folder):
            folders[folder].append(each)
    return {folder: min(some, key=_rank) for folder, some in folders.items()}


def _rank(each: NamedProduct) -> tuple[bool, int, bool, int, bool, int, str]:
    level = -9 if each.level is None else each.level
    place = BEST.index(each.group) if each.group in BEST else len(BEST)
    category = DATA.index(each.category)
    plain = not each.ext.startswith("fits")
    return (each.withdrawn, category, plain, -level, not each.recommended, place, each.filename)


def _canonical(uris: Iterable[str]) -> list[str]:
    """Those that can be a URI."""
    found = []
    for each in uris:
        try:
            found.append(canonical(each))
        except UriError:
            continue
    return found
