"""Whether this process is alive, and whether it can do its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify
from sqlalchemy.exc import SQLAlchemyError

from jobs import client
from jobs.errors import JobError
from webapp.context import services
from webapp.db import reading
from webapp.queries.inventory import catalogue_version

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[str, dict[str, str]]:
    """Alive: answers without touching anything."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Ready: database, queue and stores, each by name; 503 if one is not."""
    here = services()
    checks: dict[str, str] = {}
    try:
        with reading(here.engine) as session:
            catalogue_version(session)
        checks["database"] = "ok"
    except SQLAlchemyError:
        checks["database"] = "cannot be reached"
    try:
        client.ping(here.settings.redis_url)
        checks["queue"] = "ok"
    except JobError:
        checks["queue"] = "cannot be reached"
    try:
        checks["stores"] = "ok" if here.stores else "none is configured"
    except JobError as error:
        checks["stores"] = str(error)
    ready = all(state == "ok" for state in checks.values())
    return jsonify(checks), 200 if ready else 503
