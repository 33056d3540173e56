from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from jobs.errors import ManifestError
from jobs.manifest import Entry, Head, Manifest, Totals, read_head, read_jsonl, write_jsonl

if TYPE_CHECKING:
    from pathlib import Path


def entry(n: int = 1, **changes: object) -> Entry:
    path = f"JWST/jw{n}/jw{n}_cal.fits"
    return Entry(f"mast:{path}", path, 100 * n, "ab" * 32, 7, exclusive=False, location=None, wanted=path)._replace(
        **changes
    )


def manifest(*entries: Entry, name: str = "skybasket_2026-05-02T1423", created_at: int = 1_777_000_000) -> Manifest:
    return Manifest(name, entries, created_at)


def test_a_manifest_read_back_is_the_one_written(tmp_path: Path) -> None:
    odd = entry(3, uri="mast:x/\ud800\n\t'é", size=None, sha256=None, crc32=None, exclusive=True, location="file:///x")
    one = manifest(entry(1), entry(2), odd)
    write_jsonl(one, tmp_path / "manifest.jsonl")
    assert read_head(tmp_path / "manifest.jsonl") == Head(one.name, one.created_at, 3)
    assert tuple(read_jsonl(tmp_path / "manifest.jsonl")) == one.entries


def test_totals_count_files_known_bytes_and_unknown_sizes() -> None:
    assert manifest(entry(1), entry(2), entry(3, size=None)).totals == Totals(3, 300, 1)


def test_the_digest_is_of_the_files_not_of_name_and_time() -> None:
    assert manifest(entry(), name="a", created_at=1).digest == manifest(entry(), name="b", created_at=2).digest


@pytest.mark.parametrize(
    "change", [{"uri": "mast:y"}, {"path": "y"}, {"size": 1}, {"size": None}, {"sha256": None}, {"exclusive": True}]
)
def test_the_digest_changes_with_what_is_promised(change: dict[str, object]) -> None:
    assert manifest(entry()).digest != manifest(entry(1, **change)).digest


def test_the_digest_depends_on_the_order() -> None:
    assert manifest(entry(1), entry(2)).digest != manifest(entry(2), entry(1)).digest


@pytest.mark.parametrize("name", ["", "a/b", "..", "-rf", "a b", "a\n", "x" * 101, "$(id)", ".hidden"])
def test_a_name_that_is_not_plain_is_refused(name: str) -> None:
    with pytest.raises(ManifestError, match="cannot name a delivery"):
        manifest(entry(), name=name)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"skybasket_manifest": 2}', "not JSON"])
def test_a_file_that_is_no_manifest_is_refused_with_its_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.jsonl").write_text(content)
    with pytest.raises(ManifestError, match=r"manifest\.jsonl is"):
        read_head(tmp_path / "manifest.jsonl")


def test_a_damaged_line_is_refused_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "manifest.jsonl"
    write_jsonl(manifest(entry(1), entry(2)), file)
    file.write_text(file.read_text()[:-20])
    with pytest.raises(ManifestError, match="Line 3"):
        list(read_jsonl(file))


def test_a_missing_manifest_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_head(tmp_path / "manifest.jsonl")


def test_reading_takes_the_same_memory_for_any_number_of_files(tmp_path: Path) -> None:
    file = tmp_path / "manifest.jsonl"
    write_jsonl(manifest(*map(entry, range(20_000))), file)
    tracemalloc.start()
    count = sum(1 for _ in read_jsonl(file))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 4_000_000  # all of them would be 20 MB
