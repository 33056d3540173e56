"""What other people's web servers do wrong. What they do right is in tests/contracts/test_stores.py."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from jobs.errors import ChangedFile, MissingFile, StoreError
from jobs.storage import open_store
from jobs.storage.http import HttpStore, Web
from jobs.upstream import CONNECTIONS, Patience
from tests.fixtures.upstream import CONTENT, Upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE = len(CONTENT)
QUICK = Patience(first_wait=0.001)
HASTY = Patience(first_wait=0.001, silence=0.2, answer=0.4, attempts=2)


@pytest.fixture
def store(upstream: Upstream) -> Iterator[Callable[..., HttpStore]]:
    """The store of a folder of that server; closed afterwards."""
    opened: list[HttpStore] = []

    def make(folder: str, patience: Patience = QUICK) -> HttpStore:
        opened.append(HttpStore(f"{upstream.url}/{folder}", patience))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize("folder", ["fine", "no-head", "no-ranges", "bare", "moved", "twice"])
def test_a_server_that_is_only_peculiar_is_read(store: Callable[..., HttpStore], folder: str) -> None:
    peculiar = store(folder)
    found = peculiar.stat("x.fits")
    assert found.size == SIZE
    assert b"".join(peculiar.read("x.fits", 0, SIZE, found.version)) == CONTENT
    assert peculiar.fetch("x.fits", 300, 900, found.version) == CONTENT[300:900]
    assert b"".join(peculiar.read("x.fits", 300, 900, found.version)) == CONTENT[300:900]


def test_the_time_of_a_file_is_what_its_server_says(store: Callable[..., HttpStore]) -> None:
    assert [store(folder).stat("x.fits").mtime for folder in ("fine", "bare")] == [1_600_000_000, 0]


WRONG = {
    "no-length": "does not say how large 'x.fits' is",
    "star": "does not say which part of 'x.fits' it sent",
    "no-content-range": "does not say which part of 'x.fits' it sent",
    "other-range": "sent another part of 'x.fits' than was asked for",
    "login": "sent a web page in place of 'x.fits'; it may want a login",
    "compressed": "sent 'x.fits' compressed",
    "longer": "sent more of 'x.fits' than was asked for",
    "less": "sent less of 'x.fits' than it promised",
    "short": "broke off while 'x.fits' was being read",
    "503": r"cannot send 'x.fits' at the moment \(status 503\)",
    "403": r"does not give 'x.fits' \(status 403\)",
    "later": r"cannot send 'x.fits' at the moment \(status 429\)",
    "loop": "sends 'x.fits' on from address to address",
    "nowhere": "sends 'x.fits' on to an address that is not valid or not safe",
    "scheme": "sends 'x.fits' on to an address that is not valid or not safe",
    "mute": "sends 'x.fits' on to an address that is not valid or not safe",
}


@pytest.mark.parametrize("folder", WRONG)
def test_what_is_not_surely_the_file_is_a_sentence_that_names_the_server(
    store: Callable[..., HttpStore], folder: str
) -> None:
    with pytest.raises(StoreError, match=f"127.0.0.1 {WRONG[folder]}"):
        store(folder).fetch("x.fits", 10, 20)
    with pytest.raises(StoreError, match=f"127.0.0.1 {WRONG[folder]}"):
        list(store(folder).read("x.fits", 10, 20))


@pytest.mark.parametrize("folder", ["no-length", "login", "compressed", "503", "403", "loop"])
def test_a_size_is_not_believed_from_such_an_answer_either(store: Callable[..., HttpStore], folder: str) -> None:
    with pytest.raises(StoreError, match=r"127\.0\.0\.1"):
        store(folder).stat("x.fits")


@pytest.mark.parametrize(("folder", "words"), [("silent", "stopped answering"), ("dripping", "too slowly")])
def test_a_server_that_takes_for_ever_is_left(store: Callable[..., HttpStore], folder: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        store(folder, HASTY).fetch("x.fits", 0, 1000)


@pytest.mark.parametrize("folder", ["404", "410"])
def test_gone_is_missing(store: Callable[..., HttpStore], folder: str) -> None:
    with pytest.raises(MissingFile, match=r"'x\.fits' is not in its store \(127\.0\.0\.1\)\."):
        store(folder).stat("x.fits")


def test_a_size_that_only_head_tells_is_not_the_version_that_is_read(store: Callable[..., HttpStore]) -> None:
    lying = store("lying-head")
    found = lying.stat("x.fits")
    with pytest.raises(ChangedFile):
        lying.fetch("x.fits", 0, 10, found.version)


def test_a_page_that_is_the_file_is_read(store: Callable[..., HttpStore]) -> None:
    assert store("login").fetch("x.html", 0, 6) == b"<html>"


def test_a_connection_is_used_again(store: Callable[..., HttpStore], upstream: Upstream) -> None:
    fine = store("fine")
    for _ in range(20):
        fine.fetch("x.fits", 0, 1000)
    assert (len(upstream.asked), len(upstream.connections)) == (20, 1)


def test_a_server_is_spared_from_too_many_connections(store: Callable[..., HttpStore], upstream: Upstream) -> None:
    fine = store("fine")
    with ThreadPoolExecutor(3 * CONNECTIONS) as pool:
        found = list(pool.map(lambda _: fine.fetch("x.fits", 0, SIZE), range(200)))
    assert set(found) == {CONTENT}
    assert len(upstream.connections) <= 2 * CONNECTIONS  # a busy machine may see one close that was idle for long


def test_attempts_end(store: Callable[..., HttpStore], upstream: Upstream) -> None:
    with pytest.raises(StoreError):
        store("503").fetch("x.fits", 0, 1)
    assert len(upstream.asked) == QUICK.attempts


@pytest.mark.parametrize("folder", ["later", "403", "login"])
def test_what_will_not_pass_soon_is_not_tried_again(
    store: Callable[..., HttpStore], upstream: Upstream, folder: str
) -> None:
    with pytest.raises(StoreError):
        store(folder).fetch("x.fits", 0, 1)
    assert len(upstream.asked) == 1


def test_far_into_a_file_of_a_server_without_ranges_is_a_sentence(store: Callable[..., HttpStore]) -> None:
    with pytest.raises(StoreError, match="ends at byte"):
        store("no-ranges").fetch("x.fits", 1 << 30, (1 << 30) + 1)


def test_a_redirect_into_our_network_is_refused(store: Callable[..., HttpStore], upstream: Upstream) -> None:
    other = Upstream()
    try:
        upstream.elsewhere = f"{other.url}/fine/x.fits?secret=1"
        with pytest.raises(StoreError, match=r"^127\.0\.0\.1 is not a public server, and it is not configured"):
            store("inside").fetch("x.fits", 0, 1)
        assert other.asked == []
    finally:
        other.close()


@pytest.mark.parametrize("host", ["{}", "[::ffff:127.0.0.1]:{port}", "user:pass@{}", "localhost:{port}"])
def test_what_a_table_names_is_never_inside(upstream: Upstream, host: str) -> None:
    port = upstream.host.rpartition(":")[2]
    with pytest.raises(StoreError, match="is not a public server, and it is not configured as a store") as caught:
        Web(patience=QUICK).fetch(f"http://{host.format(upstream.host, port=port)}/fine/x.fits?signature=1", 0, 1)
    assert upstream.asked == []
    assert not {"signature", "pass@"} & set(str(caught.value).split())


def test_what_a_table_names_at_a_configured_host_is_read_with_its_query(upstream: Upstream) -> None:
    web = Web([HttpStore(f"{upstream.url}/archive")], QUICK)
    try:
        assert web.fetch(f"{upstream.url}/fine/get?file=x%20y&v=1", 3, 9) == CONTENT[3:9]
        assert [path for _, path, _ in upstream.asked] == ["/fine/get?file=x%20y&v=1"]
    finally:
        web.close()


def test_a_password_is_sent_to_its_own_server_only(upstream: Upstream) -> None:
    with_password = HttpStore(f"http://user:word@{upstream.host}/moved", QUICK)
    try:
        with_password.fetch("x.fits", 0, 1)
        assert len(set(upstream.users)) == 1
        assert upstream.users[0].startswith("Basic ")
        assert "word" not in with_password.url
    finally:
        with_password.close()


def test_no_sentence_repeats_a_password(upstream: Upstream) -> None:
    with_password = HttpStore(f"http://user:word@{upstream.host}/403", QUICK)
    with pytest.raises(StoreError) as caught:
        with_password.stat("x.fits")
    with_password.close()
    assert "word" not in str(caught.value)


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    upstream = Upstream()
    upstream.close()
    with pytest.raises(StoreError, match=r"127\.0\.0\.1 cannot be reached for 'x\.fits'"):
        HttpStore(upstream.url, QUICK).stat("x.fits")


@pytest.mark.parametrize("url", ["http:", "http://", "https:///x", "http://[", "http://h/?q=1", "http://h:port/"])
def test_an_address_that_is_no_folder_is_a_sentence(url: str) -> None:
    with pytest.raises(StoreError, match="A web store looks like"):
        open_store(url)
