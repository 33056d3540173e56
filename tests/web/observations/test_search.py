"""What a search finds, counts and sorts, on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.webapp import counted
from webapp.observation_query import parse
from webapp.observations import matching_ids
from webapp.observations_page import observations_page

if TYPE_CHECKING:
    from tests.fixtures.catalogue import Catalogue
    from webapp.context import Services
    from webapp.observations_page import ObservationsPage


class Search:
    """Asks for a page by its query string."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def page(self, query: str) -> ObservationsPage:
        return observations_page(self.services, parse(query), None)

    def names(self, query: str) -> list[str]:
        return [view.row.obs_id for view in self.page(query).rows]

    def counts(self, query: str, facet: str) -> dict[str, tuple[int, int]]:
        """``{value: (matching, total)}``, in order."""
        values = next(each.values for each in self.page(query).facets if each.name == facet)
        return {each.value: (each.matching, each.total) for each in values}


@pytest.fixture
def search(services: Services) -> Search:
    return Search(services)


@pytest.fixture
def small(world: Catalogue, search: Search) -> Search:
    """Four observations of two missions."""
    world.observation("jw1", target="M16", instrument="NIRCAM", proposal_id="2731", t_min=59700.0, ra=0.05, dec=0.0)
    world.observation("jw2", target="M16", instrument="MIRI", proposal_id="2731", t_min=59800.0, ra=359.97, dec=0.0)
    world.observation("jw3", target="M87", instrument="MIRI", proposal_id="1234", t_min=None, ra=10.0, dec=89.99)
    world.observation("hst1", mission="HST", target=None, instrument="ACS", t_min=59600.0, ra=190.0, dec=89.99)
    return search


def test_choices_are_or_inside_a_facet_and_and_across(small: Search) -> None:
    assert small.names("target=M16&target=M87") == ["jw1", "jw2", "jw3"]
    assert small.names("target=M16&target=M87&instrument=MIRI") == ["jw2", "jw3"]


def test_a_facets_own_choices_do_not_shrink_its_counts(small: Search) -> None:
    assert small.counts("instrument=MIRI", "instrument") == {"MIRI": (2, 2), "ACS": (1, 1), "NIRCAM": (1, 1)}
    assert small.counts("instrument=MIRI", "target") == {"M16": (1, 2), "M87": (1, 1), "unknown": (0, 1)}


def test_what_has_no_value_is_counted_and_can_be_asked_for(small: Search) -> None:
    assert small.counts("", "target") == {"M16": (2, 2), "M87": (1, 1), "unknown": (1, 1)}
    assert small.names("target=unknown") == ["hst1"]


def test_a_long_facet_has_its_most_frequent_values_and_what_is_chosen(search: Search, world: Catalogue) -> None:
    world.many(
        [{"mission": "HST", "obs_id": f"{i}-{n}", "target": f"T{i:02d}"} for i in range(12) for n in range(12 - i)]
    )

    short = next(each for each in search.page("target=T11").facets if each.name == "target")

    assert [value.value for value in short.values] == [f"T{i:02d}" for i in range(8)] + ["T11"]
    assert (short.hidden, short.more_url) == (3, "/?target=T11&more=target")
    assert len(search.counts("target=T11&more=target", "target")) == 12


def test_every_word_is_somewhere_in_id_target_or_proposal(small: Search) -> None:
    queries = ["m16", "JW1", "2731 jw2", "hst", "1234", "%25", "_"]

    assert [small.names(f"q={query}") for query in queries] == [
        ["jw1", "jw2"],
        ["jw1"],
        ["jw2"],
        ["hst1"],
        ["jw3"],
        [],
        [],
    ]


def test_ids_can_be_asked_for_in_any_case(small: Search) -> None:
    assert small.names("obs_id=JW1&obs_id=hst1&obs_id=nope") == ["hst1", "jw1"]


def test_a_cone_search_goes_across_right_ascension_zero_nearest_first(small: Search) -> None:
    found = [(view.row.obs_id, view.distance) for view in small.page("ra=0&dec=0&radius=4m").rows]

    assert found == [("jw2", "1.80′"), ("jw1", "3.00′")]  # noqa: RUF001 - as shown
    assert small.names("ra=0&dec=0&radius=4m&sort=-distance") == ["jw1", "jw2"]
    assert small.names("ra=0&dec=0&radius=2.9m") == ["jw2"]


def test_a_cone_search_goes_over_the_pole(small: Search) -> None:
    assert small.names("ra=10&dec=89.99&radius=0.03d") == ["jw3", "hst1"]


def test_a_cone_search_text_and_facets_narrow_each_other(small: Search) -> None:
    assert small.names("ra=0&dec=0&radius=4m&instrument=NIRCAM&q=m16") == ["jw1"]
    assert small.page("ra=0&dec=0&radius=4m&instrument=NIRCAM").matching == 1
    assert small.counts("ra=0&dec=0&radius=4m&instrument=NIRCAM", "instrument") == {
        "MIRI": (1, 2),
        "NIRCAM": (1, 1),
        "ACS": (0, 1),
    }


def test_an_observation_without_a_position_is_in_no_cone(search: Search, world: Catalogue) -> None:
    world.observation("nowhere")

    assert search.names("ra=0&dec=0&radius=180d") == []


def test_rows_are_sorted_by_a_column_and_unknown_values_come_last(small: Search) -> None:
    sorts = ["t_min", "-t_min", "target", "-mission", "-obs_id"]

    assert [small.names(f"sort={sort}") for sort in sorts] == [
        ["hst1", "jw1", "jw2", "jw3"],
        ["jw2", "jw1", "hst1", "jw3"],
        ["jw1", "jw2", "jw3", "hst1"],
        ["jw1", "jw2", "jw3", "hst1"],
        ["jw3", "jw2", "jw1", "hst1"],
    ]


def test_files_and_size_are_those_of_all_links_but_withdrawn_ones(search: Search, world: Catalogue) -> None:
    parent = world.observation("parent", sizes=[1_000_000])
    member = world.observation("member")
    world.product("shared_cal.fits", member, parent, size=500_000, level=3)
    world.product("gone_cal.fits", parent, size=9_000_000, withdrawn_at=1)
    world.product("strange_cal.fits", parent, size=None, level=None)

    content = search.page("q=parent").rows[0].content

    assert (content.files, content.bytes, content.unknown_size, content.level) == (3, 1_500_000, 1, 3)


def test_more_ids_than_a_statement_has_places_for_are_found(services: Services, world: Catalogue) -> None:
    world.many([{"mission": "HST", "obs_id": f"o{i}", "target": "T"} for i in range(40_000)])

    assert len(matching_ids(services, parse("q=o").match)) == 40_000


@pytest.mark.parametrize("number", [1, 3])
def test_a_page_takes_the_same_reads_whatever_its_rows(search: Search, world: Catalogue, number: int) -> None:
    for i in range(number):
        world.observation(f"jw{i}", sizes=[1, 2], target="M16")

    with counted(search.services.engine) as statements:
        search.page("target=M16&q=jw")

    assert len(statements) == 9  # text, total, matching, rows, contents, four facets
