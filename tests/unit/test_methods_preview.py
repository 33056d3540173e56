from __future__ import annotations

import io
import re
import tarfile
import zipfile
from html import unescape

import pytest

from webapp.methods_preview import SHOWN_BYTES, SHOWN_LINES, of_content, of_members

HOSTILE = "<script>alert(1)</script> & \"x\" 'y' <!-- ]]> \u202e"


def text(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("language", ["bash", "python", "xml", "json", "no such language", "text"])
def test_what_is_shown_is_the_text_and_nothing_of_it_is_markup(language: str) -> None:
    found = of_content(f"{HOSTILE}\n\n  {HOSTILE}\n".encode(), language)
    assert found
    assert text(found.html) == f"{HOSTILE}\n\n  {HOSTILE}"
    assert set(re.findall(r"<(\w+)", found.html)) <= {"span"}


@pytest.mark.parametrize("lines", [SHOWN_LINES, SHOWN_LINES + 1])
def test_the_first_lines_are_shown_and_whether_there_are_more(lines: int) -> None:
    found = of_content(b"x\r\n" * lines, "text")
    assert found
    assert (found.lines, found.whole) == (SHOWN_LINES, lines == SHOWN_LINES)
    assert "\r" not in found.html


def test_a_line_without_end_is_cut_within_no_character() -> None:
    found = of_content("é".encode() * SHOWN_BYTES, "text")
    assert found
    assert (set(found.html), found.whole) == ({"é"}, False)


def test_colours_are_classes() -> None:
    found = of_content(b"if true; then echo 'x'; fi # y", "bash")
    assert found
    assert 'class="hl-k"' in found.html
    assert "style" not in found.html


def test_what_is_inside_of_a_zip_and_of_a_tar_is_listed() -> None:
    packed, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("bag/<b>.txt", "x" * 1500)
    with tarfile.open(fileobj=tarred, mode="w:gz") as tar:
        member = tarfile.TarInfo("bag/<b>.txt")
        member.size = 1500
        tar.addfile(member, io.BytesIO(b"x" * 1500))
    for content in (packed.getvalue(), tarred.getvalue()):
        found = of_content(content, "")
        assert found
        assert (found.title, found.html.strip(), found.whole) == ("What is inside", "bag/&lt;b&gt;.txt", True)


@pytest.mark.parametrize("content", [b"", b"\0" * 2000, b"PK\x05\x06damaged"])
def test_what_cannot_be_looked_into_is_not_shown(content: bytes) -> None:
    assert of_content(content, "") is None


def test_more_members_than_are_shown_are_not_the_whole() -> None:
    found = of_members(((f"{n}", None) for n in range(SHOWN_LINES + 1)), whole=True)
    assert (found.lines, found.whole) == (SHOWN_LINES, False)
