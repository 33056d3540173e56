"""What happens to products that are already in the catalogue, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.fixtures.tables import ask, ask_one, everything, row, write
from webapp.db import writing
from webapp.ingest import ingest_table
from webapp.models import Basket, BasketObservation

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Engine

    from webapp.ingest import Counts

A = "jw02733002001_02103_00001_mirimage_cal.fits"
B = "jw02733002001_02103_00001_mirimage_rate.fits"
C = "jw02733002001_02103_00002_mirimage_cal.fits"
L3 = "jw02733-o002_t001_miri_f1130w_i2d.fits"
HASH, OTHER = "a" * 64, "b" * 64


def ingest(engine: Engine, tmp_path: Path, *rows: dict[str, Any], **options: Any) -> Counts:
    return ingest_table(engine, write(tmp_path / "t.csv", rows), **options)


def version(engine: Engine) -> int:
    return int(ask_one(engine, "SELECT version FROM catalogue_state"))


def test_only_a_change_raises_the_version(engine: Engine, tmp_path: Path) -> None:
    versions = [version(engine)]
    for size in (1000, 1000, 1001):
        ingest(engine, tmp_path, row(A, size=size))
        versions.append(version(engine))
    assert versions == [0, 1, 1, 2]


def test_a_changed_size_raises_the_revision_and_keeps_the_old(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, size=1000))
    counts = ingest(engine, tmp_path, row(A, size=1001))
    assert counts.updated == 1
    assert ask(engine, "SELECT size, revision FROM product") == [(1001, 2)]
    assert ask(engine, "SELECT revision, size, sha256 FROM product_revision") == [(1, 1000, None)]


def test_a_changed_hash_raises_the_revision_though_the_size_is_the_same(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, sha256=HASH))
    ingest(engine, tmp_path, row(A, sha256=OTHER))
    assert ask(engine, "SELECT sha256, revision FROM product") == [(OTHER, 2)]
    assert ask(engine, "SELECT revision, size, sha256 FROM product_revision") == [(1, 1000, HASH)]


def test_the_same_hash_is_the_same_file_whatever_size_is_said(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, size=1000, sha256=HASH))
    counts = ingest(engine, tmp_path, row(A, size=1001, sha256=HASH))
    assert counts.unchanged == 1
    assert ask(engine, "SELECT size, revision FROM product") == [(1000, 1)]


def test_a_size_and_a_hash_that_were_unknown_are_filled_without_a_revision(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, size=""))
    counts = ingest(engine, tmp_path, row(A, size=1000, sha256=HASH))
    assert counts.updated == 1
    assert ask(engine, "SELECT size, sha256, revision FROM product") == [(1000, HASH, 1)]


def test_a_table_that_is_silent_erases_nothing(engine: Engine, tmp_path: Path) -> None:
    full = {"size": 1000, "sha256": HASH, "description": "Calibrated", "prvversion": "1.11.4", "project": "CALJWST"}
    ingest(engine, tmp_path, row(A, productGroupDescription="Minimum Recommended Products", calib_level=3, **full))
    before = everything(engine)
    silent = {"dataURI": f"mast:JWST/product/{A}", "productFilename": A}
    counts = ingest(engine, tmp_path, silent)
    assert counts.unchanged == 1
    assert everything(engine) == before


def test_a_silent_table_invents_no_observation_for_a_known_product(engine: Engine, tmp_path: Path) -> None:
    pool = "jw02736_20231116t144653_pool.csv"
    ingest(engine, tmp_path, row(pool, obs_id="jw02736-o007_s00001_nirspec_x"))
    ingest(engine, tmp_path, {"uri": f"mast:JWST/product/{pool}", "file": pool})
    assert ask(engine, "SELECT obs_id FROM observation") == [("jw02736-o007_s00001_nirspec_x",)]


def test_a_later_table_corrects_kind_rights_and_folder(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A))
    later = {"productType": "AUXILIARY", "dataRights": "EXCLUSIVE_ACCESS", "obs_id": "another", "obsID": 7}
    counts = ingest(engine, tmp_path, row(A, **later))
    found = ask(
        engine,
        """SELECT k.category, r.released_at, f.path, o.obs_id FROM product p JOIN kind k ON k.id = p.kind_id
        JOIN rights r ON r.id = p.rights_id JOIN folder f ON f.id = p.folder_id
        JOIN observation o ON o.id = p.observation_id""",
    )
    assert (counts.updated, found) == (1, [("AUXILIARY", None, "another", "another")])


def test_a_release_date_is_a_time(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, dataRights="EXCLUSIVE_ACCESS", t_obs_release=60000.5))
    assert ask(engine, "SELECT mission, programme, released_at FROM rights") == [("JWST", "2733", 1677326400)]


def test_equal_kinds_rights_and_folders_are_shared(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A), row(B))
    ingest(engine, tmp_path, row(C))
    counts = [ask_one(engine, f"SELECT count(*) FROM {table}") for table in ("kind", "rights", "folder")]
    assert counts == [2, 1, 2]


def test_another_observation_that_lists_a_product_is_one_more_link(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A))
    counts = ingest(engine, tmp_path, row(A, parent_obsid=5), row(A, parent_obsid=6))
    assert (counts.updated, counts.duplicate_links) == (1, 1)
    assert ask_one(engine, "SELECT count(*) FROM observation_product") == 3


def test_a_parent_of_zero_is_no_parent(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, parent_obsid=0))
    assert ask_one(engine, "SELECT count(*) FROM observation") == 1


def test_a_complete_table_withdraws_what_it_does_not_list(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A), row(B), row(C, obsID=1002))
    counts = ingest(engine, tmp_path, row(A), complete=True)
    assert counts.withdrawn == 1
    assert ask(engine, "SELECT filename FROM product WHERE withdrawn_at IS NOT NULL") == [(B,)]


def test_a_table_that_is_not_complete_withdraws_nothing(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A), row(B))
    assert ingest(engine, tmp_path, row(A)).withdrawn == 0


def test_a_withdrawn_product_that_is_listed_again_comes_back(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A), row(B))
    ingest(engine, tmp_path, row(A), complete=True)
    counts = ingest(engine, tmp_path, row(A), row(B))
    assert (counts.updated, counts.unchanged) == (1, 1)
    assert ask_one(engine, "SELECT count(*) FROM product WHERE withdrawn_at IS NOT NULL") == 0


def test_a_member_that_its_parent_no_longer_lists_stays_with_its_own_observation(
    engine: Engine, tmp_path: Path
) -> None:
    ingest(engine, tmp_path, row(L3, obsID=9, parent_obsid=9), row(A, parent_obsid=9))
    counts = ingest(engine, tmp_path, row(L3, obsID=9, parent_obsid=9), complete=True)
    links = ask(
        engine,
        """SELECT o.obs_id FROM observation_product x JOIN observation o ON o.id = x.observation_id
        JOIN product p ON p.id = x.product_id WHERE p.filename = :name""",
        name=A,
    )
    assert (counts.withdrawn, links) == (0, [("jw02733002001_02103_00001_mirimage",)])


def test_a_stub_takes_the_name_that_a_later_table_gives_it(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, parent_obsid=9))
    stub = ask_one(engine, "SELECT id FROM observation WHERE stub")
    ingest(engine, tmp_path, row(L3, obsID=9))
    assert ask(engine, "SELECT obs_id, obsid, stub FROM observation WHERE id = :id", id=stub) == [
        ("jw02733-o002_t001_miri_f1130w", 9, False)
    ]


def test_a_stub_gives_links_and_places_in_baskets_to_an_observation_that_was_there(
    engine: Engine, tmp_path: Path
) -> None:
    ingest(engine, tmp_path, row(A, parent_obsid=9), row(L3, obsID=""))
    stub = ask_one(engine, "SELECT id FROM observation WHERE stub")
    with writing(engine) as session:
        session.add(Basket(id="basket", owner="someone", created_at=0, changed_at=0))
        session.flush()
        session.add(BasketObservation(basket_id="basket", observation_id=stub, added_at=3))
    ingest(engine, tmp_path, row(L3, obsID=9))
    named = ask_one(engine, "SELECT id FROM observation WHERE obs_id = 'jw02733-o002_t001_miri_f1130w'")
    assert ask(engine, "SELECT observation_id, added_at FROM basket_observation") == [(named, 3)]
    assert ask_one(engine, "SELECT count(*) FROM observation_product WHERE observation_id = :id", id=named) == 2
    assert ask_one(engine, "SELECT count(*) FROM observation WHERE stub") == 0


def test_an_observation_is_the_same_in_capitals(engine: Engine, tmp_path: Path) -> None:
    old = {"uri": "mast:HST/product/n8yj63010_asc.fits", "file": "HST/n8yj63010/n8yj63010_asc.fits"}
    ingest(engine, tmp_path, old)
    new = row(
        "n8yj63010_mos.fits", obs_collection="HST", obs_id="N8YJ63010", dataURI="mast:HST/product/n8yj63010_mos.fits"
    )
    ingest(engine, tmp_path, new)
    assert ask(engine, "SELECT obs_id, obsid FROM observation") == [("n8yj63010", 1001)]


def test_what_a_table_says_about_observations_is_kept_and_completed(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, target_name="NGC 3132", t_min=59738.1))
    ingest(engine, tmp_path, row(A, instrument_name="MIRI/IMAGE", s_ra=151.75, s_dec=-40.43))
    found = ask(engine, "SELECT target, instrument, t_min, ra, dec, proposal_id FROM observation")
    assert found == [("NGC 3132", "MIRI/IMAGE", 59738.1, 151.75, -40.43, "2733")]


def test_an_observation_has_the_strictest_rights_of_its_products(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A), row(B, dataRights="EXCLUSIVE_ACCESS"))
    query = "SELECT r.released_at FROM observation o JOIN rights r ON r.id = o.rights_id"
    assert ask(engine, query) == [(None,)]


def test_references_belong_to_no_observation_and_stand_together(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, {"filename": "jwst_miri_dark_0057.fits"})
    found = ask(engine, "SELECT f.path, p.observation_id FROM product p JOIN folder f ON f.id = p.folder_id")
    assert (found, ask(engine, "SELECT * FROM observation")) == ([("references", None)], [])


def test_a_size_that_a_later_row_of_the_same_product_knows_is_taken(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A, size=""), row(A, size=77, parent_obsid=5))
    assert ask(engine, "SELECT size FROM product") == [(77,)]


def test_ids_go_on_after_an_ingest(engine: Engine, tmp_path: Path) -> None:
    ingest(engine, tmp_path, row(A))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO folder (mission, path) VALUES ('JWST', 'by hand')"))
    assert ingest(engine, tmp_path, row(C)).new == 1
