"""The key of a basket: it changes what is in that basket, and does nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.people import bearer, person
from tests.fixtures.visitor import words
from webapp.db import writing
from webapp.models import Observation

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

C0F = f"HST/{WFPC2}/{WFPC2}_c0f.fits"
QUERY = f"mrp=0&open={WFPC2}"
KEYLESS = ("rename", "duplicate", "lock", "unlock", "delete", "restore", "key", "key/revoke", "copy")


def key_of(visitor: Visitor, base: str) -> dict[str, str]:
    """The header of a new key."""
    return {"Authorization": f"Bearer {words(visitor.post(f'{base}/key', status=200).at('word'))}"}


def test_a_key_is_shown_once_with_how_to_use_it(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.post(f"{base}/key", status=200)
    word = words(page.at("word"))
    assert f"export KEY={word} " in page.words
    assert f'-d \'{{"add": ["HST:{WFPC2}"]}}\' https://skybasket.example/api/v1{base}/observations' in page.words
    assert page.headers["Cache-Control"] == "no-store"
    assert word not in visitor.get(f"{base}/key").text


def test_an_observation_whose_name_a_shell_would_read_is_not_in_a_command(lite: Site) -> None:
    hostile = "x'; touch pwned; '"
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    with writing(lite.services.engine) as session:
        session.execute(update(Observation).where(col(Observation.obs_id) == WFPC2).values(obs_id=hostile))
    page = visitor.post(f"{base}/key", status=200)
    assert "touch pwned" not in page.text
    assert "MISSION:OBS_ID" in page.words


def test_a_key_changes_what_is_in_its_basket(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    shown = key_of(visitor, base)
    notebook.post("/basket/add", {"obs": IMAGE}, headers=shown)
    notebook.post(f"{base}/selection", {"path": C0F, "on": "1", "back": "mrp=0"}, headers=shown)
    page = visitor.get(f"{base}?{QUERY}")
    assert page.states[C0F] == "true"
    assert "Observations in this basket (2)" in page.words


def test_a_key_does_nothing_with_the_basket_as_a_whole(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    shown = key_of(visitor, base)
    before = visitor.get("/baskets").flat
    for action in KEYLESS:
        notebook.post(f"{base}/{action}", {"name": "x"}, status=403, headers=shown)
    assert visitor.get("/baskets").flat == before


def test_a_key_makes_no_other_basket(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    shown = key_of(visitor, base)
    notebook.post("/baskets", {"name": "x"}, status=403, headers=shown)


def test_a_key_changes_no_other_basket_of_its_owner(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    shown = key_of(visitor, visitor.basket(WFPC2))
    other = visitor.post("/baskets").location
    notebook.post(f"{other}/remove", {"what": "all"}, status=403, headers=shown)


def test_a_key_cannot_change_a_locked_basket(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    shown = key_of(visitor, base)
    visitor.post(f"{base}/lock")
    notebook.post(f"{base}/selection", {"set": "matching"}, status=409, headers=shown)


def test_a_key_that_was_taken_back_is_refused(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    shown = key_of(visitor, base)
    page = visitor.follow(visitor.post(f"{base}/key/revoke"))
    assert "This basket has no key." in page.words
    notebook.get(base, status=401, headers=shown)


def test_a_new_key_takes_the_place_of_the_old_one(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    old, now = key_of(visitor, base), key_of(visitor, base)
    notebook.get(base, status=401, headers=old)
    notebook.get(base, headers=now)


def test_the_key_of_a_deleted_basket_is_refused(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    shown = key_of(visitor, base)
    visitor.post(f"{base}/delete")
    notebook.get(base, status=401, headers=shown)


def test_a_token_of_an_account_makes_no_key(lite: Site) -> None:
    shown = bearer(lite, person(lite))
    base = lite.visitor().post("/baskets", {"name": "x"}, headers=shown).location
    lite.visitor().post(f"{base}/key", status=403, headers=shown)


def test_the_list_says_which_baskets_have_a_key(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.post("/baskets", {"name": "Comets"}).location
    key_of(visitor, base)
    assert "Comets in use key" in visitor.get("/baskets").words


def test_what_was_made_with_a_key_is_the_basket_s_owner_s_once_the_key_is_taken_back(shared: Site) -> None:
    visitor, notebook = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    share = notebook.post(f"{base}/share", {"title": "Of a notebook", "back": ""}, headers=key_of(visitor, base))
    before = visitor.get("/shares").words
    visitor.post(f"{base}/key/revoke")
    assert ("Of a notebook" in before, "Of a notebook" in visitor.get("/shares").words) == (False, True)
    visitor.post(f"{share.location.partition('?')[0]}/revoke")
