"""Whether this server can do its work: database, queue and stores, each by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from jobs import client
from jobs.errors import JobError
from webapp.db import reading
from webapp.queries.inventory import catalogue_version

if TYPE_CHECKING:
    from webapp.context import Services

OK = "ok"


def checks(services: Services) -> dict[str, str]:
    """``{part: "ok" or what is wrong}``; each answers within a few seconds."""
    return {"database": _database(services), "queue": _queue(services), "stores": _stores(services)}


def _database(services: Services) -> str:
    try:
        with reading(services.engine) as session:
            catalogue_version(session)
    except SQLAlchemyError:
        return "The database does not answer, or has not been set up."
    return OK


def _queue(services: Services) -> str:
    try:
        client.ping(services.settings.redis_url)
    except JobError as error:
        return str(error)
    return OK


def _stores(services: Services) -> str:
    try:
        services.stores  # noqa: B018 - opening them is the check
    except JobError as error:
        return str(error)
    return OK
