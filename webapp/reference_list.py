"""The references of what is selected as a list: one page after another, in the order of the panel's tree."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from webapp.errors import UserError
from webapp.file_list import DIGEST_LETTERS, Place

if TYPE_CHECKING:
    from webapp.references import References, Used


def page(found: References, after: Place | None, limit: int) -> tuple[tuple[Used, ...], Place | None]:
    """At most ``limit`` references after a place, and where they end; None if there are no more.

    Raises UserError 410 if the list has become another one since: its pages would not fit together.
    """
    digest = _digest(found)
    if after is not None and after.digest != digest:
        raise UserError(
            410,
            "The references of what is selected have changed since the page before.",
            "Start again with the first page.",
        )
    start = min(max(0, after.row + 1), len(found.used)) if after is not None else 0  # whoever made the cursor up
    end = start + limit
    return found.used[start:end], Place(digest, end - 1) if end < len(found.used) else None


def _digest(found: References) -> str:
    """Of which references it lists; by how many files each is used may change, and does no harm."""
    keys = "\n".join(each.reference.key for each in found.used)
    return hashlib.sha256(keys.encode()).hexdigest()[:DIGEST_LETTERS]
