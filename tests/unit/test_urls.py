from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import UserError
from webapp.facets import FACETS
from webapp.inventory.filters import Filters, check_pattern
from webapp.urls import (
    MOST_OPEN,
    MOST_PAGES,
    ORDER,
    SORTS,
    PageState,
    parse,
    query_string,
    toggle_open,
    whole_number,
    with_filters,
    without_value,
)

if TYPE_CHECKING:
    from random import Random

SEVERAL_EACH = {"max_size": 4}
# Anything a URL can carry; control characters are refused, and lone surrogates cannot be encoded.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


def usable(pattern: str) -> bool:
    try:
        check_pattern(pattern)
    except ValueError:
        return False
    return True


def choices_of(name: str) -> st.SearchStrategy[frozenset[str]]:
    facet = FACETS[name]
    values = st.sampled_from(sorted(facet.words)) if facet.closed else texts
    return st.frozensets(values, **SEVERAL_EACH)


filters = st.builds(
    Filters,
    mrp=st.booleans(),
    choices=st.fixed_dictionaries({name: choices_of(name) for name in ORDER}),
    name=st.none() | texts.filter(usable),
    selected=st.booleans(),
)


@st.composite
def states(draw: st.DrawFn) -> PageState:
    page = draw(st.integers(1, 1_000_000))
    return PageState(
        filters=draw(filters),
        file=draw(st.none() | texts),
        open=tuple(sorted(draw(st.frozensets(texts, max_size=MOST_OPEN)))),
        page=page,
        sort=draw(st.sampled_from(SORTS)),
        through=page,
    )


@given(states())
def test_a_state_written_into_an_address_comes_back_as_it_was(state: PageState) -> None:
    assert parse(query_string(state)) == state


@given(states())
def test_a_canonical_address_is_canonical(state: PageState) -> None:
    assert query_string(parse(query_string(state))) == query_string(state)


@given(states(), st.randoms(use_true_random=False))
def test_the_order_in_an_address_means_nothing(state: PageState, random: Random) -> None:
    pairs = query_string(state).split("&")
    random.shuffle(pairs)
    assert query_string(parse("&".join(pairs))) == query_string(state)


def test_the_default_state_has_an_empty_address() -> None:
    assert query_string(PageState()) == ""


def test_an_address_without_mrp_means_recommended_only() -> None:
    assert parse("").filters.mrp


def test_defaults_are_dropped() -> None:
    assert query_string(parse("mrp=1&selected=0&page=1&sort=name&category=&name=&file=&open=")) == ""


def test_keys_come_in_the_order_of_the_contract() -> None:
    given_order = "sort=size&page=2&open=b&open=a&file=x:y&selected=1&name=*&access=public&level=3&mission=HST"
    query = f"{given_order}&group=CAL&batch=1&ext=fits&type=science&category=SCIENCE&mrp=0"
    assert query_string(parse(query)) == (
        "mrp=0&category=SCIENCE&type=science&ext=fits&batch=1&group=CAL&mission=HST&level=3&access=public"
        "&name=*&selected=1&file=x:y&open=a&open=b&page=2&sort=size"
    )


def test_the_values_of_a_facet_are_sorted() -> None:
    assert query_string(parse("ext=jpg&ext=fits&ext=csv")) == "ext=csv&ext=fits&ext=jpg"


def test_of_a_form_that_sends_both_the_ticked_box_wins() -> None:
    assert parse("mrp=0&mrp=1").filters.mrp


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("colour=blue", "There is no filter called 'colour'."),
        ("=x", "There is no filter called ''."),
        ("category=science", "Data product category cannot be 'science'."),
        ("type=raw", "Data product type cannot be 'raw'."),
        ("level=5", "Calibration level cannot be '5'."),
        ("level=-2", "Calibration level cannot be '-2'."),
        ("access=secret", "Access cannot be 'secret'."),
        ("batch=2", "Batch download availability cannot be '2'."),
        ("mrp=2", "mrp can be 0 or 1, not '2'."),
        ("mrp=", "The address says 'mrp' without a value."),
        ("selected=yes", "selected can be 0 or 1, not 'yes'."),
        ("sort=date", "sort can be name, size, level, not 'date'."),
        ("page=0", "page must be a whole number from 1 on, not '0'."),
        ("page=1.5", "page must be a whole number from 1 on, not '1.5'."),
        ("page=²", "page must be a whole number from 1 on, not '²'."),
        ("page=1000001", "page must be a whole number from 1 on, not '1000001'."),
        ("through=-1", "through must be a whole number from 1 on, not '-1'."),
        ("page=1&page=2", "The address gives page more than once."),
        ("name=a&name=b", "The address gives name more than once."),
        ("file=mast:a&file=mast:b", "The address gives file more than once."),
        ("name=[ab", "The file name pattern opens a bracket [ that it does not close with ]."),
        ("name=a/b", "The file name pattern holds a slash, which no file name does."),
        ("name=%00", "The value of name holds a control character."),
        ("group=%07", "The value of group holds a control character."),
        ("name=" + "x" * 201, "The file name pattern has 201 characters; at most 200 are possible."),
        ("group=" + "x" * 1001, "The value of group is longer than 1000 characters."),
        ("&".join(f"open={i}" for i in range(2001)), "The address holds more than 2,000 values."),
    ],
)
def test_what_an_address_cannot_say_is_a_sentence(query: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(query)
    assert (caught.value.status, caught.value.sentence) == (400, sentence)
    assert caught.value.hint


@given(st.text(max_size=80))
def test_no_address_is_worse_than_a_sentence(query: str) -> None:
    status = 200
    try:
        parse(query)
    except UserError as error:
        status = error.status
    assert status in {200, 400}


@pytest.mark.parametrize(
    "value", ["level=-1", "level=unknown", "group=none", "ext=fits.gz", "type=reference", "batch=0"]
)
def test_the_values_that_the_contract_names_are_known(value: str) -> None:
    assert query_string(parse(value)) == value


def test_more_folders_than_an_address_can_hold_drop_the_first() -> None:
    opened = parse("&".join(f"open=JWST/{i}" for i in range(MOST_OPEN + 3))).open
    assert (len(opened), opened[0]) == (MOST_OPEN, "JWST/3")


def test_the_pages_that_one_answer_repeats_are_bounded() -> None:
    assert parse("page=3&through=1000").through == 3 + MOST_PAGES - 1


def test_the_pages_that_the_browser_has_are_never_written_into_an_address() -> None:
    assert query_string(parse("through=4")) == ""


@given(states(), filters)
def test_other_filters_begin_at_the_first_row(state: PageState, other: Filters) -> None:
    changed = with_filters(state, other)
    assert (changed.page, changed.through, changed.filters) == (1, 1, other)
    assert (changed.open, changed.file, changed.sort) == (state.open, state.file, state.sort)


def test_a_choice_that_is_taken_back_leaves_the_others() -> None:
    state = without_value(parse("ext=fits&ext=jpg&category=SCIENCE"), "ext", ["jpg"])
    assert query_string(state) == "category=SCIENCE&ext=fits"


@given(states(), texts)
def test_opening_and_closing_a_folder_changes_nothing(state: PageState, token: str) -> None:
    state = replace(state, open=tuple(each for each in state.open if each != token)[: MOST_OPEN - 1])
    assert toggle_open(toggle_open(state, token), token) == state


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("999999999", 999_999_999)])
def test_a_plain_number_of_a_form_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.0", " 1", "²", "१", "1_0", "9999999999", "1" * 5000])
def test_no_other_text_of_a_form_is_a_number(text: str) -> None:
    assert whole_number(text) is None
