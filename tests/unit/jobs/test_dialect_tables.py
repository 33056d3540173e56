"""What programs read from the lists that are tables: CSV, JSON Lines, ECSV, VOTable."""

from __future__ import annotations

import csv
import io
import json
import posixpath
from typing import TYPE_CHECKING, Any

import pytest
from astropy import units
from astropy.io.votable import parse, validate
from astropy.table import Table

from jobs.columns import Row
from jobs.dialects import dialect
from jobs.items import Header, Item

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ["csv", "jsonl", "ecsv", "votable"]
LINK = "https://archive.example.org/deliveries/x?a=1&b=2"
ABOUT = Header("list", 1_777_000_000, "https://archive.example.org", 3, 5, 2, "A & B", LINK, 'é "q" <x> --\n2')
PATHS = ["a/b.fits", '#c, "q" <&>', " lead", "=1+1", "+x", "@x", "＝x", "it's 星", "a/ b"]  # noqa: RUF001 - wide


def items() -> list[Item]:
    return [
        Item(f"mast:{path}", path, path, size, sha256, exclusive=n == 1, query=f"uri=mast:{n}")
        for n, path in enumerate(PATHS)
        for size, sha256 in [(2**40, "ab" * 32) if n == 0 else (None, None)]
    ]


def written(kind: str, *given: Item, header: Header = ABOUT) -> bytes:
    out = io.BytesIO()
    dialect(kind).write(header, given or items(), out)
    return out.getvalue()


def read(kind: str, folder: Path) -> list[dict[str, Any]]:
    """The rows as a reader's program has them; what is unknown is None."""
    content = written(kind)
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))
    if kind == "jsonl":
        return [json.loads(line) for line in content.splitlines()]
    file = folder / f"table{dialect(kind).suffix}"
    file.write_bytes(content)
    table = Table.read(file, format="ascii.ecsv" if kind == "ecsv" else "votable")
    return [{name: row[name] for name in table.colnames} for row in table]


@pytest.mark.parametrize("kind", TABLES)
def test_every_path_is_read_as_it_is_or_as_another_spelling_of_it(kind: str, tmp_path: Path) -> None:
    assert [posixpath.normpath(row["path"]) for row in read(kind, tmp_path)] == PATHS


@pytest.mark.parametrize("kind", TABLES)
def test_the_columns_are_the_same_in_all(kind: str, tmp_path: Path) -> None:
    assert tuple(read(kind, tmp_path)[0]) == Row._fields


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_says_all_that_is_known(kind: str, tmp_path: Path) -> None:
    row = read(kind, tmp_path)[0]
    assert [str(cell) for cell in row.values()] == [
        "a/b.fits",
        "mast:a/b.fits",
        "https://archive.example.org/api/v0.1/Download/file?uri=mast:0",
        str(2**40),
        "ab" * 32,
        "PUBLIC",
    ]


@pytest.mark.parametrize("kind", TABLES)
def test_who_may_read_a_file_is_said_in_masts_words(kind: str, tmp_path: Path) -> None:
    assert [row["access"] for row in read(kind, tmp_path)][:3] == ["PUBLIC", "EXCLUSIVE_ACCESS", "PUBLIC"]


@pytest.mark.parametrize("kind", TABLES)
def test_a_uri_with_line_ends_stays_on_its_line(kind: str) -> None:
    plain = Item("mast:a", "x", "x", 1, None, exclusive=False, query="uri=mast:a")
    hostile = plain._replace(uri="mast:\n\r\t\u2028\x85\x00\ud800")
    assert written(kind, hostile).count(b"\n") == written(kind, plain).count(b"\n")
    assert b"mast:%0A%0D%09%E2%80%A8%C2%85%00%ED%A0%80" in written(kind, hostile)


def test_no_cell_of_csv_begins_with_what_a_spreadsheet_runs() -> None:
    hostile = Item("=1+1", "=1+1", "x", 1, None, exclusive=False, query="uri=x")
    rows = list(csv.reader(io.StringIO(written("csv", *items(), hostile).decode(), newline="")))
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(tuple("=+-@＝＋－＠"))]  # noqa: RUF001
    assert rows[-1][:2] == ["./=1+1", "%3D1+1"]


def test_lines_of_csv_end_as_rfc_4180_says() -> None:
    content = written("csv")
    assert content.count(b"\r\n") == content.count(b"\n") == len(PATHS) + 1


def test_what_is_unknown_is_null_in_json(tmp_path: Path) -> None:
    row = read("jsonl", tmp_path)[1]
    assert (row["bytes"], row["sha256"]) == (None, None)


def test_ecsv_opens_with_types_a_unit_and_facts() -> None:
    table = Table.read(written("ecsv").decode(), format="ascii.ecsv")
    assert table["bytes"].unit == units.byte
    assert table["bytes"].dtype == "int64"
    assert list(table["bytes"].mask) == [False] + [True] * (len(PATHS) - 1)
    assert {table[name].dtype.kind for name in Row._fields if name != "bytes"} == {"U"}
    assert table.meta == {
        "name": "list",
        "made": "2026-04-24T03:06:40Z",
        "archive": "A & B",
        "basket": LINK,
        "citation": 'é "q" <x> --; 2',
    }


@pytest.mark.parametrize("given", [items(), []])
def test_a_votable_is_valid(given: list[Item], tmp_path: Path) -> None:
    out = io.BytesIO()
    dialect("votable").write(ABOUT, given, out)
    file = tmp_path / "table.vot"
    file.write_bytes(out.getvalue())
    report = io.StringIO()
    assert validate(file, output=report), report.getvalue()


def test_a_votable_opens_with_types_a_unit_and_facts() -> None:
    document = parse(io.BytesIO(written("votable")), verify="exception")
    facts = {info.name: info.value for info in document.resources[0].infos}
    table = document.get_first_table().to_table()
    assert table["bytes"].unit == units.byte
    assert table["bytes"].dtype == "int64"
    assert table["bytes"].mask.sum() == len(PATHS) - 1
    assert (facts["basket"], facts["citation"]) == (LINK, 'é "q" <x> --; 2')


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_no_files_can_be_written(kind: str) -> None:
    out = io.BytesIO()
    dialect(kind).write(ABOUT._replace(link="", citation=""), [], out)
    assert b"basket" not in out.getvalue()
