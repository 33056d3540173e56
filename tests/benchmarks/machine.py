"""The machine that a benchmark ran on, in words."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.tools import CHROMIUM

PACKAGES = ("numpy", "flask", "sqlalchemy", "gunicorn", "astropy", "astroquery")


def description() -> list[str]:
    """Lines about hardware, system and versions."""
    memory = psutil.virtual_memory().total / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB of memory",
        f"{platform.system()} {platform.release()}, {_chromium()}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}",
    ]


def load() -> float:
    """How many processes wanted a processor during the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = (
        [line.partition(": ")[2] for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def _chromium() -> str:
    program = CHROMIUM.find()
    assert program is not None, "There is no Chromium; python -m tests.tools says how to get one."
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
