"""Whether this process is alive, and whether it can do its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify

from webapp import health
from webapp.context import services

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[str, dict[str, str]]:
    """Alive: answers without touching anything."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Ready: what each part says; 503 if one is not."""
    found = health.checks(services())
    return jsonify(found), 200 if all(state == health.OK for state in found.values()) else 503
