"""The supervisor's loop: start in waves, wait until each is ready, pass output on, stop all together.

One thread and one selector: output, signals and deaths all wake the same wait. Used once, in the main thread.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

from webapp.supervisor.child import Child

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from webapp.supervisor.child import Process

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.05
READY_SECONDS = 60.0  # a cold disk on a small machine; a second start needs one
STOP_SECONDS = 5.0  # each, in turn; a worker gives its job three


class _Stopping(Exception):  # noqa: N818 - not an error: the way out of the loop
    """All must end now. ``sentence`` says why, unless somebody asked for it."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


def supervise(waves: Sequence[Sequence[Process]], announce: Callable[[], None]) -> int:
    """Run the processes until a signal or the death of one. Returns 0 if asked to stop, 1 otherwise.

    A wave starts when all of the one before it are ready; ``announce`` is called when all are. The end comes in the
    opposite order, one by one. A second signal while stopping kills the rest at once.
    """
    supervisor = _Supervisor()
    try:
        for wave in waves:
            supervisor.start(wave)
        announce()
        while True:
            supervisor.turn(None)
    except _Stopping as stopping:
        say(stopping.sentence or "Stopping.")
        return 1 if stopping.sentence else 0
    finally:
        supervisor.stop()


def say(line: str, name: str = "") -> None:
    """Print a line, after the name of the process that wrote it. A terminal that went away stops nothing."""
    try:
        print(f"{name:<6} | {line}" if name else line, flush=True)  # noqa: T201 - this is the supervisor's screen
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Supervisor:
    def __init__(self) -> None:
        self.children: list[Child] = []
        self.selector = selectors.DefaultSelector()
        # Nobody ever writes to it: the children see its end when this process is gone.
        self.lifeline, self.lifeline_end = os.pipe()
        self.signals, self.wakeup = socket.socketpair()
        self.signals.settimeout(0)
        self.wakeup.settimeout(0)
        self.selector.register(self.signals, selectors.EVENT_READ)
        signal.set_wakeup_fd(self.wakeup.fileno())
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup keeps its meaning
                signal.signal(number, lambda _number, _frame: None)  # the wakeup descriptor tells the loop

    def start(self, wave: Sequence[Process]) -> None:
        for process in wave:
            child = Child(process, self.lifeline)
            self.children.append(child)
            self.selector.register(child.output, selectors.EVENT_READ, child)
        waiting = list(wave)
        deadline = time.monotonic() + READY_SECONDS
        while waiting := [process for process in waiting if not process.ready()]:
            self.turn(POLL_SECONDS)
            if time.monotonic() > deadline:
                raise _Stopping(f"{waiting[0].name} is not ready after {READY_SECONDS:.0f} s; Skybasket is stopping.")

    def turn(self, timeout: float | None) -> None:
        """Wait for something to happen and deal with it. Raises _Stopping after a signal or a death."""
        if self.pump(timeout):
            raise _Stopping
        for child in self.children:
            if end := child.end():
                self.pump(0)  # its last words come before the sentence about it
                log = f" Its log is {child.process.log}." if child.process.log else ""
                raise _Stopping(f"{child.process.name} stopped {end}; Skybasket is stopping.{log}")

    def pump(self, timeout: float | None) -> bool:
        """Pass on what was printed. True if a signal asks for the end."""
        asked = False
        for key, _ in self.selector.select(timeout):
            child = key.data
            if child is None:
                asked = any(number in STOP_SIGNALS for number in self.signals.recv(64))
                continue
            lines = child.lines()
            if lines is None:
                self.selector.unregister(child.output)
            for line in lines or ():
                say(line, child.process.name)
        return asked

    def stop(self) -> None:
        hurry = False
        for child in reversed(self.children):
            deadline = time.monotonic() + STOP_SECONDS
            child.terminate()
            while not hurry and child.end() is None and (left := deadline - time.monotonic()) > 0:
                hurry = self.pump(left)
            child.kill_group()
        self.pump(0)
