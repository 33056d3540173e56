"""A generated catalogue: names as JWST, HST, TESS and HLSPs have them, about 33 files a folder, the same on every run.

Of nine JWST folders one is a combined product that lists its eight exposures' files too, of five HST folders one is an
association with four exposures. About 260 kinds, one programme in twelve exclusive, 4 % of the sizes unknown, and one
long folder of calibration references.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from webapp.ingest.kinds import derive
from webapp.ingest.names import builtin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from webapp.ingest.kinds import KindKey

SEED = 2
FAR = 4_102_444_800  # 2100: exclusive for as long as this benchmark is run
GROUPS = ("JWST", "HST", "JWST", "HST", "JWST", "JWST", "HST", "TESS", "HLSP")  # missions of successive groups
INSTRUMENTS = {
    "JWST": ("NIRCAM", "NIRSPEC", "MIRI", "NIRISS"),
    "HST": ("ACS/WFC", "COS/FUV", "STIS/CCD", "NICMOS/NIC2", "WFPC2/PC", "WFC3/IR"),
    "TESS": ("Photometer",),
    "HLSP": ("NIRCAM",),
}
DETECTORS = {"NIRCAM": "nrca1", "NIRSPEC": "nrs1", "MIRI": "mirimage", "NIRISS": "nis"}
FILTERS = ("f090w", "f150w", "f200w", "f277w", "f356w", "f444w")
HST_LETTERS = "jlonui"  # of the instruments above
BASE_36 = "0123456789abcdefghijklmnopqrstuvwxyz"
HLSP_GROUPS = ("spec", "img", "cat", "model", "lc", "cube", "mask", "wht", "seg", "psf", "bkg", "rms")
FILES = {"JWST": 11, "HST": 17, "TESS": 9, "HLSP": 12}  # suffixes in an observation; each has one to four files


class Observation(NamedTuple):
    """An observation, which is also a folder; ``parent`` is the index of what combines it."""

    mission: str
    obs_id: str
    target: str
    instrument: str
    proposal: str
    released_at: int
    parent: int | None


@dataclass(frozen=True, eq=False)
class World:
    """n files: names, and parallel columns (n,) of indices into the lists; ``size`` -1 is unknown."""

    observations: list[Observation]
    folders: list[tuple[str, str]]  # of the observations, in their order, then of references
    kinds: list[KindKey]
    rights: list[tuple[str, str, int]]
    names: list[str]
    observation: NDArray[np.int64]
    folder: NDArray[np.int64]
    kind: NDArray[np.int64]
    right: NDArray[np.int64]
    size: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    def uri(self, row: int) -> str:
        """The data URI of a file."""
        return f"mast:{self.kinds[self.kind[row]].mission}/product/{self.names[row]}"


def make(count: int) -> World:
    """A world of ``count`` files."""
    observations: list[Observation] = []
    files: list[tuple[str, int, int, int]] = []  # name, observation, folder, kind
    kinds: dict[KindKey, int] = {}
    kind_of: dict[tuple[str, bool, str], int] = {}
    references = count // 200
    for observation in _observations():
        number, combined = len(observations), observation.parent is None
        observations.append(observation)
        for tail in _tails(observation, combined=combined):
            name = observation.obs_id + tail
            key = (observation.mission, combined, tail)
            if key not in kind_of:
                kind_of[key] = kinds.setdefault(derive(observation.mission, name, builtin()), len(kinds))
            files.append((name, number, number, kind_of[key]))
        if len(files) >= count - references:
            break
    del files[count - references :]
    for number in range(references):
        name = f"jwst_{INSTRUMENTS['JWST'][number % 4].lower()}_flat_{number:04d}.fits"
        kind = kinds.setdefault(derive("JWST", name, builtin()), len(kinds))
        files.append((name, number * 7 % len(observations), len(observations), kind))
    names, own, folder, kind_column = zip(*files, strict=True)
    rules = [(each.mission, each.proposal, each.released_at) for each in observations]
    place = {rule: index for index, rule in enumerate(dict.fromkeys(rules))}
    random = np.random.default_rng(SEED)
    sizes = random.lognormal(15, 2, count).astype(np.int64) + 2880
    sizes[random.random(count) < 0.04] = -1
    return World(
        observations=observations,
        folders=[*((each.mission, each.obs_id) for each in observations), ("JWST", "references")],
        kinds=list(kinds),
        rights=list(place),
        names=list(names),
        observation=np.array(own, np.int64),
        folder=np.array(folder, np.int64),
        kind=np.array(kind_column, np.int64),
        right=np.array([place[rule] for rule in rules], np.int64)[np.array(own, np.int64)],
        size=sizes,
    )


def _observations() -> Iterator[Observation]:
    """Observations without end; what combines others comes before them."""
    made = 0
    for group in itertools.count():
        mission = GROUPS[group % len(GROUPS)]
        programme = 1000 + group // 12
        released = FAR if programme % 12 == 7 else 1_500_000_000 + programme * 43_200
        instrument = INSTRUMENTS[mission][group // len(GROUPS) % len(INSTRUMENTS[mission])]
        about = (f"NGC {1 + group % 7840}", instrument, str(programme), released)
        first = made
        for obs_id in _obs_ids(mission, group, programme, instrument):
            yield Observation(mission, obs_id, *about, None if made == first else first)
            made += 1


def _obs_ids(mission: str, group: int, programme: int, instrument: str) -> list[str]:
    """The obs id of a group's combined observation, then those of its members."""
    if mission == "JWST":
        head, visit = f"jw{programme:05d}", 1 + group % 12
        combined = f"{head}-o{visit:03d}_t001_{instrument.lower()}_{FILTERS[group % 6]}"
        members = (f"{head}{visit:03d}001_02{1 + i // 4}01_{1 + i:05d}_{DETECTORS[instrument]}" for i in range(8))
        return [combined, *members]
    if mission == "HST":
        letter = HST_LETTERS[INSTRUMENTS["HST"].index(instrument)]
        base = letter + "".join(BASE_36[group // 36**i % 36] for i in (3, 2, 1, 0)) + "1"
        return [f"{base}010", *(f"{base}{BASE_36[10 + i] * 2}q" for i in range(4))]
    if mission == "TESS":
        return [f"tess2021{group % 365:03d}00{group // 365:04d}-s{1 + group % 90:04d}-{group:016d}-0190-s"]
    return [f"hlsp_survey{group}_jwst_nircam_field-{group}_v1"]


def _suffixes(mission: str) -> tuple[str, ...]:
    """The suffixes whose pattern is just their group in lower case."""
    plain = (s.group.lower() for s in builtin()[mission].suffixes if s.pattern == re.escape(s.group.lower()))
    return tuple(plain) or HLSP_GROUPS


SUFFIXES = {mission: _suffixes(mission) for mission in FILES}


def _tails(observation: Observation, *, combined: bool) -> Iterator[str]:
    """What follows the obs id in the names of an observation's files; each instrument has its own suffixes."""
    mission = observation.mission
    suffixes, instruments = SUFFIXES[mission], INSTRUMENTS[mission]
    first = instruments.index(observation.instrument) * len(suffixes) // len(instruments)
    for place in range(first, first + FILES[mission]):
        suffix = suffixes[place % len(suffixes)]
        yield f"_{suffix}.fits"
        if place % 5:  # most have a picture and its thumbnail
            yield f"_{suffix}.jpg"
            if mission == "JWST":
                yield f"_{suffix}_thumb.jpg"
        if place % 3 == 1:
            yield f"_{suffix}.{'txt' if mission == 'HST' else 'ecsv' if combined else 'json'}"
        if mission == "HST" and place % 3 == 0 and int(observation.proposal) % 8 == 0:
            yield f"_{suffix}.fits.gz"
