"""Real product tables, as archives and their users saved them, on both databases."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.tables import DATA, ask, ask_one, everything
from webapp.ingest import IngestError, ingest_table

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

NOTEBOOKS = DATA / "mast_products_from_notebooks.csv"
WFPC2 = DATA / "astroquery_products_hst_wfpc2.json"
MIRI = DATA / "jwst_2733_miri_level2_first40of80.csv"
NICMOS = DATA / "hst_nicmos_bundle_589.csv"
ERO = DATA / "jwst_ero_02731_files.csv.gz"
ALL = (NOTEBOOKS, WFPC2, MIRI, NICMOS, ERO)


def test_every_real_table_comes_in_and_coming_again_changes_nothing(engine: Engine) -> None:
    first = [ingest_table(engine, file) for file in ALL]
    before = everything(engine)
    second = [ingest_table(engine, file) for file in ALL]
    assert [counts.new for counts in first] == [102, 15, 40, 589, 6139]
    assert [(counts.new, counts.updated, counts.changed) for counts in second] == [(0, 0, False)] * 5
    assert everything(engine) == before


def test_counts_add_up_to_the_rows_of_the_table(engine: Engine) -> None:
    counts = ingest_table(engine, NOTEBOOKS)
    assert (counts.new + counts.updated + counts.unchanged, counts.duplicate_links) == (102, 2)
    assert str(counts) == "102 new, 0 updated, 0 unchanged, 2 duplicate links, 0 withdrawn"


def test_the_older_form_of_a_uri_names_the_same_product(engine: Engine) -> None:
    ingest_table(engine, NOTEBOOKS)
    ingest_table(engine, WFPC2)
    uris = ask(engine, "SELECT uri FROM product WHERE filename LIKE 'u9o40504%'")
    assert len(uris) == 22
    assert all(uri.count("/") == 2 for (uri,) in uris)


def test_thirteen_rows_have_a_parent_that_no_row_names(engine: Engine) -> None:
    ingest_table(engine, NOTEBOOKS)
    links = "SELECT count(*) FROM observation_product x JOIN observation o ON o.id = x.observation_id WHERE o.stub"
    assert ask_one(engine, "SELECT count(*) FROM observation WHERE stub") == 4
    assert ask_one(engine, links) == 13 + 1 - 1  # one product has two such parents, and one of its rows repeats it


def test_the_exclusive_product_has_rights_without_a_date(engine: Engine) -> None:
    ingest_table(engine, NOTEBOOKS)
    found = ask(
        engine,
        "SELECT p.filename, r.programme FROM product p JOIN rights r ON r.id = p.rights_id WHERE r.released_at IS NULL",
    )
    assert found == [("jw01180135001_0310j_00003_nrs2_x1d.fits", "1180")]


def test_a_member_belongs_to_its_own_observation_and_is_listed_by_its_parent(engine: Engine) -> None:
    ingest_table(engine, NOTEBOOKS)
    found = ask(
        engine,
        """SELECT o.obs_id FROM observation_product x JOIN observation o ON o.id = x.observation_id
        JOIN product p ON p.id = x.product_id WHERE p.filename = 'jw04426001001_04101_00010_nrs1_uncal.fits'""",
    )
    assert sorted(found) == [("jw04426-o001_t001_nirspec_g140m-f100lp",), ("jw04426001001_04101_00010_nrs1",)]


def test_a_folder_is_spelled_as_its_files_are(engine: Engine) -> None:
    ingest_table(engine, WFPC2)
    assert ask(engine, "SELECT path FROM folder") == [("u9o40504m",)]
    assert ask(engine, "SELECT obs_id, obsid FROM observation") == [("U9O40504M", 2003738726)]


def test_the_table_says_what_is_recommended(engine: Engine) -> None:
    ingest_table(engine, WFPC2)
    found = ask(engine, 'SELECT DISTINCT k."group" FROM kind k WHERE k.recommended')
    assert sorted(found) == [("C0F",), ("C1F",), ("DRZ",)]


def test_names_alone_give_uri_mission_and_observation(engine: Engine) -> None:
    ingest_table(engine, MIRI)
    found = ask(
        engine,
        """SELECT p.uri, p.mission, f.path, o.obs_id, o.obsid, k."group" FROM product p
        JOIN folder f ON f.id = p.folder_id JOIN observation o ON o.id = p.observation_id
        JOIN kind k ON k.id = p.kind_id WHERE p.filename LIKE '%_00001_mirimage_o002_crf.fits'""",
    )
    stem = "jw02733002001_02103_00001_mirimage"
    assert found == [(f"mast:JWST/product/{stem}_o002_crf.fits", "JWST", stem, stem, 87599771, "CRF")]


def test_mission_and_observation_can_be_overridden(engine: Engine) -> None:
    ingest_table(engine, MIRI, mission="SIMULATED", obs_id="run 1")
    assert ask(engine, "SELECT DISTINCT mission FROM product") == [("SIMULATED",)]
    assert ask(engine, "SELECT mission, obs_id FROM observation") == [("SIMULATED", "run 1")]


def test_a_url_becomes_the_location_and_an_unknown_size_stays_unknown(sqlite_engine: Engine) -> None:
    ingest_table(sqlite_engine, ERO)
    found = ask(
        sqlite_engine,
        "SELECT location, size FROM product WHERE filename = 'jw02731-o001_t017_nircam_clear-f090w_i2d.fits'",
    )
    address = "https://stpubdata-jwst.stsci.edu/ero/jw02731/L3/t/jw02731-o001_t017_nircam_clear-f090w_i2d.fits"
    assert found == [(address, None)]


def test_a_folder_of_a_file_list_that_is_an_observation_is_taken_as_one(sqlite_engine: Engine) -> None:
    ingest_table(sqlite_engine, ERO)
    found = {name for (name,) in ask(sqlite_engine, "SELECT obs_id FROM observation")}
    assert "jw02731001004" in found
    assert "jw02731-o001_t017_nircam_clear-f090w" in found
    assert not found & {"asn", "L3/t"}


def test_a_product_made_on_request_keeps_its_path(sqlite_engine: Engine) -> None:
    ingest_table(sqlite_engine, NICMOS)
    found = ask(
        sqlite_engine,
        "SELECT p.filename, f.path FROM product p JOIN folder f ON f.id = p.folder_id WHERE p.mission = 'HLA'",
    )
    assert found == [("HST_10879_31_NIC_NIC1_F170M_F110W.fits", "url/cgi-bin")]


def test_one_page_of_an_answer_is_not_complete(sqlite_engine: Engine, tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text(WFPC2.read_text("utf-8").replace('"rowsTotal": 22', '"rowsTotal": 50022'), "utf-8")
    with pytest.raises(IngestError, match="one page of a longer answer"):
        ingest_table(sqlite_engine, page, complete=True)


def test_a_file_that_is_not_there_gets_a_sentence(sqlite_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="cannot be read: No such file"):
        ingest_table(sqlite_engine, tmp_path / "nothing.csv")


def test_a_table_is_known_by_its_content_whatever_its_name(sqlite_engine: Engine, tmp_path: Path) -> None:
    shutil.copyfile(WFPC2, tmp_path / "answer.csv")
    assert ingest_table(sqlite_engine, tmp_path / "answer.csv").new == 22
