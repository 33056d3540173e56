"""Inventories on disk, mapped into memory: the one file of the core that does I/O.

A folder holds one ``.npy`` (NumPy format 1.0) per column and ``inventory.json``. It is written under a temporary name
and renamed, so that it is there whole or not at all. A folder that is not what its digest says is refused.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from webapp.inventory.arrays import sealed
from webapp.inventory.inventory import Inventory, Kind, sealed_inventory
from webapp.inventory.names import Names

COLUMNS = {"product": "<i8", "kind": "<i4", "rights": "<i4", "size": "<i8", "starts": "<i8"}
FORMAT = 1


class DamagedInventory(Exception):  # noqa: N818 - it says what it is
    """The folder does not hold the inventory that it should; delete it and build the inventory again."""


def save(inventory: Inventory, folder: Path) -> None:
    """Write ``folder``; does nothing if it is there, as the same digest means the same content."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, array in _arrays(inventory).items():
            np.save(temporary / f"{name}.npy", array)
        meta = {
            "format": FORMAT,
            "digest": inventory.digest,
            "kinds": [astuple(kind) for kind in inventory.kinds],
            "rights_ids": inventory.rights_ids,
            "folders": inventory.folders,
        }
        (temporary / "inventory.json").write_text(json.dumps(meta), "utf-8")
        temporary.rename(folder)
    except OSError:
        if not folder.exists():  # if it does, another process was first
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def load(folder: Path) -> Inventory:
    """Map an inventory into memory.

    Raises FileNotFoundError if there is no such folder, DamagedInventory if it does not hold what was saved.
    """
    if not folder.exists():
        raise FileNotFoundError(folder)
    try:
        meta = json.loads((folder / "inventory.json").read_text("utf-8"))
        inventory = _read(folder, meta)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError) as error:
        raise DamagedInventory(f"The inventory in {folder.name} cannot be read: {error}") from error
    if meta.get("digest") != inventory.digest:
        raise DamagedInventory(f"The inventory in {folder.name} is not the one that it was saved as.")
    return inventory


def _arrays(inventory: Inventory) -> dict[str, Any]:
    columns = {name: getattr(inventory, name) for name in COLUMNS}
    return {**columns, "names": inventory.names.blob, "offsets": inventory.names.offsets}


def _read(folder: Path, meta: dict[str, Any]) -> Inventory:
    if meta["format"] != FORMAT:
        raise ValueError(f"its format is {meta['format']}, not {FORMAT}")

    def column(name: str, dtype: str) -> Any:
        array = np.load(folder / f"{name}.npy", mmap_mode="r")
        if array.ndim != 1 or array.dtype != dtype:
            raise ValueError(f"{name} is no column of {dtype}")
        return sealed(array, dtype)

    return sealed_inventory(
        **{name: column(name, dtype) for name, dtype in COLUMNS.items()},
        kinds=tuple(Kind(*kind) for kind in meta["kinds"]),
        rights_ids=tuple(meta["rights_ids"]),
        folders=tuple((mission, path) for mission, path in meta["folders"]),
        names=Names(column("names", "|u1"), column("offsets", "<i8")),
    )
