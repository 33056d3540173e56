"""What all JWST files share: names, primary headers, rows, associations and pools.

Names after the JWST pipeline's file naming pages; wording of descriptions as in MAST's product tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from webapp.ingest.demo import fitsfile, previews, references
from webapp.ingest.demo.facts import Card, Item, Observation, when

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webapp.ingest.demo.pixels import Exposure

CAL_VER = "1.14.0"
MJY, DN_S = 0.002, 0.01  # worth of one count
GENERATED = "20240710t092614"  # in the names of associations and pools
_EITHER = "exposure/target (L2b/L3): "
# suffix -> (category, level, description); level None: that of its observation
SUFFIXES: dict[str, tuple[str, int | None, str]] = {
    "uncal": ("SCIENCE", 1, "exposure (L1b): Uncalibrated 4D exposure data"),
    "rate": ("SCIENCE", 2, "exposure (L2a): 2D count rate averaged over integrations"),
    "rateints": ("SCIENCE", 2, "exposure (L2a): 3D count rate per integration"),
    "trapsfilled": ("SCIENCE", 2, "exposure (L2a): charge trap state data"),
    "cal": ("SCIENCE", None, "exposure (L2b): 2D calibrated exposure averaged over integrations"),
    "crf": ("SCIENCE", 2, "exposure (L2c): 2D CR-flagged calibrated exposure"),
    "i2d": ("SCIENCE", None, _EITHER + "rectified 2D image"),
    "s2d": ("SCIENCE", None, _EITHER + "2D image of spectrum avg integrations"),
    "s3d": ("SCIENCE", None, _EITHER + "3D image of spectrum"),
    "x1d": ("SCIENCE", None, _EITHER + "1D extracted spectrum"),
    "cat": ("CATALOG", 3, "target   (L3) : source catalog"),
    "segm": ("AUXILIARY", 3, "target   (L3) : segmentation map"),
    "asn": ("INFO", None, "source/target (L3) : association generator"),
    "pool": ("INFO", 3, "source/target (L3) : association pool"),
    "msa": ("AUXILIARY", 2, "NIRSpec MSA metadata"),
    "gs-id": ("AUXILIARY", 1, "FGS1 guide star identification"),
    "gs-acq1": ("AUXILIARY", 1, "FGS1 guide star acquisition"),
    "gs-acq2": ("AUXILIARY", 1, "FGS1 guide star acquisition"),
    "gs-track": ("AUXILIARY", 1, "FGS guide star tracking"),
    "gs-fg": ("AUXILIARY", 1, "FGS guide star fine guide"),
}


@dataclass(frozen=True)
class Shot:
    """One exposure with one detector."""

    visit: str  # jw02731001001
    activity: str  # 02105: group, sequence, activity
    number: int
    detector: str
    start: float  # MJD
    seconds: float = 1449.5

    @property
    def stem(self) -> str:
        """What all its files begin with, and the obs_id of its own observation."""
        return f"{self.visit}_{self.activity}_{self.number:05d}_{self.detector}"


@dataclass(frozen=True)
class Plan:
    """A level-3 observation and its members: what it will be made of, before any pixel is."""

    observation: Observation
    shots: tuple[tuple[Shot, Observation], ...]


def header(observation: Observation, filename: str, stage: str, exp_type: str, shot: Shot | None = None) -> list[Card]:
    """The primary header. ``stage`` is that of the references; ``uncal`` has none, for nothing was calibrated yet."""
    instrument = observation.instrument.partition("/")[0]
    begin, end = when(observation.t_min), when(observation.t_max)
    optics = observation.filters.split(";")
    detector = shot.detector.upper() if shot else "MULTIPLE"
    cards: list[Card] = [
        ("DATE", "2024-07-10T09:26:14.000", "UTC date file created"),
        ("ORIGIN", "STSCI", "organization responsible for creating file"),
        ("TIMESYS", "UTC", "principal time system for time-related keywords"),
        ("FILENAME", filename, "name of the file"),
        ("FILETYPE", "UNCALIBRATED" if stage == "uncal" else "CALIBRATED", "type of data in the file"),
        ("SDP_VER", "2024_1a", "data processing software version number"),
        ("DATAMODL", "Level1bModel" if stage == "uncal" else "ImageModel", "type of data model"),
        ("TELESCOP", "JWST", "telescope used to acquire the data"),
        ("PROGRAM", observation.proposal_id.zfill(5), "program number"),
        ("CATEGORY", "GO" if observation.exclusive else "DD", "program category"),
        ("TARGPROP", observation.target.upper().replace(" ", "-"), "proposer's name for the target"),
        ("TARGNAME", observation.target, "standard astronomical catalog name for target"),
        ("TARGTYPE", "FIXED", "type of target"),
        ("TARG_RA", observation.ra, "[deg] target RA at mid time of exposure"),
        ("TARG_DEC", observation.dec, "[deg] target Dec at mid time of exposure"),
        ("INSTRUME", instrument, "instrument used to acquire the data"),
        ("DETECTOR", detector, "name of detector used to acquire the data"),
        ("EXP_TYPE", exp_type, "type of data in the exposure"),
        ("DATE-OBS", f"{begin:%Y-%m-%d}", "UTC date at start of exposure"),
        ("TIME-OBS", f"{begin:%H:%M:%S}.000", "UTC time at start of exposure"),
        ("DATE-BEG", f"{begin:%Y-%m-%dT%H:%M:%S}.000", "UTC date-time start of exposure"),
        ("DATE-END", f"{end:%Y-%m-%dT%H:%M:%S}.000", "UTC date-time end of exposure"),
        ("MJD-BEG", observation.t_min, "[d] exposure start time in MJD"),
        ("MJD-AVG", (observation.t_min + observation.t_max) / 2, "[d] exposure mid time in MJD"),
        ("MJD-END", observation.t_max, "[d] exposure end time in MJD"),
        ("EFFEXPTM", shot.seconds if shot else 5797.9, "[s] effective exposure time"),
        ("READPATT", {"NIRCAM": "SHALLOW4", "MIRI": "FASTR1"}.get(instrument, "NRSIRS2"), "readout pattern"),
        ("NINTS", 1, "number of integrations in exposure"),
        ("NGROUPS", 4, "number of groups in integration"),
        ("SUBARRAY", "FULL", "subarray used"),
    ]
    names = ("FILTER", "GRATING") if instrument == "NIRSPEC" else ("FILTER", "PUPIL")
    names = ("CHANNEL", "BAND") if exp_type == "MIR_MRS" else names
    cards += [(name, value, "optical element used") for name, value in zip(names, optics, strict=False)]
    if shot:
        cards += [
            ("OBSERVTN", shot.visit[7:10], "observation number"),
            ("VISIT", shot.visit[10:13], "visit number"),
            ("VISIT_ID", shot.visit[2:], "visit identifier"),
            ("VISITGRP", shot.activity[:2], "visit group identifier"),
            ("SEQ_ID", shot.activity[2], "parallel sequence identifier"),
            ("ACT_ID", shot.activity[3:], "activity identifier"),
            ("EXPOSURE", f"{shot.number:05d}", "exposure request number"),
        ]
    if stage == "uncal":
        return cards
    cards += [
        ("CAL_VER", CAL_VER, "calibration software version number"),
        ("CAL_VCS", "RELEASE", "calibration software"),
    ]
    which = (
        (shot.detector, stage, observation.proposal_id, shot.number) if shot else ("", stage, observation.proposal_id)
    )
    return cards + references.jwst_cards(instrument, *which)


def item(
    observation: Observation,
    stem: str,
    suffix: str,
    content: bytes,
    parents: Sequence[Observation],
    *,
    ext: str = "fits",
) -> Item:
    """A file ``<stem>_<suffix>.<ext>`` and its row. Recommended are level-3 products and what explains them."""
    category, level, description = SUFFIXES[suffix]
    level = observation.calib_level if level is None else level
    if suffix == "asn" and level < 3:  # noqa: PLR2004 - calibration level 3 is the combined one
        description = "exposure (L2b): association generator"
    third = level >= 3 and suffix != "cal"  # noqa: PLR2004 - as above; not when more calibrated products exist
    group = suffix.upper()
    version = None if suffix == "uncal" or suffix.startswith("gs-") else CAL_VER
    name = f"{stem}_{suffix}.{ext}" if stem else f"{suffix}.{ext}"
    return Item(
        name,
        content,
        "JWST",
        category,
        description,
        observation,
        tuple(parents),
        group,
        level,
        recommended=third,
        version=version,
    )


def shown(
    observation: Observation, stem: str, rgb: Any, parents: Sequence[Observation], level: int, *, zoom: float = 3
) -> Iterator[Item]:
    """The picture of a file and its thumbnail."""
    for tail, words, content in (
        (".jpg", "Preview-Full", previews.picture(rgb, zoom=zoom)),
        ("_thumb.jpg", "Preview-Thumb", previews.thumb(rgb)),
    ):
        name = stem + tail
        yield Item(
            name,
            content,
            "JWST",
            "PREVIEW",
            words,
            observation,
            tuple(parents),
            None,
            level,
            version=observation.version,
        )


def planes(sci: Any, seen: Exposure, dq: Any, *, unit: str, scale: float, cards: Sequence[Card] = ()) -> list[Any]:
    """SCI, ERR, DQ and the variances in the pipeline's order."""
    return [
        fitsfile.image("SCI", sci, cards, unit=unit, scale=scale),
        fitsfile.image("ERR", seen.err, unit=unit, scale=scale),
        fitsfile.image("DQ", dq),
        fitsfile.image("VAR_POISSON", seen.var, scale=40 * scale * scale),
        fitsfile.image("VAR_RNOISE", np.full_like(seen.var, 12), scale=40 * scale * scale),
    ]


