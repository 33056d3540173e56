"""What every test folder shares."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a shell's background job; programs under test inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.postgres",
    "tests.fixtures.outside",
    "tests.fixtures.archive",
    "tests.fixtures.batches",
    "tests.fixtures.deliveries",
    "tests.fixtures.demo",
    "tests.fixtures.house",
    "tests.fixtures.ftp",  # after house, which it imports
    "tests.fixtures.mail",
    "tests.fixtures.scripts",
    "tests.fixtures.python_script",  # after scripts, which it imports
    "tests.fixtures.stores",
    "tests.fixtures.upstream",
    "tests.fixtures.valkey",
    "tests.fixtures.webapp",
]
