"""Fetches the files that the end of this script lists with astroquery, and verifies each.

Needs Python 3.9 or later and astroquery 0.4.7 or later. Run it again to go on: what is there and right is not asked for
again. Exit codes: 0 all there, 1 some failed, 2 wrong use or no right to a file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTEMPTS = 3
SECONDS = 60  # without a byte


def main() -> int:
    """Fetch what is not there; returns the exit code."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    if sys.argv[1:]:
        return refuse("This script has no options: it fetches its files into a folder where you are.")
    try:
        from astroquery.mast import Observations
    except ImportError:
        return refuse("This script needs astroquery. Install it with: python -m pip install astroquery")
    delivery = next(listed("#:"))
    folder = Path(delivery["name"])
    token = os.environ.get("SKYBASKET_TOKEN", "")
    secret = [row["path"] for row in listed("#|") if row["exclusive"] and not (folder / row["path"]).exists()]
    if secret and not token:
        names = "\n".join(f"  {path}" for path in secret[:20])
        return refuse(f"{names}\nThese files need a token. Put yours into the environment variable SKYBASKET_TOKEN.")
    own = folder / ".skybasket"
    if own.is_symlink() or (own.exists() and not own.is_dir()):
        return refuse(f"{own} is not what this script left there. Delete it and try again.")
    own.mkdir(parents=True, exist_ok=True)
    prepare(Observations, delivery["server"])
    total, failed = 0, []
    for row in listed("#|"):
        total += 1
        if problem(folder / row["path"], row):
            wrong = fetch(Observations, delivery["address"], row, folder, token)
            print(f"Failed: {row['path']} ({wrong})" if wrong else row["path"])
            failed += [wrong] if wrong else []
    print(f"{total - len(failed)} of {total} OK, {len(failed)} failed")
    if not failed:
        with suppress(OSError):  # another script's parts are in it
            (folder / ".skybasket").rmdir()
        return 0
    return 2 if all(wrong.startswith(("HTTPError: 401", "HTTPError: 403")) for wrong in failed) else 1


def listed(mark: str) -> Iterator[dict[str, Any]]:
    """What the comments of this file with that mark say."""
    with open(__file__, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(mark + " "):
                yield json.loads(line[len(mark) :])


def prepare(observations: Any, server: str) -> None:
    """Limit each wait, which astroquery does not do, let it say nothing, and send only what we say."""
    from astroquery import log
    from requests.adapters import HTTPAdapter

    class Patient(HTTPAdapter):
        def send(self, *args: Any, **options: Any) -> Any:
            options["timeout"] = options.get("timeout") or SECONDS
            return super().send(*args, **options)

    os.environ["NETRC"] = os.devnull  # else what ~/.netrc holds would be sent in the token's place
    observations._session.mount(server, Patient())
    log.setLevel("ERROR")


def fetch(observations: Any, address: str, row: dict[str, Any], folder: Path, token: str) -> str:
    """Get one file; what is wrong with it in the end, or nothing."""
    headers = observations._session.headers
    if row["exclusive"]:
        headers["Authorization"] = f"Bearer {token}"  # left out where a redirect leads to another server
    else:
        headers.pop("Authorization", None)
    part = folder / ".skybasket" / "file.part"
    wrong = ""
    for attempt in range(ATTEMPTS):
        time.sleep(attempt)
        try:
            part.unlink(missing_ok=True)  # in a folder that others may write to it could be a link
            _, wrong, _ = observations.download_file(row["uri"], local_path=part, base_url=address, cache=False)
            wrong = wrong or problem(part, row)
            if not wrong:
                place = folder / row["path"]
                place.parent.mkdir(parents=True, exist_ok=True)
                part.replace(place)
                return ""
        except ValueError as error:
            return str(error)
        except OSError as error:  # of the disk or the network
            wrong = str(error)
        if re.match("HTTPError: 4(?!08|25|29)", wrong):
            break
    part.unlink(missing_ok=True)
    return wrong


def problem(file: Path, row: dict[str, Any]) -> str:
    """What is wrong with a file on disk, or nothing."""
    if not file.is_file():
        return "it is not there"
    size = file.stat().st_size
    if row["size"] not in (None, size):
        return f"it has {size} bytes instead of {row['size']}"
    sha256 = hashlib.sha256()
    with file.open("rb") as content:
        first = content.read(1 << 20)
        sha256.update(first)
        for block in iter(lambda: content.read(1 << 20), b""):
            sha256.update(block)
    if row["sha256"] is not None:
        return "" if row["sha256"] == sha256.hexdigest() else "its checksum is wrong"
    page = re.match(rb"\s*<(!doctype html|html)", first, re.IGNORECASE)
    return "a web page came in its place" if page and ".htm" not in row["path"].lower() else ""


def refuse(sentence: str) -> int:
    """Say why nothing is done; returns the exit code."""
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