def association(kind: str, product: str, members: Sequence[tuple[str, str]], where: Observation) -> bytes:
    """An association file as the pipeline reads it: one product and its members (file, exposure type)."""
    program = where.proposal_id.zfill(5)
    rule = {
        "image2": "Asn_Lv2Image",
        "image3": "Asn_Lv3Image",
        "spec2": "Asn_Lv2NRSMSA",
        "spec3": "Asn_Lv3SpectralSource",
    }
    return json.dumps(
        {
            "asn_type": kind,
            "asn_rule": f"candidate_{rule[kind]}",
            "version_id": GENERATED,
            "code_version": CAL_VER,
            "degraded_status": "No known degraded exposures in association.",
            "program": program,
            "constraints": f"DMSAttrConstraint({{'name': 'program', 'value': '{int(program)}'}})",
            "asn_id": product[8:12] if product[7] == "-" else f"o{product[7:10]}",
            "target": where.target,
            "asn_pool": f"jw{program}_{GENERATED}_pool",
            "products": [{"name": product, "members": [{"expname": name, "exptype": use} for name, use in members]}],
        },
        indent=4,
    ).encode()


def pool(rows: Sequence[tuple[Shot, Observation]]) -> bytes:
    """The association pool of a programme: one line for each exposure, columns parted by a bar."""
    lines = [
        "filename|program|obs_num|visit|visitgrp|seq_id|act_id|exp_num|targetid|targname|instrument|detector|opt_elem|date_obs"
    ]
    for shot, own in sorted(rows, key=lambda row: row[0].stem):
        visit, act = shot.visit, shot.activity
        where = [
            f"{shot.stem}_rate.fits",
            visit[2:7],
            visit[7:10],
            visit[10:],
            act[:2],
            act[2],
            act[3:],
            f"{shot.number:05d}",
        ]
        what = [own.target, own.target, own.instrument.partition("/")[0], shot.detector, own.filters.lower()]
        lines.append("|".join([*where, *what, f"{when(shot.start):%Y-%m-%d}"]))
    return ("\n".join(lines) + "\n").encode()
