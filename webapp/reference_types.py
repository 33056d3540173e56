"""What a calibration reference file is, from its bare name, else from the header keyword that names it.

JWST: ``jwst_<instrument>_<type>_<number>.<ext>``; HST: a time stamp whose last letter tells the instrument and a suffix
that tells the type (``0ci1839oj_drk.fits``), WFPC2's older ``.r3h``, or ``hst_<instrument>_<type>_<number>.<ext>``.
The types, their suffixes and their meaning are in crds_types.json, condensed from the specifications in the crds
package by tests/fixtures/crds_specs.py. Refuses nothing: what a name does not tell stays empty.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

_NEW = {
    "hst": re.compile(r"hst_([a-z0-9]+)_([a-z0-9]+)_\d{4}"),
    "jwst": re.compile(r"jwst_([a-z0-9]+)_([a-z0-9-]+)_[a-z0-9.-]+"),  # the number may be "b7.2" for a system's file
}
_STAMP = re.compile(r"[a-z0-9]{8}([a-z])(?:[._][rb](\d)[hd]|_([a-z0-9]+))")
_COMPONENT = re.compile(r"[a-z0-9_]+_(syn|th)")
_EXTENSION = re.compile(r"\.[a-z]+$")
# CRDS files what several instruments share (stamp m, throughputs) under "synphot".
_LETTERS = {
    "f": "fgs",
    "i": "wfc3",
    "j": "acs",
    "l": "cos",
    "m": "synphot",
    "n": "nicmos",
    "o": "stis",
    "u": "wfpc2",
    "v": "hsp",
    "w": "wfpc",
    "x": "foc",
    "y": "fos",
    "z": "ghrs",
}
# WFPC2's two-file form (CRDS, hst/locate.py): r is the image, b its data quality; h the header, d the data.
_GEIS = {"0": "msk", "1": "a2d", "2": "bas", "3": "drk", "4": "flt", "5": "shd", "6": "flt", "7": "w4t"}
# What people call them; the others by their meaning.
_HST_LABELS = {
    "atodfile": "analog-to-digital table",
    "atodtab": "analog-to-digital table",
    "biacfile": "CTE-corrected bias",
    "biasfile": "bias",
    "blazetab": "echelle blaze shift table",
    "bpixtab": "bad pixel table",
    "ccdtab": "CCD parameters table",
    "cfltfile": "spot flat",
    "d2imfile": "column correction",
    "darkfile": "dark",
    "dfltfile": "delta flat",
    "dgeofile": "distortion correction",
    "disptab": "dispersion table",
    "drkcfile": "CTE-corrected dark",
    "flatfile": "flat",
    "flshfile": "post-flash",
    "fluxtab": "sensitivity table",
    "hvdstab": "HV sensitivity table",
    "hvtab": "high voltage table",
    "idctab": "distortion coefficients",
    "illmfile": "illumination pattern",
    "imphttab": "photometry table",
    "lfltfile": "low-order flat",
    "maskfile": "mask",
    "mlintab": "MAMA linearity table",
    "mofftab": "MAMA offset table",
    "nlinfile": "linearity correction",
    "noisfile": "read noise",
    "npolfile": "non-polynomial offset",
    "oscntab": "overscan table",
    "pctetab": "CTE correction table",
    "pfltfile": "pixel-to-pixel flat",
    "phottab": "photometric calibration table",
    "pmodfile": "persistence model",
    "pmskfile": "persistence mask",
    "proftab": "2D spectrum profile table",
    "saacntab": "SAACLEAN parameters",
    "saadfile": "post-SAA dark",
    "satufile": "saturation map",
    "sdctab": "2-D spectrum distortion table",
    "shadfile": "shutter shading",
    "snkcfile": "sink pixel map",
    "sptrctab": "1-D spectrum trace table",
    "spwcstab": "spectroscopic WCS table",
    "tdctab": "NUV dark correction table",
    "tdffile": "temperature-dependent flat",
    "tempfile": "temperature-dependent dark",
    "thermal": "component thermal table",
    "thruput": "component throughput table",
    "tracetab": "1D spectral trace table",
    "wf4tfile": "WF4 correction table",
    "xtractab": "1-D extraction parameters table",
}


# What nearly every exposure of an instrument is calibrated with, if any of its kind is.
_BASIC = frozenset(
    {
        *("biasfile", "darkfile", "flatfile", "pfltfile", "maskfile", "bpixtab", "nlinfile", "mlintab", "noisfile"),
        *("dark", "flat", "gain", "linearity", "mask", "readnoise", "saturation", "superbias"),
    }
)


class ReferenceType(NamedTuple):
    """A type of reference files; fields are empty where nothing tells them, ``name`` and ``label`` never."""

    observatory: str  # as in CRDS' folders: "jwst", "hst"; else the mission in lower case
    instrument: str  # as in CRDS' folders: "nircam"
    name: str  # CRDS' own: "dark", "darkfile"
    label: str  # a noun for a sentence: "dark", "pixel-to-pixel flat"
    meaning: str  # one line of CRDS: "Dark Frame"

    @property
    def basic(self) -> bool:
        """Whether an exposure that names none, while others of its kind do, is worth a word."""
        return self.name in _BASIC


@lru_cache(maxsize=16_384)
def reference_type(mission: str, name: str, keyword: str = "") -> ReferenceType:
    """The type of the reference file ``name`` that the header keyword ``keyword`` named. Never raises."""
    observatory = mission.lower()
    base, keyword = name.lower().removesuffix(".gz"), keyword.lower()
    instrument, kind = "", ""
    if observatory in _types():
        instrument, kind = _from_name(observatory, base)
        known = _types()[observatory].get(instrument, {})
        if kind not in known:
            kind = _from_keyword(observatory, keyword, known) or kind
    kind = kind or keyword or _EXTENSION.sub("", base).rpartition("_")[2] or "reference"
    meaning = _meaning(observatory, instrument, kind)
    label = kind if observatory != "hst" else _HST_LABELS.get(kind) or meaning.lower() or kind
    return ReferenceType(observatory, instrument, kind, label, meaning)


@cache
def hst_keywords() -> frozenset[str]:
    """The header keywords that CRDS has as types of HST: DARKFILE, RNLCORTB."""
    return frozenset(kind.upper() for types in _types()["hst"].values() for kind in types)


@cache
def _types() -> dict[str, dict[str, dict[str, tuple[str, str]]]]:
    """Observatory → instrument → type → suffix and meaning."""
    file = Path(__file__).with_name("crds_types.json")
    table: dict[str, dict[str, dict[str, tuple[str, str]]]] = json.loads(file.read_text("utf-8"))
    return table


def _from_name(observatory: str, base: str) -> tuple[str, str]:
    """Instrument and type. A suffix that CRDS does not list is the type."""
    stem = _EXTENSION.sub("", base)
    if match := _NEW[observatory].fullmatch(stem):
        return match[1], match[2]
    if observatory != "hst":
        return "", ""
    if match := _STAMP.fullmatch(base) or _STAMP.fullmatch(stem):
        instrument = _LETTERS.get(match[1], "")
        suffix = match[3] or _GEIS.get(match[2], "")
    elif match := _COMPONENT.fullmatch(stem):
        instrument, suffix = "synphot", match[1]
    else:
        return "", ""
    types = _types()[observatory].get(instrument, {})
    return instrument, next((kind for kind, (listed, _) in types.items() if listed == suffix), suffix)


def _from_keyword(observatory: str, keyword: str, known: dict[str, tuple[str, str]]) -> str:
    """HST's keywords are CRDS' types; JWST's are cut to eight characters: R_LINEAR for linearity."""
    if observatory != "jwst":
        return keyword
    begins = keyword.removeprefix("r_")
    every = known or {kind for types in _types()[observatory].values() for kind in types}
    return min((kind for kind in every if begins and kind.startswith(begins)), key=len, default=begins)


def _meaning(observatory: str, instrument: str, kind: str) -> str:
    """What CRDS says of the type for this instrument; for an unknown one, what it says for all that have the type."""
    instruments = _types().get(observatory, {})
    asked = [instruments.get(instrument, {})] if instrument else list(instruments.values())
    said = {types[kind][1] for types in asked if kind in types}
    return said.pop() if len(said) == 1 else ""
