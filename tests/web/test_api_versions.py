"""Entity tags of baskets: to ask whether something has changed, and to change only what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE
from tests.fixtures.programs import WRITES, every_write, program

if TYPE_CHECKING:
    from tests.fixtures.programs import ProgramBasket
    from tests.fixtures.webapp import Site


def tag(basket: ProgramBasket, query: str = "") -> str:
    answer = basket.holder.asked("GET", f"{basket.path}{query}")
    assert answer.status_code == 200
    return answer.headers["ETag"]


def status(basket: ProgramBasket, query: str, none_match: str) -> int:
    return basket.holder.asked("GET", f"{basket.path}{query}", headers={"If-None-Match": none_match}).status_code


def test_a_tag_begins_with_the_version(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    assert tag(basket).startswith(f'"{basket.get()["version"]}-')


@pytest.mark.parametrize("query", ["", "?mrp=0", "/files", "/files?mrp=0&limit=1"])
def test_what_has_not_changed_is_not_sent_again(shared: Site, query: str) -> None:
    basket = program(shared).basket(IMAGE)
    seen = tag(basket, query)
    answer = basket.holder.asked("GET", f"{basket.path}{query}", headers={"If-None-Match": seen})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", seen)


def test_another_view_has_another_tag(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    assert status(basket, "?mrp=0", tag(basket)) == 200


@pytest.mark.parametrize("query", ["", "/files"])
def test_what_has_changed_is_sent(shared: Site, query: str) -> None:
    basket = program(shared).basket(IMAGE)
    seen = tag(basket, query)
    basket.post("selection", {"select": True, "filters": ""})
    assert status(basket, query, seen) == 200


def test_what_the_archive_changed_is_sent_though_nobody_changed_the_basket(lite: Site) -> None:
    basket = program(lite).basket(IMAGE)
    seen = tag(basket, "?mrp=0")
    lite.holdings.withdraw(f"{IMAGE}_pool.csv")
    assert status(basket, "?mrp=0", seen) == 200


def test_the_answer_to_a_change_has_the_tag_of_the_new_version(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    answer = basket.holder.asked("POST", f"{basket.path}/selection", json=WRITES["selection"])
    assert answer.json is not None
    assert answer.headers["ETag"].startswith(f'"{answer.json["version"]}-')
    basket.post("remove", WRITES["remove"], If_Match=answer.headers["ETag"])


def forms(basket: ProgramBasket) -> dict[str, str]:
    """All that means the present version."""
    seen = tag(basket)
    version = seen.partition("-")[0].lstrip('"')
    return {"tag": seen, "version": f'"{version}"', "weak": f"W/{seen}", "weak version": f'W/"{version}"', "any": "*"}


@every_write
def test_a_change_of_the_version_that_was_seen_is_made(shared: Site, write: str) -> None:
    basket = program(shared).basket(IMAGE)
    for form in forms(basket):
        basket.post(write, WRITES[write], If_Match=forms(basket)[form])


@every_write
def test_a_change_of_an_older_version_changes_nothing(shared: Site, write: str) -> None:
    basket = program(shared).basket(IMAGE, select="")
    older = forms(basket)
    basket.post("remove", {"filters": "mrp=0&ext=jpg"})
    before = basket.get("?mrp=0")
    for form in set(older) - {"any"}:
        basket.post(write, WRITES[write], 412, If_Match=older[form])
    assert basket.get("?mrp=0") == before


@every_write
def test_what_is_no_version_changes_nothing(shared: Site, write: str) -> None:
    basket = program(shared).basket(IMAGE, select="")
    before = basket.get("?mrp=0")
    for sent in ('"x"', '"-1"', '""', "", "1.5", '"٣"', '"9999999999999999999"', '"1" x', "W/"):
        basket.post(write, WRITES[write], 412, If_Match=sent.encode().decode("latin-1"))
    assert basket.get("?mrp=0") == before


@every_write
def test_a_change_without_a_version_is_made(shared: Site, write: str) -> None:
    basket = program(shared).basket(IMAGE)
    basket.post("remove", {"filters": "mrp=0&ext=jpg"})
    basket.post(write, WRITES[write])


def test_what_only_reads_tells_caches_to_ask_again(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    assert basket.holder.asked("GET", basket.path).headers["Cache-Control"] == "private, no-cache"
