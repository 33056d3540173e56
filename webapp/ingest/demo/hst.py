"""What all HST files share: names, primary headers, rows, and the auxiliary files of every exposure.

Names after the HST data handbooks (ipppssoot_sfx); descriptions as in MAST's product tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from webapp.ingest.demo import fitsfile, previews, references
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Card, Item, Observation, when

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OLD = "WFPC/WFPC2/FOC/FOS/GHRS/HSP"
# suffix -> (category, level, recommended, description)
SUFFIXES: dict[str, tuple[str, int, bool, str]] = {
    "asn": ("AUXILIARY", 2, True, "DADS ASN file - Association ACS/WFC3/STIS"),
    "raw": ("SCIENCE", 1, False, "DADS RAW file - Raw exposure ACS/WFC3/STIS/NICMOS"),
    "flt": ("SCIENCE", 2, False, "DADS FLT file - Calibrated exposure ACS/WFC3/STIS/COS"),
    "flc": ("SCIENCE", 2, False, "DADS FLC file - CTE-corrected calibrated exposure ACS/WFC3"),
    "drz": ("SCIENCE", 3, True, "DADS DRZ file - Calibrated combined image ACS/WFC3/WFPC2/STIS"),
    "drc": ("SCIENCE", 3, True, "DADS DRC file - CTE-corrected calibrated combined image ACS"),
    "spt": ("AUXILIARY", 1, False, "DADS SPT file - Engineering telemetry ACS/WFC3/NICMOS/COS/STIS"),
    "trl": ("AUXILIARY", 1, False, "DADS TRL file - Processing log"),
    "jit": ("AUXILIARY", 1, False, "DADS JIT file"),
    "jif": ("AUXILIARY", 1, False, "DADS JIF file"),
    "rawtag_a": ("AUXILIARY", 1, False, "DADS RTA file - Raw events COS segment A"),
    "rawtag_b": ("AUXILIARY", 1, False, "DADS RTB file - Raw events COS segment B"),
    "corrtag_a": ("AUXILIARY", 1, False, "DADS CTA file - Corrected events COS segment A"),
    "corrtag_b": ("AUXILIARY", 1, False, "DADS CTB file - Corrected events COS segment B"),
    "counts_a": ("AUXILIARY", 1, False, "DADS CNA file - Counts COS segment A"),
    "counts_b": ("AUXILIARY", 1, False, "DADS CNB file - Counts COS segment B"),
    "flt_a": ("AUXILIARY", 2, False, "DADS FLA file - Calibrated exposure COS segment A"),
    "flt_b": ("AUXILIARY", 2, False, "DADS FLB file - Calibrated exposure COS segment B"),
    "lampflash": ("AUXILIARY", 1, False, "DADS LPF file - LampFlash exposure COS"),
    "x1d": ("SCIENCE", 2, False, "DADS X1D file - Extracted 1D spectrum STIS/COS"),
    "x1dsum": ("SCIENCE", 3, True, "DADS XSM file - Calibrated combined extracted 1D spectrum COS"),
    "c0f": ("SCIENCE", 2, True, f"DADS C0F file - Calibrated exposure {_OLD}"),
    "c0m": ("SCIENCE", 2, False, "DADS C0M file - Calibrated exposure WFPC2"),
    "c1f": ("SCIENCE", 2, True, f"DADS C1F file - Calibrated exposure {_OLD.replace('WFPC2/', '')}"),
    "c1m": ("SCIENCE", 2, False, "DADS C1M file"),
    "d0f": ("SCIENCE", 1, False, f"DADS D0F file - Raw exposure {_OLD}"),
    "d0m": ("SCIENCE", 1, False, "DADS D0M file - Raw exposure WFPC2"),
    "q0f": ("AUXILIARY", 1, False, f"DADS Q0F file - Raw data quality {_OLD}"),
    "q0m": ("AUXILIARY", 1, False, "DADS Q0M file - Raw data quality WFPC2"),
    "q1f": ("AUXILIARY", 2, False, f"DADS Q1F file - Calibrated data quality {_OLD}"),
    "q1m": ("AUXILIARY", 2, False, "DADS Q1M file - Calibrated data quality WFPC2"),
    "x0f": ("AUXILIARY", 1, False, "DADS X0F file - Raw bias data WFPC/WFPC2/FOS"),
    "x0m": ("AUXILIARY", 1, False, "DADS X0M file - Raw bias data WFPC2"),
    "shf": ("AUXILIARY", 1, False, f"DADS SHF file - Engineering telemetry {_OLD}"),
    "shm": ("AUXILIARY", 1, False, "DADS SHM file - Engineering telemetry WFPC2"),
    "c3m": ("AUXILIARY", 2, False, "DADS C3M file - Calibrated exposure WFPC2"),
    "c3t": ("AUXILIARY", 2, False, "DADS C3T file - Calibrated data WFPC2"),
    "cgr": ("AUXILIARY", 2, False, "DADS CGR file - Calibrated data WFPC/FOC"),
    "dgr": ("AUXILIARY", 1, False, "DADS DGR file - Raw data WFPC/FOC"),
}
RAW = (
    "raw",
    "spt",
    "trl",
    "jit",
    "jif",
    "rawtag_a",
    "rawtag_b",
    "d0f",
    "d0m",
    "q0f",
    "q0m",
    "x0f",
    "x0m",
    "shf",
    "shm",
    "dgr",
)


def header(observation: Observation, root: str, suffix: str, seconds: float, more: Sequence[Card] = ()) -> list[Card]:
    """The primary header. Raw files name their reference files too, as they are chosen before calibration."""
    instrument, _, detector = observation.instrument.partition("/")
    begin = when(observation.t_min)
    cards: list[Card] = [
        ("ORIGIN", "HST/STScI", "file creator"),
        ("DATE", "2024-03-18", "date this file was written (yyyy-mm-dd)"),
        ("FILENAME", f"{root}_{suffix}.fits", "name of file"),
        ("FILETYPE", "SCI", "type of data found in data file"),
        ("TELESCOP", "HST", "telescope used to acquire data"),
        ("INSTRUME", instrument, "identifier for instrument used to acquire data"),
        ("EQUINOX", 2000.0, "equinox of celestial coord. system"),
        ("ROOTNAME", root, "rootname of the observation set"),
        ("IMAGETYP", "EXT", "type of exposure identifier"),
        ("PRIMESI", instrument, "instrument designated as prime"),
        ("TARGNAME", observation.target.replace(" ", "-"), "proposer's target name"),
        ("RA_TARG", observation.ra, "right ascension of the target (deg) (J2000)"),
        ("DEC_TARG", observation.dec, "declination of the target (deg) (J2000)"),
        ("PROPOSID", int(observation.proposal_id), "PEP proposal identifier"),
        ("DATE-OBS", f"{begin:%Y-%m-%d}", "UT date of start of observation (yyyy-mm-dd)"),
        ("TIME-OBS", f"{begin:%H:%M:%S}", "UT time of start of observation (hh:mm:ss)"),
        ("EXPSTART", observation.t_min, "exposure start time (Modified Julian Date)"),
        ("EXPEND", observation.t_max, "exposure end time (Modified Julian Date)"),
        ("EXPTIME", seconds, "exposure duration (seconds)--calculated"),
        ("EXPFLAG", "NORMAL", "exposure interruption indicator"),
        ("DETECTOR", detector, "detector in use"),
        *more,
    ]
    if suffix not in RAW and observation.version:
        cards.append(("CAL_VER", observation.version, "calibration code version"))
    return cards + references.hst_cards(instrument, observation.filters)


def item(
    observation: Observation, root: str, suffix: str, content: bytes, parent: Observation, *, ext: str = "fits"
) -> Item:
    """A file and its row. Raw files carry no pipeline version."""
    category, level, recommended, description = SUFFIXES[
        suffix.rstrip("1234") if suffix.startswith("x1dsum") else suffix
    ]
    version = None if suffix in RAW else observation.version
    name = f"{root}_{suffix}.{ext}"
    recommended = recommended and not suffix[-1].isdigit()
    return Item(
        name,
        content,
        "HST",
        category,
        description,
        observation,
        (parent,),
        suffix.upper(),
        level,
        recommended=recommended,
        version=version,
    )


def shown(
    observation: Observation, stem: str, rgb: Any, parent: Observation, level: int, *, zoom: float = 2
) -> Iterator[Item]:
    """The picture of a file and its thumbnail."""
    for tail, words, content in (
        (".jpg", "Preview-Full", previews.picture(rgb, zoom=zoom)),
        ("_thumb.jpg", "Preview-Thumb", previews.thumb(rgb)),
    ):
        yield Item(
            stem + tail,
            content,
            "HST",
            "PREVIEW",
            words,
            observation,
            (parent,),
            None,
            level,
            version=observation.version,
        )


def association(own: Observation, members: Sequence[str], seconds: float, product: str = "PROD-DTH") -> Item:
    """The association table: members and the product made of them."""
    names = [*(member.upper() for member in members), own.obs_id.upper()]
    types = ["EXP-DTH" if product == "PROD-DTH" else "EXP-FP"] * len(members) + [product]
    table = fitsfile.table("ASN", {"MEMNAME": names, "MEMTYPE": types, "MEMPRSNT": np.ones(len(names), bool)})
    content = fitsfile.pack(fitsfile.primary(header(own, own.obs_id.lower(), "asn", seconds)), table)
    return item(own, own.obs_id.lower(), "asn", content, own)


def engineering(
    own: Observation, root: str, parent: Observation, seconds: float, telemetry: str = "spt"
) -> Iterator[Item]:
    """Telemetry, processing log and jitter files. The jitter files' root ends in j."""
    dice = Dice(root, "engineering")
    words = dice.below(32000, 965).astype(np.int16)
    cards = header(own, root, telemetry, seconds)
    yield item(own, root, telemetry, fitsfile.pack(fitsfile.primary(cards), fitsfile.image("UDL", words)), parent)
    yield log(own, root, parent, seconds)
    jitter = root[:-1] + "j"
    rows = 96
    y = np.floor(dice.bell(rows, 2) * 300) / 1e5
    table = {
        "Seconds": np.arange(rows, dtype=np.float32) * 3,
        "V2_roll": y[:, 0].astype(np.float32),
        "V3_roll": y[:, 1].astype(np.float32),
        "Recenter": np.zeros(rows, bool),
    }
    cards = header(own, jitter, "jit", seconds)
    content = fitsfile.pack(
        fitsfile.primary(cards), fitsfile.table(f"{root}"[:8].upper(), table, (), {"Seconds": "seconds"})
    )
    yield item(own, jitter, "jit", content, parent)
    cloud = np.zeros((32, 32), np.int16)
    places = np.clip(np.floor(16 + 3.0 * dice.bell(400, 2)), 0, 31).astype(np.int64)
    np.add.at(cloud, (places[:, 0], places[:, 1]), 1)
    content = fitsfile.pack(fitsfile.primary(header(own, jitter, "jif", seconds)), fitsfile.image("JIF", cloud))
    yield item(own, jitter, "jif", content, parent)


def log(own: Observation, root: str, parent: Observation, seconds: float) -> Item:
    """The processing log, one line of text in each row."""
    begin = f"{when(own.t_min):%Y-%m-%d %H:%M:%S}"
    lines = [
        f"{root}: {begin} exposure of {own.target}, {seconds:.1f} s",
        f"{root}: generic conversion completed",
        f"{root}: data quality checks passed",
        f"{root}: CRDS context {references.CONTEXT['HST']}",
        *(
            f"{root}: {keyword} = {name}"
            for keyword, name in references.hst(own.instrument.partition("/")[0], own.filters)
        ),
        f"{root}: {own.project} {own.version} finished without errors",
    ]
    table = fitsfile.table("TRL", {"TEXT_FILE": [line.ljust(100)[:100] for line in lines]})
    return item(own, root, "trl", fitsfile.pack(fitsfile.primary(header(own, root, "trl", seconds)), table), parent)
