from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_benchmark_still_runs_from_the_catalogue_to_the_browser() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--size", "1000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n## ") == 6
