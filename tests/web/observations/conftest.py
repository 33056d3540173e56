"""The application over a catalogue that a test fills: on SQLite, and its use cases on both kinds of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.catalogue import Catalogue
from tests.fixtures.webapp import application
from webapp.context import EXTENSION, Services
from webapp.inventories import Inventories
from webapp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy import Engine


def _settings(engine: Engine, folder: Path) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    return Settings(home=folder, spool=folder / "spool", secret="for tests", database_url=url)  # noqa: S106 - it says so


@pytest.fixture
def services(engine: Engine, tmp_path: Path) -> Services:
    """What use cases need, once on SQLite and once on PostgreSQL."""
    settings = _settings(engine, tmp_path)
    return Services(settings, engine, Inventories(engine, settings.spool, settings.inventory_cache_bytes))


@pytest.fixture
def world(engine: Engine) -> Catalogue:
    """The catalogue of ``services``."""
    return Catalogue(engine)


@pytest.fixture
def app(sqlite_engine: Engine, tmp_path: Path) -> Iterator[Flask]:
    """The application on SQLite."""
    made = application(_settings(sqlite_engine, tmp_path))
    yield made
    made.extensions[EXTENSION].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def catalogue(sqlite_engine: Engine) -> Catalogue:
    """The catalogue of ``app``."""
    return Catalogue(sqlite_engine)
