"""How a script or list begins, highlighted for the page; what is inside, where it is no text.

Highlighting is done by Pygments, which escapes every character; colours are classes, so that no style is inline.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from webapp.template_filters import size as format_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pygments.lexer import Lexer

SHOWN_LINES = 60  # of a script, or of what is inside
SHOWN_BYTES = 64_000  # no line is so long that it has to be shown to its end
PREFIX = "hl-"


@dataclass(frozen=True)
class Preview:
    """``html`` goes into a ``pre``. ``whole``: nothing follows it."""

    title: str
    html: Markup
    lines: int
    whole: bool


def of_file(file: BinaryIO, language: str) -> Preview | None:
    """Of a script or list, from its start. ``language`` as Pygments names it; empty if it is not text."""
    return _of_text(file, language) if language else _of_archive(file)


def of_members(members: Iterable[tuple[str, int | None]], *, whole: bool) -> Preview:
    """Of what is inside a bundle: paths and their sizes in bytes."""
    lines = [f"{format_size(size):>9}  {path}" for path, size in members]
    shown = lines[:SHOWN_LINES]
    return Preview("What is inside", escape("\n".join(shown)), len(shown), whole and len(shown) == len(lines))


def _of_text(file: BinaryIO, language: str) -> Preview:
    content = file.read(SHOWN_BYTES + 1)
    text = content[:SHOWN_BYTES].decode(errors="ignore")  # it may end within a character
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    shown = lines[:SHOWN_LINES]
    code = highlight("\n".join(shown), _lexer(language), HtmlFormatter(nowrap=True, classprefix=PREFIX))
    whole = len(content) <= SHOWN_BYTES and len(lines) <= SHOWN_LINES
    html = Markup(code.rstrip("\n"))  # noqa: S704 - escaped by Pygments
    return Preview("How it begins", html, len(shown), whole)


def _lexer(language: str) -> Lexer:
    options = {"stripnl": False, "ensurenl": False}
    try:
        return get_lexer_by_name(language, **options)
    except ClassNotFound:
        return TextLexer(**options)


def _of_archive(file: BinaryIO) -> Preview | None:
    members: list[tuple[str, int | None]] = []
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as content:
                members = [(each.filename, each.file_size) for each in content.infolist()]
        else:
            file.seek(0)
            with tarfile.open(fileobj=file) as content:
                members = [(each.name, each.size) for each in content]
    except (OSError, tarfile.TarError, zipfile.BadZipFile):
        return None
    return of_members(members, whole=True)


def of_content(content: bytes, language: str) -> Preview | None:
    """The same of a whole file in memory."""
    return of_file(io.BytesIO(content), language)
