"""The JSON API, version 1. Errors are ``application/problem+json`` (RFC 9457).

One module an area; ``operations`` says how an operation is declared, ``document`` makes OpenAPI of what is declared.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint

PREFIX = "/api/v1"
MAST = ("/api/v0/", "/api/v0.1/Download/bundle.", "/portal/", "/whoami")  # what only MAST's clients ask


def blueprints() -> list[Blueprint]:
    """All of it."""
    # The modules import this package.
    from webapp.api.basket_writes import blueprint as basket_writes  # noqa: PLC0415
    from webapp.api.baskets import blueprint as baskets  # noqa: PLC0415
    from webapp.api.deliveries import blueprint as deliveries  # noqa: PLC0415
    from webapp.api.document import blueprint as document  # noqa: PLC0415
    from webapp.api.observations import blueprint as observations  # noqa: PLC0415
    from webapp.api.page import blueprint as page  # noqa: PLC0415
    from webapp.api.plans import blueprint as plans  # noqa: PLC0415
    from webapp.api.references import blueprint as references  # noqa: PLC0415
    from webapp.api.shares import blueprint as shares  # noqa: PLC0415

    return [observations, baskets, basket_writes, references, shares, plans, deliveries, document, page]


def is_asked() -> bool:
    """Whether the present request is one to this API."""
    return request.path.startswith(f"{PREFIX}/")


def is_program() -> bool:
    """Whether it is a program that asks, to which a page says nothing."""
    return is_asked() or request.path.startswith(MAST)


def problem(status: int, sentence: str, hint: str, more: Mapping[str, Any] | None = None) -> Response:
    """An error as a client reads it; ``more`` are members of its own."""
    body = {"type": "about:blank", "title": sentence, "status": status, "detail": hint, **(more or {})}
    return Response(json.dumps(body), status, content_type="application/problem+json")
