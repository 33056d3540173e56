"""Links to calibration references, from tables and headers, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from astropy.io import fits
from sqlalchemy import text
from sqlmodel import Session

from tests.fixtures.tables import ask, ask_one, everything, row, write
from webapp.db import writing
from webapp.ingest import IngestError, ingest_fits, ingest_table
from webapp.ingest.reference_table import Linked, ingest_references
from webapp.queries.references import held, roles_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

A = "jw02733002001_02103_00001_mirimage_cal.fits"
B = "jw02733002001_02103_00002_mirimage_cal.fits"
FLT = "j9l960d5q_flt.fits"
DARK = "mast:JWST/product/jwst_miri_dark_0057.fits"
HASH = "a" * 64


def named(product: str, reference: str, keyword: str = "R_DARK", **cells: Any) -> dict[str, Any]:
    mission = "HST" if product == FLT else "JWST"
    uri = f"mast:{mission}/product/{product}"
    return {"product": uri, "reference": reference, "keyword": keyword, "context": "jwst_1293.pmap"} | cells


def link(engine: Engine, tmp_path: Path, *rows: dict[str, Any], **options: Any) -> Linked:
    return ingest_references(engine, write(tmp_path / "links.csv", rows), **options)


def products(engine: Engine, tmp_path: Path, *names: str) -> None:
    ingest_table(engine, write(tmp_path / "products.csv", [row(name) for name in names or (A, B)]))


def uses(engine: Engine, product: str) -> list[tuple[str, ...]]:
    """``(keyword, name, context, uri)`` of what a product names."""
    with Session(engine) as session:
        number = ask_one(engine, "SELECT id FROM product WHERE filename = :name", name=product)
        return [role[2:] for role in roles_of(session, number)]


def found(engine: Engine, product: str) -> dict[str, str]:
    """``{name: data URI}`` of the references of a product that the catalogue has."""
    with Session(engine) as session:
        number = ask_one(engine, "SELECT id FROM product WHERE filename = :name", name=product)
        roles = roles_of(session, number)
        files = held(session, roles)
    return {role.name: files[role.id].uri for role in roles if role.id in files}


def exposure(folder: Path, **cards: str) -> None:
    folder.mkdir(exist_ok=True)
    header = fits.Header({"TELESCOP": "JWST", "INSTRUME": "MIRI", "CRDS_CTX": "jwst_1293.pmap"} | cards)
    fits.PrimaryHDU(header=header).writeto(folder / A, overwrite=True)


def test_a_table_links_products_to_references_that_become_products(engine: Engine, tmp_path: Path) -> None:
    products(engine, tmp_path)
    linked = link(
        engine, tmp_path, named(A, DARK, size=77), named(B, DARK), named(B, "crds://jwst_miri_mask_0028.fits")
    )
    assert str(linked) == (
        "products: 2; links: 3 (3 new, 0 unchanged, 0 removed); references: 2 (1 new, 0 updated, 1 missing)"
    )
    assert linked.missing == ("jwst_miri_mask_0028.fits",)
    assert uses(engine, A) == [("R_DARK", "jwst_miri_dark_0057.fits", "jwst_1293.pmap", DARK)]
    assert found(engine, B) == {"jwst_miri_dark_0057.fits": DARK}


def test_a_reference_that_a_table_brings_is_a_public_calibration_file(sqlite_engine: Engine, tmp_path: Path) -> None:
    products(sqlite_engine, tmp_path)
    link(sqlite_engine, tmp_path, named(A, DARK, size=77, sha256=HASH.upper(), description="Dark of 2024"))
    made = ask(
        sqlite_engine,
        """SELECT p.mission, f.path, k.category, k."group", r.released_at, p.observation_id, p.size, p.sha256,
        p.description FROM product p JOIN folder f ON f.id = p.folder_id JOIN kind k ON k.id = p.kind_id
        JOIN rights r ON r.id = p.rights_id WHERE p.uri = :uri""",
        uri=DARK,
    )
    assert made == [("JWST", "references", "CALIBRATION", "DARK", 0, None, 77, HASH, "Dark of 2024")]


def test_the_same_links_again_change_nothing(engine: Engine, tmp_path: Path) -> None:
    products(engine, tmp_path)
    rows = [named(A, DARK, size=77), named(A, "N/A", "R_AREA"), named(B, "jwst_miri_mask_0028.fits", "R_MASK")]
    link(engine, tmp_path, *rows)
    before = everything(engine)
    again = link(engine, tmp_path, *rows)
    assert "links: 2 (0 new, 2 unchanged, 0 removed)" in str(again)
    assert not again.counts.changed
    assert everything(engine) == before


def test_a_product_has_the_references_that_the_last_table_says(engine: Engine, tmp_path: Path) -> None:
    products(engine, tmp_path)
    link(engine, tmp_path, named(A, DARK), named(A, "jwst_miri_mask_0028.fits", "R_MASK"), named(B, DARK))
    linked = link(engine, tmp_path, named(A, DARK), named(A, "jwst_miri_mask_0029.fits", "R_MASK"))
    assert linked.counts.uses == (1, 2, 1, 1)
    assert [use[1] for use in uses(engine, A)] == ["jwst_miri_dark_0057.fits", "jwst_miri_mask_0029.fits"]
    assert len(uses(engine, B)) == 1


def test_a_product_whose_references_are_all_not_applicable_has_none(engine: Engine, tmp_path: Path) -> None:
    products(engine, tmp_path)
    link(engine, tmp_path, named(A, DARK), named(B, DARK))
    linked = link(engine, tmp_path, named(A, "N/A"), named(A, "", "R_MASK"))
    assert linked.counts.uses == (1, 0, 0, 1)
    assert (uses(engine, A), len(uses(engine, B))) == ([], 1)


def test_an_unknown_product_stops_all_with_file_row_and_column(engine: Engine, tmp_path: Path) -> None:
    products(engine, tmp_path, A)
    before = everything(engine)
    with pytest.raises(IngestError, match=rf"links\.csv: row 2 \(line 3\), column product has mast:.*{B}, which the"):
        link(engine, tmp_path, named(A, DARK), named(B, DARK))
    assert everything(engine) == before


def test_unknown_products_can_be_left_out_and_are_named(sqlite_engine: Engine, tmp_path: Path) -> None:
    products(sqlite_engine, tmp_path, A)
    linked = link(sqlite_engine, tmp_path, named(B, DARK), named(A, DARK), named(B, "x.fits"), skip_unknown=True)
    assert linked.unknown == (f"mast:JWST/product/{B}",)
    assert linked.counts.uses == (1, 1, 1, 0)


def test_a_bad_size_in_a_late_row_changes_nothing(sqlite_engine: Engine, tmp_path: Path) -> None:
    products(sqlite_engine, tmp_path)
    before = everything(sqlite_engine)
    rows = [named(A, DARK, size=77), named(B, DARK, size=77), named(B, f"{DARK}.gz", size="many")]
    with pytest.raises(IngestError, match=r"row 3 \(line 4\), column size has 'many', which is not a number of bytes"):
        link(sqlite_engine, tmp_path, *rows)
    assert everything(sqlite_engine) == before


def test_one_reference_with_two_sizes_is_refused(sqlite_engine: Engine, tmp_path: Path) -> None:
    products(sqlite_engine, tmp_path)
    with pytest.raises(IngestError, match=r"row 3 \(line 4\), column size has 78 bytes for .*, which had 77"):
        link(sqlite_engine, tmp_path, named(A, DARK, size=77), named(A, "N/A", size=""), named(B, DARK, size=78))


def test_naming_a_product_as_a_reference_leaves_it_as_it_is(engine: Engine, tmp_path: Path) -> None:
    own = {"obs_collection": "OWN", "sha256": HASH, "dataRights": "RESTRICTED"}
    darks = [row(f"{kind}_dark.fits", productType=kind, **own) for kind in ("CALIBRATION", "SCIENCE")]
    ingest_table(engine, write(tmp_path / "products.csv", [*darks, row(A, sha256="")]))
    before = everything(engine)["products"]
    rows = [named(A, dark["dataURI"], size=1000, sha256=HASH) for dark in darks]
    linked = link(engine, tmp_path, *rows)
    assert everything(engine)["products"] == before
    assert (linked.missing, len(uses(engine, A))) == ((), 2)


def test_another_size_of_a_known_reference_is_its_next_revision(engine: Engine, tmp_path: Path) -> None:
    products(engine, tmp_path)
    link(engine, tmp_path, named(A, DARK, size=77))
    linked = link(engine, tmp_path, named(A, DARK, size=78))
    assert linked.counts.updated == 1
    assert ask(engine, "SELECT size, revision FROM product WHERE uri = :uri", uri=DARK) == [(78, 2)]
    assert ask(engine, "SELECT revision, size FROM product_revision") == [(1, 77)]


def test_a_withdrawn_reference_stays_withdrawn_and_counts_as_missing(sqlite_engine: Engine, tmp_path: Path) -> None:
    products(sqlite_engine, tmp_path)
    link(sqlite_engine, tmp_path, named(A, DARK, size=77))
    with writing(sqlite_engine) as session:
        session.execute(text("UPDATE product SET withdrawn_at = 5 WHERE uri = :uri"), {"uri": DARK})
    assert link(sqlite_engine, tmp_path, named(B, DARK, size=77)).missing == (DARK,)
    assert ask_one(sqlite_engine, "SELECT withdrawn_at FROM product WHERE uri = :uri", uri=DARK) == 5


def test_hst_names_with_a_prefix_find_their_file_compressed_or_not(sqlite_engine: Engine, tmp_path: Path) -> None:
    products(sqlite_engine, tmp_path, A)
    dark = "mast:HST/product/4dr20225j_drk.fits.gz"
    ingest_table(
        sqlite_engine, write(tmp_path / "hst.csv", [{"dataURI": uri} for uri in (f"mast:HST/product/{FLT}", dark)])
    )
    older = f"mast:HST/product/j9l960d5q/{FLT}"
    link(
        sqlite_engine,
        tmp_path,
        named(FLT, "jref$4DR20225J_DRK.fits", "darkfile", context="hst_1210.pmap") | {"product": older},
    )
    assert uses(sqlite_engine, FLT) == [("DARKFILE", "4dr20225j_drk.fits", "hst_1210.pmap", "")]
    assert found(sqlite_engine, FLT) == {"4dr20225j_drk.fits": dark}


def test_a_mission_of_ones_own_links_to_files_of_its_store(sqlite_engine: Engine, tmp_path: Path) -> None:
    tiles = [{"dataURI": "local:survey/tile_1.fits", "mission": "SURVEY"}]
    ingest_table(sqlite_engine, write(tmp_path / "tiles.csv", tiles))
    links = [{"dataURI": "local:survey/tile_1.fits", "Reference_URI": "local:survey/cal/flat_g.fits"}]
    ingest_references(sqlite_engine, write(tmp_path / "links.csv", links))
    assert uses(sqlite_engine, "tile_1.fits") == [("REFERENCE", "flat_g.fits", "", "local:survey/cal/flat_g.fits")]
    made = (
        "SELECT p.mission, f.path FROM product p JOIN folder f ON f.id = p.folder_id WHERE p.filename = 'flat_g.fits'"
    )
    assert ask(sqlite_engine, made) == [("SURVEY", "references")]


def test_references_that_arrive_after_the_files_that_name_them_are_found(engine: Engine, tmp_path: Path) -> None:
    exposure(tmp_path / "holdings", R_DARK="crds://jwst_miri_dark_0057.fits")
    ingest_fits(engine, tmp_path / "holdings", prefix="local:holdings/")
    before = found(engine, A)
    ingest_table(engine, write(tmp_path / "late.csv", [{"dataURI": DARK}]))
    assert (before, found(engine, A)) == ({}, {"jwst_miri_dark_0057.fits": DARK})


def test_headers_that_name_none_any_more_remove_the_links(engine: Engine, tmp_path: Path) -> None:
    exposure(tmp_path / "holdings", R_DARK="crds://jwst_miri_dark_0057.fits", R_MASK="crds://jwst_miri_mask_0028.fits")
    ingest_fits(engine, tmp_path / "holdings", prefix="local:holdings/")
    before = len(uses(engine, A))
    exposure(tmp_path / "holdings", R_DARK="N/A")
    counts = ingest_fits(engine, tmp_path / "holdings", prefix="local:holdings/")
    assert (before, uses(engine, A), counts.changed) == (2, [], True)
