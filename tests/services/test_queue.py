"""Jobs through a real queue on a real Valkey, with real worker processes that get killed."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from redis import Redis

from jobs import client
from jobs.errors import QueueError
from jobs.results import read_state
from tests.fixtures.deliveries import NAME, Deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jobs.manifest import Entry
    from tests.fixtures.valkey import Valkey

ROOT = Path(__file__).parents[2]
SECONDS = 30


def until(true: Callable[[], Any]) -> Any:
    """What ``true`` returns once it is true."""
    deadline = time.monotonic() + SECONDS
    while not (value := true()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return value


@contextmanager
def working(url: str, stderr: int | None = None, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that notices a dead one within seconds, and lets a job go on for half a second when it ends."""
    options = {"monitoring_seconds": 1, "heartbeat_slack": 1, **options}
    call = f"from jobs import worker; worker.GRACE_SECONDS = 0.5; worker.run({url!r}, ['quick'], **{options!r})"
    with subprocess.Popen([sys.executable, "-c", call], cwd=ROOT, stderr=stderr) as worker:
        try:
            yield worker
        finally:
            worker.kill()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keeps the job of a folder waiting in the middle, as another process that works on it would."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def submit(url: str, deliveries: Deliveries, folder: Path, job_id: str = "d1") -> None:
    client.submit(url, "prepare_script", job_id=job_id, timeout=60, kwargs=deliveries.kwargs(folder))


def state_of(url: str, job_id: str = "d1") -> str | None:
    found = client.status(url, job_id)
    return found.state if found else None


def queued(url: str) -> int:
    with Redis.from_url(url) as redis:
        return int(redis.llen("rq:queue:quick"))


@pytest.fixture
def entries(deliveries: Deliveries) -> list[Entry]:
    return [deliveries.file(f"HST/{n}.fits", b"x" * n) for n in range(20)]


