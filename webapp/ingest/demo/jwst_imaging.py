"""JWST imaging: each exposure from ramp to CR-flagged image, and the mosaic, catalogue and segmentation of all."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import Table

from webapp.ingest.demo import fitsfile, jwst, pixels, previews, sky
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Item, Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from webapp.ingest.demo.dice import Floats

MODULE = 232  # light pixels on a side that one detector sees; it has half as many pixels of its own
DITHER = 12  # light pixels between two exposures
ARCSEC = 0.063
FUZZY = 0.6  # less of its light in the middle makes a source extended
OUTLIER = 16  # JWST's data quality bit


@dataclass(frozen=True)
class Optic:
    """One filter setting: ``option`` as in file names, ``activity`` of its exposures, band from 0 (blue) to 1 (red)."""

    filters: str  # "F444W" or "F470N;F444W"
    option: str
    activity: str
    band: float


@dataclass(frozen=True)
class Campaign:
    """What one JWST observation number did: a target through several filters."""

    program: int
    number: int
    target_number: int
    target: str
    ra: float
    dec: float
    instrument: str
    exp_type: str
    start: float
    released: float
    scene: Callable[[tuple[int, int]], Callable[[float], Floats]]
    optics: tuple[Optic, ...]
    exclusive: bool = False

    @property
    def visit(self) -> str:
        """The visit's identifier with which exposures begin."""
        return f"jw{self.program:05d}{self.number:03d}001"


def plan(campaign: Campaign) -> list[jwst.Plan]:
    """The observations of a campaign, one a filter."""
    plans = []
    name = campaign.instrument.partition("/")[0].lower()
    for order, optic in enumerate(campaign.optics):
        start = campaign.start + order * 0.09
        level3 = Observation(
            "JWST",
            f"jw{campaign.program:05d}-o{campaign.number:03d}_t{campaign.target_number:03d}_{name}_{optic.option}",
            campaign.target,
            campaign.ra,
            campaign.dec,
            campaign.instrument,
            optic.filters,
            str(campaign.program),
            start,
            start + 0.08,
            "image",
            "CALJWST",
            jwst.CAL_VER,
            3,
            campaign.released,
            "D",
            campaign.exclusive,
        )
        shots = []
        for number, detector in _detectors(campaign, optic):
            shot = jwst.Shot(campaign.visit, optic.activity, number, detector, round(start + 0.02 * number, 5))
            shots.append((shot, level3.member(shot.stem, shot.start, shot.seconds)))
        plans.append(jwst.Plan(level3, tuple(shots)))
    return plans


def _detectors(campaign: Campaign, optic: Optic) -> list[tuple[int, str]]:
    """(exposure number, detector): two dithers of two modules, or four dithers of one."""
    if campaign.instrument.startswith("MIRI"):
        return [(number, "mirimage") for number in (1, 2, 3, 4)]
    ends = ("along", "blong") if optic.band >= 0.5 else ("a1", "b1")  # noqa: PLR2004 - the long-wavelength channel
    return [(number, f"nrc{end}") for number in (1, 2) for end in ends]


