"""HST WFPC2: four small chips, kept in both forms that the archive has (one image of four groups, and extensions)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from webapp.ingest.demo import fitsfile, hst, nebulae, pixels, previews
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Card, Item, Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.ingest.demo.dice import Floats

CHIP = 104
SECONDS = 1100.0


class Visit(NamedTuple):
    """One exposure: old roots are spelled in capitals as obs_id, small in file names."""

    root: str
    filters: str
    band: float
    start: float


VISITS = (Visit("u2lx0101t", "F502N", 0.15, 49808.54), Visit("u2lx0105t", "F656N", 0.62, 49808.67))


def items() -> Iterator[Item]:
    """All WFPC2 files."""
    scene = nebulae.pillars((2 * CHIP, 2 * CHIP))
    for visit in VISITS:
        yield from _exposure(visit, scene(visit.band))


def _exposure(visit: Visit, light: Floats) -> Iterator[Item]:
    root = visit.root
    own = Observation(
        "HST",
        root.upper(),
        "M16",
        274.7005,
        -13.8431,
        "WFPC2/WFC",
        visit.filters,
        "5773",
        visit.start,
        visit.start + SECONDS / 86400,
        "image",
        "CALWFPC2",
        "2.5.5 (Apr 17, 2009)",
        2,
        50174.0,
    )
    optics: list[Card] = [
        ("FILTNAM1", visit.filters, "first filter name"),
        ("FILTNAM2", "", "second filter name"),
        ("ATODGAIN", 7.0, "analog to digital gain (electrons/DN)"),
        ("MODE", "FULL", "instrument mode"),
        ("UCH1CJTM", -88.2, "TEC cold junction #1 temperature (celsius)"),
    ]
    dice = Dice(root)
    seen = pixels.expose(dice, light, noise=20.0, rays=0)
    hits = pixels.cosmic_rays(dice, light.shape, 210)
    quarters = [seen.sci[y : y + CHIP, x : x + CHIP] for y, x in ((CHIP, CHIP), (CHIP, 0), (0, 0), (0, CHIP))]
    rays = [hits[y : y + CHIP, x : x + CHIP] for y, x in ((CHIP, CHIP), (CHIP, 0), (0, 0), (0, CHIP))]
    calibrated = np.array(
        [np.clip(q.astype(np.int64) + r, -pixels.FULL, pixels.FULL) for q, r in zip(quarters, rays, strict=True)]
    )
    science = calibrated.astype(np.int16)
    raw = (calibrated // 8 + 340 + np.floor(3.0 * dice.bell(*calibrated.shape)).astype(np.int64)).astype(np.int16)
    flags = (np.array(rays) > 0).astype(np.int16)
    bias = np.floor(340 + 2.0 * dice.bell(4, CHIP, 14)).astype(np.int16)
    for suffix, cube in (
        ("c0", science),
        ("d0", raw),
        ("c1", flags),
        ("q0", flags * 0),
        ("q1", flags[:, ::8, ::8]),
        ("x0", bias),
    ):
        yield _grouped(own, root, f"{suffix}f", cube, optics)
        yield _extended(own, root, f"{suffix}m", cube, optics)
    yield _extended(own, root, "c3m", np.sort(science.reshape(4, -1), axis=1)[:, ::96].reshape(4, -1, 1), optics)
    for suffix in ("c3t", "cgr", "dgr"):
        rows = {
            "GROUP": np.arange(1, 5, dtype=np.int16),
            "MEDIAN": np.sort(science.reshape(4, -1))[:, CHIP * CHIP // 2],
        }
        cards = hst.header(own, root, suffix, SECONDS, optics)
        content = fitsfile.pack(fitsfile.primary(cards), fitsfile.table(f"{root}.{suffix}", rows))
        yield hst.item(own, root, suffix, content, own)
    yield from _combined(own, root, seen, optics)
    yield from hst.shown(own, f"{root}_d0m", previews.raw(_stairs(raw, 330)), own, 1)
    yield from hst.engineering(own, root, own, SECONDS, "shf")
    words = dice.below(32000, 965).astype(np.int16)
    content = fitsfile.pack(fitsfile.primary(hst.header(own, root, "shm", SECONDS)), fitsfile.image("UDL", words))
    yield hst.item(own, root, "shm", content, own)


def _grouped(own: Observation, root: str, suffix: str, cube: Any, optics: list[Card]) -> Item:
    """All four chips in the primary image, and a table with one row for each."""
    cards = hst.header(own, root, suffix, SECONDS, optics)
    table = fitsfile.table(
        f"{root}_{suffix}.tab",
        {
            "DETECTOR": np.arange(1, 5, dtype=np.int32),
            "DATAMIN": cube.min(axis=(1, 2)),
            "DATAMAX": cube.max(axis=(1, 2)),
        },
    )
    return hst.item(own, root, suffix, fitsfile.pack(fitsfile.primary(cards, cube), table), own)


def _extended(own: Observation, root: str, suffix: str, cube: Any, optics: list[Card]) -> Item:
    """One extension for each chip."""
    cards = hst.header(own, root, suffix, SECONDS, optics)
    planes = [
        fitsfile.image(
            "SCI", chip, [("DETECTOR", number, "CCD detector: PC 1, WFC 2 to 4")], unit="COUNTS", version=number
        )
        for number, chip in enumerate(cube, 1)
    ]
    return hst.item(own, root, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), own)


def _stairs(cube: Any, empty: int = 0) -> Any:
    """The camera's famous outline: three wide-field chips, and the planetary one at half their scale."""
    whole = np.full((2 * CHIP, 2 * CHIP), empty, cube.dtype)
    whole[CHIP:, :CHIP], whole[:CHIP, :CHIP], whole[:CHIP, CHIP:] = cube[1], cube[2], cube[3]
    half = CHIP // 2
    whole[CHIP : CHIP + half, CHIP : CHIP + half] = cube[0][:half, :half]
    return whole


def _combined(own: Observation, root: str, seen: pixels.Exposure, optics: list[Card]) -> Iterator[Item]:
    seen_in = _stairs(np.ones((4, CHIP, CHIP), np.int16))
    image = (np.clip(seen.sci, 0, None) * seen_in).astype(np.int16)
    image = np.where(seen.dq & 1, np.roll(image, 1, axis=1), image)
    where = fitsfile.tangent(own.ra, own.dec, image.shape, 0.1)
    planes = (
        fitsfile.image("SCI", image, where, unit="COUNTS/S", scale=0.002, version=1),
        fitsfile.image("WHT", (seen_in * int(SECONDS)).astype(np.int16), version=1),
        fitsfile.image("CTX", seen_in.astype(np.uint8), version=1),
    )
    cards = hst.header(own, root, "drz", SECONDS, optics)
    yield hst.item(own, root, "drz", fitsfile.pack(fitsfile.primary(cards), *planes), own)
    rgb = previews.tinted(image, previews.palette(own_band(own)), low=0.0)
    yield from hst.shown(own, f"{root}_drz", rgb, own, 3, zoom=2.5)


def own_band(own: Observation) -> float:
    """The band of the filter, for the picture's colours."""
    return next(visit.band for visit in VISITS if visit.root == own.obs_id.lower())
