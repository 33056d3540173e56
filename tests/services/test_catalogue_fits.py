"""Folders of real FITS files become observations and products, by their headers and names."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from tests.fixtures.tables import ask, ask_one, everything
from webapp.ingest import IngestError, ingest_fits

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

EXPOSURE = "jw02733002001_02103_00001_mirimage"
L3 = "jw02733-o002_t001_miri_f1130w"
JWST = {
    "TELESCOP": "JWST",
    "INSTRUME": "MIRI",
    "EXP_TYPE": "MIR_IMAGE",
    "FILTER": "F1130W",
    "PROGRAM": "02733",
    "TARGPROP": "NGC-3132",
    "EXPSTART": 59738.5,
    "EXPEND": 59738.6,
    "TARG_RA": 151.7569,
    "TARG_DEC": -40.4365,
    "CAL_VER": "1.14.0",
    "CRDS_CTX": "jwst_1293.pmap",
    "R_DARK": "crds://jwst_miri_dark_0057.fits",
    "R_AREA": "N/A",
}
HST = {
    "TELESCOP": "HST",
    "INSTRUME": "ACS",
    "DETECTOR": "WFC",
    "OBSTYPE": "IMAGING",
    "FILTER1": "F606W",
    "FILTER2": "CLEAR2L",
    "PROPOSID": 10775,
    "TARGNAME": "NGC104",
    "RA_TARG": 6.0223,
    "DEC_TARG": -72.0814,
    "EXPSTART": 53807.3,
    "ROOTNAME": "j9l960d5q",
    "ASN_ID": "J9L960010",
    "ASN_TAB": "j9l960010_asn.fits",
    "CAL_VER": "10.3.5",
    "CRDS_CTX": "hst_1210.pmap",
    "DARKFILE": "jref$4dr20225j_drk.fits",
    "BPIXTAB": "jref$jd211191j_bpx.fits",
    "MDRIZTAB": "N/A",
}


def write(file: Path, header: dict[str, object], shape: tuple[int, int] = (20, 30)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    primary = fits.PrimaryHDU(header=fits.Header(header))
    fits.HDUList([primary, fits.ImageHDU(np.zeros(shape, np.float32))]).writeto(file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A JWST exposure and what was made of it, an HST exposure, and their companions."""
    place = tmp_path / "holdings"
    write(place / "jwst" / f"{EXPOSURE}_cal.fits", JWST)
    write(place / "jwst" / f"{L3}_i2d.fits", JWST)
    write(place / "hst" / "j9l960d5q_flt.fits", HST)
    write(place / "hst" / "j9l960010_drz.fits", HST | {"ROOTNAME": "j9l960010"})
    write(place / "hst" / "j9l960d5j_jif.fits", {"TELESCOP": "HST", "ROOTNAME": "J9L960D5J"})
    write(place / "jwst_miri_dark_0057.fits", {"TELESCOP": "JWST", "REFTYPE": "DARK", "INSTRUME": "MIRI"})
    for name in (f"{EXPOSURE}_cal.jpg", f"{EXPOSURE}_cal_thumb.jpg", f"{L3}_cat.ecsv", "notes.doc", ".hidden.fits"):
        (place / "jwst" / name).write_bytes(b"x" * 17)
    members = [{"expname": f"{EXPOSURE}_cal.fits", "exptype": "science"}]
    association = {"asn_type": "image3", "products": [{"name": L3, "members": members}]}
    (place / "jwst" / "jw02733-o002_20231116t144653_image3_00001_asn.json").write_text(json.dumps(association))
    return place


def ingest(engine: Engine, folder: Path, **options: bool) -> str:
    return str(ingest_fits(engine, folder, prefix="local:holdings/", **options))


def links(engine: Engine, filename: str) -> set[str]:
    query = """SELECT o.obs_id FROM observation_product x JOIN observation o ON o.id = x.observation_id
        JOIN product p ON p.id = x.product_id WHERE p.filename = :filename"""
    return {name for (name,) in ask(engine, query, filename=filename)}


