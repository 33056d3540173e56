"""HST COS, far ultraviolet: one association of four exposures (focal-plane offsets), each split in segments A and B."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from webapp.ingest.demo import fitsfile, hst, plots, previews, spectra
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Card, Item, Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.ingest.demo.dice import Floats

ROOT = "lbgl31010"
MEMBERS = ("lbgl31vdq", "lbgl31vhq", "lbgl31vlq", "lbgl31vpq")
SECONDS = 555.0
REDSHIFT = 0.158339
SEGMENTS = {"a": (1289.0, 1427.0), "b": (1136.0, 1274.0)}  # angstrom, G130M at 1291
WIDE, HIGH = 384, 48  # the detector's 16384 x 1024 pixels, binned
TRACE, LAMP = 22, 34  # rows of the target and of the wavelength lamp
EVENTS = 2400
FROM_LAMP = 0.1  # share of the events


def items() -> Iterator[Item]:
    """All COS files."""
    start = 55944.21
    own = Observation(
        "HST",
        ROOT,
        "3C 273",
        187.27792,
        2.05239,
        "COS/FUV",
        "G130M",
        "12038",
        start,
        start + 0.05,
        "spectrum",
        "CALCOS",
        "3.4.3",
        3,
        56310.0,
        "C",
    )
    for number, root in enumerate(MEMBERS, 1):
        member = own.member(root, round(start + 0.011 * number, 6), SECONDS)
        yield from _exposure(member, root, number, own)
    yield hst.association(own, MEMBERS, 4 * SECONDS, "PROD-FP")
    for tail, noise in (("x1dsum", 0.10), *((f"x1dsum{number}", 0.20) for number in (1, 2, 3, 4))):
        dice = Dice(ROOT, tail)
        curves = [_measured(dice, segment, noise, 900) for segment in "ba"]
        cards = hst.header(own, ROOT, tail, 4 * SECONDS, _optics(0))
        yield hst.item(own, ROOT, tail, fitsfile.pack(fitsfile.primary(cards), _extracted(curves, 4 * SECONDS)), own)
        if tail == "x1dsum":
            yield from _plots(own, f"{ROOT}_x1dsum", curves, own, 3)
    yield hst.log(own, ROOT, own, 4 * SECONDS)


def _optics(position: int) -> list[Card]:
    cards: list[Card] = [
        ("ASN_ID", ROOT.upper(), "unique identifier assigned to association"),
        ("ASN_TAB", f"{ROOT}_asn.fits", "name of the association table"),
        ("OPT_ELEM", "G130M", "optical element in use"),
        ("CENWAVE", 1291, "central wavelength of spectrum"),
        ("APERTURE", "PSA", "aperture name"),
        ("OBSMODE", "TIME-TAG", "operating mode"),
        ("LIFE_ADJ", 1, "life time adjustment"),
    ]
    return [*cards, ("FPPOS", position, "grating offset index")] if position else cards


def _measured(dice: Dice, segment: str, noise: float, samples: int) -> tuple[Floats, Floats]:
    low, high = SEGMENTS[segment]
    wave = low + (high - low) * np.arange(samples) / (samples - 1)
    flux = spectra.quasar(wave, REDSHIFT) + noise * dice.bell(samples)
    return wave, np.floor(np.clip(flux, 0.0, None) * 1e4) / 1e4


def _extracted(curves: list[tuple[Floats, Floats]], seconds: float) -> Any:
    """The SCI table of an x1d file: one row a segment, vectors of wavelength and flux."""
    wave, flux = np.array([curve[0] for curve in curves]), np.array([curve[1] for curve in curves])
    columns = {
        "SEGMENT": ["FUVB", "FUVA"],
        "EXPTIME": np.full(2, seconds),
        "NELEM": np.full(2, wave.shape[1], np.int32),
        "WAVELENGTH": wave,
        "FLUX": (flux * 1e-14).astype(np.float32),
        "ERROR": (np.full(flux.shape, 0.1) * 1e-14).astype(np.float32),
        "GROSS": (flux * 0.9).astype(np.float32),
        "NET": (flux * 0.88).astype(np.float32),
        "BACKGROUND": (flux * 0.02).astype(np.float32),
        "DQ": np.zeros(flux.shape, np.int16),
    }
    return fitsfile.table(
        "SCI", columns, (), {"WAVELENGTH": "angstrom", "FLUX": "erg /s /cm**2 /angstrom", "EXPTIME": "s"}
    )


def _plots(
    own: Observation, stem: str, curves: list[tuple[Floats, Floats]], parent: Observation, level: int
) -> Iterator[Item]:
    title = f"{own.target}  COS G130M 1291  {stem.partition('_')[0]}"
    drawn = plots.drawn(title, "wavelength (angstrom)", "flux (1e-14 erg / s / cm2 / angstrom)", curves)
    for tail, words, content in (
        (".png", "Preview-Full", previews.encoded(drawn, "PNG")),
        ("_thumb.png", "Preview-Thumb", previews.picture(np.asarray(drawn)[::-1], zoom=0.25, form="PNG")),
    ):
        yield Item(stem + tail, content, "HST", "PREVIEW", words, own, (parent,), None, level, version=own.version)


def _exposure(member: Observation, root: str, position: int, parent: Observation) -> Iterator[Item]:
    optics = _optics(position)

    def file(suffix: str, *planes: Any) -> Item:
        cards = hst.header(member, root, suffix, SECONDS, optics)
        return hst.item(member, root, suffix, fitsfile.pack(fitsfile.primary(cards), *planes), parent)

    good = fitsfile.table(
        "GTI", {"START": np.zeros(1, np.float32), "STOP": np.full(1, SECONDS, np.float32)}, (), {"START": "s"}
    )
    for segment in "ab":
        dice = Dice(root, segment)
        x, y = _events(dice, segment, position)
        time = np.sort(np.floor(dice.unit(EVENTS) * SECONDS * 1000) / 1000).astype(np.float32)
        height = (dice.below(20, EVENTS) + 4).astype(np.uint8)
        events = {"TIME": time, "RAWX": x, "RAWY": y, "PHA": height}
        yield file(f"rawtag_{segment}", fitsfile.table("EVENTS", events, (), {"TIME": "s"}), good)
        low, high = SEGMENTS[segment]
        wave = (low + (high - low) * x.astype(np.float64) / 16384).astype(np.float32)
        more = events | {
            "XFULL": x.astype(np.float32),
            "YFULL": y.astype(np.float32),
            "WAVELENGTH": wave,
            "DQ": x * np.int16(0),
        }
        yield file(
            f"corrtag_{segment}", fitsfile.table("EVENTS", more, (), {"TIME": "s", "WAVELENGTH": "angstrom"}), good
        )
        counts = _image(dice, segment)
        error = np.sqrt(counts.astype(np.float64) + 4.0).astype(np.int16)
        for suffix, image in (("counts", counts), ("flt", (counts * 9 // 10).astype(np.int16))):
            planes = (
                fitsfile.image("SCI", image, unit="count /s", scale=0.002, version=1),
                fitsfile.image("ERR", error, unit="count /s", scale=0.002, version=1),
                fitsfile.image("DQ", np.where(counts > 900, 32, 0).astype(np.int16), version=1),  # noqa: PLR2004 - pulse height out of range
            )
            yield file(f"{suffix}_{segment}", *planes)
        if segment == "a":
            yield from hst.shown(
                member, f"{root}_flt_a", previews.tinted(counts, previews.palette(0.1), soft=12), parent, 2
            )
    dice = Dice(root, "x1d")
    lamp = {
        "SEGMENT": ["FUVA", "FUVB"],
        "TIME": np.array([12.0, 12.0]),
        "SHIFT_DISP": np.floor(dice.bell(2) * 900).astype(np.float32) / np.float32(100),
        "GROSS": np.floor(dice.unit(2, 256) * 60).astype(np.float32),
    }
    yield file("lampflash", fitsfile.table("LAMPFLASH", lamp, (), {"TIME": "s", "SHIFT_DISP": "pixel"}))
    curves = [_measured(dice, segment, 0.20, 900) for segment in "ba"]
    yield file("x1d", _extracted(curves, SECONDS))
    yield from _plots(member, f"{root}_x1d", curves, parent, 2)
    yield from hst.engineering(member, root, parent, SECONDS)


def _events(dice: Dice, segment: str, position: int) -> tuple[Any, Any]:
    """Where photons fell, in detector pixels: most on the trace, some on the lamp's, the rest anywhere."""
    x = dice.below(15000, EVENTS) + 700 + 250 * (position - 2)
    low, high = SEGMENTS[segment]
    bright = spectra.quasar(low + (high - low) * x.astype(np.float64) / 16384.0, REDSHIFT)
    kind = dice.unit(EVENTS)
    elsewhere = np.where(kind < 1.0 - FROM_LAMP, 120 + 800 * dice.unit(EVENTS), 592.0)
    y = np.where(kind * 3.0 < bright, 478 + 3.0 * dice.bell(EVENTS), elsewhere)
    return np.clip(x, 0, 16383).astype(np.int16), np.floor(y).astype(np.int16)


def _image(dice: Dice, segment: str) -> Any:
    """The segment as an image: the spectrum's trace, the lamp's lines, gain-sag shadows and background."""
    low, high = SEGMENTS[segment]
    wave = low + (high - low) * np.arange(WIDE) / (WIDE - 1)
    rows = np.arange(HIGH)[:, None] + 0.0 * wave
    bend = 0.8 * (np.arange(WIDE) / WIDE - 0.5)
    trace = spectra.quasar(wave, REDSHIFT) * spectra.bump(rows - TRACE - bend, 0.0, 1.7)
    lines = np.where(dice.unit(WIDE) < 0.07, dice.unit(WIDE) * 4.0, 0.0) * spectra.bump(rows - LAMP - bend, 0.0, 1.2)  # noqa: PLR2004 - one column in 14
    counts = 160.0 * (trace + lines) + 6.0 + np.sqrt(160.0 * (trace + lines) + 30.0) * dice.bell(HIGH, WIDE)
    return np.clip(np.floor(counts), 0, 30000).astype(np.int16)
