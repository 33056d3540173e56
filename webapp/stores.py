"""Which stores hold the bytes: those of the settings, and those that an ingest recorded in ``<home>/stores.json``."""

from __future__ import annotations

import json
import os
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from jobs.storage import StoreMap

if TYPE_CHECKING:
    from pathlib import Path

    from webapp.settings import Settings

FILE = "stores.json"


def store_pairs(settings: Settings) -> tuple[tuple[str, str], ...]:
    """``(URI prefix, store URL)``, the longest prefix first; the settings win over what an ingest recorded."""
    pairs = {**_recorded(settings), **dict(settings.stores)}
    return tuple(sorted(pairs.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def store_map(settings: Settings) -> StoreMap:
    """The stores, opened; the same object as long as the pairs stay the same."""
    return _opened(store_pairs(settings))


def add_store(settings: Settings, prefix: str, url: str) -> None:
    """Remember a store, so that what was ingested from it is served at once."""
    pairs = {**_recorded(settings), prefix: url}
    file = settings.home / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{FILE}.{secrets.token_hex(4)}")
    new.write_text(json.dumps(pairs, indent=1, sort_keys=True), "utf-8")
    os.replace(new, file)  # noqa: PTH105 - atomic, also over an existing file


def _recorded(settings: Settings) -> dict[str, str]:
    file = settings.home / FILE
    try:
        found = file.stat()
        return _read(file, found.st_ino, found.st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=8)
def _read(file: Path, _inode: int, _mtime_ns: int) -> dict[str, str]:
    pairs: dict[str, str] = json.loads(file.read_text("utf-8"))
    return pairs


@lru_cache(maxsize=8)
def _opened(pairs: tuple[tuple[str, str], ...]) -> StoreMap:
    return StoreMap(pairs)
