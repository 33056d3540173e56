"""Words that let somebody in: made at random, shown once, kept as hashes only.

Each kind begins with letters of its own, so that one is told from another, and found by those who scan for secrets.
"""

from __future__ import annotations

import hashlib
import secrets

TOKEN, KEY = "sbt_", "sbk_"  # of an account, of one basket
BITS = 256


def new(kind: str = "") -> str:
    """A word that nobody can guess."""
    return f"{kind}{secrets.token_urlsafe(BITS // 8)}"


def digest(word: str) -> str:
    """What is kept of it: SHA-256 (hex). A slow hash would add nothing to 256 random bits."""
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()