def test_a_folder_comes_in_once(engine: Engine, folder: Path) -> None:
    first = ingest(engine, folder)
    before = everything(engine)
    second = ingest(engine, folder)
    assert (first.split(",")[0], second.split(",")[2].strip()) == ("10 new", "10 unchanged")
    assert everything(engine) == before


def test_headers_say_what_an_observation_is(sqlite_engine: Engine, folder: Path) -> None:
    ingest(sqlite_engine, folder)
    found = ask(
        sqlite_engine,
        """SELECT mission, target, instrument, filters, proposal_id, dataproduct_type, t_min, t_max, ra, dec
        FROM observation WHERE obs_id = :obs_id""",
        obs_id=EXPOSURE,
    )
    sky = (59738.5, 59738.6, 151.7569, -40.4365)
    assert found == [("JWST", "NGC-3132", "MIRI/IMAGE", "F1130W", "2733", "image", *sky)]


def test_hubble_headers_are_read_by_hubble_keywords(sqlite_engine: Engine, folder: Path) -> None:
    ingest(sqlite_engine, folder)
    found = ask(
        sqlite_engine,
        "SELECT target, instrument, filters, proposal_id, ra FROM observation WHERE obs_id = 'j9l960d5q'",
    )
    assert found == [("NGC104", "ACS/WFC", "F606W", "10775", 6.0223)]


def test_a_uri_is_the_prefix_and_the_path_and_the_size_is_the_files(sqlite_engine: Engine, folder: Path) -> None:
    ingest(sqlite_engine, folder)
    path = f"jwst/{EXPOSURE}_cal.fits"
    found = ask(sqlite_engine, "SELECT uri, size, pipeline_version FROM product WHERE uri LIKE '%_mirimage_cal.fits'")
    assert found == [(f"local:holdings/{path}", (folder / path).stat().st_size, "1.14.0")]


def test_reference_files_that_headers_name_are_kept_and_empty_ones_are_not(engine: Engine, folder: Path) -> None:
    ingest(engine, folder)
    query = """SELECT r.keyword, r.name, r.context FROM reference_use u JOIN product p ON p.id = u.product_id
        JOIN reference_role r ON r.id = u.role_id WHERE p.filename = :name ORDER BY r.keyword"""
    assert ask(engine, query, name=f"{EXPOSURE}_cal.fits") == [
        ("R_DARK", "jwst_miri_dark_0057.fits", "jwst_1293.pmap"),
    ]
    assert ask(engine, query, name="j9l960d5q_flt.fits") == [
        ("BPIXTAB", "jd211191j_bpx.fits", "hst_1210.pmap"),
        ("DARKFILE", "4dr20225j_drk.fits", "hst_1210.pmap"),
    ]


def test_a_reference_file_belongs_to_no_observation(sqlite_engine: Engine, folder: Path) -> None:
    ingest(sqlite_engine, folder)
    found = ask(
        sqlite_engine,
        """SELECT k.category, k."group", f.path, p.observation_id FROM product p JOIN kind k ON k.id = p.kind_id
        JOIN folder f ON f.id = p.folder_id WHERE p.filename = 'jwst_miri_dark_0057.fits'""",
    )
    assert found == [("CALIBRATION", "DARK", "references", None)]


@pytest.mark.parametrize(
    ("filename", "observations"),
    [
        (f"{EXPOSURE}_cal_thumb.jpg", {EXPOSURE, L3}),
        (f"{EXPOSURE}_cal.fits", {EXPOSURE, L3}),
        (f"{L3}_cat.ecsv", {L3}),
        ("jw02733-o002_20231116t144653_image3_00001_asn.json", {L3}),
        ("j9l960d5q_flt.fits", {"j9l960d5q", "j9l960010"}),
        ("j9l960d5j_jif.fits", {"j9l960d5q"}),
    ],
)
def test_companions_and_members_join_their_observations(
    sqlite_engine: Engine, folder: Path, filename: str, observations: set[str]
) -> None:
    ingest(sqlite_engine, folder)
    assert links(sqlite_engine, filename) == observations


