"""Safe, unique paths, made here once for everything that delivers files: scripts, bundles, staging.

A path is safe if it can be created below a folder on Linux, macOS and Windows and never leaves that folder; paths are
unique if no two of them, or a file and a folder, are one name on a file system that ignores case and composition.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_PART_BYTES = 200  # of UTF-8; 255 is the limit of common file systems, less what tools append while they work
MAX_PATH = 240  # characters; 260 is Windows' limit, less a short folder to be in
MAX_FILE_BYTES = 120  # of a file's name in a path that is too long as a whole

# What the deliveries themselves write at the top of a folder; no file of an archive may replace it.
OWN_NAMES = frozenset({".skybasket", "receipt.csv", "manifest.html", "manifest.csv", "citation.txt"})
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)
_SEPARATORS = re.compile(r"[/\\]+")
_DRIVE = re.compile(r"^[A-Za-z]:")
_REFUSED = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=-]*[A-Za-z0-9_]", re.ASCII)
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".z")
_MAX_EXT = 16  # a longer one is part of the name
_KEPT_TAIL = 48  # bytes: room for the suffix and extension that tell an observation's files apart


def safe_paths(wanted: Iterable[str]) -> list[str]:
    """One path per wanted path, in order: safe and unique as this module's docstring says, and stable.

    Ordinary names come back unchanged, also when applied again. Of names that clash, the first keeps its name and the
    others get ``~2``, ``~3``, ... before the extension. Linear in the number of paths.
    """
    wanted = list(wanted)
    paths = [safe_path(path) for path in wanted]
    keys = [_key(path) for path in paths]
    taken = {folder for key in keys for folder in _folders(key)}
    files: dict[str, int] = {}  # key -> which file has it
    # Names that needed no change go first, so that no changed name takes theirs.
    for turn in (True, False):
        for i, key in enumerate(keys):
            if (paths[i] == wanted[i]) is turn and key not in taken:
                files.setdefault(key, i)
    numbers: dict[str, int] = {}
    taken.update(files)
    for i, key in enumerate(keys):
        if files.get(key) == i:
            continue
        n = numbers.get(key, 2)
        while _key(path := _numbered(paths[i], n)) in taken:
            n += 1
        numbers[key] = n + 1
        taken.add(_key(path))
        paths[i] = path
    return paths


def safe_path(path: str) -> str:
    """The path that stands for ``path`` when nothing else is delivered beside it: safe, but perhaps not unique."""
    parts = [part for part in _SEPARATORS.split(_DRIVE.sub("", path)) if part not in ("", ".", "..")]
    parts = [safe_part(part) for part in parts] or ["_"]
    if parts[0].casefold() in OWN_NAMES:
        parts[0] = f"_{parts[0]}"
    if parts[-1].casefold().endswith(".part"):
        parts[-1] += "_"  # what downloads call a file that is not complete yet
    return _fitted(parts)


@lru_cache(maxsize=1 << 16)
def safe_part(part: str) -> str:
    """A name that is one component of a path everywhere. Source of the rules: Windows' "Naming Files, Paths"."""
    if len(part) <= MAX_PART_BYTES and _PLAIN.fullmatch(part) and not _is_device(part):
        return part
    part = _REFUSED.sub("_", unicodedata.normalize("NFC", part))
    part = "".join("_" if unicodedata.category(c) in ("Cf", "Zl", "Zp") else c for c in part)
    part = part.rstrip(". ")
    if part.startswith(("-", "~")):
        part = f"_{part[1:]}"
    if _is_device(part):
        part = f"_{part}"
    return _shortened(part or "_", MAX_PART_BYTES)


def _is_device(part: str) -> bool:
    return part.partition(".")[0].rstrip(" ").casefold() in _DEVICES


def _shortened(part: str, limit: int) -> str:
    """At most ``limit`` bytes, with the end kept and a mark of the whole in the middle."""
    if len(part.encode()) <= limit:
        return part
    mark = f"~{hashlib.sha256(part.encode()).hexdigest()[:8]}"
    tail = _clipped(part[::-1], min(_KEPT_TAIL, limit // 2))[::-1]
    head = _clipped(part, limit - len(mark) - len(tail.encode())).rstrip(". ")
    # A cut can leave a mark of composition at the start of the tail, so normalise; it never grows.
    return unicodedata.normalize("NFC", f"{head}{mark}{tail}")


def _clipped(text: str, limit: int) -> str:
    """The longest start of ``text`` that is at most ``limit`` bytes of UTF-8."""
    return text.encode()[:limit].decode(errors="ignore")


def _fitted(parts: list[str]) -> str:
    """The path of ``parts`` in at most MAX_PATH characters; folders that find no room become one with a mark."""
    path = "/".join(parts)
    if len(path) <= MAX_PATH:
        return path
    name = _shortened(parts[-1], MAX_FILE_BYTES)
    folders = "/".join(parts[:-1])
    mark = f"~{hashlib.sha256(folders.encode()).hexdigest()[:8]}"
    room = MAX_PATH - len(name) - len(mark) - 1
    return f"{folders[:room].rstrip('/. ')}{mark}/{name}"


def _key(path: str) -> str:
    """Equal for paths that some file system takes for one (Unicode 15 section 3.13, canonical caseless matching)."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _folders(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _numbered(path: str, n: int) -> str:
    """``x.fits`` becomes ``x~2.fits``, within the limits."""
    folder, slash, name = path.rpartition("/")
    stem, ext = _split_ext(name)
    mark = f"~{n}"
    over = max(len((stem + mark + ext).encode()) - MAX_PART_BYTES, len(path) + len(mark) - MAX_PATH)
    if over > 0:
        stem = _clipped(stem, len(stem.encode()) - over)
    return f"{folder}{slash}{stem}{mark}{ext}"


def _split_ext(name: str) -> tuple[str, str]:
    stem, dot, ext = name.rpartition(".")
    if not stem or not dot or len(ext) > _MAX_EXT:
        return name, ""
    ext = f".{ext}"
    if ext.lower() in _COMPRESSED and "." in stem.lstrip("."):
        inner, _, last = stem.rpartition(".")
        return inner, f".{last}{ext}"
    return stem, ext
