"""The JSON API, version 1. Errors are ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, request

from webapp.errors import UserError

if TYPE_CHECKING:
    from flask import Blueprint

PREFIX = "/api/v1"


def blueprints() -> list[Blueprint]:
    """All of it."""
    from webapp.api.plans import blueprint as plans  # noqa: PLC0415 - the modules import this package

    return [plans]


def is_asked() -> bool:
    """Whether the present request is one to this API."""
    return request.path.startswith(f"{PREFIX}/")


def problem(status: int, sentence: str, hint: str) -> Response:
    """An error as a client reads it."""
    body = {"type": "about:blank", "title": sentence, "status": status, "detail": hint}
    return Response(json.dumps(body), status, content_type="application/problem+json")


def body() -> dict[str, Any]:
    """The JSON object that was sent. Raises UserError 400, 415."""
    if not request.is_json:
        raise UserError(415, "This address takes JSON.", "Send Content-Type: application/json.")
    try:
        found = request.get_json(silent=True)
    except RecursionError:  # lists in lists
        found = None
    if not isinstance(found, dict):
        raise UserError(400, "The body is not a JSON object.", 'It looks like {"method": "bundle", "format": "zip"}.')
    return found