def test_a_submitted_job_becomes_ready(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    folder = deliveries.folder(*entries)
    submit(redis_url, deliveries, folder)
    assert client.status(redis_url, "d1") == client.JobStatus("Queued", position=0)
    with working(redis_url):
        state = until(lambda: read_state(folder))
        until(lambda: state_of(redis_url) == "Ended")
    assert (state.state, state.files) == ("Ready", 20)


def test_two_submits_make_one_job(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    folder = deliveries.folder(*entries)
    callers = [threading.Thread(target=submit, args=(redis_url, deliveries, folder)) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert queued(redis_url) == 1


def test_a_job_that_is_over_makes_room_for_a_new_run(
    redis_url: str, deliveries: Deliveries, entries: list[Entry]
) -> None:
    folder = deliveries.folder(*entries)
    with working(redis_url):
        submit(redis_url, deliveries, folder)
        until(lambda: state_of(redis_url) == "Ended")
        (folder / "state.json").unlink()
        submit(redis_url, deliveries, folder)
        assert until(lambda: read_state(folder)).state == "Ready"


def test_the_place_in_the_queue_is_known(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    for n in range(3):
        submit(redis_url, deliveries, deliveries.folder(*entries, name=f"f{n}"), f"d{n}")
    assert [client.status(redis_url, f"d{n}") for n in range(3)] == [
        client.JobStatus("Queued", position=n) for n in range(3)
    ]


def test_a_job_nobody_knows_has_no_status(redis_url: str) -> None:
    assert client.status(redis_url, "none") is None


@pytest.mark.parametrize("job_id", ["", "a:b", "../x", "é", "a b", "a\n"])
def test_an_id_that_a_queue_cannot_hold_is_refused(redis_url: str, job_id: str) -> None:
    with pytest.raises(QueueError, match="cannot be the id of a job"):
        client.submit(redis_url, "prepare_script", job_id=job_id, timeout=1, kwargs={})


def test_what_lies_in_the_queue_is_json(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    folder = deliveries.folder(*entries)
    submit(redis_url, deliveries, folder)
    with Redis.from_url(redis_url) as redis:
        data = redis.hget("rq:job:d1", "data")
    assert isinstance(data, bytes)
    assert json.loads(zlib.decompress(data)) == ["jobs.tasks.prepare_script", None, [], deliveries.kwargs(folder)]


def test_a_cancelled_job_in_the_queue_never_runs(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    first, second = deliveries.folder(*entries, name="f1"), deliveries.folder(*entries, name="f2")
    submit(redis_url, deliveries, first, "d1")
    submit(redis_url, deliveries, second, "d2")
    client.cancel(redis_url, "d1")
    with working(redis_url):
        until(lambda: read_state(second))
    assert state_of(redis_url, "d1") == "Cancelled"
    assert read_state(first) is None


def test_a_cancelled_job_that_runs_is_stopped(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    folder = deliveries.folder(*entries)
    with held(folder), working(redis_url):
        submit(redis_url, deliveries, folder)
        until(lambda: state_of(redis_url) == "Preparing")
        client.cancel(redis_url, "d1")
        until(lambda: state_of(redis_url) == "Cancelled")
    assert read_state(folder) is None


@pytest.mark.parametrize("job_id", ["none", "d1"])
def test_cancelling_what_is_over_or_unknown_does_nothing(
    redis_url: str, deliveries: Deliveries, entries: list[Entry], job_id: str
) -> None:
    submit(redis_url, deliveries, deliveries.folder(*entries))
    client.cancel(redis_url, job_id)
    client.cancel(redis_url, job_id)


def test_a_job_whose_worker_was_killed_is_done_by_the_next(
    redis_url: str, deliveries: Deliveries, entries: list[Entry]
) -> None:
    whole = deliveries.folder(*entries, name="whole")
    folder = deliveries.folder(*entries)
    with held(folder), working(redis_url) as worker:
        submit(redis_url, deliveries, whole, "d0")
        submit(redis_url, deliveries, folder)
        until(lambda: state_of(redis_url) == "Preparing")
        (child,) = until(lambda: psutil.Process(worker.pid).children())
        worker.kill()
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    with working(redis_url):
        assert until(lambda: read_state(folder)).state == "Ready"
    assert (folder / f"{NAME}.sh").read_bytes() == (whole / f"{NAME}.sh").read_bytes()
    assert {file.name for file in folder.iterdir()} == {file.name for file in whole.iterdir()}


def test_a_job_whose_process_was_killed_is_run_again(
    redis_url: str, deliveries: Deliveries, entries: list[Entry]
) -> None:
    folder = deliveries.folder(*entries)
    with working(redis_url) as worker:
        with held(folder):
            submit(redis_url, deliveries, folder)
            until(lambda: state_of(redis_url) == "Preparing")
            (child,) = until(lambda: psutil.Process(worker.pid).children())
            child.kill()
            until(lambda: psutil.Process(worker.pid).children() not in ([], [child]))
        assert until(lambda: read_state(folder)).state == "Ready"


def test_a_worker_told_to_stop_ends_soon_and_its_job_goes_back(
    redis_url: str, deliveries: Deliveries, entries: list[Entry]
) -> None:
    folder = deliveries.folder(*entries)
    with held(folder), working(redis_url) as worker:
        submit(redis_url, deliveries, folder)
        until(lambda: state_of(redis_url) == "Preparing")
        worker.terminate()
        assert worker.wait(SECONDS) == 0
        until(lambda: queued(redis_url) == 1)


def test_an_idle_worker_told_to_stop_ends(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    folder = deliveries.folder(*entries)
    submit(redis_url, deliveries, folder)
    with working(redis_url) as worker:
        until(lambda: state_of(redis_url) == "Ended")
        worker.terminate()
        assert worker.wait(SECONDS) == 0


def test_a_worker_ends_with_its_parent(redis_url: str, deliveries: Deliveries, entries: list[Entry]) -> None:
    call = f"from jobs.worker import run; run({redis_url!r}, ['quick'])"
    start = f"w = subprocess.Popen([sys.executable, '-c', {call!r}])"
    parent = f"import subprocess, sys; {start}; print(w.pid, flush=True); w.wait()"
    submit(redis_url, deliveries, deliveries.folder(*entries))
    with subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        worker = psutil.Process(int(process.stdout.readline()))
        until(lambda: state_of(redis_url) == "Ended")
        process.send_signal(signal.SIGKILL)
        until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_a_worker_waits_for_a_queue_that_is_not_up_yet(
    valkey: Valkey, deliveries: Deliveries, entries: list[Entry]
) -> None:
    folder = deliveries.folder(*entries)
    submit(valkey.url, deliveries, folder)
    valkey.stop()
    with working(valkey.url, stderr=subprocess.PIPE) as worker:
        assert worker.stderr is not None
        assert b"The queue does not answer" in worker.stderr.readline()
        valkey.start()
        assert until(lambda: read_state(folder)).state == "Ready"


def test_a_worker_outlives_a_restart_of_the_queue(valkey: Valkey, deliveries: Deliveries, entries: list[Entry]) -> None:
    first, second = deliveries.folder(*entries, name="f1"), deliveries.folder(*entries, name="f2")
    with working(valkey.url):
        submit(valkey.url, deliveries, first)
        until(lambda: read_state(first))
        valkey.stop()
        valkey.start()
        submit(valkey.url, deliveries, second, "d2")
        assert until(lambda: read_state(second)).state == "Ready"


@pytest.mark.parametrize("url", ["unix:///nowhere/socket", "redis://127.0.0.1:1/0"])
def test_a_queue_that_is_gone_is_a_sentence(url: str) -> None:
    for call in (
        lambda: client.ping(url),
        lambda: client.status(url, "x"),
        lambda: client.cancel(url, "x"),
        lambda: client.submit(url, "prepare_script", job_id="x", timeout=1, kwargs={}),
    ):
        with pytest.raises(QueueError, match=r"^The job queue does not answer\. Please try again in a minute\.$"):
            call()


def test_a_queue_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
    monkeypatch.chdir(tmp_path)  # a socket's path may have at most 107 bytes
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind("s")
        silent.listen()
        with pytest.raises(QueueError):
            client.ping(f"unix://{os.path.relpath(tmp_path / 's')}")


def test_a_queue_that_answers_is_alive(redis_url: str) -> None:
    client.ping(redis_url)
