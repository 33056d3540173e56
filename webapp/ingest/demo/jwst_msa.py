"""NIRSpec multi-object spectroscopy: many sources in one mask, so that each exposure belongs to many observations.

A source has its own level-3 observation for each grating and visit; exposures, mask file and pool are shared by all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from webapp.ingest.demo import fitsfile, jwst, pixels, plots, previews, spectra
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Item, Observation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webapp.ingest.demo.dice import Floats

PROGRAM = 2736
RANGES = {"f170lp-g235m": (1.66, 3.17), "f290lp-g395m": (2.87, 5.27)}  # micron
REDSHIFTS = {4590: 8.498, 6355: 7.665, 10612: 7.663}
PLACES = {4590: (110.85933, -73.44916), 6355: (110.84452, -73.43508), 10612: (110.83396, -73.43454)}
# (observation number, optics, activity, MJD, sources)
SETTINGS = (
    (7, "f170lp-g235m", "03101", 59760.31, (4590, 6355, 10612)),
    (7, "f290lp-g395m", "05101", 59760.42, (4590, 6355, 10612)),
    (8, "f290lp-g395m", "03101", 59760.67, (6355,)),
)
SAMPLES = 320
SIDE = 128
SHUTTERS = 22


def plan() -> list[jwst.Plan]:
    """One observation for each source, grating and visit; those of one setting share their shots."""
    plans = []
    for number, optics, activity, start, sources in SETTINGS:
        visit = f"jw{PROGRAM:05d}{number:03d}001"
        levels3 = [_level3(number, optics, start, source) for source in sources]
        shots = []
        for exposure in (1, 2):
            for detector in ("nrs1", "nrs2"):
                shot = jwst.Shot(visit, activity, exposure, detector, round(start + 0.02 * exposure, 5), 1473.0)
                shots.append((shot, levels3[0].member(shot.stem, shot.start, shot.seconds)))
        plans += [jwst.Plan(level3, tuple(shots)) for level3 in levels3]
    return plans


def _level3(number: int, optics: str, start: float, source: int) -> Observation:
    ra, dec = PLACES[source]
    return Observation(
        "JWST",
        f"jw{PROGRAM:05d}-o{number:03d}_s{source:09d}_nirspec_{optics}",
        "SMACS J0723.3-7327",
        ra,
        dec,
        "NIRSPEC/MSA",
        optics.replace("-", ";").upper(),
        str(PROGRAM),
        start,
        start + 0.09,
        "spectrum",
        "CALJWST",
        jwst.CAL_VER,
        3,
        59772.6,
        "D",
    )


def items(plans: Sequence[jwst.Plan]) -> Iterator[Item]:
    """All files but the pool and the guide stars."""
    at = 0
    for number, optics, _, _, sources in SETTINGS:
        group = plans[at : at + len(sources)]
        at += len(sources)
        parents = [planned.observation for planned in group]
        for shot, own in group[0].shots:
            yield from _exposure(shot, own, parents, optics, sources)
        for order, (source, planned) in enumerate(zip(sources, group, strict=True), 1):
            yield from _source(number, optics, source, planned, order)
    for number in (7, 8):
        group = [planned for planned in plans if f"-o{number:03d}_" in planned.observation.obs_id]
        yield _mask(number, group)


def _flux(source: int, optics: str, samples: int) -> tuple[Floats, Floats]:
    low, high = RANGES[optics]
    wave = low + (high - low) * np.arange(samples) / (samples - 1)
    faint = 0.05 * (2.5 / wave)
    return wave, faint + 0.6 * spectra.emission(wave, spectra.GALAXY_LINES, REDSHIFTS[source], 400.0)


def _exposure(
    shot: jwst.Shot, own: Observation, parents: Sequence[Observation], optics: str, sources: Sequence[int]
) -> Iterator[Item]:
    dice = Dice(shot.stem)
    seen = pixels.expose(dice, _traces(Dice(shot.visit, shot.detector), sources, optics), noise=16.0, rays=45)
    reads = pixels.ramp(dice, seen)

    def file(suffix: str, stage: str, *planes: object) -> Item:
        cards = jwst.header(own, f"{shot.stem}_{suffix}.fits", stage, "NRS_MSASPEC", shot)
        return jwst.item(own, shot.stem, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), parents)

    yield file("uncal", "uncal", fitsfile.image("SCI", reads, unit="DN"))
    yield from jwst.shown(own, f"{shot.stem}_uncal", previews.raw(reads[0, -1]), parents, 1)
    yield file("rate", "rate", *jwst.planes(seen.sci, seen, seen.dq, unit="DN/s", scale=jwst.DN_S))
    yield from jwst.shown(own, f"{shot.stem}_rate", previews.raw(seen.sci), parents, 2)
    slits, boxes, tables = [], [], []
    for version, source in enumerate(sources, 1):
        wave, flux = _flux(source, optics, SAMPLES)
        name = [("SLTNAME", str(40 + version), "slit name"), ("SOURCEID", source, "source identifier")]
        pixels_2d = pixels.whole(pixels.COUNTS * 0.35 * spectra.slit(Dice(shot.stem, source), flux, 21, 0.10))
        slits += [
            fitsfile.image("SCI", pixels_2d, name, unit="MJy", scale=1e-9, version=version),
            fitsfile.image("DQ", np.zeros(pixels_2d.shape, np.int16), version=version),
            fitsfile.image("ERR", np.full(pixels_2d.shape, 105, np.int16), unit="MJy", scale=1e-9, version=version),
        ]
        boxes += [fitsfile.image("SCI", pixels_2d, name, unit="MJy", scale=1e-9, version=version)]
        noisy = np.floor((flux + 0.07 * dice.bell(SAMPLES)) * 1e4) / 1e4
        tables += [extracted(wave, noisy, 0.07, source, version=version)]
    yield file("cal", "cal", *slits)
    yield file("s2d", "cal", *boxes)
    yield file("x1d", "x1d", *tables)
    number = shot.number * 2 + int(shot.detector[-1]) + (10 if shot.activity == "05101" else 0)
    stem = f"jw{PROGRAM:05d}-o{shot.visit[7:10]}_{jwst.GENERATED}_spec2_{number:05d}"
    listed = jwst.association("spec2", shot.stem, [(f"{shot.stem}_rate.fits", "science")], own)
    yield jwst.item(own, stem, "asn", listed, parents, ext="json")


def _traces(dice: Dice, sources: Sequence[int], optics: str) -> Floats:
    """The detector: a bent bright line for every open shutter, and a zero-order glow here and there."""
    light = 0.02 + 0.03 * dice.unit(SIDE, 1)
    columns = np.arange(SIDE) / SIDE
    rows = np.arange(SIDE)[:, None]
    for shutter in range(SHUTTERS):
        middle = (shutter + 0.5) * SIDE / SHUTTERS + 1.5 * float(dice.bell(1)[0])
        bend = (columns - 0.5) * (columns - 0.5) * 9.0 * (0.5 - shutter / SHUTTERS)
        source = sources[shutter % len(sources)] if shutter % 4 == 1 else 0
        spread = (
            _flux(source or 6355, optics, SIDE)[1] if source else np.full(SIDE, 0.03 + 0.5 * float(dice.unit(1)[0]))
        )
        first = int(dice.below(SIDE // 3, 1)[0])
        inside = (np.arange(SIDE) >= first) & (np.arange(SIDE) < first + 3 * SIDE // 4)
        light = light + np.where(inside, spread, 0.0) * spectra.bump(rows - middle - bend, 0.0, 1.5)
    return np.asarray(light, np.float64) * 0.6


def extracted(wave: Floats, flux: Floats, error: float, source: int, *, version: int = 1, unit: str = "uJy") -> object:
    """The EXTRACT1D table of a spectrum."""
    columns = {
        "WAVELENGTH": wave,
        "FLUX": flux,
        "FLUX_ERROR": np.full(wave.shape, error),
        "SURF_BRIGHT": flux / 4.0,
        "SB_ERROR": np.full(wave.shape, error / 4.0),
        "DQ": np.zeros(wave.shape, np.int32),
        "BACKGROUND": np.zeros(wave.shape),
        "NPIXELS": np.full(wave.shape, 6.0),
    }
    cards = [("EXTVER", version, "extension version number"), ("SOURCEID", source, "source identifier")]
    return fitsfile.table("EXTRACT1D", columns, cards, {"WAVELENGTH": "um", "FLUX": unit, "FLUX_ERROR": unit})


def _source(number: int, optics: str, source: int, planned: jwst.Plan, order: int) -> Iterator[Item]:
    own = planned.observation
    dice = Dice(own.obs_id)
    wave, flux = _flux(source, optics, SAMPLES)
    noisy = np.floor((flux + 0.03 * dice.bell(SAMPLES)) * 1e4) / 1e4
    trace = pixels.whole(pixels.COUNTS * 0.35 * spectra.slit(dice, flux, 27, 0.045))

    def file(suffix: str, stage: str, *planes: object) -> Item:
        cards = jwst.header(own, f"{own.obs_id}_{suffix}.fits", stage, "NRS_MSASPEC")
        cards += [("SOURCEID", source, "source identifier"), ("SRCTYPE", "EXTENDED", "point or extended source")]
        return jwst.item(own, own.obs_id, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), (own,))

    yield file("cal", "cal", fitsfile.image("SCI", trace[3:-3], unit="MJy", scale=1e-9))
    yield file(
        "s2d",
        "cal",
        fitsfile.image("SCI", trace, unit="MJy/sr", scale=jwst.MJY),
        fitsfile.image("ERR", np.full(trace.shape, 48, np.int16), unit="MJy/sr", scale=jwst.MJY),
        fitsfile.image("CON", np.full((1, *trace.shape), 15, np.uint8)),
        fitsfile.image("WHT", np.full(trace.shape, 1473, np.int16)),
    )
    slit = previews.tinted(trace, previews.palette(previews.INK), soft=6, low=0.01, high=0.999)
    yield from jwst.shown(own, f"{own.obs_id}_s2d", slit, (own,), 3)
    yield file("x1d", "x1d", extracted(wave, noisy, 0.03, source))
    grating = optics.rpartition("-")[2].upper()
    title = f"{own.target}  source {source}  {grating}  z = {REDSHIFTS[source]}"
    drawn = plots.drawn(title, "wavelength (micron)", "flux (uJy)", [(wave, noisy)])
    yield from jwst.shown(own, f"{own.obs_id}_x1d", np.asarray(drawn)[::-1], (own,), 3, zoom=1)
    members = [(f"{shot.stem}_cal.fits", "science") for shot, _ in planned.shots]
    stem = f"jw{PROGRAM:05d}-o{number:03d}_{jwst.GENERATED}_spec3_{order + (10 if '395' in optics else 0):05d}"
    yield jwst.item(own, stem, "asn", jwst.association("spec3", own.obs_id, members, own), (own,), ext="json")


def _mask(number: int, group: Sequence[jwst.Plan]) -> Item:
    """The mask's metadata: which shutters were open, for which source; shared by all observations of the visit."""
    own, parents = group[0].shots[0][1], [planned.observation for planned in group]
    ids = sorted({int(parent.obs_id.partition("_s")[2][:9]) for parent in parents})
    rows = [(shutter, source) for source in ids for shutter in range(3)]
    shutters = fitsfile.table(
        "SHUTTER_INFO",
        {
            "SLITLET_ID": np.array([40 + ids.index(source) for _, source in rows], np.int16),
            "MSA_METADATA_ID": np.full(len(rows), 1, np.int16),
            "SHUTTER_QUADRANT": np.full(len(rows), 3, np.int16),
            "SHUTTER_ROW": np.array([88 + ids.index(source) * 7 + shutter for shutter, source in rows], np.int16),
            "SOURCE_ID": np.array([source for _, source in rows], np.int32),
            "SHUTTER_STATE": ["OPEN"] * len(rows),
            "PRIMARY_SOURCE": ["Y" if shutter == 1 else "N" for shutter, _ in rows],
        },
    )
    sources = fitsfile.table(
        "SOURCE_INFO",
        {
            "PROGRAM": np.full(len(ids), PROGRAM, np.int32),
            "SOURCE_ID": np.array(ids, np.int32),
            "SOURCE_NAME": [f"{PROGRAM}_{source}" for source in ids],
            "RA": np.array([PLACES[source][0] for source in ids]),
            "DEC": np.array([PLACES[source][1] for source in ids]),
        },
    )
    stem = f"jw{PROGRAM:05d}{number:03d}001_01"
    cards = [
        ("TELESCOP", "JWST", "telescope"),
        ("INSTRUME", "NIRSPEC", "instrument"),
        ("PROGRAM", f"{PROGRAM:05d}", "program"),
    ]
    content = fitsfile.pack(
        fitsfile.primary([*cards, ("FILENAME", f"{stem}_msa.fits", "name of the file")]), shutters, sources
    )
    return jwst.item(own, stem, "msa", content, parents)
