"""Staged files by FTP over explicit TLS (RFC 4217): read-only, one delivery for each log-in.

The user's name is the delivery's id; the password follows from the installation's secret, so that it is stored nowhere
and a delivery's id alone lets nobody in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from webapp.settings import Settings

DELIVERY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
BYTES = 18  # 144 bits: as hard to guess as the id itself


def password(settings: Settings, delivery_id: str) -> str:
    """The FTP password of a delivery: 24 letters, digits, ``-`` and ``_``. For its owner's eyes only."""
    digest = hmac.digest(settings.secret.encode(), f"skybasket ftp {delivery_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:BYTES]).decode("ascii")


def address(settings: Settings, delivery_id: str) -> str:
    """Where a delivery's staged files are for an FTP client: ``ftp://<id>@<host>:<port>/stage/anonymous/<id>/``.

    The host is the one that the settings name for it, else the one of the pages.
    """
    host = settings.ftp_public_host or urlsplit(settings.base_url).hostname or ""
    port = settings.ftp_bind.rpartition(":")[2]
    return f"ftp://{delivery_id}@{f'[{host}]' if ':' in host else host}:{port}{folder(delivery_id)}/"


def folder(delivery_id: str) -> str:
    """The one folder that a log-in sees, as the client names it."""
    return f"/stage/anonymous/{delivery_id}"
