"""Runs a command that cannot outlive its supervisor: ``leash.py FD COMMAND...``.

FD is the reading end of a pipe whose writing end only the supervisor holds: its end of file means that the supervisor
is gone, however it died. On Linux the kernel is asked to kill this process with its parent, and it becomes the command.
Elsewhere it stays beside the command and watches the pipe.

Started by its path with ``python -I -S``, so it uses the standard library only and costs about 15 ms.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

PR_SET_PDEATHSIG = 1  # linux/prctl.h
POLL_SECONDS = 0.2
GRACE_SECONDS = 3.0


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies; elsewhere do nothing. Survives exec, not fork."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def watch(fd: int, command: Sequence[str]) -> int:
    """Run the command until it ends, or end it when the pipe ends. Returns its exit code, 128 + n after signal n."""
    child = subprocess.Popen(command)  # noqa: S603 - the supervisor's own table
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda sent, _frame: child.send_signal(sent))
    while child.poll() is None:
        if _is_over(fd, POLL_SECONDS):
            _end_group(child)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _is_over(fd: int, seconds: float) -> bool:
    return bool(select.select([fd], [], [], seconds)[0])


def _end_group(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    os.killpg(0, signal.SIGKILL)  # what the command started too, and this process


def become(fd: int, command: Sequence[str]) -> NoReturn:
    """Turn into the command, which dies with the parent."""
    die_with_parent()
    if _is_over(fd, 0):  # the parent died before the kernel was asked
        sys.exit(1)
    os.close(fd)
    os.execvp(command[0], tuple(command))  # noqa: S606 - the supervisor's own table


if __name__ == "__main__":
    run = become if sys.platform == "linux" else watch
    sys.exit(run(int(sys.argv[1]), sys.argv[2:]))