def items(campaign: Campaign, plans: Sequence[jwst.Plan]) -> Iterator[Item]:
    """All files of a campaign but the pool, which belongs to its programme."""
    wide = 1 if campaign.instrument.startswith("MIRI") else 2
    side = MODULE + DITHER
    scene = campaign.scene((side, side * wide))
    for optic, planned in zip(campaign.optics, plans, strict=True):
        light = scene(optic.band)
        for index, (shot, own) in enumerate(planned.shots):
            step = DITHER * (index // wide if wide > 1 else index % 2)
            left = step + (side if shot.detector.startswith("nrcb") else 0)
            window = light[step : step + MODULE, left : left + MODULE]
            yield from _exposure(campaign, optic, planned.observation, shot, own, np.ascontiguousarray(window))
        yield from _mosaic(campaign, optic, planned, light)


def _exposure(  # noqa: PLR0917 - called once, in this order
    campaign: Campaign, optic: Optic, parent: Observation, shot: jwst.Shot, own: Observation, window: Floats
) -> Iterator[Item]:
    dice = Dice(shot.stem)
    light = pixels.halve(window)
    seen = pixels.expose(dice, light)
    reads = pixels.ramp(dice, seen)
    pattern = pixels.whole(90.0 * sky.swell(dice, light.shape, 40.0) + 25.0 * dice.bell(1, light.shape[1]))
    rate = pixels.whole(seen.sci.astype(np.float64) + pattern)
    flagged = seen.dq | np.where(seen.rays > 1500, OUTLIER, 0).astype(np.uint32)  # noqa: PLR2004 - only the strong ones
    colours = previews.palette(optic.band)

    def file(suffix: str, stage: str, *planes: Any, tag: str = "") -> Item:
        name = f"{shot.stem}{tag}_{suffix}.fits"
        cards = jwst.header(own, name, stage, campaign.exp_type, shot)
        return jwst.item(own, shot.stem + tag, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), (parent,))

    yield file("uncal", "uncal", fitsfile.image("SCI", reads, unit="DN"))
    yield from jwst.shown(own, f"{shot.stem}_uncal", previews.raw(reads[0, -1]), (parent,), 1)
    yield file("rate", "rate", *jwst.planes(rate, seen, seen.dq, unit="DN/s", scale=jwst.DN_S))
    yield from jwst.shown(own, f"{shot.stem}_rate", previews.raw(rate), (parent,), 2)
    traps = (reads[:, :3, ::4, ::4] >> np.uint16(7)).astype(np.int16)[0]
    yield file("trapsfilled", "rate", fitsfile.image("SCI", traps))
    where = fitsfile.tangent(*_aim(campaign, shot), light.shape, ARCSEC)
    area = np.full(light.shape, 1000, np.int16)
    more = (
        fitsfile.image("AREA", area, scale=0.001),
        fitsfile.image("VAR_FLAT", seen.var >> 2, scale=40 * jwst.MJY * jwst.MJY),
    )
    yield file("cal", "cal", *jwst.planes(seen.sci, seen, seen.dq, unit="MJy/sr", scale=jwst.MJY, cards=where), *more)
    yield from jwst.shown(own, f"{shot.stem}_cal", previews.tinted(seen.sci, colours), (parent,), 2)
    tag = f"_o{campaign.number:03d}"
    yield file(
        "crf", "cal", *jwst.planes(seen.sci, seen, flagged, unit="MJy/sr", scale=jwst.MJY, cards=where), *more, tag=tag
    )
    framed, weight = np.pad(seen.sci, 3), np.pad(np.where(flagged & 1, 0, 100).astype(np.int16), 3)
    aim = fitsfile.tangent(*_aim(campaign, shot), framed.shape, ARCSEC)
    yield file(
        "i2d",
        "i2d",
        fitsfile.image("SCI", framed, aim, unit="MJy/sr", scale=jwst.MJY),
        fitsfile.image("CON", (weight > 0).astype(np.uint8)[None]),
        fitsfile.image("WHT", weight),
    )
    number = shot.number * 2 + len(shot.detector) % 2
    stem = f"jw{campaign.program:05d}-o{campaign.number:03d}_{jwst.GENERATED}_image2_{_count(optic, shot, number):05d}"
    listed = jwst.association("image2", shot.stem, [(f"{shot.stem}_rate.fits", "science")], own)
    yield jwst.item(own, stem, "asn", listed, (parent,), ext="json")


def _count(optic: Optic, shot: jwst.Shot, number: int) -> int:
    """A number for the association, different for each exposure of a campaign."""
    return int(optic.activity[1:]) % 100 * 20 + number * 2 + ("b" in shot.detector)


def _aim(campaign: Campaign, shot: jwst.Shot) -> tuple[float, float]:
    """Where the detector looks: module A west, module B east, each dither a little north."""
    east = {"nrca": -0.5, "nrcb": 0.5}.get(shot.detector[:4], 0.0) * MODULE / 2 * ARCSEC / 3600
    return round(campaign.ra + east, 6), round(campaign.dec + (shot.number - 1) * DITHER / 2 * ARCSEC / 3600, 6)


