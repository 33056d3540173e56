"""What the headers of one FITS file say: mission, observation, target, instrument, times, position, references.

Keywords: JWST, https://jwst-pipeline.readthedocs.io; HST, the instruments' data handbooks; TESS, Science Data Products
Description Document. Reads the first two headers, never the data. Refuses files that are no FITS, that are cut off, or
whose mission cannot be told.
"""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, TYPE_CHECKING

from astropy.io import fits
from astropy.io.fits.verify import VerifyError

from webapp.ingest import fits_plain
from webapp.ingest.columns import MAX_MJD
from webapp.ingest.errors import IngestError
from webapp.ingest.header_references import references_of
from webapp.ingest.names import split_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webapp.ingest.names import Missions
    from webapp.ingest.product_table import Reference

BLOCK = 2_880
BTJD_TO_MJD = 2_457_000 - 2_400_000.5  # TESS counts days from BJD 2457000; barycentric, within minutes of UTC

_SAYS_NOTHING = {"N/A", "NONE", "UNKNOWN", "NOT APPLICABLE", "INDEF"}
_JWST_MODES = {"MSASPEC": "MSA", "MRS": "IFU", "FIXEDSLIT": "SLIT", "LRS-FIXEDSLIT": "SLIT"}
_SPECTRAL = re.compile(r"SPEC|SOSS|WFSS|GRISM|LRS|FIXEDSLIT|BRIGHTOBJ|MSA")


@dataclass(frozen=True)
class Facts:
    """What one file's headers say; values as in a product table, None where they are silent."""

    mission: str
    obs_id: str | None  # None: a calibration reference file
    parents: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    values: dict[str, str] = field(default_factory=dict)  # by the names of columns.FIELDS


class Cards:
    """The first two headers as one: what the primary header lacks may be in the first extension."""

    def __init__(self, primary: fits.Header, extension: fits.Header | None) -> None:
        self.headers = [primary] if extension is None else [primary, extension]

    def keywords(self) -> Iterator[str]:
        """Every keyword once, the primary header's first."""
        yield from dict.fromkeys(keyword for header in self.headers for keyword in header)

    def values(self, keyword: str) -> Iterator[object]:
        """What the headers have for a keyword, the primary header first; cards that cannot be read are left out."""
        for header in self.headers:
            with suppress(VerifyError):  # a character that headers cannot have
                value = header.get(keyword)
                if value is not None and not isinstance(value, fits.card.Undefined):
                    yield value

    def text(self, *keywords: str) -> str | None:
        """The first value that says something."""
        for value in chain.from_iterable(map(self.values, keywords)):
            text = str(value).strip()
            if text and text.upper() not in _SAYS_NOTHING and text.isprintable():
                return text
        return None

    def number(self, low: float, high: float, *keywords: str) -> float | None:
        """The first number between the bounds."""
        for value in chain.from_iterable(map(self.values, keywords)):
            if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
                return float(value)
        return None


