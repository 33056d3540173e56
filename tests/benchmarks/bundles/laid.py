"""What a process needs to lay out a bundle: ``python -m tests.benchmarks.bundles.laid FOLDER NAME`` prints its peak.

Opens the bundle, computes its length and its ETag, and goes over every header of it, without the contents.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from jobs.bundles import Bundle
from jobs.storage import StoreMap

ROOT = Path(__file__).resolve().parents[3]


def megabytes(folder: Path, name: str) -> float:
    """Peak memory of a fresh process, interpreter and libraries included."""
    command = [sys.executable, "-m", "tests.benchmarks.bundles.laid", str(folder), name]
    return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    folder, name = sys.argv[1:]
    bundle = Bundle(Path(folder), name, StoreMap([]))
    assert bundle.etag
    for _ in bundle._layout.parts(0, bundle.length):
        pass
    sys.stdout.write(f"{_peak() / 1e6}")


def _peak() -> int:
    """Bytes. Linux counts what the process that started this one had too, unless it is asked by /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS, in bytes
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024


if __name__ == "__main__":
    main()
