"""The tables are made by migrations and are the ones that the models describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from webapp.db import engine_for
from webapp.migrate import _config, is_current, upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def test_the_migrated_tables_are_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id, version FROM catalogue_state")).all() == [(1, 0)]


def test_an_empty_database_is_not_current_until_it_is_upgraded(tmp_path: Path) -> None:
    engine = engine_for(f"sqlite:///{tmp_path / 'new' / 'skybasket.db'}")
    (tmp_path / "new").mkdir()
    before = is_current(engine)
    upgrade(engine)
    assert (before, is_current(engine)) == (False, True)
    engine.dispose()


def test_upgrading_makes_the_folder_of_the_sqlite_file(tmp_path: Path) -> None:
    engine = engine_for(f"sqlite:///{tmp_path / 'a' / 'b' / 'skybasket.db'}")
    upgrade(engine)
    assert (tmp_path / "a" / "b" / "skybasket.db").is_file()
    engine.dispose()


def test_an_upgrade_keeps_what_an_older_version_wrote(tmp_path: Path) -> None:
    engine = engine_for(f"sqlite:///{tmp_path / 'skybasket.db'}")
    config = _config()
    with engine.connect().execution_options(skybasket_write=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(text("INSERT INTO observation (id, mission, obs_id, stub) VALUES (1, 'HST', 'o', false)"))
        basket = "INSERT INTO basket (id, owner, version, content, files, created_at, changed_at)"
        connection.execute(text(f"{basket} VALUES ('b', 'me', 7, 2, 24, 1, 2)"))
        connection.execute(text("INSERT INTO basket_observation VALUES ('b', 1, 1)"))
    upgrade(engine)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT id, owner, version, files, name, deleted_at FROM basket")).all()
        inside = connection.execute(text("SELECT observation_id FROM basket_observation")).scalars().all()
    assert (kept, inside) == ([("b", "me", 7, 24, "", None)], [1])
    engine.dispose()