def read_cards(stream: IO[bytes], name: str, size: int | None) -> Cards:
    """The first two headers. Raises IngestError for what is no FITS or is cut off."""
    if size is not None and size % BLOCK and not name.lower().endswith((".gz", ".fz")):
        raise IngestError(f"{name} is cut off: {size:,} bytes are not a whole number of FITS blocks.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # archives' headers break small rules
            with fits.open(stream, lazy_load_hdus=True, memmap=False) as hdus:
                primary = hdus[0].header.copy()
                end = hdus[0].fileinfo()["datLoc"] + hdus[0].fileinfo()["datSpan"]
                extension = None
                if size is None or end < size or not name.lower().endswith(".fits"):
                    try:
                        extension = hdus[1].header.copy()
                        end = hdus[1].fileinfo()["datLoc"] + hdus[1].fileinfo()["datSpan"]
                    except IndexError:
                        extension = None
    except Exception as error:
        first = (str(error) or type(error).__name__).strip().splitlines()[0].rstrip(".")
        raise IngestError(f"{name} is not a whole FITS file: {first}.") from error
    if size is not None and end > size and name.lower().endswith(".fits"):
        raise IngestError(f"{name} is cut off: its headers promise {end:,} bytes, it has {size:,}.")
    return Cards(primary, extension)


def facts(cards: Cards, path: str, missions: Missions, mission: str | None = None) -> Facts:
    """What the headers and the file's name say together. ``mission`` is the operator's word."""
    filename = path.rpartition("/")[2]
    owner = mission or missions.owner_of(filename) or _telescope(cards)
    if owner is None:
        raise IngestError(f"{path} has no TELESCOP, and its name tells no mission; say it with --mission.")
    split = split_name(owner, filename, missions)
    values = _values(cards, owner)
    if _is_reference(cards, owner, filename, missions):
        return Facts(owner, None, values={"category": "CALIBRATION"} | _only(values, ("instrument", "description")))
    stem = split[0] if split else filename.partition(".")[0]
    obs_id = stem
    if owner == "HST" and not filename.lower().startswith("hst_"):
        obs_id = (cards.text("ROOTNAME") or stem).lower()
    association = cards.text("ASN_ID") if owner == "HST" else None
    parents = (association.lower(),) if association and association.lower() != obs_id else ()
    return Facts(owner, obs_id, parents, references_of(cards, owner), values)


def _telescope(cards: Cards) -> str | None:
    name = cards.text("TELESCOP", "MISSION", "OBSERVAT")
    return re.sub(r"[^A-Z0-9_.+-]+", "_", name.upper()).strip("_") or None if name else None


def _is_reference(cards: Cards, mission: str, filename: str, missions: Missions) -> bool:
    if missions[mission].reference(filename):
        return True
    return bool(cards.text("USEAFTER") and cards.text("REFTYPE", "FILETYPE") and cards.text("PEDIGREE"))


def _values(cards: Cards, mission: str) -> dict[str, str]:
    start, end = _times(cards, mission)
    ra, dec = _position(cards)
    found = {
        "target": cards.text("TARGPROP", "TARGNAME", "OBJECT"),
        "instrument": _instrument(cards, mission),
        "filters": _filters(cards),
        "proposal_id": (cards.text("PROPOSID", "PROGRAM", "PROPID") or "").lstrip("0") or None,
        "dataproduct_type": _dataproduct_type(cards, mission),
        "pipeline_version": cards.text("CAL_VER", "OPUS_VER", "CALVER", "PROCVER", "PIPEVER"),
        "t_min": start,
        "t_max": end,
        "ra": ra,
        "dec": dec,
        "description": cards.text("DESCRIP"),
    }
    return {
        name: value if isinstance(value, str) else repr(value) for name, value in found.items() if value is not None
    }


def _position(cards: Cards) -> tuple[float | None, float | None]:
    """The target's, else the reference pixel's, else what the telescope pointed at."""
    ra = cards.number(0, 360, "RA_TARG", "TARG_RA", "RA_OBJ")
    dec = cards.number(-90, 90, "DEC_TARG", "TARG_DEC", "DEC_OBJ")
    if ra is not None and dec is not None:
        return ra, dec
    pixel = _axis(cards, 1, 0, 360), _axis(cards, 2, -90, 90)
    return fits_plain.position(cards) or pixel if None in pixel else pixel


def _axis(cards: Cards, axis: int, low: float, high: float) -> float | None:
    """The reference pixel's place, if the axes are right ascension and declination."""
    kind = cards.text(f"CTYPE{axis}") or ""
    return cards.number(low, high, f"CRVAL{axis}") if kind.startswith(("RA-", "DEC-")) else None


def _times(cards: Cards, mission: str) -> tuple[float | None, float | None]:
    """Start and end, MJD."""
    if mission == "TESS":
        days = (cards.number(0, MAX_MJD, keyword) for keyword in ("TSTART", "TSTOP"))
        first, last = (None if day is None else day + BTJD_TO_MJD for day in days)
        return first, last
    begun = cards.number(1, MAX_MJD, "EXPSTART", "MJD-BEG", "MJD-OBS", "MJD_OBS")
    if begun is None:
        begun = fits_plain.start(cards)
    ended = cards.number(1, MAX_MJD, "EXPEND", "MJD-END")
    return begun, fits_plain.end(cards, begun) if ended is None else ended


def _instrument(cards: Cards, mission: str) -> str | None:
    """As MAST writes it: NIRCAM/IMAGE, ACS/WFC."""
    name = cards.text("INSTRUME")
    if name is None:
        return None
    if mission == "TESS":
        return name.removeprefix("TESS").strip() or name
    detail = cards.text("DETECTOR") if mission == "HST" else None
    if mission == "JWST":
        mode = (cards.text("EXP_TYPE") or "").partition("_")[2]
        detail = _JWST_MODES.get(mode, mode)
    return f"{name}/{detail}" if detail else name


def _filters(cards: Cards) -> str | None:
    """What light went through, without what lets all pass."""
    keywords = ("FILTER", "PUPIL", "GRATING", "FILTER1", "FILTER2", "FILTNAM1", "FILTNAM2", "OPT_ELEM", "BAND")
    said = [cards.text(keyword) for keyword in keywords]
    plain = [each for each in dict.fromkeys(said) if each and not each.upper().startswith("CLEAR")]
    return ";".join(plain) or None


def _dataproduct_type(cards: Cards, mission: str) -> str | None:
    if mission == "TESS":
        return "timeseries" if cards.text("OBJECT", "TICID") else "image"
    kind = (cards.text("EXP_TYPE", "OBSTYPE") or "").upper()
    if not kind:
        return None
    if "IFU" in kind or "MRS" in kind:
        return "cube"
    return "spectrum" if _SPECTRAL.search(kind) else "image"


def _only(values: dict[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: values[name] for name in names if name in values}
