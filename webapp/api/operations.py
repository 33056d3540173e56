"""How an operation of the API is declared: what it takes, what it answers, which errors; the rest follows from that.

A body is read by its model before the view is called, so that no view sees what does not fit; OpenAPI is made of the
same declaration. Handles bodies that are JSON objects; refuses all else with one sentence that names the field.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from jobs.dialects import comment
from webapp.errors import UserError
from webapp.identity import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic_core import ErrorDetails

ATTRIBUTE = "operation"
MOST_FIELDS = 5  # named of a body that does not fit
LONGEST_FIELD = 100  # characters of a field's name in a sentence
LONGEST_VERSION = 18  # digits
TAG_LETTERS = 16  # of the hash in an entity tag


class Sent(BaseModel):
    """A body. Unknown fields are refused, so that a misspelt one is not silently without effect."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Answered(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


PLAIN = {"type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"}  # no control characters


@dataclass(frozen=True)
class Parameter:
    """A query parameter. ``schema`` is JSON Schema; a ``repeated`` one may come several times."""

    name: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: PLAIN)
    repeated: bool = False


@dataclass(frozen=True)
class Operation:
    """What OpenAPI says of a view. ``tagged``: its answer has an entity tag; ``guarded``: it honours If-Match."""

    summary: str
    answer: type[BaseModel]
    status: int
    body: type[Sent] | None
    body_optional: bool
    query: Sequence[Parameter]
    headers: Sequence[Parameter]
    errors: Mapping[int, str]
    tagged: bool
    guarded: bool


@dataclass(frozen=True)
class Reply:
    """An answer with what goes into its headers. ``version`` is the basket's."""

    answer: BaseModel
    version: int | None = None
    location: str = ""


def operation(
    summary: str,
    *,
    answer: type[BaseModel],
    scope: str,
    status: int = HTTPStatus.OK,
    body: type[Sent] | None = None,
    body_optional: bool = False,
    query: Sequence[Parameter] = (),
    headers: Sequence[Parameter] = (),
    errors: Mapping[int, str] | None = None,
    tagged: bool = False,
    guarded: bool = False,
) -> Callable[[Callable[..., Reply]], Callable[..., Response]]:
    """Declare a view as an operation. With a ``body`` the view takes it as its last argument; it returns a Reply."""
    said = Operation(
        summary, answer, status, body, body_optional, query, headers, errors or {}, tagged or guarded, guarded
    )

    def declare(view: Callable[..., Reply]) -> Callable[..., Response]:
        @functools.wraps(view)
        def called(**path: str) -> Response:
            sent = [read_body(body, optional=body_optional)] if body is not None else []
            return _response(view(*path.values(), *sent), status)

        setattr(called, ATTRIBUTE, said)
        return needs(scope)(called)

    return declare


def read_body(model: type[Sent], *, optional: bool = False) -> Sent:
    """The body as its model. Raises UserError 400, 415, 422."""
    if optional and not request.get_data():
        return model()
    if not request.is_json:
        raise UserError(415, "This address takes JSON.", "Send Content-Type: application/json.")
    try:
        found = from_json(request.get_data(), allow_inf_nan=False)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UserError(400, "The body is not a JSON object.", "Send one, as in {...}, in UTF-8.")
    if unknown := sorted(found.keys() - model.model_fields.keys(), key=len)[:MOST_FIELDS]:
        named = ", ".join(f"{comment(each[:LONGEST_FIELD])} is not a field here" for each in unknown)
        raise UserError(422, f"The body does not fit: {named}.", _HINT)
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise UserError(422, _sentence(error.errors(include_url=False, include_input=False)), _HINT) from error


_HINT = "See /api/v1 for what this address takes. Nothing was changed."


def _sentence(errors: Sequence[ErrorDetails]) -> str:
    said = [f"{_place(each)} {_WRONG.get(each['type']) or _plain(each['msg'])}" for each in errors[:MOST_FIELDS]]
    more = f" and {len(errors) - MOST_FIELDS} more" if len(errors) > MOST_FIELDS else ""
    return f"The body does not fit: {', '.join(said)}{more}."


_WRONG = {
    "missing": "is missing",
    "string_type": "is not a text",
    "bool_type": "is not true or false",
    "list_type": "is not a list",
    "int_type": "is not a whole number",
}


def _place(error: ErrorDetails) -> str:
    name = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in error["loc"]).lstrip(".")
    return comment(name[:LONGEST_FIELD]) or "it"


def _plain(message: str) -> str:
    """Pydantic's words, as the rest of a sentence."""
    text = message.removeprefix("Value error, ")
    return f"{text[:1].lower()}{text[1:]}".rstrip(".")


def _response(reply: Reply, status: int) -> Response:
    response = Response(reply.answer.model_dump_json(), status, content_type="application/json")
    if reply.location:
        response.headers["Location"] = reply.location
    if reply.version is not None:
        digest = hashlib.sha256(response.get_data()).hexdigest()[:TAG_LETTERS]
        response.set_etag(f"{reply.version}-{digest}")
        if request.method == "GET":
            response.headers["Cache-Control"] = "private, no-cache"
            response.make_conditional(request)
    return response


def expected_version() -> int | None:
    """The version that If-Match names: of the tag ``"12-9f2c"``, or of ``"12"`` by itself; None where any will do.

    A proxy that compresses makes a tag weak; it still names the version. Raises UserError 412 for what is no version.
    """
    sent = request.headers.get("If-Match")
    if sent is None or sent.strip() == "*":
        return None
    tag = sent.strip().removeprefix("W/").strip('"')
    number = tag.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_VERSION):
        raise UserError(412, "If-Match names no version of this basket, so nothing was changed.", 'Send "<version>".')
    return int(number)
