"""The OpenAPI document, made of what the operations declare."""

from __future__ import annotations

import inspect
import json
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app
from pydantic.json_schema import models_json_schema

from webapp.api import PREFIX
from webapp.api.answers import ProblemAnswer
from webapp.api.operations import ATTRIBUTE, Operation
from webapp.context import services
from webapp.identity import needs
from webapp.tokens import READ

if TYPE_CHECKING:
    from flask import Flask

blueprint = Blueprint("api_document", __name__, url_prefix=PREFIX)

EXTENSION = "skybasket.openapi"
SCHEMAS = "#/components/schemas/{model}"
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_ID = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"}
_ALWAYS = {
    401: "The token or key is not good, or not any more.",
    429: "Too many requests; Retry-After says when to come back.",
    "default": "Any other problem.",
}
_WITH_BODY = {400: "The body is not a JSON object.", 415: "The body is not application/json."}
_TAG = {"description": 'The basket\'s version and state, as in "12-9f2c".', "schema": {"type": "string"}}


@blueprint.get("/openapi.json")
@needs(READ)
def openapi() -> Response:
    """All operations, for programs."""
    return Response(json.dumps(document()), content_type="application/json")


def document() -> dict[str, Any]:
    """OpenAPI 3.1 of the application that handles this request."""
    if EXTENSION not in current_app.extensions:
        current_app.extensions[EXTENSION] = _document()
    found: dict[str, Any] = current_app.extensions[EXTENSION]
    return found


def _document() -> dict[str, Any]:
    found = list(_operations(current_app))
    models = {model for _, _, said, _ in found for model in (said.answer, said.body, ProblemAnswer) if model}
    wanted = [(model, "validation" if issubclass(model, _bodies(found)) else "serialization") for model in models]
    _, schemas = models_json_schema(sorted(wanted, key=str), ref_template=SCHEMAS)  # type: ignore[arg-type]  # the modes are literals
    paths: dict[str, dict[str, Any]] = {}
    for path, method, said, view in found:
        paths.setdefault(path, {})[method.lower()] = _operation(path, said, view)
    settings = services().settings
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.archive_name} download basket",
            "version": version("skybasket"),
            "description": "Choose files of an archive and have exactly these delivered.",
        },
        "servers": [{"url": settings.base_url}],
        "security": [{}, {"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token, or a basket's key."}
            },
        },
    }


def _bodies(found: list[tuple[str, str, Operation, Any]]) -> tuple[type, ...]:
    return tuple(said.body for _, _, said, _ in found if said.body)


def _operations(app: Flask) -> Any:
    """``(path, method, declaration, view)`` of each, by path."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        view = app.view_functions[rule.endpoint]
        said = getattr(view, ATTRIBUTE, None)
        if said is not None:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield _VARIABLE.sub(r"{\1}", rule.rule), method, said, view


def _operation(path: str, said: Operation, view: Any) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _ID} for name in re.findall(r"{(\w+)}", path)
    ]
    for each in said.query:
        schema = {"type": "array", "items": dict(each.schema)} if each.repeated else dict(each.schema)
        parameters.append({"name": each.name, "in": "query", "description": each.about, "schema": schema})
    parameters += [
        {"name": each.name, "in": "header", "description": each.about, "schema": dict(each.schema)}
        for each in said.headers
    ]
    if said.guarded:
        about = "Only if the basket is at this version; the entity tag of an answer does too."
        schema = {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,18}(-[0-9a-f]{1,64})?")$'}
        parameters.append({"name": "If-Match", "in": "header", "description": about, "schema": schema})
    answer: dict[str, Any] = {"description": said.summary, "content": _json(said.answer)}
    if said.tagged:
        answer["headers"] = {"ETag": _TAG}
    answers = {str(int(said.status)): answer}
    if said.tagged and not said.guarded:
        answers["304"] = {"description": "Nothing has changed since the answer of that entity tag."}
    errors: dict[Any, str] = {**_ALWAYS, **(_WITH_BODY if said.body else {}), **said.errors}
    for status, about in sorted(errors.items(), key=str):
        answers[str(status)] = {"description": about, "content": _json(ProblemAnswer, "application/problem+json")}
    found: dict[str, Any] = {
        "operationId": f"{view.__module__.rpartition('.')[2]}_{view.__name__}",
        "summary": said.summary,
        "description": inspect.getdoc(view) or "",
        "responses": answers,
    }
    if parameters:
        found["parameters"] = parameters
    if said.body:
        found["requestBody"] = {"required": not said.body_optional, "content": _json(said.body)}
    return found


def _json(model: type, media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": SCHEMAS.format(model=model.__name__)}}}
