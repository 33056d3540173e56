"""Where templates and static files are: beside the packages in a checkout, inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path


def asset_folder(name: str) -> Path:
    """The folder ``templates`` or ``static``. Raises FileNotFoundError with a sentence when the install is damaged."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_assets" / name, here.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"Skybasket's folder {name!r} is missing; install it again.")
