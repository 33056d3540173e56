"""``skybasket worker``: does the jobs of the queue."""

from __future__ import annotations

import logging

import click

from webapp.settings import load


@click.command("worker")
@click.argument("queues", nargs=-1)
def worker_command(queues: tuple[str, ...]) -> None:
    """Do the jobs of QUEUES (default: quick) until stopped. Run as many workers as you like."""
    from jobs import worker  # noqa: PLC0415 - it loads all that jobs need, and only this command runs them

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    worker.run(load().redis_url, queues or ("quick",))
