"""Gives files their observation where headers alone do not: guide stars, jitter, pictures, sidecars, associations.

JWST associations (https://jwst-pipeline.readthedocs.io, "associations") are JSON: ``{"products": [{"name", "members":
[{"expname"}]}]}``; a name may leave the source open, as in ``jw02736-o007_{source_id}_nirspec_f290lp-g395m``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from webapp.association_forms import pattern_of
from webapp.ingest.errors import IngestError
from webapp.ingest.fits_headers import Facts
from webapp.ingest.names import base_name, split_name

if TYPE_CHECKING:
    from webapp.ingest.fits_folder import Folder, Found
    from webapp.ingest.names import Missions

MOST_ASSOCIATION = 10_000_000  # bytes; the largest at MAST have one


def settle_support(facts: dict[str, Facts]) -> None:
    """Guide-star and MSA files carry the visit's name, jitter files one of their own: they join an exposure."""
    ids = sorted({(each.mission, each.obs_id) for each in facts.values() if each.obs_id})
    for path, each in facts.items():
        group = split_name(each.mission, path.rpartition("/")[2])
        if each.obs_id is None or group is None:
            continue
        if group[1].startswith("GS-") or group[1] == "MSA":
            start = each.obs_id + "_"
        elif group[1] in {"JIT", "JIF"} and each.obs_id.endswith("j"):
            start = each.obs_id[:-1]
        else:
            continue
        exposures = [i for m, i in ids if m == each.mission and i and i.startswith(start) and i != each.obs_id]
        if exposures:
            facts[path] = replace(each, obs_id=exposures[0])


class Joiner:
    """Finds the observation of files without headers."""

    def __init__(self, folder: Folder, facts: dict[str, Facts], missions: Missions, mission: str | None) -> None:
        self._folder = folder
        self._missions = missions
        self._mission = mission
        self._known: dict[str, tuple[str, str]] = {}  # obs id or stem, lower case -> mission, obs id
        self._members: dict[str, set[str]] = defaultdict(set)  # exposure -> combined observations
        for path, each in facts.items():
            if each.obs_id is not None:
                split = split_name(each.mission, path.rpartition("/")[2], missions)
                if split:
                    self._known.setdefault(split[0].lower(), (each.mission, each.obs_id))
        for each in facts.values():
            if each.obs_id is not None:
                self._known[each.obs_id.lower()] = (each.mission, each.obs_id)

    def join(self, file: Found) -> Facts | None:
        """What the name, or an association's content, says of a file; None if nothing here explains it."""
        owner = self._mission or self._missions.owner_of(file.name)
        if owner and self._missions[owner].reference(file.name):
            return Facts(owner, None, values={"category": "CALIBRATION"})
        split = split_name(owner or "", file.name, self._missions)
        stem = (split[0] if split else base_name(file.name)).lower()
        if owner == "JWST" and split and split[1] in {"ASN", "POOL"}:
            made = self._association(file) if split[1] == "ASN" else []
            made = made or sorted(
                i for m, i in self._known.values() if i.lower().startswith((stem + "_t", stem + "_s", stem + "-"))
            )
            made = list(dict.fromkeys(made))
            if made:
                return Facts("JWST", made[0], tuple(made[1:]))
        shorter = stem
        while shorter:
            if shorter in self._known:
                return Facts(*self._known[shorter])
            shorter = shorter.rpartition("_")[0]
        return Facts(owner, stem) if owner else None

    def with_members(self, each: Facts) -> Facts:
        """Files of an exposure are also listed by the observations combined from it."""
        more = self._members.get(each.obs_id or "", set())
        parents = dict.fromkeys((*each.parents, *sorted(more)))
        return replace(each, parents=tuple(name for name in parents if name != each.obs_id)) if more else each

    def _association(self, file: Found) -> list[str]:
        """The observations that an association makes; remembers their members. Raises IngestError if it is damaged."""
        if (file.size or 0) > MOST_ASSOCIATION:
            raise IngestError(f"{file.path} has {file.size:,} bytes, too many for an association.")
        try:
            with self._folder.stream(file.path) as stream:
                content = json.load(stream)
            products = [
                (str(product["name"]), [str(member["expname"]) for member in product.get("members", [])])
                for product in content["products"]
            ]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise IngestError(f"{file.path} is not a JWST association: {error}.") from error
        made: list[str] = []
        for name, members in products:
            ids = self._made(name)
            made += ids
            combined = [i for i in ids if self._missions["JWST"].is_combined(f"{i}_")]
            for member in members:
                split = split_name("JWST", member.rpartition("/")[2], self._missions)
                exposure = self._known.get(split[0].lower()) if split else None
                if exposure and combined:
                    self._members[exposure[1]].update(combined)
        return list(dict.fromkeys(made))

    def _made(self, name: str) -> list[str]:
        """A product's name may leave the source or the filters open: ``jw02736-o007_{source_id}_nirspec_...``."""
        pattern = pattern_of(name)
        if pattern is None:
            return []
        return sorted({i for m, i in self._known.values() if m == "JWST" and pattern.fullmatch(i.lower())})