def test_what_nothing_explains_is_left_alone(sqlite_engine: Engine, folder: Path) -> None:
    counts = ingest_fits(sqlite_engine, folder, prefix="local:holdings/")
    assert counts.ignored == 1
    assert ask_one(sqlite_engine, "SELECT count(*) FROM product WHERE filename IN ('notes.doc', '.hidden.fits')") == 0


def test_damaged_files_are_listed_and_nothing_is_changed(sqlite_engine: Engine, folder: Path) -> None:
    (folder / "jwst" / f"{EXPOSURE}_rate.fits").write_bytes(b"SIMPLE  = not really")
    whole = folder / "hst" / "j9l960d5q_flt.fits"
    whole.write_bytes(whole.read_bytes()[:-2880])
    with pytest.raises(IngestError) as refused:
        ingest(sqlite_engine, folder)
    sentences = str(refused.value).splitlines()
    assert sentences[0] == "hst/j9l960d5q_flt.fits is cut off: its headers promise 8,640 bytes, it has 5,760."
    assert sentences[1].startswith(f"jwst/{EXPOSURE}_rate.fits is cut off: 20 bytes are not a whole number")
    assert ask_one(sqlite_engine, "SELECT count(*) FROM product") == 0


def test_damaged_files_can_be_left_out(sqlite_engine: Engine, folder: Path) -> None:
    (folder / "hst" / "j9l960d5q_flt.fits").write_bytes(b"broken")
    counts = ingest_fits(sqlite_engine, folder, prefix="local:holdings/", skip_damaged=True)
    assert (counts.new, len(counts.skipped)) == (9, 1)


def test_compressed_files_are_read_too(sqlite_engine: Engine, tmp_path: Path) -> None:
    write(tmp_path / "in" / "j9l960d5q_flt.fits", HST)
    packed = tmp_path / "in" / "j9l960d5q_flt.fits.gz"
    packed.write_bytes(gzip.compress((tmp_path / "in" / "j9l960d5q_flt.fits").read_bytes()))
    (tmp_path / "in" / "j9l960d5q_flt.fits").unlink()
    ingest_fits(sqlite_engine, tmp_path / "in", prefix="local:in/")
    found = ask(sqlite_engine, "SELECT o.target, k.ext FROM product p JOIN kind k ON k.id = p.kind_id, observation o")
    assert ("NGC104", "fits.gz") in found


def test_only_headers_are_read(sqlite_engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "in" / "jw02733002001_02103_00002_mirimage_cal.fits"
    write(file, JWST)
    data = 50_000_000  # sparse: what is not read costs nothing
    with file.open("r+b") as stream:
        content = stream.read().replace(b"NAXIS1  =                   30", b"NAXIS1  =               625000")
        stream.seek(0)
        stream.write(content)
        stream.truncate(5760 + data + (-data) % 2880)
    assert ingest_fits(sqlite_engine, tmp_path / "in", prefix="local:in/").new == 1


def test_any_fsspec_url_will_do(sqlite_engine: Engine, folder: Path) -> None:
    import fsspec  # noqa: PLC0415 - this one test

    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/holdings", recursive=True)
    counts = ingest_fits(sqlite_engine, "memory://holdings", prefix="local:memory/")
    memory.rm("/holdings", recursive=True)
    assert counts.new == 10


@pytest.mark.parametrize("case", ["missing", "empty"])
def test_a_folder_without_files_gets_a_sentence(sqlite_engine: Engine, tmp_path: Path, case: str) -> None:
    if case == "empty":
        (tmp_path / "place").mkdir()
    with pytest.raises(IngestError, match=r"There is no folder|holds no FITS files"):
        ingest_fits(sqlite_engine, tmp_path / "place", prefix="local:x/")
