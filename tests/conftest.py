"""What every test folder shares."""

from __future__ import annotations

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.outside",
    "tests.fixtures.archive",
    "tests.fixtures.deliveries",
    "tests.fixtures.demo",
    "tests.fixtures.scripts",
    "tests.fixtures.valkey",
    "tests.fixtures.webapp",
]