def _mosaic(campaign: Campaign, optic: Optic, planned: jwst.Plan, light: Floats) -> Iterator[Item]:
    own = planned.observation
    dice = Dice(own.obs_id)
    seen = pixels.expose(dice, light, noise=5.0, rays=0, dead=0.0)
    labels, peaks = pixels.find(seen.sci, int(np.sort(seen.sci, axis=None)[int(0.80 * seen.sci.size)]) + 260)
    where = fitsfile.tangent(campaign.ra, campaign.dec, light.shape, ARCSEC / 2)

    def file(suffix: str, *planes: Any) -> Item:
        cards = jwst.header(own, f"{own.obs_id}_{suffix}.fits", "i2d", campaign.exp_type)
        return jwst.item(own, own.obs_id, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), (own,))

    members = [f"{shot.stem}_o{campaign.number:03d}_crf.fits" for shot, _ in planned.shots]
    overlap = np.full(light.shape, (1 << len(members)) - 1, np.uint8)
    starts = [shot.start for shot, _ in planned.shots]
    yield file(
        "i2d",
        fitsfile.image("SCI", seen.sci, where, unit="MJy/sr", scale=jwst.MJY),
        fitsfile.image("ERR", seen.err, unit="MJy/sr", scale=jwst.MJY),
        fitsfile.image("CON", overlap[None]),
        fitsfile.image("WHT", np.clip(30000 // (seen.err + 1), 0, 30000).astype(np.int16)),
        fitsfile.image("VAR_POISSON", seen.var, scale=40 * jwst.MJY * jwst.MJY),
        fitsfile.table("HDRTAB", {"FILENAME": members, "MJD-BEG": np.array(starts)}),
    )
    rgb = previews.tinted(seen.sci, previews.palette(optic.band))
    yield from jwst.shown(own, f"{own.obs_id}_i2d", rgb, (own,), 3, zoom=2)
    yield file("segm", fitsfile.image("SCI", labels, where))
    catalogue = source_catalogue(seen.sci, peaks, campaign)
    yield jwst.item(own, own.obs_id, "cat", catalogue, (own,), ext="ecsv")
    program = f"jw{campaign.program:05d}-o{campaign.number:03d}"
    number = campaign.optics.index(optic) + 1
    listed = jwst.association("image3", own.obs_id, [(f"{s.stem}_cal.fits", "science") for s, _ in planned.shots], own)
    yield jwst.item(own, f"{program}_{jwst.GENERATED}_image3_{number:05d}", "asn", listed, (own,), ext="json")


def source_catalogue(sci: Any, peaks: list[tuple[int, int]], campaign: Campaign) -> bytes:
    """The source catalogue (ECSV): centroids, positions and aperture sums of the peaks, brightest first."""
    padded = np.pad(sci.astype(np.int64), 4)
    rows = []
    for label, (row, column) in enumerate(peaks, 1):
        box = padded[row : row + 9, column : column + 9]
        total, core = int(box.sum()), int(box[2:7, 2:7].sum())
        dec = campaign.dec + (row - sci.shape[0] / 2) * ARCSEC / 2 / 3600
        ra = campaign.ra - (column - sci.shape[1] / 2) * ARCSEC / 2 / 3600
        sharp = round(core / max(total, 1), 4)
        rows.append(
            (label, float(column), float(row), round(ra, 7), round(dec, 7), core * 2, total * 2, sharp, sharp < FUZZY)
        )
    names = (
        "label",
        "xcentroid",
        "ycentroid",
        "ra",
        "dec",
        "aper50_flux",
        "aper_total_flux",
        "CI_50_70",
        "is_extended",
    )
    table = Table(rows=rows, names=names, dtype=("i4", "f8", "f8", "f8", "f8", "f8", "f8", "f8", "?"))
    table["ra"].unit = table["dec"].unit = "deg"
    table.meta = {
        "version": jwst.CAL_VER,
        "filter": campaign.optics[0].filters,
        "aperture_params": {"aperture_radii": [2, 4]},
    }
    text = StringIO()
    table.write(text, format="ascii.ecsv")
    return text.getvalue().encode()
