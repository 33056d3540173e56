"""The state of the Observations page in its address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import UserError
from webapp.observation_query import FACETS, SORTS, FieldError, PageState, parse, parse_match

words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
positions = st.sampled_from(
    [[("ra", "10:00:28.6"), ("dec", "-02:12:21"), ("radius", "0.2d")], [("ra", "1"), ("dec", "2")], []]
)


@st.composite
def queries(draw: st.DrawFn) -> str:
    pairs: list[tuple[str, Any]] = [
        (name, draw(words)) for name in draw(st.lists(st.sampled_from([*FACETS, "obs_id"])))
    ]
    pairs += draw(positions)
    pairs += [("q", draw(words))] if draw(st.booleans()) else []
    pairs += [("sort", draw(st.sampled_from(["", "-"])) + draw(st.sampled_from(SORTS)))] if draw(st.booleans()) else []
    pairs += [("page", draw(st.integers(1, 1000)))] if draw(st.booleans()) else []
    pairs += [("more", name) for name in draw(st.sets(st.sampled_from(list(FACETS))))]
    return urlencode(draw(st.permutations(pairs)))


@given(queries())
def test_an_address_in_any_order_has_one_canonical_form(query: str) -> None:
    state = parse(query)

    assert parse(state.query_string()).query_string() == state.query_string()


@given(queries())
def test_all_that_match_are_what_the_page_shows(query: str) -> None:
    state = parse(query)

    assert parse_match(state.match.query_string()) == parse(state.query_string()).match


def test_defaults_and_blank_fields_are_dropped() -> None:
    assert parse("mission=&q=&ra=&dec=&radius=3m&sort=mission&page=1").query_string() == ""


def test_the_order_is_that_of_the_contract() -> None:
    query = "page=2&more=target&radius=1d&dec=2&ra=1&q=ngc&obs_id=x&proposal=2731&target=M16&mission=JWST&mission=HST"

    assert parse(query).query_string() == (
        "mission=HST&mission=JWST&target=M16&proposal=2731&obs_id=x&q=ngc&ra=1&dec=2&radius=1d&page=2&more=target"
    )


def test_a_pair_pasted_into_ra_is_taken_apart() -> None:
    assert parse("ra=10:00:28.6 %2B02:12:21").query_string() == "ra=10:00:28.6&dec=%2B02:12:21"


def test_the_nearest_come_first_in_a_cone_search() -> None:
    assert (parse("ra=1&dec=2").column, parse("").column) == ("distance", "mission")


def test_an_order_by_distance_goes_with_its_position() -> None:
    state = parse("ra=1&dec=2&sort=-distance")

    assert parse("sort=-distance").query_string() == ""
    assert state.with_match(parse_match("mission=JWST")).query_string() == "mission=JWST"


def test_a_column_sorts_and_a_second_click_turns_it() -> None:
    once = PageState().sorted_by("target")

    assert (once.sort, once.sorted_by("target").sort) == ("target", "-target")


def test_another_filter_starts_at_the_first_page() -> None:
    assert parse("mission=JWST&mission=HST&page=3").without("mission", "HST").query_string() == "mission=JWST"


BAD = [
    ("nonsense=1", "There is no filter called 'nonsense'."),
    ("sort=size", "Observations can be sorted by mission, obs_id, target"),
    ("page=0", "page must be a whole number from 1 on, not '0'."),
    ("page=1.5", "page must be a whole number from 1 on, not '1.5'."),
    ("page=9999999", "page must be a whole number from 1 on"),
    ("more=size", "more can name mission, instrument, target, proposal, not 'size'."),
    ("page=1&page=2", "The address gives page more than once."),
    ("&".join("target=x" for _ in range(1001)), "The address has more than 1,000 values."),
]


@pytest.mark.parametrize(("query", "sentence"), BAD)
def test_what_an_address_cannot_say_gets_a_sentence(query: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(query)

    assert caught.value.status == 400
    assert caught.value.sentence.startswith(sentence)


BAD_FIELDS = [
    ("ra=abc&dec=1", "ra", "The right ascension 'abc' is neither degrees (150.119) nor sexagesimal"),
    ("ra=1&dec=91", "dec", "The declination '91' is not between -90 and 90 degrees."),
    ("ra=1&dec=1&radius=x", "radius", "The radius 'x' is not a radius such as 3 (arc minutes)"),
    ("ra=1", "dec", "A cone search needs both coordinates; dec is empty."),
    ("dec=1", "ra", "A cone search needs both coordinates; ra is empty."),
    ("q=" + "x" * 201, "q", "The value of q is longer than 200 characters."),
    ("q=a%00b", "q", "The value of q holds a control character."),
]


@pytest.mark.parametrize(("query", "field", "sentence"), BAD_FIELDS)
def test_a_field_that_cannot_be_understood_is_named(query: str, field: str, sentence: str) -> None:
    with pytest.raises(FieldError) as caught:
        parse(query)

    assert caught.value.field == field
    assert caught.value.sentence.startswith(sentence)


def test_a_radius_alone_is_no_search() -> None:
    assert not parse("radius=5").match.active
