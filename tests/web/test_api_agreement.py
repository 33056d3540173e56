"""The API and the page agree on every count, whatever the filters, over a catalogue of real tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.agreement import Archive, archive, basket, check, filters
from tests.fixtures.tables import DATA
from tests.fixtures.webapp import lasting_site
from webapp.ingest import ingest_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHORT = (
    "mast_products_from_notebooks.csv",
    "astroquery_products_hst_wfpc2.json",
    "jwst_2733_miri_level2_first40of80.csv",
)
LONG = (*SHORT, "hst_nicmos_bundle_589.csv", "jwst_ero_02731_files.csv.gz")


@pytest.fixture(scope="module")
def real(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Archive]:
    """An archive of real tables, besides the small believable one."""
    with lasting_site(sqlite_template, tmp_path_factory.mktemp("real")) as site:
        for name in request.param:
            ingest_table(site.holdings.engine, DATA / name)
        yield archive(site)


@pytest.mark.parametrize("real", [SHORT], indirect=True, ids=["some tables"])
@settings(max_examples=10)
@given(data=st.data())
def test_api_list_and_page_agree_on_every_count(real: Archive, data: st.DataObject) -> None:
    visitor, path = basket(real, data)
    check(visitor, path, data.draw(filters(real.values), label="filters"), data.draw(st.sampled_from([40, 1000])))


@pytest.mark.long
@pytest.mark.parametrize("real", [LONG], indirect=True, ids=["all tables"])
@settings(max_examples=200)
@given(data=st.data())
def test_api_list_and_page_agree_on_every_count_of_all_tables(real: Archive, data: st.DataObject) -> None:
    visitor, path = basket(real, data)
    check(visitor, path, data.draw(filters(real.values), label="filters"), data.draw(st.sampled_from([300, 1000])))
