from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.webapp import application, site_on
from webapp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.valkey import Valkey
    from tests.fixtures.webapp import Site


def test_a_living_process_says_so(lite: Site) -> None:
    answer = lite.visitor().client.get("/healthz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")


def test_a_living_process_says_so_without_its_database(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, spool=tmp_path, secret="x" * 32, database_url="sqlite:////nothing/x.db")
    assert application(settings).test_client().get("/healthz").status_code == 200


def test_a_server_that_can_work_is_ready(working: Site) -> None:
    answer = working.visitor().client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "queue": "ok", "stores": "ok", "spool": "ok"})


def test_a_server_without_its_queue_is_not_ready_and_says_so(site: Site) -> None:
    answer = site.visitor().client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "database": "ok",
        "queue": "The job queue does not answer. Please try again in a minute.",
        "stores": "ok",
        "spool": "ok",
    }


@pytest.mark.parametrize("url", ["sqlite:////nothing/x.db", "postgresql://nobody@127.0.0.1:1/x?connect_timeout=2"])
def test_a_server_without_its_database_is_not_ready_and_says_so(tmp_path: Path, valkey: Valkey, url: str) -> None:
    settings = Settings(home=tmp_path, spool=tmp_path, secret="x" * 32, database_url=url, redis_url=valkey.url)
    answer = application(settings).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "database": "The database does not answer, or has not been set up.",
        "queue": "ok",
        "stores": "ok",
        "spool": "ok",
    }


def test_a_server_with_a_store_of_no_known_kind_is_not_ready_and_says_so(
    sqlite_engine: Engine, tmp_path: Path, valkey: Valkey
) -> None:
    site = site_on(sqlite_engine, tmp_path, redis_url=valkey.url)
    settings = Settings(**{**vars(site.settings), "stores": (("mast:", "gopher://x"),)})
    site.services.engine.dispose()
    app = application(settings)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "gopher" in (answer.json or {})["stores"]
