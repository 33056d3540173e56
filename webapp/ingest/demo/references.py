"""Calibration reference files: their names as headers write them, and small files for most of them.

The darks of two instruments, and the references of WFPC2 in their old form, are named in headers but not kept here: an
archive may well lack what a header names. One programme was calibrated under an older context, and some exposures name
no dark, as happens.
Keywords and types follow the JWST data model schemas and the CRDS reference type tables of both missions.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from webapp.ingest.demo import fitsfile
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Card, Item

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = {"JWST": "jwst_1293.pmap", "HST": "hst_1210.pmap"}
EARLIER = {"2736": "jwst_1253.pmap"}  # programme: context
WITHOUT_DARK = ("2731", "nrcblong", 2)  # programme, detector, number of the exposure
_RATE = "R_DARK dark, R_GAIN gain, R_LINEAR linearity, R_MASK mask, R_READNO readnoise, R_SATURA saturation"
_NIR = _RATE + ", R_SUPERB superbias"
_MIR = _RATE + ", R_RSCD rscd, R_RESET reset, R_LASTFR lastframe"
# (instrument, stage) -> keyword and type; a later stage adds to the one before.
JWST = {
    ("NIRCAM", "rate"): _NIR + ", R_TRPDEN trapdensity, R_TRPPAR trappars, R_PERSAT persat",
    (
        "NIRCAM",
        "cal",
    ): "R_AREA area, R_DISTOR distortion.asdf, R_FILOFF filteroffset.asdf, R_FLAT flat, R_PHOTOM photom",
    ("NIRCAM", "i2d"): "R_DRZPAR drizpars",
    ("MIRI", "rate"): _MIR,
    ("MIRI", "cal"): "R_AREA area, R_DISTOR distortion.asdf, R_FILOFF filteroffset.asdf, R_FLAT flat, R_PHOTOM photom",
    ("MIRI", "i2d"): "R_DRZPAR drizpars",
    ("MIRI", "s3d"): "R_FRINGE fringe, R_REGION regions.asdf, R_SPCWCS specwcs.asdf, R_WAVRAN wavelengthrange.asdf, "
    "R_CUBPAR cubepar, R_EXTR1D extract1d.asdf",
    ("NIRSPEC", "rate"): _NIR,
    ("NIRSPEC", "cal"): "R_CAMERA camera.asdf, R_COLLIM collimator.asdf, R_DISPER disperser.asdf, R_FORE fore.asdf, "
    "R_FPA fpa.asdf, R_MSA msa.asdf, R_OTE ote.asdf, R_DFLAT dflat, R_FFLAT fflat, R_SFLAT sflat, "
    "R_PTHLOS pathloss, R_BARSHA barshadow, R_WAVRAN wavelengthrange.asdf, R_PHOTOM photom",
    ("NIRSPEC", "x1d"): "R_EXTR1D extract1d.json",
}
STAGES = ("rate", "cal", "s3d", "i2d", "x1d")
# instrument -> (directory variable, letter, keywords and suffixes)
HST = {
    "ACS": (
        "jref",
        "j",
        (
            "BPIXTAB bpx, CCDTAB ccd, OSCNTAB osc, ATODTAB a2d, BIASFILE bia, DARKFILE drk, PFLTFILE pfl, "
            "IDCTAB idc, MDRIZTAB mdz, IMPHTTAB imp, D2IMFILE d2i, NPOLFILE npl, PCTETAB cte, DRKCFILE dkc"
        ),
    ),
    "COS": (
        "lref",
        "l",
        (
            "FLATFILE flat, BADTTAB badt, BPIXTAB bpix, DEADTAB dead, BRFTAB brf, GEOFILE geo, PHATAB pha, WCPTAB wcp, "
            "LAMPTAB lamp, DISPTAB disp, XTRACTAB 1dx, FLUXTAB phot, TDSTAB tds, GSAGTAB gsag, SPWCSTAB spwcs"
        ),
    ),
    "WFPC2": (
        "uref",
        "u",
        "MASKFILE .r0h, ATODFILE .r1h, BIASFILE .r2h, DARKFILE .r3h, FLATFILE .r4h, SHADFILE .r5h, IDCTAB idc",
    ),
}
OWN_FLAT = ("flat", "dark")  # JWST types that each detector has for itself
DULL = 970  # pixels below this are flagged
ABSENT = {"NIRCAM": ("dark",), "ACS": ("drk",)}  # types of instruments
KEPT = (".fits", ".asdf", ".json")  # not the two-file form that WFPC2's had


def _number(*words: str) -> int:
    return int.from_bytes(sha256("/".join(words).encode()).digest()[:8], "big")


def _split(text: str) -> list[tuple[str, str]]:
    return [(pair.split()[0], pair.split()[1]) for pair in text.split(",")]


def jwst(instrument: str, detector: str, stage: str) -> list[tuple[str, str]]:
    """Keyword and file name of what a product of this stage was made with."""
    named = []
    for name in STAGES[: STAGES.index(stage) + 1]:
        if name in ("s3d", "i2d", "x1d") and name != stage:
            continue
        for keyword, kind in _split(JWST.get((instrument, name), "")) if (instrument, name) in JWST else []:
            kind, _, extension = kind.partition(".")  # noqa: PLW2901 - "distortion.asdf"
            who = detector if kind in OWN_FLAT else ""
            number = 11 + _number(instrument, kind, who) % 480
            named.append((keyword, f"jwst_{instrument.lower()}_{kind}_{number:04d}.{extension or 'fits'}"))
    return named


def jwst_cards(instrument: str, detector: str, stage: str, programme: str = "", number: int = 0) -> list[Card]:
    """The header's lines, as the JWST pipeline writes them; ``N/A`` for what it did not need."""
    cards: list[Card] = [
        ("CRDS_VER", "11.17.19", "version of CRDS used"),
        ("CRDS_CTX", EARLIER.get(programme, CONTEXT["JWST"]), "CRDS context"),
    ]
    unnamed = "R_DARK" if (programme, detector, number) == WITHOUT_DARK else ""
    cards += [
        (keyword, "N/A" if keyword == unnamed else f"crds://{name}", "reference file name")
        for keyword, name in jwst(instrument, detector, stage)
    ]
    return [*cards, ("R_IPC", "N/A", "reference file name")]


