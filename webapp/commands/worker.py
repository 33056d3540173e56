"""``skybasket worker``: does the jobs of the queues."""

from __future__ import annotations

import logging
import sys

import click

from webapp.settings import load

QUEUES = ("quick", "heavy")


@click.command("worker")
@click.argument("queues", nargs=-1)
def worker_command(queues: tuple[str, ...]) -> None:
    """Do the jobs of QUEUES (default: quick and heavy, by a process each) until stopped.

    Run as many workers as you like, also on other machines that see the same Redis, stores, spool and stage.
    """
    from jobs import worker  # noqa: PLC0415 - it loads all that jobs need, and only this command runs them

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each file of another server says nothing
    settings = load()
    redis_url = settings.redis_url
    if any(url.startswith("s3:") for _, url in settings.stores):
        import s3fs  # noqa: F401, PLC0415 - it takes a second, which each job would pay after its fork
    if len(queues) == 1:
        worker.run(redis_url, queues)
    elif not worker.run_each(redis_url, queues or QUEUES):
        sys.exit("A worker has ended by itself, so the others were stopped too.")
