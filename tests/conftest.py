"""What every test folder shares."""

from __future__ import annotations

pytest_plugins = ["tests.fixtures.databases", "tests.fixtures.outside", "tests.fixtures.valkey"]
