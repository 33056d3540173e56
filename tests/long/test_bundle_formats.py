"""Huge files through other people's programs, byte by byte, and a thousand random ranges of several bundles."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.formats import inner_of
from tests.fixtures.formats import Contents, File, Zeros, bundles, taken

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

FILES = [("before", 1000), ("large", 9 << 30), ("after", 700)]
TESTED = [  # each reads every byte, and zip's also check the CRC-32
    ("zip", "unzip -tq bundle.zip"),
    ("zip", "7zz t -bd bundle.zip"),
    ("zip", "bsdtar -xOf bundle.zip"),
    ("tar", "tar -xOf bundle.tar"),
    ("tar", "7zz t -bd bundle.tar"),
    ("tar", "bsdtar -xOf bundle.tar"),
]
SEVERAL = [
    [],
    [File(f"d/{n}", bytes([n % 256]) * (n % 1500), n) for n in range(1300)],
    [File("\u00e9" * (n + 1), bytes([n]) * 512 * n, -n) for n in range(100)],
    [File("large", bytes(range(256)) * 20_000)],
]
each_kind = pytest.mark.parametrize("kind", ["tar", "zip"])


@pytest.mark.parametrize(("kind", "command"), TESTED)
def test_every_byte_of_nine_gib_is_read_by_others(kind: str, command: str, tmp_path: Path) -> None:
    Zeros(*FILES).write(kind, tmp_path / f"bundle.{kind}")
    subprocess.run(command.split(), cwd=tmp_path, check=True, stdout=subprocess.DEVNULL, timeout=300)


@each_kind
def test_a_reader_that_cannot_seek_finds_what_lies_behind_nine_gib(kind: str, tmp_path: Path) -> None:
    Zeros(*FILES).write(kind, tmp_path / "bundle")
    with (tmp_path / "bundle").open("rb") as bundle, subprocess.Popen(["cat"], stdin=bundle, stdout=-1) as pipe:
        command = ["bsdtar", "-xOf", "-", "after"]
        found = subprocess.run(command, stdin=pipe.stdout, check=True, stdout=subprocess.PIPE, timeout=300).stdout
    assert found == bytes(700)


@pytest.mark.parametrize("files", SEVERAL, ids=len)
@each_kind
def test_a_thousand_ranges_of_a_bundle_are_those_of_the_whole(kind: str, files: list[File]) -> None:
    contents, dice = Contents(files), random.Random(len(files))  # noqa: S311 - to choose, not to hide
    laid, whole = inner_of(kind).layout(contents.members), contents.whole(kind)
    for _ in range(1000):
        start, end = sorted((dice.randint(0, len(whole)), dice.randint(0, len(whole))))
        assert taken(contents, laid, start, end) == whole[start:end]


@each_kind
@settings(max_examples=1000)
@given(bundles(), st.data())
def test_a_range_of_any_bundle_is_that_of_the_whole(kind: str, contents: Contents, data: st.DataObject) -> None:
    laid, whole = inner_of(kind).layout(contents.members), contents.whole(kind)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    assert taken(contents, laid, start, end) == whole[start:end]
