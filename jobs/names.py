"""Safe, unique paths, made here once for everything that delivers files: scripts, bundles, staging.

A path is safe if it can be created below a folder on Linux, macOS and Windows and never leaves that folder; paths are
unique if no two of them, or a file and a folder, are one name on a file system that ignores case and composition.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

MAX_PART_BYTES = 200  # of UTF-8; 255 is the limit of common file systems, less what tools append while they work
MAX_PATH = 240  # characters; 260 is Windows' limit, less a short folder to be in
MAX_FILE_BYTES = 120  # of a file's name in a path that is too long as a whole

# What the deliveries themselves write at the top of a folder; no file of an archive may replace it.
OWN = re.compile(
    r"\.skybasket|receipt\.csv|(manifest(_\d+of\d+)?\.(html|csv))|(citation(_\d+of\d+)?\.txt)|(references(_\d+of\d+)?\.csv)",
    re.ASCII,
)
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)
_SEPARATORS = re.compile(r"[/\\]+")
_DRIVE = re.compile(r"^[A-Za-z]:")
_REFUSED = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]')
_INVISIBLE = ("Cf", "Zl", "Zp")  # Unicode categories: they reorder a line on screen, or end it
# What nearly all paths of an archive look like: nothing to do. Parts that start like a special name take the long way.
_ORDINARY = re.compile(
    r"(?:(?!con|prn|aux|nul|com|lpt|receipt|manifest|citation|references[_.])[a-z0-9_](?:[a-z0-9_.+=-]*[a-z0-9_])?(?:/(?=.)|$))+(?<!\.part)",
    re.ASCII | re.IGNORECASE,
)
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
    folders = _all_folders(keys)
    files: dict[str, int] = {}  # key -> which file has it
    # Names that needed no change go first, so that no changed name takes theirs.
    for turn in (True, False):
        for i, key in enumerate(keys):
            if (paths[i] == wanted[i]) is turn and key not in folders:
                files.setdefault(key, i)
    numbers: dict[str, int] = {}
    for i, key in enumerate(keys):
        if files.get(key) != i:
            n = numbers.get(key, 2)
            while not _is_free(new := _key(path := _numbered(paths[i], n)), files, folders):
                n += 1
            numbers[key] = n + 1
            paths[i] = path
            files[new] = i
            folders.update(_folders(new))
    return paths


def flat_paths(paths: Iterable[str]) -> list[str]:
    """File names without their folders, for paths that are safe and unique; a name that clashes keeps its whole path.

    The paths returned are unique too, as ``safe_paths`` means it.
    """
    paths = list(paths)
    return [path.rpartition("/")[2] if alone else path for path, alone in zip(paths, stand_alone(paths), strict=True)]


def stand_alone(paths: Iterable[str]) -> NDArray[np.bool_]:
    """Whether each file's name is one of its kind among safe and unique paths; what clashes keeps its whole path.

    Reads ``paths`` once; memory: some 30 bytes a path.
    """
    names, tops, own = array("q"), array("q"), bytearray()  # hashes: two names that share one only keep their paths
    for path in paths:
        key = _key(path)
        name = key.rpartition("/")[2]
        names.append(hash(name))
        tops.append(hash(key.partition("/")[0]))  # no file may have the name of a folder that stays
        own.append(OWN.fullmatch(name) is not None)
    _, which, taken = np.unique(np.array(names, np.int64), return_inverse=True, return_counts=True)
    once: NDArray[np.bool_] = taken[which] == 1
    return once & ~np.isin(np.array(names, np.int64), np.array(tops, np.int64)) & ~np.array(own, np.bool_)


def safe_path(path: str) -> str:
    """The path that stands for ``path`` when nothing else is delivered beside it: safe, but perhaps not unique."""
    if len(path) <= MAX_PART_BYTES and _ORDINARY.fullmatch(path):
        return path
    parts = [part for part in _SEPARATORS.split(_DRIVE.sub("", path)) if part not in ("", ".", "..")]
    parts = [_clean(part) for part in parts] or ["_"]
    if OWN.fullmatch(parts[0].casefold()):
        parts[0] = f"_{parts[0]}"
    if parts[-1].casefold().endswith(".part"):
        parts[-1] += "_"  # what downloads call a file that is not complete yet
    return _fitted([_shortened(part, MAX_PART_BYTES) for part in parts])


def _clean(part: str) -> str:
    """A name that is one component of a path everywhere. Source of the rules: Windows' "Naming Files, Paths"."""
    part = _REFUSED.sub("_", unicodedata.normalize("NFC", part))
    if not part.isascii():
        part = "".join("_" if unicodedata.category(c) in _INVISIBLE else c for c in part)
    part = part.rstrip(". ")
    if part.startswith(("-", "~")):
        part = f"_{part[1:]}"
    if part.partition(".")[0].rstrip(" ").casefold() in _DEVICES:
        part = f"_{part}"
    return part or "_"


def _shortened(part: str, limit: int) -> str:
    """At most ``limit`` bytes, with the end kept and a mark of the whole in the middle."""
    if len(part.encode()) <= limit:
        return part
    mark = _mark(part) + "~"  # the second one keeps a mark of composition in the tail from joining the first
    tail = _clipped(part[::-1], _KEPT_TAIL)[::-1]
    head = _clipped(part, limit - len(mark) - _KEPT_TAIL).rstrip(". ")
    return f"{head or '_'}{mark}{tail}"


def _fitted(parts: list[str], salt: str = "") -> str:
    """The path of ``parts`` in at most MAX_PATH characters; folders that find no room become one with a mark."""
    path = "/".join(parts)
    if len(path) <= MAX_PATH:
        return path
    name = _shortened(parts[-1], MAX_FILE_BYTES)
    folders = "/".join(parts[:-1])
    mark = _mark(folders + salt)
    head, slash, last = folders[: MAX_PATH - len(name) - len(mark) - 1].rstrip("/. ").rpartition("/")
    last = _clipped(last, MAX_PART_BYTES - len(mark)).rstrip(". ")
    return f"{head}{slash}{last or '_'}{mark}/{name}"


def _mark(text: str) -> str:
    return f"~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _clipped(text: str, limit: int) -> str:
    """The longest start of ``text`` that is at most ``limit`` bytes of UTF-8."""
    return text.encode()[:limit].decode(errors="ignore")


def _key(path: str) -> str:
    """Equal for paths that some file system takes for one (Unicode 15 section 3.13, canonical caseless matching)."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _all_folders(keys: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for key in keys:
        if key.rpartition("/")[0] not in found:
            found.update(_folders(key))
    return found


def _folders(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _is_free(key: str, files: dict[str, int], folders: set[str]) -> bool:
    return key not in files and key not in folders and not any(folder in files for folder in _folders(key))


def _numbered(path: str, n: int) -> str:
    """``x.fits`` becomes ``x~2.fits``, within the limits."""
    *folders, name = path.split("/")
    stem, ext = _split_ext(name)
    end = f"~{n}{ext}"
    return _fitted([*folders, _clipped(stem, MAX_PART_BYTES - len(end.encode())) + end], salt=str(n))


def _split_ext(name: str) -> tuple[str, str]:
    stem, dot, ext = name.rpartition(".")
    if not stem or not dot or len(ext) > _MAX_EXT:
        return name, ""
    inner, dot, last = stem.rpartition(".")
    if f".{ext}".lower() in _COMPRESSED and inner and dot and len(last) <= _MAX_EXT:
        return inner, f".{last}.{ext}"
    return stem, f".{ext}"
