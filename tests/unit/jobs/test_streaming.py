"""What a server sends of a bundle: every byte in order and in good pieces, failures at their place, no loose ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.errors import StoreError
from jobs.formats import inner_of
from jobs.layout import Members, Span
from jobs.streaming import AHEAD_BYTES, ALL_AHEAD_BYTES, BLOCK, budget, stream
from tests.fixtures.formats import Contents, File, bundles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAIT = 30  # seconds: longer than any busy machine needs


class Far(Contents):
    """A source whose members are remote where ``far`` says so. It notes what was asked of it."""

    def __init__(self, files: list[File], far: Callable[[int], bool] = lambda _: True) -> None:
        super().__init__(files)
        self.far = far
        self.asked: list[Span] = []

    def remote(self, member: int) -> bool:
        return self.far(member)

    def fetch(self, member: int, start: int, end: int) -> bytes:
        self.asked.append(Span(member, start, end))
        return super().fetch(member, start, end)


def all_of(source: Contents, kind: str = "tar") -> Iterator[bytes]:
    laid = inner_of(kind).layout(source.members)
    return stream(laid.parts(0, laid.length), source)


def until(true: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    tick = threading.Event()
    for _ in range(WAIT * 100):
        if true():
            return
        tick.wait(0.01)
    pytest.fail("It never became true.")


def some(count: int, size: int) -> list[File]:
    return [File(f"f{n}", bytes([n % 251]) * size) for n in range(count)]


@pytest.fixture(params=["near", "far", "mixed"])
def far(request: pytest.FixtureRequest) -> Callable[[int], bool]:
    kinds = {"near": lambda _: False, "far": lambda _: True, "mixed": lambda member: member % 3 == 0}
    return kinds[request.param]


@pytest.fixture(autouse=True)
def whole_budget() -> Iterator[None]:
    yield
    until(lambda: budget.left == ALL_AHEAD_BYTES)


@pytest.mark.parametrize(("count", "size"), [(500, 3000), (3, 5 * BLOCK + 7), (200, 0), (40, BLOCK // 4)])
def test_all_bytes_come_in_order(far: Callable[[int], bool], count: int, size: int) -> None:
    source = Far(some(count, size), far)
    assert b"".join(all_of(source)) == source.whole("tar")


@settings(max_examples=50)
@given(bundles(), st.sets(st.integers(0, 6)), st.sampled_from(["tar", "zip"]))
def test_any_bundle_from_near_and_far_is_whole(contents: Contents, remote: set[int], kind: str) -> None:
    source = Far(contents.files, remote.__contains__)
    assert b"".join(all_of(source, kind)) == contents.whole(kind)


def test_small_files_are_joined_and_large_ones_cut(far: Callable[[int], bool]) -> None:
    sizes = [len(piece) for piece in all_of(Far([*some(300, 3000), File("large", bytes(10 * BLOCK))], far))]
    assert max(sizes) < 2 * BLOCK
    assert len(sizes) < sum(sizes) / BLOCK + 4


def test_nothing_is_fetched_before_it_is_asked_for() -> None:
    source = Far(some(3, 10))
    all_of(source)
    assert source.asked == []


def test_near_files_are_fetched_only_when_their_turn_comes() -> None:
    source = Far(some(10, BLOCK), lambda _: False)
    pieces = all_of(source)
    for _ in range(2):  # a header, a content
        next(pieces)
    assert len(source.asked) == 1


def test_far_files_are_asked_for_ahead_at_the_same_time() -> None:
    together = threading.Barrier(8)

    class Slow(Far):
        def fetch(self, member: int, start: int, end: int) -> bytes:
            if member < 8:
                together.wait(WAIT)  # nobody goes on before all eight are here
            return super().fetch(member, start, end)

    files = some(64, 100)
    assert b"".join(all_of(Slow(files))) == Contents(files).whole("tar")


def test_reading_ahead_is_bounded_in_bytes() -> None:
    source = Far(some(1, 20 * AHEAD_BYTES))
    pieces = all_of(source)
    for _ in range(4):
        next(pieces)
    until(lambda: sum(span.end - span.start for span in source.asked) >= AHEAD_BYTES)
    assert sum(span.end - span.start for span in source.asked) <= AHEAD_BYTES + 4 * BLOCK
    pieces.close()


def test_reading_ahead_is_bounded_in_files() -> None:
    source = Far(some(1000, 10))
    list(zip(range(1), all_of(source), strict=False))
    assert len(source.asked) <= 600  # what the first piece holds, and what is ahead of it


def test_a_download_goes_on_when_others_hold_all_that_may_be_ahead() -> None:
    assert budget.take(ALL_AHEAD_BYTES)
    try:
        source = Far(some(5, BLOCK + 1))
        assert b"".join(all_of(source)) == source.whole("tar")
    finally:
        budget.give(ALL_AHEAD_BYTES)


def test_a_failure_is_raised_after_all_that_comes_before_it(far: Callable[[int], bool]) -> None:
    class Broken(Far):
        def fetch(self, member: int, start: int, end: int) -> bytes:
            if member == 7:
                raise StoreError("the line is cut")
            return super().fetch(member, start, end)

    source = Broken(some(20, 100), far)
    got = b""
    with pytest.raises(StoreError, match="the line is cut"):  # noqa: PT012 - what came before counts
        for piece in all_of(source):
            got += piece
    assert got == first_of(source, 7)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_block_of_the_wrong_length_is_a_failure(far: Callable[[int], bool], change: int) -> None:
    class Lying(Far):
        def fetch(self, member: int, start: int, end: int) -> bytes:
            return bytes(end - start + change * (member == 3))

    with pytest.raises(StoreError, match="File 4 gave"):
        list(all_of(Lying(some(9, 100), far)))


def test_closing_early_drops_what_was_asked_for() -> None:
    gate = threading.Event()

    class Gated(Far):
        def fetch(self, member: int, start: int, end: int) -> bytes:
            block = super().fetch(member, start, end)
            if member:
                gate.wait(WAIT)
            return block

    source = Gated([File("first", bytes(2 * BLOCK)), *some(500, 10)])
    pieces = all_of(source)
    next(pieces)
    pieces.close()
    gate.set()
    until(lambda: budget.left == ALL_AHEAD_BYTES)
    assert len(source.asked) < 100


def test_closing_before_the_first_piece_is_fine() -> None:
    source = Far(some(3, 10))
    all_of(source).close()
    assert source.asked == []


def test_a_bundle_of_nothing_is_streamed() -> None:
    laid = inner_of("zip").layout(Members.of([]))
    assert len(b"".join(stream(laid.parts(0, laid.length), Far([])))) == 22
    assert list(stream(laid.parts(5, 5), Far([]))) == []


def first_of(source: Contents, count: int) -> bytes:
    """The bundle up to the content of the member ``count``."""
    laid = inner_of("tar").layout(source.members)
    taken = bytearray()
    for part in laid.parts(0, laid.length):
        if isinstance(part, bytes):
            taken += part
        elif part.member == count:
            break
        else:
            taken += Contents.fetch(source, *part)
    return bytes(taken)
