from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from jobs.receipts import JOURNAL_FILE, Journal, Line, Row, write_csv, write_html

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [Row(2, "OK", "", 5, "ab" * 32, 7, 1, 2), Row(0, "Missing", "It is gone: «ü»."), Row(2, "Failed", "Damaged.")]


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    with Journal(tmp_path, 3) as journal:
        for row in ROWS:
            journal.add(row)
    return tmp_path


def rows(folder: Path, files: int = 3) -> list[Row | None]:
    with Journal(folder, files) as journal:
        return [journal.row(number) for number in range(files)]


def test_a_journal_gives_back_the_last_row_of_each_file(filled: Path) -> None:
    assert rows(filled) == [ROWS[1], None, ROWS[2]]


def test_a_row_can_be_read_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with Journal(tmp_path, 3) as journal:
        journal.add(ROWS[0])
        assert journal.row(2) == ROWS[0]


@pytest.mark.parametrize(
    "torn",
    [
        b"[",
        b"[1]",
        b"[1,'OK']\n",
        b"null\n",
        b'[9,"OK"]\n',
        b'[-1,"OK"]\n',
        b"\0\0\0\n",
        b"\xff\n",
        b"[0,1,2,3,4,5,6,7,8,9]\n",
    ],
)
def test_a_line_that_cannot_be_read_is_cut_off_with_what_follows(filled: Path, torn: bytes) -> None:
    whole = (filled / JOURNAL_FILE).read_bytes()
    (filled / JOURNAL_FILE).write_bytes(whole + torn + b'[1,"OK"]\n')
    assert rows(filled)[1] is None
    assert (filled / JOURNAL_FILE).read_bytes() == whole


def test_a_journal_that_was_cut_goes_on(filled: Path) -> None:
    with (filled / JOURNAL_FILE).open("ab") as out:
        out.write(b"[1,")
    with Journal(filled, 3) as journal:
        journal.add(Row(1, "OK"))
    assert rows(filled) == [ROWS[1], Row(1, "OK"), ROWS[2]]


@pytest.mark.parametrize(
    ("result", "delivered"),
    [
        ("OK", True),
        ("OK, size only", True),
        ("Duplicate of HST/a.fits", True),
        ("Missing", False),
        ("Failed", False),
        ("Not authorised", False),
    ],
)
def test_a_row_knows_whether_the_user_has_the_file(result: str, delivered: bool) -> None:  # noqa: FBT001 - a table
    assert Row(0, result).delivered is delivered


def test_csv_survives_commas_quotes_and_lines() -> None:
    out = io.StringIO(newline="")
    write_csv(out, [Line('mast:"a"', "a, b.fits", False, Row(0, "Failed", "one\ntwo", 5, "ab"))])  # noqa: FBT003
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row == {
        "path": "a, b.fits",
        "uri": 'mast:"a"',
        "bytes": "",  # what was read is not what was delivered
        "sha256": "",
        "result": "Failed",
        "detail": "one\ntwo",
    }


def test_the_page_escapes_names() -> None:
    out = io.StringIO()
    write_html(out, "<x>", [Line("mast:<script>", "<b>.fits", True, Row(0, "OK"))])  # noqa: FBT003 - a row
    assert "<script>" not in out.getvalue()
    assert "<td>&lt;b&gt;.fits</td><td>EXCLUSIVE_ACCESS</td><td>OK</td>" in out.getvalue()
