"""What the download command makes of a list: its own program, the server that was named, and only safe places."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from jobs.items import Item
from webapp.commands.basket_fetch import results, write
from webapp.commands.basket_place import must_be_ours
from webapp.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

SERVER = "https://archive.example"
ROW = {
    "path": "JWST/a/a_i2d.fits",
    "uri": "mast:JWST/product/a_i2d.fits",
    "url": "https://evil.example/api/v0.1/Download/file?uri=mast:JWST/product/a_i2d.fits&version=1f",
    "bytes": 5,
    "sha256": None,
    "access": "PUBLIC",
}


def listed(folder: Path, *rows: dict[str, Any]) -> Path:
    file = folder / "skybasket_2026.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_the_program_is_ours_and_asks_the_server_that_was_named(tmp_path: Path) -> None:
    program = tmp_path / "fetch.py"
    write(listed(tmp_path, ROW, ROW | {"path": "./ b/b.fits", "bytes": None}), program, SERVER)
    text = program.read_text("utf-8")
    assert files("jobs.dialects").joinpath("bodies", "fetch.py").read_text("utf-8") in text
    assert text.splitlines()[-4:] == [
        f"#@ skybasket_2026\t{SERVER}",
        "#\t5\t-\t-\tf\tJWST/a/a_i2d.fits\turi=mast:JWST/product/a_i2d.fits&version=1f",
        "#\t-\t-\t-\tf\t b/b.fits\turi=mast:JWST/product/a_i2d.fits&version=1f",
        "#@ end\t2",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "../a.fits"},
        {"path": "/etc/passwd"},
        {"path": "a\nb"},
        {"path": "receipt.csv"},
        {"path": ".skybasket/part/a"},
        {"path": ".bashrc"},
        {"path": "JWST/.ssh/authorized_keys"},
        {"path": "a.fits"},
        {"path": 7},
        {"url": "https://evil.example/other?uri=a"},
        {"url": "https://evil.example/api/v0.1/Download/file?uri=a\timport os"},
        {"url": "https://evil.example/api/v0.1/Download/file?uri=a&token=1"},
        {"bytes": -1},
        {"bytes": "5\n"},
        {"bytes": True},
        {"sha256": "x\n"},
    ],
    ids=repr,
)
def test_a_line_that_is_not_safe_ends_it(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="cannot be used"):
        write(listed(tmp_path, ROW, ROW | wrong), tmp_path / "fetch.py", SERVER)


@pytest.mark.parametrize("text", ["", "no json\n", "[]\n", "{}\n", pytest.param("[" * 100_000, id="deep")])
def test_what_is_no_list_ends_it_or_is_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(text)
    if not text:
        write(file, tmp_path / "fetch.py", SERVER)
        assert (tmp_path / "fetch.py").read_text("utf-8").endswith("#@ end\t0\n")
        return
    with pytest.raises(UserError, match="cannot be used"):
        write(file, tmp_path / "fetch.py", SERVER)


def test_of_a_receipt_the_last_row_of_a_file_counts(tmp_path: Path) -> None:
    head = "path,uri,bytes,sha256,result,detail\n"
    (tmp_path / "receipt.csv").write_text(f"{head}a,u,1,,Failed,x\nb,u,1,,OK,\na,u,1,,OK,\n")
    assert results(tmp_path) == {"OK": 2}


def is_ours(tmp_path: Path, *, flat: bool = False) -> None:
    digest = hashlib.sha256(b"wanted").hexdigest()
    query = "uri=a"
    items = [Item("u", "JWST/a/a.fits", "a.fits", 6, digest, exclusive=False, query=query)]
    items += [Item("v", "JWST/a/b.fits", "b.fits", None, None, exclusive=False, query=query)]
    must_be_ours(items, tmp_path, flat=flat)


def test_what_no_receipt_names_is_not_replaced(tmp_path: Path) -> None:
    is_ours(tmp_path / "new")
    (tmp_path / "JWST" / "a").mkdir(parents=True)
    (tmp_path / "JWST/a/a.fits").write_bytes(b"wanted")
    (tmp_path / "JWST/a/b.fits").write_bytes(b"any, as nothing is known of it")
    is_ours(tmp_path)
    (tmp_path / "a.fits").write_bytes(b"mine!!")
    is_ours(tmp_path)
    with pytest.raises(UserError, match=r"not of a download: a\.fits\.") as caught:
        is_ours(tmp_path, flat=True)
    assert caught.value.hint == "Name another folder."


def test_what_a_receipt_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "JWST" / "a").mkdir(parents=True)
    (tmp_path / "JWST/a/a.fits").write_bytes(b"damage")
    (tmp_path / "receipt.csv").write_text("path,uri,bytes,sha256,result,detail\r\nJWST/a/a.fits,u,6,,OK,\r\n")
    is_ours(tmp_path)


def test_a_receipt_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "receipt.csv").write_text("date,shop,euros\n")
    with pytest.raises(UserError, match="not of a download"):
        is_ours(tmp_path)
