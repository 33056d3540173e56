"""How often the API may be asked: said in headers, refused with the time to come back, never an outage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.people import bearer, person
from tests.fixtures.webapp import Site, application

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.valkey import Valkey

ASKED = "/api/v1/observations?limit=1"
NAMES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@pytest.fixture
def strict(lite: Site, valkey: Valkey) -> Site:
    """Three requests a minute."""
    settings = replace(lite.settings, redis_url=valkey.url, api_per_minute=3)
    return Site(application(settings), settings, lite.holdings)


def test_each_answer_says_how_much_is_left(strict: Site) -> None:
    client = strict.visitor().client
    left = [client.get(ASKED).headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]


def test_one_too_many_is_told_when_to_come_back(strict: Site) -> None:
    client = strict.visitor().client
    answers = [client.get(ASKED) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[3].content_type == "application/problem+json"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert answers[3].headers["RateLimit-Limit"] == "3"


def test_an_account_is_counted_apart_from_its_network(strict: Site) -> None:
    client = strict.visitor().client
    for _ in range(4):
        client.get(ASKED)
    shown = bearer(strict, person(strict))
    assert client.get(ASKED, headers=shown).status_code == 200


def test_two_processes_count_together(strict: Site) -> None:
    twin = Site(application(strict.settings), strict.settings, strict.holdings)
    for site in (strict, twin, strict):
        site.visitor().client.get(ASKED)
    assert twin.visitor().client.get(ASKED).status_code == 429


def test_pages_and_files_are_not_counted(strict: Site) -> None:
    client = strict.visitor().client
    for _ in range(5):
        assert client.get("/").status_code == 200
        assert client.get("/api/v0.1/Download/file?uri=mast:HST/product/none.fits").status_code == 404


def test_bundles_for_clients_of_mast_are_counted(strict: Site) -> None:
    client = strict.visitor().client
    answers = [
        client.post("/api/v0.1/Download/bundle.zip", data={"uri": "mast:HST/product/none.fits"}) for _ in range(4)
    ]
    assert [each.status_code for each in answers] == [404, 404, 404, 429]


def test_without_the_store_nobody_is_refused(lite: Site, tmp_path: Path) -> None:
    settings = replace(lite.settings, redis_url=f"unix://{tmp_path}/nothing", api_per_minute=1)
    client = Site(application(settings), settings, lite.holdings).visitor().client
    answers = [client.get(ASKED) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert not [name for name in NAMES if name in answers[0].headers]
