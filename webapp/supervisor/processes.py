"""What runs: the processes of the Procfile, and the commands that start them here.

The table is in Python so that it travels in the wheel; a test holds that the Procfile says the same.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.settings import Settings

PROCFILE = {
    "web": "python -m gunicorn --config python:webapp.gunicorn_config webapp.wsgi:app",
    "worker": "python -m webapp.cli worker quick",
    "heavy": "python -m webapp.cli worker heavy",
    "clock": "python -m webapp.cli clock",
    "ftp": "python -m webapp.cli ftp",
}


def wanted(settings: Settings) -> list[str]:
    """The names of the processes that have something to do under these settings."""
    return [name for name in PROCFILE if name != "ftp" or settings.serves_ftp]


def command(name: str) -> list[str]:
    """The command of a process, run by this very interpreter."""
    _python, *arguments = shlex.split(PROCFILE[name])
    return [sys.executable, *arguments]
