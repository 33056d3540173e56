"""The folder of a product in the tree: its own observation, else the stem of its name, else the path in its URI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from webapp.ingest.names import split_name

if TYPE_CHECKING:
    from webapp.ingest.names import Missions

REFERENCES = "references"  # calibration reference files of a mission stand together

_UNFIT = re.compile(r"[/\\]")
_DYNAMIC = re.compile(r"mast:[^/]+/(url/.*)/[^/]*")  # made on request by a service of the archive


def folder_of_observation(obs_id: str, filename: str) -> str:
    """The obs id, spelled as in the file name where they differ only in case; one folder, whatever it contains."""
    if not filename.startswith(obs_id):
        if filename.lower().startswith(obs_id.lower()):
            obs_id = filename[: len(obs_id)]
        elif obs_id.isupper() and filename == filename.lower():
            obs_id = obs_id.lower()  # U9O40504M also holds u9o40504j_jif.fits
    return _plain(_UNFIT.sub("_", obs_id))


def folder_of_name(mission: str, uri: str, filename: str, missions: Missions) -> str:
    """The folder of a product whose observation is not stated."""
    dynamic = _DYNAMIC.match(uri.partition("?")[0])
    if dynamic:
        return dynamic[1]
    split = split_name(mission, filename, missions)
    if split:
        return _plain(split[0])
    first, _, path = uri.partition(":")[2].partition("/")
    return path.rpartition("/")[0] or first


def _plain(folder: str) -> str:
    return "_" if folder in {".", ".."} else folder
