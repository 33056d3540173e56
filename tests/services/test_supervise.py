"""The supervisor itself, with shell commands as its children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., subprocess.Popen[str]]

TOYS = Path(__file__).with_name("supervise_toys.py")
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 15


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the supervisor with toys, each ``name=shell command``; whatever is left of it ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*toys: str, **settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(TOYS), *toys],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), **settings},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=SECONDS)


def wait_for(line: str, process: subprocess.Popen[str]) -> None:
    wait_for_all({line}, process)


def wait_for_all(lines: set[str], process: subprocess.Popen[str]) -> None:
    """In any order."""
    assert process.stdout
    for found in process.stdout:
        lines = {line for line in lines if line not in found}
        if not lines:
            return
    raise AssertionError(f"It ended without saying {lines}.")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def rest(process: subprocess.Popen[str]) -> list[str]:
    return process.communicate(timeout=SECONDS)[0].splitlines()


def test_children_stop_in_the_opposite_order_of_their_start(start: Start) -> None:
    toys = [
        f"{name}=trap 'echo ends; exit 0' TERM; echo begins; while :; do sleep 0.1; done" for name in ("one", "two")
    ]
    process = start(*toys)
    wait_for_all({"All are ready.", "one    | begins", "two    | begins"}, process)
    process.send_signal(signal.SIGINT)
    assert [line for line in rest(process) if "ends" in line] == ["two    | ends", "one    | ends"]


def test_a_stop_that_was_asked_for_is_a_success(start: Start) -> None:
    process = start("one=sleep 60")
    wait_for("All are ready.", process)
    process.send_signal(signal.SIGTERM)
    assert rest(process) == ["Stopping."]
    assert process.returncode == 0


def test_the_death_of_one_child_is_named_and_stops_the_others(start: Start) -> None:
    process = start("one=sleep 60", "two=echo last words; exit 7")
    lines = rest(process)
    assert lines[-2:] == ["two    | last words", "two stopped with exit code 7; Skybasket is stopping."]
    assert process.returncode == 1


def test_a_child_that_will_not_stop_is_killed_with_its_own_children(start: Start) -> None:
    process = start("deaf=trap '' TERM; sleep 61 & echo started; while :; do sleep 0.1; done", STOP_SECONDS="0.5")
    wait_for("started", process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=SECONDS)
    assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_a_second_signal_does_not_wait_for_a_deaf_child(start: Start) -> None:
    process = start(*(f"deaf{n}=trap '' TERM; echo started {n}; while :; do sleep 0.1; done" for n in range(5)))
    wait_for("started 4", process)
    process.send_signal(signal.SIGINT)
    wait_for("Stopping.", process)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=10)  # five deaf children in turn would take 15 s


def test_a_killed_supervisor_leaves_no_child(start: Start) -> None:
    process = start("one=exec sleep 62", "two=exec sleep 62")
    wait_for("All are ready.", process)
    children = psutil.Process(process.pid).children()
    assert len(children) == 2
    process.kill()
    wait_until(lambda: not any(child.is_running() for child in children))


def test_control_characters_of_a_child_do_not_reach_the_terminal(start: Start) -> None:
    process = start(r"one=printf 'a\033[2Jb\n'; sleep 60")
    wait_for("one    | a\N{REPLACEMENT CHARACTER}[2Jb", process)


def test_output_that_nobody_reads_any_more_stops_nothing(start: Start) -> None:
    process = start("one=while :; do echo more; sleep 0.02; done")
    wait_for("All are ready.", process)
    child = psutil.Process(process.pid).children()[0]
    assert process.stdout
    process.stdout.close()
    written = psutil.Process(process.pid).io_counters().read_chars
    wait_until(lambda: psutil.Process(process.pid).io_counters().read_chars > written + 200)
    assert child.is_running()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=SECONDS) == 0


def test_where_the_kernel_does_not_help_the_leash_ends_its_command_when_the_pipe_ends() -> None:
    watching = "import sys; from webapp.supervisor import leash; leash.watch(int(sys.argv[1]), sys.argv[2:])"
    end, lifeline = os.pipe()
    leash = subprocess.Popen(
        [sys.executable, "-c", watching, str(end), "sh", "-c", "sleep 63 & wait"],
        pass_fds=[end],
        start_new_session=True,
        cwd=ROOT,
    )
    os.close(end)
    family: list[psutil.Process] = []
    wait_until(lambda: len(family.clear() or psutil.Process(leash.pid).children(recursive=True)) == 2)
    family = psutil.Process(leash.pid).children(recursive=True)
    os.close(lifeline)
    leash.wait(timeout=SECONDS)
    wait_until(lambda: not any(one.is_running() for one in family))
