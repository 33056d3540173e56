"""All routes, asked by everybody about an exclusive file: those who may read it get it, and nobody else any trace."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.doors import ALLOWED, IDENTITIES, ROUTES
from tests.fixtures.doors_world import world_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fixtures.doors import Ask
    from tests.fixtures.doors_world import World
    from tests.fixtures.valkey import Valkey
    from tests.fixtures.webapp import Site

REFUSED = {401, 403}
STRANGERS = [each for each in IDENTITIES if each not in ALLOWED]
FILES = ("GET /api/v0.1/Download/", "GET /deliveries/<delivery_id>/<path:name>")


@pytest.fixture(scope="module", params=["GET"])
def world(
    request: pytest.FixtureRequest,
    sqlite_template: Path,
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """One for each method that is asked: what is posted changes what is got, and tests run in any order."""
    folder = tmp_path_factory.mktemp(f"doors_{request.param}")
    shutil.copyfile(sqlite_template, folder / "skybasket.db")
    if valkey_server._process is None:
        valkey_server.start()
    with world_on(f"sqlite:///{folder}/skybasket.db", valkey_server.url, folder) as made:
        yield made


def asks(method: str) -> list[tuple[str, Ask]]:
    """All requests of a method, those after which nobody is who they were last."""
    found = [(route, ask) for route, each in ROUTES.items() if route.startswith(f"{method} ") for ask in each]
    return sorted(found, key=lambda one: one[1].last)


def test_the_table_knows_every_route_and_no_other(shared: Site) -> None:
    there = {
        f"{method} {rule.rule}"
        for rule in shared.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    said = "Say in ROUTES of tests/fixtures/doors.py how these are asked about an exclusive file, and what they show"
    assert not there - ROUTES.keys(), f"{said}: {', '.join(sorted(there - ROUTES.keys()))}"
    assert not ROUTES.keys() - there, f"Not there any more: {', '.join(sorted(ROUTES.keys() - there))}"


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize(("world", "method"), [("GET", "GET"), ("POST", "POST")], indirect=["world"])
def test_the_allowed_get_what_a_route_has_and_nobody_else_any_trace(world: World, method: str, identity: str) -> None:
    who = world.asks_as[identity]()
    for route, ask in asks(method):
        with world.asked(who, method, ask) as answer:
            shown = ask.shows if identity in ALLOWED else frozenset()
            where = f"{route}, asked as {ask.path} {dict(ask.form)} by {identity}, answered {answer.status}"
            assert world.seen(answer) == shown, where
            assert answer.status_code < 500, where


@pytest.mark.parametrize("identity", STRANGERS)
def test_what_is_asked_for_in_part_is_refused_in_whole(world: World, identity: str) -> None:
    who = world.asks_as[identity]()
    partly = {"Range": "bytes=0-0"}, {"Range": "bytes=999999999-"}, {"If-None-Match": "*"}
    for route, ask in asks("GET"):
        if route.startswith(FILES):
            for method, headers in [("HEAD", {}), *(("GET", each) for each in partly)]:
                with world.asked(who, method, ask, **headers) as answer:
                    where = f"{method} {ask.path} {headers} by {identity}"
                    assert answer.status_code in REFUSED, where
                    assert not {"ETag", "Content-Range", "Last-Modified"} & set(answer.headers.keys()), where


@pytest.mark.parametrize("identity", ["an expired token", "a revoked token", "a basket key that was taken back"])
def test_a_word_that_is_no_good_is_not_better_than_none(world: World, identity: str) -> None:
    who = world.asks_as[identity]()
    for route, ask in [*asks("GET"), *asks("POST")]:
        if route != "GET /static/<path:filename>":
            with world.asked(who, route.partition(" ")[0], ask) as answer:
                assert answer.status_code == 401, f"{route} by {identity} answered {answer.status}"
                assert answer.headers["WWW-Authenticate"] == "Bearer", route
