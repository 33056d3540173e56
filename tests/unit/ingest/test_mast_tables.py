"""MAST's answers as tables for the ingest: what rows lack, repeat and contradict."""

from __future__ import annotations

from typing import Any

import pytest
from astropy.table import MaskedColumn, Table

from webapp.ingest.errors import IngestError
from webapp.ingest.mast_tables import is_too_much, observation_rows, product_table

PARENT = {"obsid": "1", "obs_collection": "JWST", "obs_id": "jw1-o001", "dataRights": "EXCLUSIVE_ACCESS"}
PARENT |= {"t_obs_release": 60_000.5, "proposal_id": "1180", "target_name": "NGC-1"}


def table(*rows: dict[str, Any]) -> Table:
    """As astroquery gives it: None is masked."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    kinds = {name: next((type(v) for v in values if v is not None), str) for name, values in columns.items()}
    return Table(
        [
            MaskedColumn([kinds[name]() if v is None else v for v in values], name, mask=[v is None for v in values])
            for name, values in columns.items()
        ]
    )


def product(**cells: Any) -> dict[str, Any]:
    uri = "mast:JWST/product/jw1_cal.fits"
    made = {"obsID": "2", "dataURI": uri, "size": 17, "parent_obsid": "1", "dataRights": None, "proposal_id": None}
    return made | cells


def joined(*rows: dict[str, Any], **observation: Any) -> dict[str, list[str | None]]:
    """The cells of the products of one observation."""
    known = {row["obsid"] or "": row for row in observation_rows(table(PARENT | observation))}
    (batch,) = product_table(table(*rows), known)[0].batches
    return {name: list(cells) for name, cells in batch.cells.items()}


def test_a_member_of_an_observation_that_was_not_asked_for_has_its_rights_and_programme_from_there() -> None:
    cells = joined(product())
    assert (cells["rights"], cells["release"], cells["proposal_id"]) == (["EXCLUSIVE_ACCESS"], ["60000.5"], ["1180"])


@pytest.mark.parametrize("where", ["product", "observation"])
def test_what_is_public_has_no_date_from_which_it_were_so(where: str) -> None:
    said = {"dataRights": "PUBLIC"}
    cells = joined(product(**said)) if where == "product" else joined(product(), **said)
    assert (cells["rights"], cells["release"]) == (["PUBLIC"], [None])


def test_sizes_that_differ_for_one_product_are_unknown_and_those_of_others_stay() -> None:
    other = "mast:JWST/product/jw2_cal.fits"
    cells = joined(
        product(), product(size=18, parent_obsid="3"), product(dataURI=other), product(dataURI=other, size=None)
    )
    assert cells["size"] == [None, None, "17", None]


def test_masked_cells_are_missing() -> None:
    cells = joined(product(parent_obsid=None, size=None), product())
    assert (cells["parent"], cells["size"]) == ([None, "1"], [None, "17"])


def test_an_address_of_its_own_is_where_the_bytes_are_if_it_can_be_one() -> None:
    addresses = ["https://archive.example/a.fits", "https://archive.example/a b.fits", "mast:JWST/product/a.fits"]
    assert joined(*(product(dataURI=each) for each in addresses))["url"] == [addresses[0], None, None]


def test_only_observations_with_files_are_named_and_their_rows_are_counted() -> None:
    known = {row["obsid"] or "": row for row in observation_rows(table(PARENT, PARENT | {"obsid": "9"}))}
    made, rows = product_table(table(product(), product(obsID="1")), known)
    assert made.observations is not None
    assert list(made.observations.cells["obsid"]) == ["1"]
    assert (rows["1"], rows["2"], rows["9"]) == (2, 1, 0)


def test_a_number_that_another_skybasket_made_up_links_by_name() -> None:
    made_up = str(10**18 + 5)
    cells = joined(product(parent_obsid=made_up, obsID=made_up), obsid=made_up)
    assert (cells["parent"], cells["obsid"]) == ([None], [None])
    known = {row["obsid"] or "": row for row in observation_rows(table(PARENT | {"obsid": made_up}))}
    (batch,) = product_table(table(product(parent_obsid=made_up)), known)[0].batches
    assert batch.parents == [("jw1-o001",)]


def test_a_table_that_names_no_observations_is_refused() -> None:
    with pytest.raises(IngestError, match="has no mission"):
        list(observation_rows(table({"obsid": "1", "obs_id": "x"})))


def test_whole_sectors_of_images_are_known_by_their_target() -> None:
    rows = observation_rows(table(PARENT, PARENT | {"target_name": "TESS FFI"}))
    assert [is_too_much(row) for row in rows] == [False, True]
