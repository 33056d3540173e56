"""Any range of a virtual bundle is that range of the whole, and nothing outside of it is looked at."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.formats import inner_of
from jobs.layout import Members, Span
from tests.fixtures.formats import Contents, File, Zeros, bundles, taken

if TYPE_CHECKING:
    from jobs.layout import Layout

EXAMPLES = [
    File("MANIFEST.HTML", b"<html>"),
    File("JWST/a/empty", b""),
    File("JWST/a/\u00e9.fits", b"x" * 511),
    File("JWST/" + "d" * 90 + "/" + "n" * 100, b"y" * 512, -5),
    File("JWST/" + "n" * 240, b"z" * 513, 1 << 35),
]


each_kind = pytest.mark.parametrize("kind", ["tar", "zip"])


@each_kind
@settings(max_examples=100)
@given(bundles(), st.data())
def test_a_range_is_that_range_of_the_whole(kind: str, contents: Contents, data: st.DataObject) -> None:
    laid, whole = inner_of(kind).layout(contents.members), contents.whole(kind)
    assert len(whole) == laid.length
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    assert taken(contents, laid, start, end) == whole[start:end]


@each_kind
def test_ranges_around_every_edge_are_those_of_the_whole(kind: str) -> None:
    contents = Contents(EXAMPLES)
    laid, whole = inner_of(kind).layout(contents.members), contents.whole(kind)
    edges = {0, 1, len(whole) - 1, len(whole)}
    at = 0
    for part in laid.parts(0, len(whole)):
        at += len(part) if isinstance(part, bytes) else part.end - part.start
        edges |= {at - 1, at, at + 1}
    edges = {edge for edge in edges if edge <= len(whole)}
    for start in edges:
        for end in (edge for edge in edges if edge >= start):
            assert taken(contents, laid, start, end) == whole[start:end]


@each_kind
@pytest.mark.parametrize(("start", "end"), [(-1, 0), (1, 0), (0, 10**9), (10**9, 10**9)])
def test_a_range_that_is_not_there_is_refused(kind: str, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="are not in a bundle of"):
        inner_of(kind).layout(Contents(EXAMPLES).members).parts(start, end)


@settings(max_examples=50)
@given(bundles())
def test_python_reads_the_same_names_contents_and_times_from_a_tar(contents: Contents) -> None:
    with tarfile.open(fileobj=io.BytesIO(contents.whole("tar"))) as archive:
        found = [File(info.name, archive.extractfile(info).read(), int(info.mtime)) for info in archive]
    assert found == contents.files


@settings(max_examples=50)
@given(bundles())
def test_python_reads_the_same_names_and_contents_from_a_zip(contents: Contents) -> None:
    with zipfile.ZipFile(io.BytesIO(contents.whole("zip"))) as archive:
        found = [(info.filename, archive.read(info)) for info in archive.infolist()]
    assert found == [(file.name, file.content) for file in contents.files]


@each_kind
def test_a_range_computes_no_header_outside_of_it(kind: str) -> None:
    members = Members.of((f"d/{n}", 1000, 0, 0) for n in range(2000))
    laid = inner_of(kind).layout(members)
    asked: list[int] = []
    look_up = Members.paths

    def noted(part: Members, first: int, last: int) -> list[bytes]:
        asked.append(last - first)
        return look_up(part, first, last)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Members, "paths", noted)
        list(laid.parts(laid.length // 2, laid.length // 2 + 2000))
    assert sum(asked) <= 4


@each_kind
def test_layout_and_first_piece_of_100_000_files_need_little_memory(kind: str) -> None:
    members = Members.of((f"JWST/jw{n:05d}/jw{n:05d}_cal.fits", 10_000, n, n) for n in range(100_000))
    tracemalloc.start()
    laid = inner_of(kind).layout(members)
    next(iter(laid.parts(laid.length // 2, laid.length)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@each_kind
def test_the_last_byte_of_a_huge_bundle_is_found_at_once(kind: str) -> None:
    laid: Layout = inner_of(kind).layout(Members.of((f"f{n}", 10**12, 0, 0) for n in range(1000)))
    assert laid.length > 10**15
    spans = [part for part in laid.parts(laid.length // 2, laid.length // 2 + 10) if isinstance(part, Span)]
    assert sum(span.end - span.start for span in spans) == 10


def test_zip_says_zip64_in_the_local_header_too() -> None:
    bundle = Zeros(("large", 5 * 10**9))
    (header,) = inner_of("zip").layout(bundle.members).parts(0, 64)
    assert header[4:6] == b"\x2d\0"
    assert header[18:26] == b"\xff" * 8
    assert header[-20:-16] == b"\x01\0\x10\0"
    assert header[-16:] == (5 * 10**9).to_bytes(8, "little") * 2


@pytest.mark.parametrize(("size", "needed"), [(0xFFFFFFFE, 20), (0xFFFFFFFF, 45)])
def test_zip_uses_zip64_only_where_a_size_does_not_fit(size: int, needed: int) -> None:
    (header,) = inner_of("zip").layout(Members.of([("n", size, 0, 0)])).parts(0, 30)
    assert header[4] == needed


@pytest.mark.parametrize(("count", "records"), [(65_534, 0), (65_535, 1)])
def test_zip_uses_zip64_only_where_the_number_of_files_does_not_fit(count: int, records: int) -> None:
    laid = inner_of("zip").layout(Members.of((f"{n}", 0, 0, 0) for n in range(count)))
    assert b"".join(laid.parts(laid.length - 98, laid.length)).count(b"PK\x06\x06") == records


@pytest.mark.parametrize(
    ("mtime", "date_time"),
    [
        (0, (1980, 1, 1, 0, 0, 0)),
        (951_782_400, (2000, 2, 29, 0, 0, 0)),
        (1_700_000_003, (2023, 11, 14, 22, 13, 22)),
        (1 << 33, (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_zip_gives_times_as_ms_dos_can_say_them(mtime: int, date_time: tuple[int, ...]) -> None:
    with zipfile.ZipFile(io.BytesIO(Contents([File("a", b"", mtime)]).whole("zip"))) as archive:
        assert archive.infolist()[0].date_time == date_time


@pytest.mark.parametrize(("size", "kinds"), [((8 << 30) - 1, b"0"), (8 << 30, b"x")])
def test_tar_extends_a_header_only_where_it_must(size: int, kinds: bytes) -> None:
    (header,) = inner_of("tar").layout(Members.of([("n", size, 0, 0)])).parts(0, 512)
    assert header[156:157] == kinds


def test_tar_is_padded_to_full_records() -> None:
    assert {
        inner_of("tar").layout(Members.of([("n", size, 0, 0)])).length % 10_240 for size in range(0, 20_000, 99)
    } == {0}
