"""What the API answers to requests that are none: problem documents in one form, and nothing changed."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.holdings import IMAGE
from tests.fixtures.programs import API, PROBLEM, program

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.fixtures.programs import ProgramBasket
    from tests.fixtures.webapp import Site

BODIES: dict[str, dict[str, Any]] = {
    "/baskets": {"observations": [IMAGE]},
    "/baskets/{}/observations": {"add": []},
    "/baskets/{}/selection": {"select": True, "filters": "mrp=0"},
    "/baskets/{}/remove": {"filters": "mrp=0"},
    "/baskets/{}/restore": {"filters": "mrp=0"},
    "/baskets/{}/share": {"filters": ""},
    "/baskets/{}/plan": {"method": "list", "format": "csv"},
    "/baskets/{}/deliveries": {"method": "list", "format": "csv"},
}
SHORT = {"/baskets", "/baskets/{}/selection", "/baskets/{}/deliveries"}
each_body = pytest.mark.parametrize(
    "path", [pytest.param(each, marks=[] if each in SHORT else pytest.mark.long) for each in BODIES]
)


def sent(basket: ProgramBasket, path: str, data: bytes | str, content_type: str = "application/json") -> TestResponse:
    headers = {"Content-Type": content_type} if content_type else {}
    return basket.holder.asked("POST", path.format(basket.id), data=data, headers=headers)


def refused(answer: TestResponse, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer.content_type) == (status, PROBLEM), answer.get_data(as_text=True)[:1000]
    said: dict[str, Any] = json.loads(answer.data)
    assert {"type", "title", "status", "detail"} <= set(said)
    assert (said["type"], said["status"]) == ("about:blank", status)
    assert said["title"].isprintable()
    assert len(said["title"]) < 1_000
    return said


NO_OBJECTS: tuple[bytes | str, ...] = (
    "{",
    "null",
    "[]",
    "1",
    '"text"',
    b"\xff\xfe{}",
    b'{"filters": "\xe9"}',
    "{'filters': ''}",
    "[" * 100_000,
    '{"filters":' * 50_000,
    '{"filters": "\\ud800"}',
)
ODD_VALUES = (None, 1, 1.5, True, {}, [[]], [None], [1], "\0", 10**400, float("nan"))


@each_body
def test_what_is_no_json_object_is_a_problem(shared: Site, path: str) -> None:
    basket = program(shared).basket(IMAGE)
    before = basket.get("?mrp=0")
    for data in NO_OBJECTS:
        refused(sent(basket, path, data), 400)
    assert basket.get("?mrp=0") == before


@pytest.mark.parametrize("path", [path for path in BODIES if not path.endswith("/share")])
def test_no_body_is_a_problem(shared: Site, path: str) -> None:
    refused(sent(program(shared).basket(IMAGE), path, ""), 400)


@each_body
def test_a_field_of_another_kind_is_no_error_of_the_server(shared: Site, path: str) -> None:
    basket = program(shared).basket(IMAGE)
    for field in (*BODIES[path], "unknown\n\0"):
        for value in ODD_VALUES:
            answer = sent(basket, path, json.dumps(BODIES[path] | {field: value}))
            assert answer.status_code in {200, 400, 422}, (field, value)


@each_body
def test_an_unknown_field_is_named(shared: Site, path: str) -> None:
    answer = sent(program(shared).basket(IMAGE), path, json.dumps(BODIES[path] | {"colour": "red"}))
    assert "colour is not a field here" in refused(answer, 422)["title"]


@each_body
def test_another_type_of_content_is_a_problem(shared: Site, path: str) -> None:
    basket = program(shared).basket(IMAGE)
    for content_type in ("", "text/plain", "application/x-www-form-urlencoded", "text/html"):
        refused(sent(basket, path, json.dumps(BODIES[path]), content_type), 415)


def test_json_may_say_its_encoding(shared: Site) -> None:
    path, basket = "/baskets/{}/selection", program(shared).basket(IMAGE)
    assert sent(basket, path, json.dumps(BODIES[path]), "application/json; charset=utf-8").status_code == 200


def test_of_two_fields_of_one_name_the_last_counts(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    data = '{"select": true, "filters": "colour=red", "filters": "mrp=0"}'
    headers = {"Content-Type": "application/json"}
    assert basket.holder.asked("POST", f"{basket.path}/selection", data=data, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/baskets/{}/plan", "/baskets/{}/share", "/deliveries/x/cancel"])
def test_a_huge_body_is_a_problem(shared: Site, path: str) -> None:
    refused(sent(program(shared).basket(IMAGE), path, "{" + " " * 1_100_000), 413)


def test_a_list_may_be_longer_than_other_bodies(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    body = {"filters": "mrp=0", "paths": [f"JWST/{IMAGE}/{number:060}" for number in range(20_000)]}
    assert len(basket.post("remove", body, 422)["unknown_paths"]) == 1_000


def test_more_than_the_longest_list_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    basket.post("remove", {"filters": "mrp=0", "paths": ["a"] * 100_001}, 422)


def test_an_unknown_address_is_a_problem_document(shared: Site) -> None:
    for path in ("/nothing", "/baskets/x/nothing", "/baskets/", "/baskets//files", "/deliveries", "/openapi.yaml"):
        for method in ("GET", "POST"):
            refused(program(shared).asked(method, path), 404)


def test_an_odd_address_is_a_problem_document(shared: Site) -> None:
    for path in ("/baskets/%00", "/baskets/a%0ab/files", "/deliveries/%1f", f"/baskets/{'x' * 5_000}"):
        refused(program(shared).asked("GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/baskets", "OPTIONS, POST"),
        ("DELETE", "/baskets/x", "GET, HEAD, OPTIONS"),
        ("PUT", "/baskets/x/selection", "OPTIONS, POST"),
        ("PATCH", "/deliveries/x", "GET, HEAD, OPTIONS"),
        ("GET", "/deliveries/x/cancel", "OPTIONS, POST"),
        ("POST", "/observations", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_method_is_a_problem_document_that_names_those_there_are(
    shared: Site, method: str, path: str, allowed: str
) -> None:
    answer = program(shared).asked(method, path)
    refused(answer, 405)
    assert sorted(answer.headers["Allow"].split(", ")) == allowed.split(", ")


def test_options_names_the_methods(shared: Site) -> None:
    answer = program(shared).asked("OPTIONS", "/observations")
    assert (answer.status_code, sorted(answer.headers["Allow"].split(", "))) == (200, ["GET", "HEAD", "OPTIONS"])


def test_head_has_the_headers_of_get_and_no_body(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    for path in ("/observations", basket.path, f"{basket.path}/files", "/openapi.json"):
        head, get = (program(shared).asked(method, path) for method in ("HEAD", "GET"))
        assert (head.status_code, head.data, head.content_type) == (200, b"", "application/json"), path
        assert head.headers["Content-Length"] == get.headers["Content-Length"]
        assert head.headers.get("ETag") == get.headers.get("ETag")


def test_a_problem_is_never_kept_by_caches(shared: Site) -> None:
    assert program(shared).asked("GET", "/baskets/nothing").headers["Cache-Control"] == "no-store"


def test_addresses_elsewhere_are_answered_with_pages(shared: Site) -> None:
    answer = shared.visitor().client.get(f"{API}x/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_half_a_surrogate_is_no_cursor(shared: Site) -> None:
    cursor = base64.urlsafe_b64encode(b'["\\ud800","y"]').decode().rstrip("=")
    program(shared).get(f"/observations?after={cursor}", 400)


def test_very_many_unknown_fields_are_one_short_sentence(shared: Site) -> None:
    many = json.dumps(dict.fromkeys(map(str, range(200_000)), 0))
    said = refused(program(shared).asked("POST", "/baskets", data=many, content_type="application/json"), 422)
    assert len(said["title"]) < 200
