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
    """``html`` goes into a ``pre``. ``inside``: what a bundle holds. ``whole``: nothing follows it."""

    inside: bool
    html: Markup
    lines: int
    whole: bool

    @property
    def title(self) -> str:
        """What is seen."""
        return "What is inside" if self.inside else "All of it" if self.whole else "How it begins"


def of_file(file: BinaryIO, language: str) -> Preview | None:
    """Of a script or list, from its start. ``language`` as Pygments names it; empty if it is not text."""
    return _of_text(file, language) if language else _of_archive(file)


def of_members(members: Iterable[tuple[str, int | None]], *, whole: bool) -> Preview:
    """Of what is inside a bundle: paths and their sizes in bytes."""
    return _listed([f"{format_size(size):>9}  {path}" for path, size in members], whole=whole)


def _listed(lines: list[str], *, whole: bool) -> Preview:
    shown = lines[:SHOWN_LINES]
    html = escape("\n".join(shown))
    return Preview(inside=True, html=html, lines=len(shown), whole=whole and len(shown) == len(lines))


def _of_text(file: BinaryIO, language: str) -> Preview:
    content = file.read(SHOWN_BYTES + 1)
    text = content[:SHOWN_BYTES].decode(errors="ignore")  # it may end within a character
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    shown = lines[:SHOWN_LINES]
    code = highlight("\n".join(shown), _lexer(language), HtmlFormatter(nowrap=True, classprefix=PREFIX))
    whole = len(content) <= SHOWN_BYTES and len(lines) <= SHOWN_LINES
    html = Markup(code.rstrip("\n"))  # noqa: S704 - escaped by Pygments
    return Preview(inside=False, html=html, lines=len(shown), whole=whole)


def _lexer(language: str) -> Lexer:
    options = {"stripnl": False, "ensurenl": False}
    try:
        return get_lexer_by_name(language, **options)
    except ClassNotFound:
        return TextLexer(**options)


def _of_archive(file: BinaryIO) -> Preview | None:
    """Names alone: what is made for the first files has other sizes than what is made for all."""
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as zipped:
                names = zipped.namelist()
        else:
            file.seek(0)
            with tarfile.open(fileobj=file) as tar:
                names = tar.getnames()
    except (OSError, tarfile.TarError, zipfile.BadZipFile):
        return None
    return _listed(names, whole=True) if names else None


def of_content(content: bytes, language: str) -> Preview | None:
    """The same of a whole file in memory."""
    return of_file(io.BytesIO(content), language)
