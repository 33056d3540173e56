"""Where the files of a delivery go: folders as in the tree, all in one folder, or references as a CRDS cache.

With ``CRDS_PATH`` set to a folder, the crds package looks for a reference in its ``references/<observatory>/
<instrument>/<file>`` (crds 14: core/config.py, hst/locate.py and jwst/locate.py; it takes this "instrument" form where
the cache does not say that it has another). What is no reference, and one whose instrument nothing tells, stays where
it is in the tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from jobs.names import flat_paths, safe_paths
from webapp.errors import UserError
from webapp.ingest.folders import REFERENCES
from webapp.reference_types import reference_type

if TYPE_CHECKING:
    from collections.abc import Sequence

Layout = Literal["", "flat", "crds"]

OBSERVATORIES = frozenset({"HST", "JWST"})  # the missions that CRDS knows here


def layout_of(*, flat: bool, crds: bool) -> Layout:
    """The layout that was wished for. Raises UserError 422 for both."""
    if flat and crds:
        raise UserError(
            422,
            "Files cannot be in one folder and in those of a CRDS cache at once.",
            "Choose one of the two, flat or crds.",
        )
    return "flat" if flat else "crds" if crds else ""


def placed(paths: Sequence[str], layout: Layout) -> tuple[list[str], list[str]]:
    """For each path in the tree, the one that the layout wants, and the safe and unique one that it gets."""
    wanted = [crds_path(path) for path in paths] if layout == "crds" else list(paths)
    safe = safe_paths(wanted)
    return wanted, flat_paths(safe) if layout == "flat" else safe


def crds_path(path: str) -> str:
    """``references/hst/acs/x_drk.fits`` for ``HST/references/x_drk.fits``; any other path as it is."""
    mission, _, rest = path.partition("/")
    folder, _, name = rest.partition("/")
    if folder != REFERENCES or mission not in OBSERVATORIES:
        return path
    kind = reference_type(mission, name)
    return f"{REFERENCES}/{kind.observatory}/{kind.instrument}/{name}" if kind.instrument else path
