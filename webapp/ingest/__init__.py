"""How an archive gets in: product tables, FITS folders, checksums."""

from __future__ import annotations
