from __future__ import annotations

import csv
import json
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from astropy.table import Table

from webapp.ingest.demo import build, make_demo

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows(archive: Path) -> list[Row]:
    read: list[Row] = []
    for file in sorted((archive / "tables").iterdir()):
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        read += csv.DictReader(lines)
    names = {name for row in read for name in row}
    return [dict.fromkeys(names, "") | row for row in read]


def links(rows: list[Row]) -> dict[str, set[str]]:
    """URI -> numbers of the observations that list it."""
    found = defaultdict(set)
    for row in rows:
        found[row["dataURI"]].add(row["parent_obsid"])
    return found


def files(archive: Path) -> list[Path]:
    return [file for file in archive.rglob("*") if file.is_file() and file.parent not in {archive, archive / "tables"}]


def test_about_a_thousand_files_in_thirty_observations_are_under_80_megabytes(archive: Path) -> None:
    summary = make_demo(archive)
    held = files(archive)
    assert (summary.files, summary.bytes) == (len(held), sum(file.stat().st_size for file in held))
    assert 900 <= summary.files <= 1200
    assert summary.observations == 30
    assert summary.bytes < 80e6


def test_the_progress_bar_counts_to_what_is_made(archive: Path) -> None:
    assert make_demo(archive).files == build.FILES


def test_a_second_call_changes_nothing(archive: Path) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in archive.rglob("*")}

    before = state()
    make_demo(archive)
    assert state() == before


def test_every_file_has_a_row_with_its_size_and_hash(archive: Path, rows: list[Row]) -> None:
    on_disk = {
        f"mast:{file.relative_to(archive)}": (file.stat().st_size, sha256(file.read_bytes()).hexdigest())
        for file in files(archive)
    }
    assert on_disk == {row["dataURI"]: (int(row["size"]), row["sha256"]) for row in rows}


def test_all_four_archives_and_all_six_categories_are_there(rows: list[Row]) -> None:
    assert {row["obs_collection"] for row in rows} == {"JWST", "HST", "TESS", "HLSP"}
    categories = {"SCIENCE", "AUXILIARY", "INFO", "PREVIEW", "CALIBRATION", "CATALOG"}
    assert {row["productType"] for row in rows} == categories


def test_sizes_vary(rows: list[Row]) -> None:
    sizes = {int(row["size"]) for row in rows}
    assert len(sizes) > 300
    assert min(sizes) < 1000
    assert max(sizes) > 900_000


def test_an_exposure_of_the_mask_belongs_to_every_source_in_it(rows: list[Row]) -> None:
    shared = links(rows)["mast:JWST/product/jw02736007001_03101_00001_nrs1_cal.fits"]
    sources = {row["obsID"] for row in rows if row["obs_id"].startswith("jw02736-o007_") and "g235m" in row["obs_id"]}
    assert shared == sources
    assert len(shared) == 3


def test_a_source_is_in_several_observations(rows: list[Row]) -> None:
    seen = {row["obs_id"] for row in rows if "_s000006355_" in row["obs_id"]}
    assert len(seen) == 3


def test_the_pool_belongs_to_all_observations_of_its_programme(rows: list[Row]) -> None:
    numbers = links(rows)["mast:JWST/product/jw02736_20240710t092614_pool.csv"]
    parents = {row["obsID"] for row in rows if row["obs_id"].startswith("jw02736-o")}
    assert numbers == parents
    assert len(numbers) == 9


def test_observations_have_different_numbers(rows: list[Row]) -> None:
    named = {(row["obs_collection"], row["obs_id"], row["obsID"]) for row in rows if row["obs_id"]}
    assert len({number for _, _, number in named}) == len({name for _, name, _ in named}) == len(named) == 88


def test_every_observation_has_something_recommended(rows: list[Row]) -> None:
    parents = {row["parent_obsid"] for row in rows} - {""}
    recommended = {
        row["parent_obsid"] for row in rows if row["productGroupDescription"] == "Minimum Recommended Products"
    }
    assert recommended - {""} == parents


def test_one_programme_is_exclusive_until_2035(rows: list[Row]) -> None:
    exclusive = [row for row in rows if row["dataRights"] == "EXCLUSIVE_ACCESS"]
    assert {row["proposal_id"] for row in exclusive} == {"8912"}
    assert {float(row["t_obs_release"]) for row in exclusive} == {64328.0}  # MJD of 2035-01-01
    assert len(exclusive) == sum(row["proposal_id"] == "8912" for row in rows)


def test_real_names_are_used(archive: Path) -> None:
    names = {
        "JWST/product/jw02731-o001_t017_nircam_clear-f444w_i2d.fits",
        "JWST/product/jw02731-o001_t017_nircam_clear-f444w_segm.fits",
        "JWST/product/jw02731-o001_t017_nircam_clear-f444w_cat.ecsv",
        "JWST/product/jw02731001001_02105_00001_nrcalong_o001_crf.fits",
        "JWST/product/jw02731001001_02105_00001_nrcalong_trapsfilled.fits",
        "JWST/product/jw02736007001_01_msa.fits",
        "JWST/product/jw02732-o004_t002_miri_ch3-shortmediumlong_s3d.fits",
        "HST/product/j97c11010_drc.fits",
        "HST/product/lbgl31vdq_corrtag_a.fits",
        "HST/product/lbgl31010_x1dsum.fits",
        "HST/product/u2lx0101t_c0f.fits",
        "HST/product/u2lx0101j_jif.fits",
        "TESS/product/tess2019198215352-s0014-0000000016740101-0150-s_lc.fits",
        "HLSP/product/hlsp_heritage_hst_acs-wfc_m51_f435w_v1_drz.fits",
    }
    assert {name for name in names if not (archive / name).is_file()} == set()


def test_associations_name_files_that_are_there(archive: Path) -> None:
    associations = list((archive / "JWST/product").glob("*_asn.json"))
    members = {
        member["expname"]
        for file in associations
        for product in json.loads(file.read_text())["products"]
        for member in product["members"]
    }
    assert len(associations) > 50
    assert {name for name in members if not (archive / "JWST/product" / name).is_file()} == set()


def test_the_pool_is_a_table_parted_by_bars(archive: Path) -> None:
    pool = next((archive / "JWST/product").glob("jw02731_*_pool.csv"))
    read = list(csv.DictReader(pool.read_text().splitlines(), delimiter="|"))
    assert len(read) == 12
    assert {row["targname"] for row in read} == {"NGC 3324"}


def test_a_source_catalogue_lists_sources_in_the_field(archive: Path) -> None:
    table = Table.read(archive / "JWST/product/jw02736-o001_t001_nircam_clear-f200w_cat.ecsv", format="ascii.ecsv")
    assert len(table) > 50
    assert abs(table["dec"] + 73.4391).max() < 0.01
