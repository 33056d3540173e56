"""Whether this server can do its work: database, queue, stores and spool, each by name."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from jobs import client
from jobs.errors import JobError
from webapp.db import reading
from webapp.queries.inventory import catalogue_version

if TYPE_CHECKING:
    from webapp.context import Services

OK = "ok"
PROBE_BYTES = 4096  # one block of most disks: a full one refuses it


def checks(services: Services) -> dict[str, str]:
    """``{part: "ok" or what is wrong}``; each answers within a few seconds."""
    return {
        "database": _database(services),
        "queue": _queue(services),
        "stores": _stores(services),
        "spool": _spool(services),
    }


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


def _spool(services: Services) -> str:
    folder = services.settings.spool
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE_BYTES))
    except OSError as error:
        return f"The spool cannot be written: {error.strerror}."
    return OK
