"""The OpenAPI document: complete, and true of the application that serves it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemathesis

from tests.fixtures.conformance import ask
from tests.fixtures.programs import program

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

DOCS = Path(__file__).resolve().parents[2] / "docs"
CONTRACT = {
    "/observations": {"get"},
    "/baskets": {"post"},
    "/baskets/{basket_id}": {"get"},
    "/baskets/{basket_id}/files": {"get"},
    "/baskets/{basket_id}/observations": {"post"},
    "/baskets/{basket_id}/selection": {"post"},
    "/baskets/{basket_id}/remove": {"post"},
    "/baskets/{basket_id}/restore": {"post"},
    "/baskets/{basket_id}/references": {"get", "post"},
    "/baskets/{basket_id}/share": {"post"},
    "/baskets/{basket_id}/plan": {"post"},
    "/baskets/{basket_id}/deliveries": {"post"},
    "/deliveries/{delivery_id}": {"get"},
    "/deliveries/{delivery_id}/cancel": {"post"},
    "/deliveries/{delivery_id}/extend": {"post"},
    "/deliveries/{delivery_id}/retry": {"post"},
}


def document(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = program(site).get("/openapi.json")
    return found


def test_each_address_of_the_contract_is_in_the_document(shared: Site) -> None:
    paths = document(shared)["paths"]
    assert {path: set(paths.get(f"/api/v1{path}", ())) for path in CONTRACT} == CONTRACT


def test_each_route_of_the_api_is_in_the_document(shared: Site) -> None:
    routes = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in shared.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule not in {"/api/v1/", "/api/v1/openapi.json"}
    }
    assert routes == set(document(shared)["paths"])


def test_the_document_is_openapi(shared: Site) -> None:
    found = document(shared)
    assert found["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(found).validate()


def test_each_operation_says_what_it_does_and_all_its_problems_in_one_form(shared: Site) -> None:
    for path, methods in document(shared)["paths"].items():
        for said in methods.values():
            assert said["summary"], path
            assert said["description"], path
            problems = [answer for status, answer in said["responses"].items() if status[0] in "45d"]
            assert {name for each in problems for name in each["content"]} == {"application/problem+json"}, path


def test_each_operation_is_in_the_documentation(shared: Site) -> None:
    listed = re.findall(r"^\| `(\w+) (/[^`]*)` \|", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)
    there = [(m.upper(), path) for path, methods in document(shared)["paths"].items() for m in methods]
    assert sorted((method, f"/api/v1{path}") for method, path in listed) == sorted(there)


def test_operations_have_names_of_their_own(shared: Site) -> None:
    names = [said["operationId"] for methods in document(shared)["paths"].values() for said in methods.values()]
    assert len(names) == len(set(names))


def test_the_application_is_as_the_document_says(lite: Site, tmp_path: Path) -> None:
    phases = ("--phases", "examples,fuzzing,stateful", "--max-examples", "5", "--generation-deterministic")
    ask(lite, tmp_path, *phases)
