"""``skybasket clock``: does what is due."""

from __future__ import annotations

import logging
import signal
import sys

import click

from webapp import clock_process
from webapp.context import Services
from webapp.db import engine_for
from webapp.inventories import Inventories
from webapp.settings import load


@click.command("clock")
def clock_command() -> None:
    """Do what is due, every few seconds, until stopped. Run only one."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # At once, even in the middle of a chore: its transaction is rolled back, and it comes again.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    settings = load()
    engine = engine_for(settings.database_url)
    inventories = Inventories(engine, settings.spool, settings.inventory_cache_bytes)
    clock_process.run(Services(settings, engine, inventories))
