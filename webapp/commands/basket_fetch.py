"""The files of a list, fetched by the program that our Python scripts are made of: one program, one set of receipts.

The server gives a list (JSON Lines) and nothing else: each line is checked, and written behind the program that is
installed here. Nothing that came from the server is ever run, and the token goes to the server that the user named.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.dialects import python
from jobs.errors import JobError
from jobs.items import FILE, Header, Item
from jobs.names import safe_path, stand_alone
from skybasket_client import SkybasketError
from skybasket_client.answers import not_understood
from skybasket_client.errors import FAILED
from webapp.commands.basket_place import RECEIPT, must_be_ours
from webapp.commands.basket_session import INTERRUPTED
from webapp.errors import UserError
from webapp.supervisor.leash import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skybasket_client import Delivery
    from webapp.commands.basket_session import Session

READY = "Ready"
EXCLUSIVE = "EXCLUSIVE_ACCESS"
_QUERY = re.compile(r"uri=[A-Za-z0-9._~%/:@!$'()*,;?+-]+(&version=[0-9a-f]+)?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
STDERR = 2
LONGEST = 100_000  # characters of a line
GRACE = 10.0  # seconds for the program to end


def run(
    session: Session,
    delivery: Delivery,
    folder: Path,
    *,
    flat: bool,
    jobs: int,
    retry_failed: bool,
    verify: bool,
    quiet: bool,
) -> tuple[int, dict[str, Any]]:
    """Fetch the files of a delivery that is a list; the program's exit code, and how many files had which result.

    ``quiet``: what the program prints goes to standard error. Raises UserError, SkybasketError, KeyboardInterrupt.
    """
    with tempfile.TemporaryDirectory(prefix="skybasket-") as private:
        listed, *more = delivery.download(private)
        if more:
            raise not_understood("The list has several parts.")
        program = Path(private) / "fetch.py"
        count = write(listed, program, session.sky.server)
        must_be_all(count, delivery)
        if not verify:
            must_be_ours(_items(listed), folder, flat=flat)
        chosen = ["--dest", str(folder), "--jobs", str(jobs)]
        chosen += ["--flat"] * flat + ["--retry-failed"] * retry_failed + ["--verify"] * verify
        code = _run([sys.executable, "-I", str(program), *chosen], session.sky.token, quiet=quiet)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code, {} if verify else {"receipt": str(folder / RECEIPT), "results": results(folder)}


def write(listed: Path, program: Path, server: str) -> int:
    """Write the program with the table of a list; how many files it has. Raises UserError for a list of no use."""
    try:
        header = Header(listed.stem, int(time.time()), server, sum(1 for _ in _rows(listed)), 0, 0)
        with program.open("xb") as out:
            python.write(header, _items(listed), out)
    except (JobError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:  # whatever its form is
        detail = str(error) if isinstance(error, JobError) or type(error) is ValueError else "It is no list of files."
        raise UserError(502, "The list that the server gave cannot be used.", detail) from error
    return header.files


def must_be_all(count: int, delivery: Delivery) -> None:
    """Raise SkybasketError if a list that is said to be ready has not as many files as the delivery, or none."""
    files = delivery.said.get("files")
    if count == 0 or (count != files and delivery.state == READY):
        raise SkybasketError(
            f"The list names {count:,} files, and the delivery has {files}.",
            f"Order it again, or see {delivery.url}",
            why=FAILED,
        )


def _items(listed: Path) -> Iterator[Item]:
    alone = stand_alone(row["path"] for row in _rows(listed))
    return (_item(row, bool(one)) for row, one in zip(_rows(listed), alone, strict=True))


def _rows(listed: Path) -> Iterator[dict[str, Any]]:
    with listed.open(encoding="utf-8") as lines:
        for line in iter(lambda: lines.readline(LONGEST), ""):
            row = json.loads(line)
            yield row | {"path": row["path"].removeprefix("./")}


def _item(row: dict[str, Any], alone: bool) -> Item:  # noqa: FBT001 - one field of several
    """A line of the list, if it is safe: in a folder, not hidden, and from the server's one address for files."""
    path, size, sha256 = row["path"], row["bytes"], row["sha256"]
    query = row["url"].partition(f"{FILE}?")[2]
    if (
        safe_path(path) != path
        or "/" not in path
        or any(part.startswith(".") for part in path.split("/"))
        or not _QUERY.fullmatch(query)
        or not (size is None or (type(size) is int and size >= 0))
        or not (sha256 is None or _SHA256.fullmatch(sha256))
    ):
        raise ValueError(f"It says {json.dumps(row)[:200]}")
    flat = path.rpartition("/")[2] if alone else path
    return Item(row["uri"], path, flat, size, sha256, row["access"] == EXCLUSIVE, query)


def results(folder: Path) -> dict[str, int]:
    """How many files of a receipt had which result; the latest row of a file counts."""
    try:
        with (folder / RECEIPT).open(encoding="utf-8", errors="replace", newline="") as receipt:
            latest = {row["path"]: row["result"] for row in csv.DictReader(receipt)}
    except OSError:
        return {}
    return dict(Counter(latest.values()))


def _run(command: list[str], token: str, *, quiet: bool) -> int:
    """The exit code of the program, which Ctrl-C and other signals reach too; it keeps what has come."""
    who = {"SKYBASKET_TOKEN": token} if token else {}
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        env=os.environ | who,
        stdout=STDERR if quiet else None,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one call, and no thread runs here
    ) as child:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            child.terminate()  # which it may have got from the terminal already
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
            return INTERRUPTED
    return code if code >= 0 else INTERRUPTED
