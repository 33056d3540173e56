"""Five hundred names of the worst kinds, fetched with every list and script that a foreign program reads."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from jobs.dialects import dialect
from jobs.items import Header
from jobs.names import safe_paths
from tests.fixtures.runners import follow
from tests.fixtures.scripts import listed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive

pytestmark = pytest.mark.long

PIECES = [
    "$(touch canary)",
    "`touch canary`",
    "'; touch canary; '",
    " ",
    "#",
    "[1-3]",
    "{a,b}",
    "%41",
    "%",
    "%2F",
    "é",
    "星",
    "=",
    "+",
    "-",
    "--",
    "~",
    "!",
    "&",
    ";",
    ",",
    "@",
    "^",
    "a",
    "b",
    "0",
    ".",
    "$HOME",
    "(",
    ")",
    "e\u0301",
]


def names(amount: int) -> list[str]:
    chosen = random.Random(4)  # noqa: S311 - always the same
    return safe_paths(
        "/".join("".join(chosen.choices(PIECES, k=chosen.randint(1, 6))) for _ in range(chosen.randint(1, 3)))
        for _ in range(amount)
    )


@pytest.mark.parametrize(
    ("kind", "spoiled"),
    [
        ("wget", None),
        ("aria2", None),
        ("metalink", "&"),  # aria2 reads names with libxml2 and leaves it encoded
        ("urls", "%"),  # wget decodes names twice
    ],
)
def test_every_name_arrives_and_none_is_run(kind: str, spoiled: str | None, archive: Archive, tmp_path: Path) -> None:
    paths = [path for path in names(500) if spoiled is None or spoiled not in path]
    entries = [archive.add(f"mast:{n}/{path}", f"{n}".encode(), path=path) for n, path in enumerate(paths)]
    file = tmp_path / f"list{dialect(kind).suffix}"
    with file.open("wb") as out:
        dialect(kind).write(Header("list", 1_777_000_000, archive.url, 500, 0, 0), listed(entries), out)
    tree = follow(file, kind)
    wrong = [each.path for each in entries if (tree / each.path).read_bytes() != archive.files[each.uri]]
    assert wrong == []
    assert not [
        each for each in tmp_path.rglob("*") if each.name == "canary" and str(each.relative_to(tree)) not in paths
    ]
    assert subprocess.run(["find", tree, "-type", "f"], capture_output=True, text=True, check=True).stdout.count(
        "\n"
    ) == len(paths)
