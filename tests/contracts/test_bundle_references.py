"""references.csv in bundles of every format, as other people's programs unpack it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from jobs.bundles import Bundle
from jobs.formats import format_of, formats
from jobs.reference_list import IN_DELIVERY, LEFT_OUT, NOT_SELECTED, REFERENCES_CSV, ReferenceRow, write_references
from jobs.results import VIRTUAL, read_state
from jobs.storage import StoreMap
from jobs.tasks import prepare_bundle, stage_batch
from tests.fixtures.deliveries import NAME, Deliveries
from tests.fixtures.formats import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEADER = {"archive": "Skybasket", "link": "https://archive.example/d1", "citation": "Cite us."}
CAL, GONE = "JWST/a/a_cal.fits", "JWST/b/b_cal.fits"
DARK, FLAT = "JWST/references/jwst_miri_dark_0001.fits", "JWST/references/jwst_miri_flat_0002.fits"
ROWS = (
    ReferenceRow(CAL, "R_DARK", "jwst_miri_dark_0001.fits", "jwst_1180.pmap", DARK, IN_DELIVERY),
    ReferenceRow(CAL, "R_FLAT", "jwst_miri_flat_0002.fits", "jwst_1180.pmap", FLAT, IN_DELIVERY),
    ReferenceRow(CAL, "R_AREA", '=jwst "miri", area', "", "", NOT_SELECTED),
    ReferenceRow(GONE, "R_DARK", "jwst_miri_dark_0001.fits", "jwst_1180.pmap", DARK, IN_DELIVERY),
)
LEFT = [ROWS[0], ROWS[1]._replace(reference_path="", status=LEFT_OUT), ROWS[2]]  # without GONE and FLAT
formats_of_bundles = pytest.mark.parametrize("form", sorted(formats()))


def ordered(deliveries: Deliveries) -> Path:
    """A delivery of four files with a table of references; two of the files are gone by now."""
    folder = deliveries.folder(*(deliveries.file(path, path.encode(), crc32=None) for path in (CAL, GONE, DARK, FLAT)))
    write_references(folder / REFERENCES_CSV, ROWS)
    for path in (GONE, FLAT):
        (deliveries.archive / path).unlink()
    return folder


def prepared(deliveries: Deliveries, form: str, **options: Any) -> list[Path]:
    """The bundles of that delivery, as files."""
    folder = ordered(deliveries)
    stores = [["mast:", deliveries.archive.as_uri()]]
    limits = {"fail": False, "most_bytes": 10**9, "most_files": 100, **options}
    prepare_bundle(str(folder), stores, form, limits, HEADER)
    state = read_state(folder)
    assert state is not None
    for made in state.artefacts:
        if made.kind == VIRTUAL:
            bundle = Bundle(folder, made.name, StoreMap(stores))
            (folder / made.name).write_bytes(b"".join(bundle.read(0, bundle.length)))
    return [folder / made.name for made in state.artefacts]


def unpacked(bundles: Iterable[Path], form: str, place: Path) -> dict[str, bytes]:
    """Content by path, as the first program of the format unpacks them."""
    content: dict[str, bytes] = {}
    for number, bundle in enumerate(bundles):
        found = PROGRAMS[form][0].unpacked(bundle, place / str(number))
        content |= {name.removeprefix(f"{NAME}/"): data for name, (data, _) in found.items()}
    return content


def rows(content: bytes) -> list[ReferenceRow]:
    heading, *found = csv.reader(content.decode().splitlines(keepends=True))
    assert heading == list(ReferenceRow._fields)
    return [ReferenceRow(*each) for each in found]


@formats_of_bundles
def test_a_bundle_holds_the_table_of_what_is_in_it(deliveries: Deliveries, form: str, tmp_path: Path) -> None:
    content = unpacked(prepared(deliveries, form), form, tmp_path)
    assert rows(content[REFERENCES_CSV]) == LEFT
    assert content.keys() - {CAL, DARK} == {"MANIFEST.HTML", "manifest.csv", "CITATION.txt", REFERENCES_CSV}
    assert b"<p>references.csv lists the calibration references that these files name.</p>" in content["MANIFEST.HTML"]


@formats_of_bundles
def test_each_part_holds_the_whole_table_under_its_number(deliveries: Deliveries, form: str, tmp_path: Path) -> None:
    content = unpacked(prepared(deliveries, form, most_files=1), form, tmp_path)
    assert {name: rows(content[name]) for name in content if name.startswith("references")} == {
        "references_1of2.csv": LEFT,
        "references_2of2.csv": LEFT,
    }
    assert b"<p>references_2of2.csv lists" in content["MANIFEST_2of2.HTML"]


@formats_of_bundles
def test_a_staged_bundle_holds_the_same_table(deliveries: Deliveries, form: str, tmp_path: Path) -> None:
    folder = ordered(deliveries)
    stage = tmp_path / "stage"
    stage_batch(str(folder), str(stage), [["mast:", deliveries.archive.as_uri()]], {"layout": form}, HEADER)
    content = unpacked([stage / f"{NAME}{format_of(form).suffix}"], form, tmp_path)
    assert rows(content[REFERENCES_CSV]) == LEFT
    assert content.keys() - {CAL, DARK} == {"MANIFEST.HTML", "manifest.csv", "CITATION.txt", REFERENCES_CSV}


def test_a_damaged_table_fails_the_delivery_with_a_sentence(deliveries: Deliveries) -> None:
    folder = ordered(deliveries)
    (folder / REFERENCES_CSV).write_text("something else")
    limits = {"fail": False, "most_bytes": 10**9, "most_files": 100}
    prepare_bundle(str(folder), [["mast:", deliveries.archive.as_uri()]], "zip", limits, HEADER)
    state = read_state(folder)
    assert state is not None
    assert (state.state, state.sentence) == ("Failed", "The list of references of delivery cannot be read.")
