"""What the pages of administration show: people, programmes, deliveries, queue, storage, shares. All lists are bounded.

Nothing here tells what is in a file.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs import client
from jobs.errors import QueueError
from webapp import clock, owners, spool, tokens
from webapp.db import reading
from webapp.programmes import TEAM
from webapp.queries import admin as query
from webapp.queries.chores import staged_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.client import QueueState, WorkerState
    from webapp.context import Services
    from webapp.queries.admin import DeliveryRow, PersonRow, ProgrammeRow, ShareRow

MOST_PEOPLE, MOST_PROGRAMMES, MOST_READERS, MOST_MEMBERS, NEWEST = 200, 200, 2_000, 2_000, 100
QUEUES = ("quick", "heavy")
LONGEST_FIND = 100  # characters


@dataclass(frozen=True)
class Programmes:
    """``readers`` are names, a team's with ``team:`` before it, by (mission, programme)."""

    rows: list[ProgrammeRow]
    readers: dict[tuple[str, str], list[str]]
    more: bool  # than are listed
    more_readers: bool


@dataclass(frozen=True)
class Teams:
    """Members by team."""

    members: dict[str, list[str]]
    more: bool


@dataclass(frozen=True)
class Queue:
    """How the queue stands; ``wrong`` says why that cannot be told."""

    queues: list[QueueState]
    workers: list[WorkerState]
    wrong: str = ""


@dataclass(frozen=True)
class Room:
    """Bytes in use, of at most ``limit`` (None: of the whole disk), and what is free on that disk."""

    what: str
    used: int
    limit: int | None
    free: int


def people(services: Services, find: str) -> list[PersonRow]:
    """Accounts whose name or address has ``find`` in it; at most ``MOST_PEOPLE``."""
    now = clock.now()
    idle_since = now - tokens.IDLE_DAYS * tokens.DAY
    with reading(services.engine) as session:
        return query.people(session, plain(find), now=now, idle_since=idle_since, limit=MOST_PEOPLE)


def programmes(services: Services, find: str, *, only_mission: bool = False) -> Programmes:
    """Programmes with exclusive files or readers, and who may read them.

    ``find`` is in the mission's name or theirs or, with ``only_mission``, the mission's whole name.
    """
    with reading(services.engine) as session:
        rows = query.programmes(session, plain(find), only_mission=only_mission, now=clock.now(), limit=MOST_PROGRAMMES)
        keys = [(row.mission, row.programme) for row in rows]
        named = query.readers(session, keys, limit=MOST_READERS) if keys else []
    readers: dict[tuple[str, str], list[str]] = {}
    for mission, programme, account, team in named:
        readers.setdefault((mission, programme), []).append(account if account is not None else f"{TEAM}{team}")
    return Programmes(rows, readers, len(rows) == MOST_PROGRAMMES, len(named) == MOST_READERS)


def teams(services: Services, name: str = "") -> Teams:
    """All teams with their members, or the one of that name."""
    with reading(services.engine) as session:
        rows = query.teams(session, plain(name).lower(), limit=MOST_MEMBERS)
    members: dict[str, list[str]] = {}
    for team, member in rows:
        members.setdefault(team, []).extend([] if member is None else [member])
    return Teams(members, len(rows) == MOST_MEMBERS)


def deliveries(services: Services) -> list[DeliveryRow]:
    """The newest of all users."""
    with reading(services.engine) as session:
        return query.deliveries(session, limit=NEWEST)


def shares(services: Services) -> list[ShareRow]:
    """The newest of all users."""
    with reading(services.engine) as session:
        return query.shares(session, limit=NEWEST)


def queue(services: Services) -> Queue:
    """Waiting, running and failed jobs, and who does them."""
    url = services.settings.redis_url
    try:
        return Queue(client.queues(url, QUEUES), client.workers(url))
    except QueueError as error:
        return Queue([], [], str(error))


def storage(services: Services) -> list[Room]:
    """What is used of the spool, the stage and the database."""
    settings = services.settings
    with reading(services.engine) as session:
        _, staged = staged_bytes(session, owners.NOBODY)
        database = query.database_bytes(session)
    return [
        Room(
            "Spool: lists, scripts and bundles that jobs made",
            spool.size_of(services),
            settings.spool_bytes,
            _free(settings.spool),
        ),
        Room("Stage: files of batches", staged, settings.stage_bytes, _free(settings.stage)),
        Room("Database", database, None, _free(settings.home)),
    ]


def whose(row: DeliveryRow | ShareRow) -> str:
    """Whose it is, in a word; who is not logged in is nobody we could name."""
    if row.account is not None:
        return row.account
    if owners.is_account(row.owner):
        return "an account that was removed"
    return "the holder of a basket key" if owners.basket_of_key(row.owner) else "somebody not logged in"


def _free(folder: Path) -> int:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


def plain(find: str) -> str:
    """What was typed, without what no name has."""
    return "".join(each for each in find if each.isprintable()).strip()[:LONGEST_FIND]
