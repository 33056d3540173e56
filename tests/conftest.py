"""What every test folder shares."""

from __future__ import annotations

import gc
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from webapp import passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

# No test is timed. The short tests try the same examples each time; "make test-long" takes new ones.
settings.register_profile("long", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("short", settings.get_profile("long"), derandomize=True)
settings.load_profile("short")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a shell's background job; programs under test inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.postgres",
    "tests.fixtures.outside",
    "tests.fixtures.archive",
    "tests.fixtures.batches",
    "tests.fixtures.counter",
    "tests.fixtures.crooked",
    "tests.fixtures.deliveries",
    "tests.fixtures.demo",
    "tests.fixtures.house",
    "tests.fixtures.ftp",  # after house, which it imports
    "tests.fixtures.mail",
    "tests.fixtures.references",
    "tests.fixtures.replay_mast",
    "tests.fixtures.ingest_mast",
    "tests.fixtures.scripts",
    "tests.fixtures.stores",
    "tests.fixtures.upstream",
    "tests.fixtures.valkey",
    "tests.fixtures.webapp",
    "tests.fixtures.references_page",  # after references and webapp, which it imports
    "tests.fixtures.scene",  # after webapp, which it imports
]


@pytest.fixture(autouse=True, scope="session")
def light_hashes() -> Iterator[None]:
    """Hash passwords of people in tests quickly; the tests of passwords take the real thing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


MOST_ON_POSTGRESQL = 3  # tests of pages in one file; on SQLite all are short


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test with several values take only the first of them on PostgreSQL too, and a few of each file of pages.

    The others there are long.
    """
    seen: Counter[str] = Counter()
    for item in items:
        if isinstance(item, pytest.Function) and "postgresql" in item.name:
            name, file = item.nodeid.partition("[")[0], item.nodeid.partition("::")[0]
            if seen[name] or (file.startswith("tests/web/") and seen[file] >= MOST_ON_POSTGRESQL):
                item.add_marker(pytest.mark.long)
            seen.update((name, file))


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among what stays: that takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
