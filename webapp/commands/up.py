"""``skybasket up``: everything on one machine, in the foreground."""

from __future__ import annotations

import http.client
import sys
from typing import TYPE_CHECKING

import click

from webapp.db import engine_for
from webapp.settings import load
from webapp.supervisor import preflight, valkey
from webapp.supervisor.child import Process
from webapp.supervisor.processes import command, wanted
from webapp.supervisor.supervise import say, supervise

if TYPE_CHECKING:
    from webapp.settings import Settings

HEALTH_SECONDS = 1.0
HTTP_OK = 200


@click.command("up")
def up_command() -> None:
    """Start everything on this machine, and stop everything with Ctrl-C.

    Makes or upgrades the database, loads the demo archive if the catalogue is empty, then runs the web server, a
    worker, the clock and, unless SKYBASKET_REDIS_URL names another, an embedded Valkey. If one dies, all stop.
    """
    settings = load()
    with preflight.only_one(settings.home):
        preflight.check_bind(settings.bind)
        say(f"Skybasket keeps its files in {settings.home}")
        _prepare(settings)
        queue = [valkey.embedded(settings)] if valkey.is_embedded(settings) else []
        ready = {"web": lambda: is_healthy(settings.bind)}
        rest = [Process(name, command(name), ready.get(name, lambda: True)) for name in wanted(settings)]
        say(f"Starting {', '.join(process.name for process in (*queue, *rest))} ...")
        code = supervise(
            [queue, rest], lambda: say(f"Skybasket is ready: {_shown_address(settings)}  (Ctrl-C stops it)")
        )
    sys.exit(code)


def is_healthy(bind: str) -> bool:
    """Whether the web server bound there answers that it is alive."""
    host, port = preflight.address(bind)
    connection = http.client.HTTPConnection(host, port, timeout=HEALTH_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTP_OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _shown_address(settings: Settings) -> str:
    if settings.public_url:
        return settings.base_url
    host, port = preflight.address(settings.bind)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _prepare(settings: Settings) -> None:
    """Make the database and, if its catalogue is empty, the demo archive."""
    from webapp.migrate import upgrade  # noqa: PLC0415 - Alembic is slow to import; a refused start needs none of it
    from webapp.queries.size import count_files  # noqa: PLC0415 - as above

    engine = engine_for(settings.database_url)
    upgrade(engine)
    files = count_files(engine)
    if not files:
        say("The catalogue is empty: making the demo archive, which takes about a minute, once.")
        _load_demo()
        files = count_files(engine)
    engine.dispose()
    say(f"The catalogue holds {files:,} files.")


def _load_demo() -> None:
    from webapp.commands.demo import demo_command  # noqa: PLC0415 - astropy, for the first start only

    click.get_current_context().invoke(demo_command)
