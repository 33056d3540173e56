"""The folder into which files are fetched: what is in it already, and is not of a download, is not replaced."""

from __future__ import annotations

import csv
import hashlib
import os
import stat
from typing import TYPE_CHECKING

from jobs.dialects import comment
from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jobs.items import Item

RECEIPT = "receipt.csv"
COLUMNS = ["path", "uri", "bytes", "sha256", "result", "detail"]  # of receipts of our scripts
SHOWN = 5  # files of a list in a sentence


def must_be_ours(items: Iterable[Item], folder: Path, *, flat: bool) -> None:
    """Raise UserError 400 if fetching would replace a file that no receipt there names, and that is another one."""
    if not folder.is_dir():
        return
    ours = _named(folder)
    others = []
    for item in items:
        path = item.flat if flat else item.path
        place = folder / path
        if os.path.lexists(place) and hash(path) not in ours and not _is_right(place, item):
            others.append(path)
    if others:
        names = ", ".join(map(comment, others[:SHOWN])) + (f" and {len(others) - SHOWN:,} more" * (len(others) > SHOWN))
        raise UserError(400, f"{folder} has files already that are not of a download: {names}.", "Name another folder.")


def _named(folder: Path) -> set[int]:
    """The paths that a receipt names, as hashes: a large one would take much memory."""
    receipt = folder / RECEIPT
    try:
        with receipt.open(encoding="utf-8", errors="replace", newline="") as lines:
            rows = csv.reader(lines)
            if next(rows, COLUMNS) != COLUMNS:
                raise UserError(400, f"{receipt} is not of a download.", "Name another folder.")
            return {hash(row[0].removeprefix("./")) for row in rows if row}
    except FileNotFoundError:
        return set()
    except csv.Error as error:
        raise UserError(400, f"{receipt} is not of a download.", "Name another folder.") from error


def _is_right(place: Path, item: Item) -> bool:
    """Whether it is what would be fetched; then it is left as it is."""
    try:
        found = place.stat()
        if not stat.S_ISREG(found.st_mode):
            return place.exists()  # the program leaves it, and says that it is in the way
        if item.size not in (None, found.st_size):
            return False
        if item.sha256 is None:
            return True
        with place.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == item.sha256
    except OSError:
        return False
