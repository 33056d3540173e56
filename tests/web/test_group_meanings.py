"""What file groups mean: Skybasket's words and those that an operator adds, on the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import EXPOSURE, WFPC2
from tests.fixtures.visitor import words
from tests.fixtures.webapp import Site, application
from webapp.app import create_app
from webapp.ingest.names import MissionsError

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = "Ready for the pipeline of our house"


@pytest.fixture
def taught(lite: Site) -> Iterator[Site]:
    """A site whose operator has a word of their own for a group that HST has too."""
    suffix = {"group": "CAL", "category": "SCIENCE", "description": OURS}
    settings = replace(lite.settings, missions={"JWST": {"suffixes": [suffix]}})
    made = Site(application(settings), settings, lite.holdings)
    yield made
    made.services.engine.dispose()


def test_a_filter_says_what_a_group_means(lite: Site) -> None:
    visitor = lite.visitor()
    page = visitor.get(f"{visitor.basket(WFPC2)}?mrp=0")
    assert "Raw exposure" in page.words


def test_an_operators_word_for_a_group_is_on_the_page(taught: Site) -> None:
    visitor = taught.visitor()
    page = visitor.get(f"{visitor.basket(EXPOSURE)}?mrp=0")
    assert OURS in page.words
    assert f"JWST: {OURS}" not in page.words


def test_a_group_with_two_meanings_in_a_basket_names_the_missions(taught: Site) -> None:
    visitor = taught.visitor()
    page = visitor.get(f"{visitor.basket(EXPOSURE, WFPC2)}?mrp=0")
    assert f"HST: Calibrated exposure; JWST: {OURS}" in page.words


def test_the_details_of_a_file_say_what_its_mission_means(taught: Site) -> None:
    visitor = taught.visitor()
    base = visitor.basket(EXPOSURE, WFPC2)
    page = visitor.get(f"{base}?mrp=0&file=mast:JWST/product/{EXPOSURE}_cal.fits")
    assert OURS in words(page.at("details"))


def test_an_unusable_mission_stops_the_start(lite: Site) -> None:
    with pytest.raises(MissionsError, match=r"\[missions.X\] in skybasket.toml must be a table"):
        create_app(replace(lite.settings, missions={"X": 1}))
