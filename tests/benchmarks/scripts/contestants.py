"""Who fetches: our scripts, aria2 with our list, and what users of archives have today."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from jobs.dialects import dialect
from jobs.items import Header, Item, query
from tests.benchmarks.bundles.holdings import PREFIX

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.bundles.holdings import Files

NAME = "skybasket_benchmark"
SECONDS = 600
SH, PY, ARIA2 = "Skybasket, shell script", "Skybasket, Python script", "aria2, with our list"
EACH, ONE, WGET = "a curl for each file, in order", "one curl for all", "wget -i"
OURS = (SH, PY)
ALL = (SH, PY, ARIA2, EACH, ONE, WGET)


class Contest:
    """Some files of an archive, to be fetched from a server; ``scripts`` holds what is handed to the contestants."""

    def __init__(self, archive: Path, files: Files, server: str, scripts: Path) -> None:
        scripts.mkdir(parents=True)
        header = Header(NAME, 1_777_000_000, server, len(files.paths), files.bytes, 0)
        self._files, self._scripts = files, scripts
        items = [_item(archive, files, path) for path in files.paths]
        for kind in ("sh", "py", "aria2"):
            with (scripts / f"{NAME}{dialect(kind).suffix}").open("wb") as out:
                dialect(kind).write(header, items, out)
        addresses = {item.path: header.address(item) for item in items}
        (scripts / "urls").write_text("".join(f"{address}\n" for address in addresses.values()))
        (scripts / "each").write_text(
            "".join(
                f"curl -q -sS -f -L --create-dirs -o {shlex.quote(path)} {shlex.quote(address)}\n"
                for path, address in addresses.items()
            )
        )
        (scripts / "one").write_text(
            "create-dirs\nfail\nlocation\nsilent\n"
            + "".join(f'url = "{address}"\noutput = "{path}"\n' for path, address in addresses.items())
        )

    def run(self, who: str, folder: Path) -> float:
        """Seconds that this one takes to fetch all into ``folder``. Raises RuntimeError if not all came."""
        start = time.perf_counter()
        done = subprocess.run(
            self._command(who, folder), cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        seconds = time.perf_counter() - start
        came = [file for file in folder.rglob("*") if file.is_file() and file.stat().st_size == self._files.size]
        if done.returncode or len(came) != len(self._files.paths):
            raise RuntimeError(
                f"{who}: exit {done.returncode}, {len(came)} files. {done.stdout[-500:]}{done.stderr[-500:]}"
            )
        return seconds

    def _command(self, who: str, folder: Path) -> list[str]:
        scripts = self._scripts
        if who == SH:
            return ["sh", f"{scripts}/{NAME}.sh", "--dest", str(folder)]
        if who == PY:
            return [sys.executable, f"{scripts}/{NAME}.py", "--dest", str(folder)]
        if who == ARIA2:
            file = scripts / f"{NAME}{dialect('aria2').suffix}"
            return [*shlex.split(dialect("aria2").use.format(file=file, name=".")), "-q"]
        if who == EACH:
            return ["sh", f"{scripts}/each"]
        if who == ONE:
            return ["curl", "-q", "-K", f"{scripts}/one"]
        return ["wget", "-q", "-i", f"{scripts}/urls"]


def _item(archive: Path, files: Files, path: str) -> Item:
    sha256 = hashlib.sha256((archive / path).read_bytes()).hexdigest()
    uri = PREFIX + path
    return Item(uri, path, path, files.size, sha256, exclusive=False, query=query(uri))
