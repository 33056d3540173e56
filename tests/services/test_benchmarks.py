"""The benchmarks run, in little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]


def run(*options: str) -> str:
    """What the benchmark prints."""
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_benchmark_still_runs_from_the_catalogue_to_the_browser() -> None:
    assert run("--size", "1000", "--only", "selector").count("\n## ") == 6


def test_the_benchmark_of_bundles_still_runs_from_the_job_to_the_slow_readers() -> None:
    assert run("--only", "bundles").count("\n## ") == 4
