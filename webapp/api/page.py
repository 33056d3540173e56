"""The API for people: the OpenAPI document as a page, so that what is read there is what is served."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template

from webapp.api import PREFIX
from webapp.api.document import document
from webapp.context import services
from webapp.identity import needs
from webapp.tokens import READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

blueprint = Blueprint("api_page", __name__, url_prefix=PREFIX)

DEEPEST = 6  # models in models
AREAS = {"observations": "Observations", "baskets": "Baskets", "deliveries": "Deliveries"}
SUCCESS = "2"


@dataclass(frozen=True)
class Field:
    """A member of a body or an answer, or a parameter. ``name`` shows how deep it is: ``selected.hidden``."""

    name: str
    kind: str
    about: str
    required: bool


@dataclass(frozen=True)
class OperationView:
    """One operation. ``command`` is how curl asks for it; errors are (status, what it means)."""

    id: str
    method: str
    path: str
    title: str
    about: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_about: str
    command: str
    status: str
    answer_about: str
    answer: tuple[Field, ...]
    errors: tuple[tuple[str, str], ...]


@blueprint.get("/", strict_slashes=False)  # a redirect would repeat whatever Host a request names
@needs(READ)
def show() -> str:
    """All operations, for people."""
    return render_template("api/page.html", areas=_areas(), server=services().settings.base_url, prefix=PREFIX)


def _areas() -> dict[str, list[OperationView]]:
    """By area, in the order in which they are used."""
    whole = document()
    found: dict[str, list[OperationView]] = {title: [] for title in AREAS.values()}
    for path, methods in whole["paths"].items():
        words = [AREAS[word] for word in path.split("/") if word in AREAS]
        area = words[0] if len(words) == 1 or words[-1] == AREAS["observations"] else words[-1]
        for method, said in methods.items():
            found[area].append(_view(whole, path, method.upper(), said))
    return found


def _view(whole: Mapping[str, Any], path: str, method: str, said: Mapping[str, Any]) -> OperationView:
    model = _content(said["requestBody"]) if "requestBody" in said else None
    status = next(each for each in said["responses"] if each.startswith(SUCCESS))
    answer = _content(said["responses"][status])
    return OperationView(
        id=said["operationId"],
        method=method,
        path=path,
        title=said["summary"],
        about=_plain(said["description"]),
        parameters=tuple(
            Field(each["name"], _kind(each["schema"]), each.get("description", ""), each.get("required", False))
            for each in said.get("parameters", ())
            if each["in"] != "path"
        ),
        body=tuple(_fields(whole, model)) if model else (),
        body_about=_plain(_model(whole, model).get("description", "")) if model else "",
        command=_command(whole, path, method, model),
        status=status,
        answer_about=_plain(_model(whole, answer).get("description", "")),
        answer=tuple(_fields(whole, answer)),
        errors=tuple((status, each["description"]) for status, each in said["responses"].items() if status[0] in "345"),
    )


def _command(whole: Mapping[str, Any], path: str, method: str, model: Mapping[str, Any] | None) -> str:
    address = (
        f'"{whole["servers"][0]["url"]}{path.replace("{basket_id}", "$BASKET").replace("{delivery_id}", "$DELIVERY")}"'
    )
    auth = ' -H "Authorization: Bearer $KEY"' if method != "GET" and "{" in path else ""
    if model is None:
        return f"curl -sS{' -X POST' if method == 'POST' else ''}{auth} {address}"
    examples = _model(whole, model).get("examples")
    sent = json.dumps(examples[0] if examples else {})
    return f"curl -sS{auth} \\\n  -H 'Content-Type: application/json' -d '{sent}' \\\n  {address}"


def _content(part: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = next(iter(part["content"].values()))["schema"]
    return schema


def _model(whole: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference refers to."""
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _fields(whole: Mapping[str, Any], schema: Mapping[str, Any], before: str = "", deep: int = 0) -> Iterator[Field]:
    model = _model(whole, schema)
    for name, each in model.get("properties", {}).items():
        inner = _inner(whole, each)
        about = _plain(each.get("description", "") or inner.get("description", ""))
        yield Field(f"{before}{name}", _kind(each), about, name in model.get("required", ()))
        if "properties" in inner and deep < DEEPEST:
            mark = "[]." if each.get("type") == "array" else "."
            yield from _fields(whole, inner, f"{before}{name}{mark}", deep + 1)


def _inner(whole: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The model that a field holds, be it one, a list of them, or none."""
    options = [each for each in schema.get("anyOf", (schema,)) if each.get("type") != "null"]
    one = options[0] if options else schema
    return _model(whole, one.get("items", one))


def _kind(schema: Mapping[str, Any]) -> str:
    """A type in words."""
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"] if each != "")
    if schema.get("type") == "array":
        return f"list of {_plural(_kind(schema.get('items', {})))}"
    members = schema.get("additionalProperties")
    if isinstance(members, dict):
        return f"object of {_plural(_kind(members))} by name"
    kind = str(schema.get("type", "object"))
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(kind, kind)


def _plain(text: str) -> str:
    """A docstring's first paragraph, without its marks."""
    return text.partition("\n\n")[0].replace("``", "")


def _plural(kind: str) -> str:
    return {"text": "texts", "object": "objects", "whole number": "whole numbers"}.get(kind, kind)
