"""One child: started on a leash in its own session, its output as whole lines, its end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEASH = Path(__file__).with_name("leash.py")
READ_BYTES = 65_536
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Process:
    """What to run. ``ready`` is asked again and again until it says that the process does its work.

    ``log`` is where it writes what it does not print.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    log: Path | None = None


class Child:
    """A running process. Must be made in the main thread: Linux ties the leash to the thread that holds it."""

    def __init__(self, process: Process, lifeline: int) -> None:
        self.process = process
        self._rest = b""
        self._popen = subprocess.Popen(  # noqa: S603 - our own table of commands
            [sys.executable, "-I", "-S", str(LEASH), str(lifeline), *process.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that the terminal's Ctrl-C reaches the supervisor only
            pass_fds=[lifeline],
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        assert self._popen.stdout is not None  # noqa: S101 - asked for above; tells the type checker
        self.output = self._popen.stdout
        os.set_blocking(self.output.fileno(), False)

    def end(self) -> str | None:
        """How it ended, for a sentence; None while it runs."""
        code = self._popen.poll()
        if code is None:
            return None
        return f"with exit code {code}" if code >= 0 else f"by signal {signal.Signals(-code).name}"

    def lines(self) -> list[str] | None:
        """What it has printed since the last call, safe to show on a terminal; None at the end of its output."""
        try:
            data = os.read(self.output.fileno(), READ_BYTES)
        except BlockingIOError:
            return []
        *whole, self._rest = (self._rest + data).split(b"\n")
        if not data or len(self._rest) > READ_BYTES:
            whole, self._rest = [*whole, self._rest], b""
        if not data and not any(whole):
            return None
        return [CONTROL.sub("\N{REPLACEMENT CHARACTER}", line.decode("utf-8", "replace").rstrip()) for line in whole]

    def terminate(self) -> None:
        """Ask it to stop."""
        self._popen.terminate()

    def kill_group(self) -> None:
        """End it and whatever it started in its session's group, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
