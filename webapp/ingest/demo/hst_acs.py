"""HST ACS/WFC: associations of two exposures of two chips each, from raw to the combined image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from webapp.ingest.demo import fitsfile, galaxies, hst, pixels, previews
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Card, Item, Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from webapp.ingest.demo.dice import Floats

SIDE = 232
ARCSEC = 0.05
SECONDS = 680.0
BAD_COLUMN, COSMIC_RAY = 128, 4096  # ACS data quality bits


class Visit(NamedTuple):
    """One association."""

    root: str
    members: tuple[str, ...]
    program: int
    target: str
    ra: float
    dec: float
    filters: str
    band: float
    start: float
    released: float
    scene: Callable[[tuple[int, int]], Callable[[float], Floats]]


VISITS = (
    Visit(
        "j97c11010",
        ("j97c11s4q", "j97c11s6q"),
        10452,
        "M51",
        202.4696,
        47.1952,
        "F435W",
        0.05,
        53390.54,
        53424.0,
        galaxies.spiral,
    ),
    Visit(
        "j97c14010",
        ("j97c14tdq", "j97c14tfq"),
        10452,
        "M51",
        202.4696,
        47.1952,
        "F814W",
        0.80,
        53392.07,
        53424.0,
        galaxies.spiral,
    ),
    Visit(
        "j9l960010",
        ("j9l960d5q", "j9l960d7q"),
        10775,
        "NGC 104",
        6.0223,
        -72.0814,
        "F606W",
        0.45,
        53807.31,
        54173.0,
        galaxies.globular,
    ),
)


def items() -> Iterator[Item]:
    """All ACS files."""
    painted: dict[Any, Callable[[float], Floats]] = {}
    for visit in VISITS:
        scene = (
            painted.setdefault(visit.scene, visit.scene((SIDE, SIDE)))
            if visit.scene not in painted
            else painted[visit.scene]
        )
        yield from _association(visit, scene(visit.band))


def _association(visit: Visit, light: Floats) -> Iterator[Item]:
    own = Observation(
        "HST",
        visit.root,
        visit.target,
        visit.ra,
        visit.dec,
        "ACS/WFC",
        visit.filters,
        str(visit.program),
        visit.start,
        visit.start + 0.04,
        "image",
        "CALACS",
        "10.3.5 (03-May-2022)",
        3,
        visit.released,
        "C",
    )
    optics: list[Card] = [
        ("ASN_ID", visit.root.upper(), "unique identifier assigned to association"),
        ("ASN_TAB", f"{visit.root}_asn.fits", "name of the association table"),
        ("FILTER1", visit.filters, "element selected from filter wheel 1"),
        ("FILTER2", "CLEAR2L", "element selected from filter wheel 2"),
        ("APERTURE", "WFCENTER", "aperture name"),
        ("CCDGAIN", 2.0, "commanded gain of CCD"),
    ]
    for number, root in enumerate(visit.members):
        member = own.member(root, round(visit.start + 0.012 * number, 6), SECONDS)
        yield from _exposure(member, root, own, optics, light)
    yield hst.association(own, visit.members, 2 * SECONDS)
    where = fitsfile.tangent(visit.ra, visit.dec, light.shape, ARCSEC)
    for suffix, noise in (("drz", 13.0), ("drc", 10.0)):
        seen = pixels.expose(Dice(visit.root, suffix), light, noise=noise, rays=0, dead=0.0)
        planes = (
            fitsfile.image("SCI", seen.sci, where, unit="ELECTRONS/S", scale=0.004, version=1),
            fitsfile.image("WHT", np.full(light.shape, int(2 * SECONDS), np.int16), version=1),
            fitsfile.image("CTX", np.full(light.shape, 3, np.uint8), version=1),
        )
        cards = hst.header(own, visit.root, suffix, 2 * SECONDS, optics)
        yield hst.item(own, visit.root, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), own)
        if suffix == "drc":
            rgb = previews.tinted(seen.sci, previews.palette(visit.band))
            yield from hst.shown(own, f"{visit.root}_drc", rgb, own, 3, zoom=2.5)
    yield hst.log(own, visit.root, own, 2 * SECONDS)


def _exposure(member: Observation, root: str, parent: Observation, optics: list[Card], light: Floats) -> Iterator[Item]:
    dice = Dice(root)
    seen = pixels.expose(dice, light, noise=16.0, rays=170)
    hit = seen.sci.astype(np.int64) + seen.rays
    smear = np.where(seen.rays > 0, 0, hit // 40)  # charge left behind on the way to the readout
    flt = np.clip(hit + np.pad(smear, ((0, 1), (0, 0)))[1:], -pixels.FULL, pixels.FULL).astype(np.int16)
    flc = np.clip(hit, -pixels.FULL, pixels.FULL).astype(np.int16)
    bias = np.floor(2300 + 8.0 * dice.bell(1, SIDE) + 5.0 * dice.bell(SIDE, SIDE)).astype(np.int64)
    raw = np.clip(hit // 2 + smear + bias, 0, 65000).astype(np.uint16)
    flags = (np.where(seen.rays > 0, COSMIC_RAY, 0) + np.where(seen.dq & 1, BAD_COLUMN, 0)).astype(np.int16)

    def file(suffix: str, planes: list[Any]) -> Item:
        cards = hst.header(member, root, suffix, SECONDS, optics)
        return hst.item(member, root, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), parent)

    yield file("raw", _chips(raw, None, None, member))
    yield from hst.shown(member, f"{root}_raw", previews.raw(raw), parent, 1)
    yield file("flt", _chips(flt, seen.err, flags, member))
    yield file("flc", _chips(flc, seen.err, flags, member))
    yield from hst.shown(member, f"{root}_flc", previews.raw(flc), parent, 2)
    yield from hst.engineering(member, root, parent, SECONDS)


def _chips(sci: Any, err: Any, flags: Any, member: Observation) -> list[Any]:
    """SCI, ERR, DQ of chip 2 (below), then of chip 1; raw errors and flags are constants."""
    planes: list[Any] = []
    half = SIDE // 2
    for version, rows in ((1, slice(0, half)), (2, slice(half, SIDE))):
        chip: list[Card] = [("CCDCHIP", 3 - version, "CCD chip (1 or 2)")]
        side = (half, SIDE)
        middle = member.dec + (version - 1.5) * half * ARCSEC / 3600
        where = [*chip, *fitsfile.tangent(member.ra, round(middle, 7), side, ARCSEC)]
        if err is None:
            planes += [
                fitsfile.image("SCI", sci[rows], where, unit="COUNTS", version=version),
                fitsfile.blank("ERR", side, 0, version),
                fitsfile.blank("DQ", side, 0, version),
            ]
        else:
            planes += [
                fitsfile.image("SCI", sci[rows], where, unit="ELECTRONS", version=version),
                fitsfile.image("ERR", err[rows], unit="ELECTRONS", version=version),
                fitsfile.image("DQ", flags[rows], version=version),
            ]
    return planes
