"""Passwords: argon2id hashes, and what a new one has to be.

Hashing is meant to be slow and takes 64 MB, so that only two are computed at a time in one process.
"""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from webapp.errors import UserError

SHORTEST, LONGEST = 10, 1_000  # characters
AT_ONCE = 2
WAIT_SECONDS = 10

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_turns = BoundedSemaphore(AT_ONCE)


def hashed(password: str, *, name: str = "") -> str:
    """The hash of a new password. Raises UserError 422 for one that is too short, too long, or the ``name``."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UserError(
            422,
            f"A password has {SHORTEST} to {LONGEST:,} characters; this one has {len(password):,}.",
            "A few words together are easy to remember.",
        )
    if name and password.casefold() == name.casefold():
        raise UserError(422, "The password is the same as the name.", "Choose another one.")
    with _Turn():
        return _hasher.hash(_bytes(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether this is the password of a hash. Takes as long where there is none (None), so that nobody can tell."""
    with _Turn():
        nobodys = _nobodys()
        try:
            right = _hasher.verify(kept or nobodys, _bytes(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def is_dated(kept: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher.hash("what is compared where there is nothing to compare")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # a terminal can hand over what is no character


class _Turn:
    def __enter__(self) -> None:
        if not _turns.acquire(timeout=WAIT_SECONDS):
            raise UserError(503, "Too many people are logging in at once.", "Try again in a moment.")

    def __exit__(self, *_: object) -> None:
        _turns.release()
