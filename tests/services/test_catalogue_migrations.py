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


def test_links_to_references_survive_an_upgrade_and_the_way_back(engine: Engine) -> None:
    config = _config()
    rows = """INSERT INTO folder (id, mission, path) VALUES (1, 'HST', 'a'), (2, 'JWST', 'a');
        INSERT INTO rights (id, mission, programme) VALUES (1, 'HST', '');
        INSERT INTO kind (id, mission, category, ext, "group", recommended) VALUES (1, 'HST', 'SCIENCE', '', '', false);
        INSERT INTO product (id, uri, mission, filename, folder_id, kind_id, rights_id, revision, added_at) VALUES
        (1, 'mast:HST/a', 'HST', 'a', 1, 1, 1, 1, 1), (2, 'mast:HST/b', 'HST', 'b', 1, 1, 1, 1, 1),
        (3, 'mast:JWST/c', 'JWST', 'c', 2, 1, 1, 1, 1);
        INSERT INTO reference_use (product_id, keyword, reference, context) VALUES
        (1, 'DARKFILE', 'x_drk.fits', 'hst_1.pmap'), (2, 'DARKFILE', 'x_drk.fits', 'hst_1.pmap'),
        (2, 'BIASFILE', 'x_bia.fits', NULL), (3, 'DARKFILE', 'x_drk.fits', 'hst_1.pmap')"""
    older = text("SELECT product_id, keyword, reference, context FROM reference_use ORDER BY 1, 2")
    newer = text("""SELECT u.product_id, r.mission, r.keyword, r.name, r.context, r.uri FROM reference_use u
        JOIN reference_role r ON r.id = u.role_id ORDER BY 1, 3""")
    with engine.connect().execution_options(skybasket_write=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
        for statement in rows.split(";"):
            connection.execute(text(statement))
        before = connection.execute(older).all()
        command.upgrade(config, "0005")
        between = connection.execute(newer).all()
        roles = connection.execute(text("SELECT count(*) FROM reference_role")).scalar_one()
        command.downgrade(config, "0004")
        back = connection.execute(older).all()
        command.upgrade(config, "head")
        again = connection.execute(newer).all()
    dark = ("DARKFILE", "x_drk.fits", "hst_1.pmap", "")
    assert between == [
        (1, "HST", *dark),
        (2, "HST", "BIASFILE", "x_bia.fits", "", ""),
        (2, "HST", *dark),
        (3, "JWST", *dark),
    ]
    assert (roles, back, again) == (3, before, between)
