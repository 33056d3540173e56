"""Adding to the session's basket: from the page, from a list, and from another site's link."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlmodel import Session, col, func, select

from webapp import observations
from webapp.errors import UserError
from webapp.models import Basket, BasketObservation
from webapp.observation_query import parse_match

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy import Engine

    from tests.fixtures.catalogue import Catalogue
    from webapp.context import Services

SWAP = {"HX-Request": "true", "HX-Target": "observations"}


@pytest.fixture
def three(catalogue: Catalogue) -> list[int]:
    """Three observations of one file each."""
    return [catalogue.observation(f"jw{i}", sizes=[1_000_000], target="M16" if i else "M87") for i in range(3)]


def inside(engine: Engine) -> list[int]:
    """The observations in all baskets."""
    with Session(engine) as session:
        return sorted(session.exec(select(col(BasketObservation.observation_id))).all())


def baskets_of(engine: Engine) -> int:
    with Session(engine) as session:
        return session.exec(select(func.count()).select_from(Basket)).one()


def alerts(page: str) -> str:
    """What the page tells, without markup."""
    found = re.search(r'<div id="alerts".*?</div>\s*<main', page, re.DOTALL)
    assert found
    return html.unescape(" ".join(re.sub("<[^>]*>", " ", found[0]).split()))


def test_marked_rows_are_added_and_the_page_says_how_many(
    client: FlaskClient, sqlite_engine: Engine, three: list[int]
) -> None:
    client.post("/basket/add", data={"id": three[:1], "back": ""})

    response = client.post("/basket/add", data={"id": three, "back": "target=M16&page=1"})

    assert (response.status_code, response.location) == (303, "/?target=M16")
    assert inside(sqlite_engine) == three
    assert "Added 2 observations. 1 was already there. Undo Open the basket" in alerts(
        client.get(response.location).text
    )


def test_all_that_match_are_added_by_their_query(client: FlaskClient, sqlite_engine: Engine, three: list[int]) -> None:
    client.post("/basket/add", data={"match": "target=M16", "back": ""})

    assert inside(sqlite_engine) == three[1:]


def test_an_empty_query_matches_all(client: FlaskClient, sqlite_engine: Engine, three: list[int]) -> None:
    client.post("/basket/add", data={"match": "", "back": ""})

    assert inside(sqlite_engine) == three


def test_a_session_has_one_basket_and_another_session_another(
    client: FlaskClient, sqlite_engine: Engine, three: list[int]
) -> None:
    for each in three:
        client.post("/basket/add", data={"id": each, "back": ""})
    client.application.test_client().post("/basket/add", data={"id": three, "back": ""})

    assert baskets_of(sqlite_engine) == 2


def test_undo_takes_out_what_was_added_and_comes_back(
    client: FlaskClient, sqlite_engine: Engine, three: list[int]
) -> None:
    client.post("/basket/add", data={"id": three[0], "back": ""})
    page = client.get(client.post("/basket/add", data={"id": three, "back": "q=jw"}).location).text
    form = re.findall(
        r'action="(/baskets/[^"]*/undo)">\s*<input[^>]*name="step" value="(\d+)">\s*<input[^>]*value="([^"]*)"', page
    )

    response = client.post(form[-1][0], data={"step": form[-1][1], "back": html.unescape(form[-1][2])})

    assert response.location == "/?q=jw"
    assert inside(sqlite_engine) == three[:1]


def test_adding_again_says_that_all_were_there(client: FlaskClient, three: list[int]) -> None:
    client.post("/basket/add", data={"id": three, "back": ""})
    client.get("/")

    response = client.post("/basket/add", data={"id": three, "back": ""})

    assert alerts(client.get(response.location).text).startswith("All of them were already in your basket.")


def test_after_adding_the_tab_counts_files_and_rows_say_so(client: FlaskClient, three: list[int]) -> None:
    page = client.get(client.post("/basket/add", data={"id": three[:2], "back": ""}).location).text

    assert '<b id="basket-count">2</b>' in page
    assert page.count("in basket") == 2


def test_a_swap_gets_the_rows_the_message_and_the_count_at_once(client: FlaskClient, three: list[int]) -> None:
    answer = client.post("/basket/add", data={"id": three, "back": ""}, headers=SWAP)

    swapped = client.get(answer.location, headers=SWAP).text

    assert swapped.startswith('<div id="observations"')
    assert '<div id="alerts" hx-swap-oob="innerHTML">' in swapped
    assert '<b id="basket-count" hx-swap-oob="true">3</b>' in swapped


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ({"back": ""}, (422, "Nothing was marked, so nothing was added.")),
        ({"match": "q=zzz"}, (422, "Nothing was marked, so nothing was added.")),
        ({"id": "12x"}, (400, "id can hold whole numbers only.")),
        ({"id": "999999"}, (422, "Nothing was marked, so nothing was added.")),
        ({"obs": ["jw1", "zzz"]}, (422, "Nothing was added: zzz is not here.")),
        ({"match": "nonsense=1"}, (400, "There is no filter called")),
        ({"obs": "jw1", "back": "nonsense=1"}, (400, "There is no filter called")),
    ],
)
def test_what_cannot_be_added_gets_a_sentence_and_adds_nothing(
    client: FlaskClient, sqlite_engine: Engine, three: list[int], form: dict[str, str], answer: tuple[int, str]
) -> None:
    assert three
    response = client.post("/basket/add", data=form)

    assert response.status_code == answer[0]
    assert answer[1] in response.text
    assert inside(sqlite_engine) == []


def test_a_link_from_another_site_shows_what_it_would_add(
    client: FlaskClient, sqlite_engine: Engine, three: list[int]
) -> None:
    response = client.get("/basket/add?obs=JWST:jw0&obs=jw1&obs=JW1&obs=zzz")

    assert "2 found, 1 not: zzz." in response.text
    assert "Add 2 observations to basket" in response.text
    assert "2 files, 2.0 MB" in response.text
    assert f'value="{three[0]}"' in response.text
    assert "Set-Cookie" not in response.headers
    assert baskets_of(sqlite_engine) == 0


def test_the_hand_over_adds_with_one_button_and_opens_the_basket(
    client: FlaskClient, sqlite_engine: Engine, three: list[int]
) -> None:
    page = client.get("/basket/add?obs=jw0&obs=jw1").text
    ids = re.findall(r'name="id" value="(\d+)"', page)

    response = client.post("/basket/add", data={"id": ids})

    assert (response.status_code, response.location) == (303, "/basket")
    assert inside(sqlite_engine) == three[:2]


def test_ambiguous_names_of_a_link_are_listed_with_their_missions(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.observation("same", mission="HST")
    catalogue.observation("same", mission="HLA")

    page = client.get("/basket/add?obs=same").text

    assert "1 name means more than one observation" in page
    assert "<code>HLA:same</code>, <code>HST:same</code>" in page


def test_a_link_with_a_thousand_observations_is_answered(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.many([{"mission": "HST", "obs_id": f"o{i}"} for i in range(1_200)])

    page = client.get("/basket/add?" + "&".join(f"obs=HST:o{i}" for i in range(1_200))).text

    assert "Add 1,200 observations to basket" in page


def test_a_link_without_observations_gets_a_sentence(client: FlaskClient) -> None:
    response = client.get("/basket/add?obs=")

    assert response.status_code == 400
    assert "This link names no observation." in response.text


def test_a_basket_that_would_hold_too_much_is_left_as_it_is(services: Services, world: Catalogue) -> None:
    small = replace(services, settings=replace(services.settings, basket_files=3))
    world.observation("two", sizes=[1, 2])
    world.observation("three", sizes=[1, 2, 3])
    observations.add(small, "me", observations.named_ids(small, [], ["two"]))

    with pytest.raises(UserError, match="would hold up to 5 files; one basket holds 3") as caught:
        observations.add(small, "me", observations.named_ids(small, [], ["three"]))

    assert caught.value.status == 422


def test_a_file_of_two_observations_counts_once_against_the_limit(services: Services, world: Catalogue) -> None:
    small = replace(services, settings=replace(services.settings, basket_files=2))
    combined, member = world.observation("combined"), world.observation("member")
    for name in ("a_cal.fits", "b_cal.fits"):
        world.product(name, member, combined)

    _, added = observations.add(small, "me", [combined, member])

    assert added.new == 2


def test_adding_counts_what_is_new_on_each_database(services: Services, world: Catalogue) -> None:
    for i in range(3):
        world.observation(f"jw{i}", sizes=[1], target="M16")
    observations.add(services, "me", observations.named_ids(services, [], ["jw1"]))

    _, added = observations.add(services, "me", observations.matching_ids(services, parse_match("target=M16")))

    assert (added.new, added.already) == (2, 1)
