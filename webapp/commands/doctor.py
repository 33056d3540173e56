"""``skybasket doctor``: what works here, and what to do about what does not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import SQLAlchemyError

from jobs import client
from jobs.errors import MissingFile, QueueError, StoreError
from jobs.storage import open_store
from jobs.storage.local import LocalStore
from webapp.db import engine_for
from webapp.migrate import is_current
from webapp.settings import load
from webapp.stores import store_pairs
from webapp.supervisor import valkey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from webapp.settings import Settings

FREE_BYTES = 2 * 10**9  # less fills up within a day of scripts, receipts and one tar.gz
SECRET_CHARACTERS = 16
OTHERS = 0o077
PROBE = "skybasket-doctor"  # a name that no store has


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, and either what is fine or what is wrong and what to do."""

    what: str
    fine: str = ""
    wrong: str = ""
    todo: str = ""


@click.command("doctor")
def doctor_command() -> None:
    """Check this installation: one line for each part, exit code 1 if something is wrong."""
    findings = list(examine(load()))
    for finding in findings:
        click.echo(f"{'WRONG' if finding.wrong else 'ok':<5}  {finding.what}: {finding.wrong or finding.fine}")
        if finding.wrong:
            click.echo(f"       {finding.todo}")
    sys.exit(1 if any(finding.wrong for finding in findings) else 0)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at each part in turn. Changes nothing."""
    yield Finding("Python", fine=f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _secret(settings)
    yield _database(settings)
    yield _queue(settings)
    for prefix, url in store_pairs(settings):
        yield _store(prefix, url)
    yield _folder("Spool", "SKYBASKET_SPOOL", settings.spool)
    yield _folder("Stage", "SKYBASKET_STAGE", settings.stage)


def _secret(settings: Settings) -> Finding:
    file = settings.home / "secret"
    if len(settings.secret) < SECRET_CHARACTERS:
        return Finding(
            "Secret",
            wrong=f"it is shorter than {SECRET_CHARACTERS} characters.",
            todo=f"Set a longer SKYBASKET_SECRET, or remove {file} and let Skybasket make one.",
        )
    if file.exists() and file.stat().st_mode & OTHERS:
        return Finding("Secret", wrong=f"others can read {file}.", todo=f"Run: chmod 600 {file}")
    return Finding("Secret", fine="present")


def _database(settings: Settings) -> Finding:
    engine = engine_for(settings.database_url)
    shown = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name == "sqlite" and not os.path.exists(engine.url.database or ""):  # noqa: PTH110 - may be ":memory:"
        return Finding("Database", wrong=f"{shown} does not exist yet.", todo="Run: skybasket init")
    try:
        current = is_current(engine)
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        return Finding("Database", wrong=f"{shown} does not answer: {reason}", todo="Check SKYBASKET_DATABASE_URL.")
    finally:
        engine.dispose()
    if not current:
        return Finding("Database", wrong=f"{shown} has older tables than this version.", todo="Run: skybasket init")
    return Finding("Database", fine=f"{shown}, tables of this version")


def _queue(settings: Settings) -> Finding:
    try:
        client.ping(settings.redis_url)
    except QueueError as error:
        todo = "Run: skybasket up" if valkey.is_embedded(settings) else "Start it, or check SKYBASKET_REDIS_URL."
        return Finding("Queue", wrong=str(error), todo=todo)
    return Finding("Queue", fine="it answers")


def _store(prefix: str, url: str) -> Finding:
    what, todo = f"Store {prefix}", "Mount it, or check SKYBASKET_STORES."
    try:
        store = open_store(url)
        if isinstance(store, LocalStore) and not os.access(store.folder, os.R_OK | os.X_OK):
            return Finding(what, wrong=f"the folder {store.folder} cannot be read.", todo=todo)
        store.stat(PROBE)
    except MissingFile:
        pass  # the store answered
    except StoreError as error:
        return Finding(what, wrong=str(error), todo=todo)
    return Finding(what, fine=f"{store.url} can be read")


def _folder(what: str, setting: str, folder: Path) -> Finding:
    """A folder that can be written or made, with room for work."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return Finding(
            what, wrong=f"{folder} cannot be written: {error.strerror}.", todo=f"Set {setting} to a folder of yours."
        )
    free = shutil.disk_usage(there).free
    if free < FREE_BYTES:
        return Finding(
            what, wrong=f"only {free / 1e9:.1f} GB are free below {folder}.", todo=f"Make room, or set {setting}."
        )
    return Finding(what, fine=f"{folder}, {free / 1e9:,.0f} GB free")
