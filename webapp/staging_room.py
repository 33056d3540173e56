"""Room in the stage: where a delivery's staged files are, and whether more fit under the limits."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Protocol

from webapp.errors import UserError
from webapp.queries import chores as query
from webapp.template_filters import size

if TYPE_CHECKING:
    from pathlib import Path

    from sqlmodel import Session

    from webapp.settings import Settings

SPARED = 100 * 10**6  # bytes of the disk that no batch may ask for


class HasId(Protocol):
    """A delivery's record."""

    @property
    def id(self) -> str:
        """Its id."""


def staged_folder(settings: Settings, record: HasId) -> Path:
    """Where a delivery's staged files are, or will be."""
    return folder_of(settings, record.id)


def folder_of(settings: Settings, delivery_id: str) -> Path:
    """The same, by the id."""
    return settings.stage / "anonymous" / delivery_id


def claim(session: Session, settings: Settings, owner: str, wanted: int) -> None:
    """Make sure that ``wanted`` bytes more fit in the stage. Call it in the transaction that adds the delivery.

    Raises UserError 413 where the owner's limit is too small, 507 where the stage is too full.
    """
    mine, total = query.staged_bytes(session, owner)
    if wanted > settings.stage_user_bytes:
        raise UserError(
            413,
            f"This selection is {size(wanted)}; the staged files of one user may be {size(settings.stage_user_bytes)}.",
            "Select less, or take a script, which has no limit.",
        )
    if mine + wanted > settings.stage_user_bytes:
        raise UserError(
            413,
            f"This selection is {size(wanted)}; of the {size(settings.stage_user_bytes)} that you may have staged, "
            f"{size(settings.stage_user_bytes - mine)} are free.",
            "Wait until an earlier batch has expired, select less, or take a script, which has no limit.",
        )
    free = min(settings.stage_bytes - total, _disk(settings.stage))
    if wanted > free:
        raise UserError(
            507,
            f"This selection is {size(wanted)}; of the {size(settings.stage_bytes)} for staged files on this server, "
            f"{size(max(free, 0))} are free.",
            "Try again when others' batches have expired, select less, or take a script, which has no limit.",
        )


def _disk(stage: Path) -> int:
    """Free bytes where the stage is, or will be made, less those that others there need: the database may be one."""
    there = next(folder for folder in (stage, *stage.parents) if folder.exists())
    return shutil.disk_usage(there).free - SPARED
