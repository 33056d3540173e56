"""MIRI medium-resolution spectroscopy: four channels, each a cube and the spectrum of its nucleus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from webapp.ingest.demo import fitsfile, jwst, pixels, plots, previews, sky, spectra
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Item, Observation
from webapp.ingest.demo.jwst_msa import extracted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webapp.ingest.demo.dice import Floats

PROGRAM, NUMBER, REDSHIFT = 2732, 4, 0.0225
VISIT = f"jw{PROGRAM:05d}{NUMBER:03d}001"
CHANNELS = ((4.90, 7.65), (7.51, 11.70), (11.55, 17.98), (17.70, 27.90))  # micron
SLICES = 60  # wavelengths in a cube
SIDE = 36  # spaxels
DETECTOR = 128


def plan() -> list[jwst.Plan]:
    """Four observations; the short-wavelength detector sees channels 1 and 2, the long one 3 and 4."""
    start = 59750.83
    plans = []
    for channel in (1, 2, 3, 4):
        name = f"jw{PROGRAM:05d}-o{NUMBER:03d}_t002_miri_ch{channel}-shortmediumlong"
        level3 = Observation(
            "JWST",
            name,
            "NGC 7319",
            339.01488,
            33.97588,
            "MIRI/IFU",
            f"{channel};MULTIPLE",
            str(PROGRAM),
            start,
            start + 0.17,
            "cube",
            "CALJWST",
            jwst.CAL_VER,
            3,
            59772.6,
            "D",
        )
        detector = "mirifushort" if channel < 3 else "mirifulong"  # noqa: PLR2004 - as at the top
        shots = []
        for exposure in (1, 2):
            shot = jwst.Shot(VISIT, "02101", exposure, detector, round(start + 0.03 * exposure, 5), 2220.0)
            shots.append((shot, level3.member(shot.stem, shot.start, shot.seconds)))
        plans.append(jwst.Plan(level3, tuple(shots)))
    return plans


def items(plans: Sequence[jwst.Plan]) -> Iterator[Item]:
    """All files but the pool and the guide stars."""
    for first in (0, 2):
        pair = plans[first : first + 2]
        for shot, own in pair[0].shots:
            yield from _exposure(shot, own, [planned.observation for planned in pair], first)
    for channel, planned in enumerate(plans, 1):
        yield from _cube(channel, planned)


def spectrum(channel: int, samples: int) -> tuple[Floats, Floats, Floats]:
    """Wavelengths, continuum and lines of the nucleus."""
    low, high = CHANNELS[channel - 1]
    wave = low + (high - low) * np.arange(samples) / (samples - 1)
    silicate = 1.0 - 0.35 * spectra.bump(wave, 9.9, 1.6)
    continuum = (0.10 + 0.055 * wave) * silicate
    return wave, continuum, spectra.emission(wave, spectra.NUCLEUS_LINES, REDSHIFT, 230.0)


def _cube_light(channel: int, samples: int) -> tuple[Floats, Floats]:
    """(wavelength, row, column) light: a nucleus, its disc, and a ring where the gas shines in lines."""
    dice = Dice("NGC 7319 cube")
    lumps = sky.cloud(dice, (SIDE, SIDE), 6, 3, 0.7)
    lumps = sky.smooth(lumps, 0.25, 0.75)
    y, x = (np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2.0).astype(np.float64)
    across, along = sky.turn(x, y, 0.35)
    r = np.sqrt(across * across + along * along * 2.2)
    optics = sky.Optics(1.3 + 0.35 * channel, 6.0, sky.WEBB.spikes[:3], 6.0)
    core = optics.light(y, x)
    disc = 0.10 / (1.0 + r * r / 40.0) * (0.6 + 0.8 * lumps)
    ring = 0.55 * spectra.bump(r, 9.5 + 0.5 * channel, 2.0) * (0.08 + 1.5 * lumps * lumps) + 0.45 * core
    wave, continuum, lines = spectrum(channel, samples)
    return wave, continuum[:, None, None] * (core + disc) + lines[:, None, None] * ring * 0.8


def _exposure(shot: jwst.Shot, own: Observation, parents: Sequence[Observation], first: int) -> Iterator[Item]:
    dice = Dice(shot.stem)
    seen = pixels.expose(dice, _slices(first), noise=20.0, rays=80)
    reads = pixels.ramp(dice, seen)

    def file(suffix: str, stage: str, *planes: Any) -> Item:
        cards = jwst.header(own, f"{shot.stem}_{suffix}.fits", stage, "MIR_MRS", shot)
        return jwst.item(own, shot.stem, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), parents)

    yield file("uncal", "uncal", fitsfile.image("SCI", reads, unit="DN"))
    yield from jwst.shown(own, f"{shot.stem}_uncal", previews.raw(reads[0, -1]), parents, 1)
    yield file("rate", "rate", *jwst.planes(seen.sci, seen, seen.dq, unit="DN/s", scale=jwst.DN_S))
    yield from jwst.shown(own, f"{shot.stem}_rate", previews.raw(seen.sci), parents, 2)
    yield file("cal", "s3d", *jwst.planes(seen.sci, seen, seen.dq, unit="MJy/sr", scale=jwst.MJY))
    wave, light = _cube_light(first + 1, 24)
    cube = pixels.whole(pixels.COUNTS * light + 40.0 * dice.bell(*light.shape))
    yield file("s3d", "s3d", fitsfile.image("SCI", cube, unit="MJy/sr", scale=jwst.MJY))
    flux = np.floor(light[:, SIDE // 2, SIDE // 2] * 1e4) / 1e4
    yield file("x1d", "s3d", extracted(wave, flux, 0.02, 1, unit="Jy"))
    stem = f"jw{PROGRAM:05d}-o{NUMBER:03d}_{jwst.GENERATED}_spec2_{first + shot.number:05d}"
    listed = jwst.association("spec2", shot.stem, [(f"{shot.stem}_rate.fits", "science")], own)
    yield jwst.item(own, stem, "asn", listed, parents, ext="json")


def _slices(first: int) -> Floats:
    """The detector: two channels side by side, each cut in slices whose spectra run upwards, a little bent."""
    light = np.full((DETECTOR, DETECTOR), 0.03)
    rows = np.arange(DETECTOR)
    for half in (0, 1):
        count = 9 if half == 0 else 7
        _, continuum, lines = spectrum(first + half + 1, DETECTOR)
        for number in range(count):
            middle = half * DETECTOR / 2 + (number + 0.5) * DETECTOR / 2 / count
            bend = (rows / DETECTOR - 0.5) * (rows / DETECTOR - 0.5) * (8.0 if half == 0 else -8.0)
            off = np.arange(DETECTOR) - (middle + bend)[:, None]
            width = DETECTOR / 2 / count
            inside = sky.smooth(np.abs(off), width * 0.44, width * 0.36)
            near = 1.0 / (1.0 + (number - count / 2) * (number - count / 2) / 3.0)
            bright = continuum[:, None] * 0.25 * (0.3 + 1.7 * near * spectra.bump(off, 0.0, 1.6))
            light += inside * (bright + lines[:, None] * (0.06 + 0.5 * near * spectra.bump(off, 0.5, 2.2)))
    return light


def _cube(channel: int, planned: jwst.Plan) -> Iterator[Item]:
    own = planned.observation
    dice = Dice(own.obs_id)
    wave, light = _cube_light(channel, SLICES)
    cube = pixels.whole(pixels.COUNTS * light + 18.0 * dice.bell(*light.shape))
    step = float(wave[1] - wave[0])
    where = [
        *fitsfile.tangent(own.ra, own.dec, (SIDE, SIDE), (0.13, 0.17, 0.20, 0.35)[channel - 1]),
        ("CTYPE3", "WAVE", "third axis coordinate type"),
        ("CUNIT3", "um", "third axis units"),
        ("CRPIX3", 1.0, "axis 3 coordinate of the reference pixel"),
        ("CRVAL3", round(float(wave[0]), 5), "third axis value at the reference pixel"),
        ("CD3_3", round(step, 6), "linear transformation matrix element"),
    ]
    where[0] = ("WCSAXES", 3, "number of World Coordinate System axes")

    def file(suffix: str, *planes: Any) -> Item:
        cards = jwst.header(own, f"{own.obs_id}_{suffix}.fits", "s3d", "MIR_MRS")
        return jwst.item(own, own.obs_id, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), (own,))

    yield file(
        "s3d",
        fitsfile.image("SCI", cube, where, unit="MJy/sr", scale=jwst.MJY),
        fitsfile.image("ERR", np.full(cube.shape, 18, np.int16), unit="MJy/sr", scale=jwst.MJY),
        fitsfile.image("DQ", np.zeros(cube.shape, np.uint8)),
        fitsfile.image("WMAP", np.full(cube.shape, 4, np.uint8)),
    )
    _, continuum, lines = spectrum(channel, SLICES)
    peak = int(np.argmax(lines - 0.2 * continuum))
    rgb = previews.tinted(cube[peak], previews.palette((channel - 1) / 3.0), soft=7)
    yield from jwst.shown(own, f"{own.obs_id}_s3d", rgb, (own,), 3, zoom=14)
    box = cube[:, SIDE // 2 - 4 : SIDE // 2 + 5, SIDE // 2 - 4 : SIDE // 2 + 5].astype(np.int64)
    flux = box.reshape(SLICES, -1).sum(1) * 1e-5
    yield file("x1d", extracted(wave, flux, 0.002, 1, unit="Jy"))
    title = f"{own.target}  MRS channel {channel}"
    drawn = plots.drawn(title, "wavelength (micron)", "flux (Jy)", [(wave, flux)])
    yield from jwst.shown(own, f"{own.obs_id}_x1d", np.asarray(drawn)[::-1], (own,), 3, zoom=1)
    members = [(f"{shot.stem}_cal.fits", "science") for shot, _ in planned.shots]
    stem = f"jw{PROGRAM:05d}-o{NUMBER:03d}_{jwst.GENERATED}_spec3_{channel:05d}"
    yield jwst.item(own, stem, "asn", jwst.association("spec3", own.obs_id, members, own), (own,), ext="json")
