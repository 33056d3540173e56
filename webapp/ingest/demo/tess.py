"""TESS: light curves and target pixels of stars with planets, after the TESS Science Data Products Description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from webapp.ingest.demo import fitsfile, plots, previews, sky
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Card, Item, Observation, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.ingest.demo.dice import Floats

CADENCES = 900  # every 44 minutes: enough to see what happens, small enough for a demo
STAMP = 9
PIXEL_CADENCES = 220
VERSION = "spoc-4.0.5"


@dataclass(frozen=True)
class Star:
    """A target: TIC number, magnitude, and the planet that dims it (days, days, parts per million)."""

    begin: str  # time stamp in the file name
    sector: int
    run: str
    tic: int
    name: str
    ra: float
    dec: float
    magnitude: float
    start: float  # MJD
    period: float
    lasts: float
    depth: float
    pulse: float  # parts per million of slow variation

    @property
    def obs_id(self) -> str:
        """As in the names of its files."""
        return f"tess{self.begin}-s{self.sector:04d}-{self.tic:016d}-{self.run}-s"


STARS = (
    Star("2018206045859", 1, "0120", 261136679, "pi Mensae", 84.2912, -80.4691, 5.108, 58324.81, 6.268, 0.25, 900, 180),
    Star(
        "2018234235059", 2, "0121", 100100827, "WASP-18", 24.3541, -45.6777, 8.834, 58353.60, 0.9415, 0.13, 10800, 400
    ),
    Star("2019198215352", 14, "0150", 16740101, "KELT-9", 307.8598, 39.9388, 7.553, 58682.86, 1.4811, 0.19, 7300, 650),
    Star(
        "2018263035959", 3, "0123", 150428135, "TOI-700", 97.0962, -65.5785, 10.910, 58381.73, 9.977, 0.20, 3800, 1500
    ),
)


def items() -> Iterator[Item]:
    """All TESS files."""
    for star in STARS:
        own = Observation(
            "TESS",
            star.obs_id,
            f"TIC {star.tic}",
            star.ra,
            star.dec,
            "Photometer",
            "TESS",
            f"G{11000 + star.sector * 37}",
            star.start,
            star.start + 27.0,
            "timeseries",
            "TESS",
            VERSION,
            3,
            star.start + 90.0,
        )
        yield from _files(star, own)


def _files(star: Star, own: Observation) -> Iterator[Item]:
    dice = Dice(star.obs_id)
    flux = brightness(star, dice)
    days = star.start - 56999.5 + 27.0 * np.arange(CADENCES) / CADENCES  # BJD - 2457000
    gap = (np.arange(CADENCES) > CADENCES * 0.47) & (
        np.arange(CADENCES) < CADENCES * 0.52
    )  # the downlink in mid-sector

    def row(suffix: str, content: bytes, words: str, group: str) -> Item:
        name = f"{star.obs_id}_{suffix}"
        recommended = group in ("LC", "TP")
        return Item(
            name,
            content,
            "TESS",
            "SCIENCE",
            words,
            own,
            (own,),
            group,
            3 if group != "TP" else 2,
            recommended=recommended,
            version=VERSION,
        )

    mask = _aperture()
    aperture = fitsfile.image("APERTURE", mask, fitsfile.tangent(star.ra, star.dec, mask.shape, 21.0))
    curve = fitsfile.table("LIGHTCURVE", _columns(star, dice, days, flux, gap), _target(star), UNITS)
    yield row(
        "lc.fits", fitsfile.pack(fitsfile.primary(_primary(star, own, "lc")), curve, aperture), "Light curves", "LC"
    )
    pixels = fitsfile.table("PIXELS", _stamps(star, dice, days, flux), _target(star), UNITS)
    yield row(
        "tp.fits",
        fitsfile.pack(fitsfile.primary(_primary(star, own, "tp")), pixels, aperture),
        "Target pixel files",
        "TP",
    )
    good = ~gap
    drawn = plots.drawn(
        f"{star.name}  TIC {star.tic}  sector {star.sector}",
        "BTJD (days)",
        "relative flux",
        [(days[good], flux[good])],
        dots=True,
    )
    for tail, words, content in (
        ("_lc.png", "Preview-Full", previews.encoded(drawn, "PNG")),
        ("_lc_thumb.png", "Preview-Thumb", previews.picture(np.asarray(drawn)[::-1], zoom=0.25, form="PNG")),
    ):
        yield Item(star.obs_id + tail, content, "TESS", "PREVIEW", words, own, (own,), None, 3, version=VERSION)


def brightness(star: Star, dice: Dice) -> Floats:
    """Relative flux: transits with rounded floors, slow changes, and photon noise."""
    time = 27.0 * np.arange(CADENCES) / CADENCES
    phase = (time + 0.37 * star.period) / star.period
    off = np.abs(phase - np.floor(phase) - 0.5) * star.period / (star.lasts / 2.0)
    dip = np.where(off < 1.0, 0.86 + 0.14 * np.sqrt(np.clip(1.0 - off * off, 0.0, 1.0)), 0.0) * sky.smooth(
        off, 1.0, 0.86
    )
    waves = sky.swell(dice, (1, CADENCES), CADENCES / 9)[0] - 0.5
    noise = 90.0 + 26.0 * (star.magnitude - 5.0) * (star.magnitude - 5.0)
    flux: Floats = 1.0 + (star.pulse * waves - star.depth * dip + noise * dice.bell(CADENCES)) * 1e-6
    return np.floor(flux * 1e7) / 1e7


UNITS = {"TIME": "BJD - 2457000, days", "SAP_FLUX": "e-/s", "PDCSAP_FLUX": "e-/s", "FLUX": "e-/s", "RAW_CNTS": "count"}


def _electrons(star: Star) -> float:
    """Electrons a second of the star, by steps of a quarter magnitude (no powers: these differ between machines)."""
    light = 15.0e6
    for _ in range(int(star.magnitude * 4)):
        light *= 0.7943282
    return light


def _primary(star: Star, own: Observation, kind: str) -> list[Card]:
    begin = when(own.t_min)
    return [
        ("ORIGIN", "NASA/Ames", "institution responsible for creating this file"),
        ("DATE", "2019-08-23", "file creation date."),
        ("CREATOR", "SPOC", "pipeline"),
        ("PROCVER", VERSION, "SW version"),
        ("FILEVER", "1.0", "file format version"),
        ("TELESCOP", "TESS", "telescope"),
        ("INSTRUME", "TESS Photometer", "detector type"),
        ("DATA_REL", star.sector + 1, "data release version number"),
        ("FILENAME", f"{star.obs_id}_{kind}.fits", "name of the file"),
        ("OBJECT", f"TIC {star.tic}", "string version of target id"),
        ("TICID", star.tic, "unique tess target identifier"),
        ("SECTOR", star.sector, "observing sector"),
        ("CAMERA", 4, "camera number"),
        ("CCD", 2, "CCD chip number"),
        ("DATE-OBS", f"{begin:%Y-%m-%dT%H:%M:%S}Z", "TSTART as UTC calendar date"),
        ("TSTART", star.start - 56999.5, "observation start time in BTJD"),
        ("TSTOP", star.start - 56972.5, "observation stop time in BTJD"),
        ("RADESYS", "ICRS", "reference frame of celestial coordinates"),
        ("RA_OBJ", star.ra, "[deg] right ascension"),
        ("DEC_OBJ", star.dec, "[deg] declination"),
        ("TESSMAG", star.magnitude, "[mag] TESS magnitude"),
    ]


def _target(star: Star) -> list[Card]:
    return [
        ("OBJECT", f"TIC {star.tic}", "string version of target id"),
        ("TICID", star.tic, "unique tess target identifier"),
    ]


def _columns(star: Star, dice: Dice, days: Floats, flux: Floats, gap: Any) -> dict[str, Any]:
    light = np.where(gap, np.nan, np.floor(flux * _electrons(star) * 10.0) / 10.0)
    drift = np.floor(dice.bell(CADENCES, 2) * 400) / 1e5
    return {
        "TIME": days,
        "TIMECORR": np.zeros(CADENCES, np.float32),
        "CADENCENO": np.arange(CADENCES, dtype=np.int32) * 22 + 70444,
        "SAP_FLUX": (light * 0.96).astype(np.float32),
        "SAP_FLUX_ERR": np.full(CADENCES, 12.0, np.float32),
        "SAP_BKG": np.full(CADENCES, 880.0, np.float32),
        "SAP_BKG_ERR": np.full(CADENCES, 3.0, np.float32),
        "PDCSAP_FLUX": light.astype(np.float32),
        "PDCSAP_FLUX_ERR": np.full(CADENCES, 13.0, np.float32),
        "QUALITY": np.where(gap, 16, 0).astype(np.int32),
        "MOM_CENTR1": 641.5 + drift[:, 0],
        "MOM_CENTR2": 211.5 + drift[:, 1],
        "POS_CORR1": drift[:, 0].astype(np.float32),
        "POS_CORR2": drift[:, 1].astype(np.float32),
    }


def _aperture() -> Any:
    """Bits: 1 collected, 2 in the optimal aperture."""
    y, x = np.mgrid[:STAMP, :STAMP] - STAMP // 2
    return np.where(x * x + y * y <= 5, 3, 1).astype(np.int32)  # noqa: PLR2004 - a small disc


def _stamps(star: Star, dice: Dice, days: Floats, flux: Floats) -> dict[str, Any]:
    y, x = (np.mgrid[:STAMP, :STAMP] - STAMP // 2).astype(np.float64)
    star_light = sky.Optics(1.1, 3.0).light(y - 0.2, x + 0.15) * 0.2 * _electrons(star)
    step = CADENCES // PIXEL_CADENCES
    pick = slice(0, step * PIXEL_CADENCES, step)
    cube = 100.0 + star_light * flux[pick][:, None, None]
    counts = np.floor(cube + np.sqrt(cube) * dice.bell(PIXEL_CADENCES, STAMP, STAMP))
    return {
        "TIME": days[pick],
        "CADENCENO": np.arange(PIXEL_CADENCES, dtype=np.int32) * 22 * step + 70444,
        "RAW_CNTS": counts.astype(np.int32),
        "FLUX": (counts - 100.0).astype(np.float32),
        "FLUX_ERR": np.full(counts.shape, 12.0, np.float32),
        "QUALITY": np.zeros(PIXEL_CADENCES, np.int32),
    }
