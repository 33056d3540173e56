"""Guide-star files of a visit, shared by all of its observations: what users rarely want and always get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from webapp.ingest.demo import fitsfile, jwst, references
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Item, when
from webapp.ingest.demo.sky import WEBB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webapp.ingest.demo.facts import Observation

# kind, side of the image, seconds before the exposure, forms of the file
STEPS = (
    ("gs-id", 96, 420, ("uncal", "cal")),
    ("gs-acq1", 64, 300, ("uncal", "cal", "stream")),
    ("gs-acq2", 32, 298, ("uncal", "cal")),
    ("gs-track", 16, 250, ("uncal", "cal")),
    ("gs-fg", 8, 60, ("uncal", "cal")),
)


def items(shot: jwst.Shot, own: Observation, parents: Sequence[Observation]) -> Iterator[Item]:
    """The guide-star files before ``shot``, the first exposure of its visit."""
    for kind, side, before, forms in STEPS:
        moment = when(shot.start - before / 86400)
        for form in forms:
            name = f"{shot.visit}_{kind}_{moment:%Y%j%H%M%S}_{form}.fits"
            category, _, description = jwst.SUFFIXES[kind]
            level = 2 if form == "cal" else 1
            content = _content(name, own, kind, form, side)
            version = jwst.CAL_VER if form == "cal" else None
            yield Item(
                name, content, "JWST", category, description, own, tuple(parents), kind.upper(), level, version=version
            )


def _content(name: str, own: Observation, kind: str, form: str, side: int) -> bytes:
    dice = Dice(name)
    reads = 2 if form == "cal" else 4
    y, x = (np.mgrid[:side, :side] - side * 0.5).astype(np.float64)
    star = WEBB.light(y, x) * 9000.0
    cube = np.array(
        [np.floor(400.0 + star * (read + 1) / reads + 25.0 * dice.bell(side, side)) for read in range(reads)]
    )
    cards = [
        ("TELESCOP", "JWST", "telescope used to acquire the data"),
        ("INSTRUME", "FGS", "instrument used to acquire the data"),
        ("DETECTOR", "GUIDER1", "name of detector used to acquire the data"),
        ("EXP_TYPE", f"FGS_{kind.removeprefix('gs-').rstrip('12').upper()}", "type of data in the exposure"),
        ("PROGRAM", own.proposal_id.zfill(5), "program number"),
        ("DATE-OBS", f"{when(own.t_min):%Y-%m-%d}", "UTC date at start of exposure"),
        ("FILENAME", name, "name of the file"),
    ]
    if form == "cal":
        cards += [("CAL_VER", jwst.CAL_VER, "calibration software version number")]
        cards += [("CRDS_CTX", references.CONTEXT["JWST"], "CRDS context")]
    centroids = fitsfile.table(
        "FGS Centroid Packet",
        {
            "observatory_time": np.arange(24, dtype=np.int32),
            "x_centroid": np.floor(512 + 9 * dice.bell(24)).astype(np.int16),
        },
    )
    pixels = cube.astype(np.int16 if form == "cal" else np.uint16)
    return fitsfile.pack(fitsfile.primary(cards), fitsfile.image("SCI", pixels, unit="DN"), centroids)