def hst(instrument: str, variant: str = "") -> list[tuple[str, str]]:
    """Keyword and file name of what an exposure was calibrated with; biases and flats differ between variants."""
    _, letter, text = HST[instrument]
    named = []
    for keyword, suffix in _split(text):
        n = _number(instrument, suffix, variant if suffix in ("bia", "drk", "dkc") else "")
        stamp = "".join("0123456789abcdefghijklmnopqrstuvwxyz"[n >> s & 31] for s in (0, 5, 10))
        clock = f"{n % 24:02d}{n // 24 % 60:02d}{n // 1440 % 60:02d}"
        ending = suffix if suffix.startswith(".") else f"_{suffix}.fits"
        named.append((keyword, f"{stamp}{clock[:5]}{letter}{ending}"))
    return named


def hst_cards(instrument: str, variant: str = "") -> list[Card]:
    """The header's lines, as HST's pipelines write them: ``jref$..._bia.fits``."""
    folder = HST[instrument][0]
    cards: list[Card] = [
        ("CRDS_VER", "11.17.25", "CRDS software version"),
        ("CRDS_CTX", CONTEXT["HST"], "CRDS context"),
    ]
    return cards + [(key, f"{folder}${name}", "reference file") for key, name in hst(instrument, variant)]


def items(jwst_detectors: dict[str, tuple[str, ...]], hst_variants: dict[str, tuple[str, ...]]) -> Iterator[Item]:
    """The reference files that this archive has, each once."""
    made: set[str] = set()
    for instrument, detectors in jwst_detectors.items():
        for detector in detectors:
            for stage in STAGES:
                for _, name in jwst(instrument, detector, stage):
                    yield from _item(made, "JWST", instrument, name, name.split("_")[2])
    for instrument, variants in hst_variants.items():
        for variant in variants:
            for _, name in hst(instrument, variant):
                yield from _item(made, "HST", instrument, name, name.rpartition("_")[2].removesuffix(".fits"))


def _item(made: set[str], mission: str, instrument: str, name: str, kind: str) -> Iterator[Item]:
    if name in made or kind in ABSENT.get(instrument, ()) or not name.endswith(KEPT):
        return
    made.add(name)
    yield Item(
        name,
        _content(mission, instrument, name, kind),
        mission,
        "CALIBRATION",
        f"{instrument} calibration reference file: {kind}",
        group=kind.upper(),
        place="reference",
    )


def _content(mission: str, instrument: str, name: str, kind: str) -> bytes:
    about = {"telescope": mission, "instrument": instrument, "reftype": kind.upper(), "useafter": "2022-06-01T00:00:00"}
    if name.endswith(".json"):
        return json.dumps(about | {"apertures": [{"id": "default", "ystart": 4, "ystop": 23}]}, indent=2).encode()
    if name.endswith(".asdf"):
        return _asdf(about | {"coefficients": [int(n) for n in Dice(name).below(1000, 9)]})
    cards: list[Card] = [
        ("TELESCOP", mission, "telescope"),
        ("INSTRUME", instrument, "instrument"),
        ("REFTYPE", kind.upper(), "reference file type"),
        ("FILETYPE", kind.upper(), "type of data"),
        ("PEDIGREE", "INFLIGHT 01/06/2022 30/06/2022", "origin of the data"),
        ("USEAFTER", about["useafter"], "use after this date"),
        ("FILENAME", name, "name of the file"),
        ("DESCRIP", f"{instrument} {kind}", "description"),
    ]
    pixels = (1000 + 12.0 * Dice(name).bell(64, 64)).astype(np.int16)
    planes: list[Any] = [
        fitsfile.image("SCI", pixels, scale=0.001),
        fitsfile.image("DQ", (pixels < DULL).astype(np.int16)),
    ]
    return fitsfile.pack(fitsfile.primary(cards), *planes)


def _asdf(tree: dict[str, Any]) -> bytes:
    """A text-only ASDF file (ASDF standard 1.5, a YAML 1.1 tree and no blocks); JSON is valid YAML."""
    head = "#ASDF 1.0.0\n#ASDF_STANDARD 1.5.0\n%YAML 1.1\n%TAG ! tag:stsci.edu:asdf/\n--- !core/asdf-1.1.0\n"
    return (head + json.dumps(tree, indent=2) + "\n...\n").encode()
