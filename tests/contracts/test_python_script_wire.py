"""How the Python script speaks HTTP: with servers that answer in odd ways, through proxies, and with TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.fixtures.archive import TOKEN
from tests.fixtures.scripts import Script, body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.fixtures.archive import Archive
    from tests.fixtures.scripts import Run

BODY = body(size=3_000)
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + BODY
HEAD = b"HTTP/1.1 200 OK\r\n"


class Server:
    """Takes connections on loopback, and hands each to a function, one after the other."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.connections = 0
        self._talk = talk
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection, suppress(OSError):
                if not self.connections < 0:
                    self.connections += 1
                    self._talk(connection)
            if self.connections < 0:
                return

    def close(self) -> None:
        self.connections = -1
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listening.close()


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[Server]:
    server = Server(talk)
    try:
        yield server
    finally:
        server.close()


def request(connection: socket.socket) -> bytes:
    """What is asked, up to the end of its head; empty if the other side has gone."""
    connection.settimeout(20)
    asked = b""
    while not asked.endswith(b"\r\n\r\n") and (piece := connection.recv(4_096)):
        asked += piece
    return asked


def answering(*answers: bytes) -> Callable[[socket.socket], None]:
    """One answer to each connection, then the end."""
    left = list(answers)

    def talk(connection: socket.socket) -> None:
        if request(connection) and left:
            connection.sendall(left.pop(0))

    return talk


UNUSUAL = [
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nbB8;x=y\r\n" + BODY + b"\r\n0\r\nT: x\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + GOOD,
    b"HTTP/1.1 200\r\ncontent-LENGTH:3000\r\nX: \xe9\xff\r\n\r\n" + BODY,
]
HARMFUL = [
    b"",
    b"220 mail.example ESMTP\r\n\r\n",
    b"HTTP/2 200 OK\r\n\r\n" + BODY,
    HEAD + b"Content-Length: 3000\r\nContent-Length: 3001\r\n\r\n" + BODY,
    HEAD + b"Content-Length: +3000\r\n\r\n" + BODY,
    HEAD + b"Content-Length: 3000\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
    HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + BODY,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nbb8\r\n" + BODY[:-1],
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + BODY,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nfff\r\n" + BODY + BODY,
    HEAD + b"X: y\r\n" * 20_000,
    HEAD + b"Content-Length: 3000\r\n\r\n" + BODY[:1_000],
    b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-2999/3000\r\nContent-Length: 3000\r\n\r\n" + BODY,
    b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9999999999\r\n\r\n",
]
NOWHERE = ["", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://[", "http://a b/", "/loop"]


def fetching(py: Script, archive: Archive, files: int, answers: list[bytes], *args: str) -> Run:
    """A run that fetches so many files, one after the other, from a server that gives these answers."""
    with serving(answering(*answers)) as server:
        py.server = f"http://127.0.0.1:{server.port}"
        py.write(*(archive.add(f"mast:{n}", BODY) for n in range(files)))
        py.patch("PAUSES = (0.1,", "PAUSES = (0.0,")
        return py.run("--jobs", "1", *args)


def test_any_form_of_answer_is_understood(py: Script, archive: Archive) -> None:
    assert fetching(py, archive, len(UNUSUAL), UNUSUAL, "--retries", "1").out == "4 of 4 OK, 0 failed\n"
    assert py.wrong() == []


def test_no_answer_can_do_harm_and_the_next_one_counts(py: Script, archive: Archive) -> None:
    answers = [answer for bad in HARMFUL for answer in (bad, GOOD)]
    assert fetching(py, archive, len(HARMFUL), answers, "--retries", "2").out == "14 of 14 OK, 0 failed\n"
    assert py.wrong() == []


def test_a_redirect_that_leads_nowhere_is_no_file(py: Script, archive: Archive) -> None:
    answer = "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    answers = [answer.format(location).encode() for location in NOWHERE]
    run = fetching(py, archive, len(NOWHERE), [*answers, *[answers[-1]] * 10])
    loop, unsafe = "from address to address", "to an address that is not safe"
    ends = [*[unsafe] * 5, loop]
    assert run.out.splitlines()[:-1] == [f"Failed: {n} (the server sends it on {end})" for n, end in enumerate(ends)]


def test_a_connection_is_used_again_and_one_that_was_closed_meanwhile_costs_nothing(
    py: Script, archive: Archive
) -> None:
    def two_each(connection: socket.socket) -> None:
        for _ in range(2):
            if request(connection):
                connection.sendall(GOOD)

    with serving(two_each) as server:
        py.server = f"http://127.0.0.1:{server.port}"
        py.write(*(archive.add(f"mast:{n}", BODY) for n in range(6)))
        assert py.run("--jobs", "1", "--retries", "1").last_line == "6 of 6 OK, 0 failed"
        assert server.connections == 3
    assert py.wrong() == []


@pytest.fixture
def secure(py: Script, archive: Archive, tmp_path: Path) -> str:
    """The archive speaks TLS now; where the certificate of those who vouch for it is."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = archive._server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    py.server = archive.url.replace("http:", "https:")
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return str(tmp_path / "authority.pem")


def test_files_come_by_tls(py: Script, archive: Archive, secure: str) -> None:
    py.write(*(archive.add(f"mast:{n}", body(n, size=100_000)) for n in range(3)))
    assert py.run(SSL_CERT_FILE=secure).code == 0
    assert py.wrong() == []


@pytest.mark.usefixtures("secure")
def test_a_certificate_that_nobody_vouches_for_ends_it(py: Script, archive: Archive) -> None:
    py.write(archive.add("mast:x", BODY, exclusive=True))
    run = py.run(SKYBASKET_TOKEN=TOKEN)
    assert run.code == 1
    assert run.out.startswith("Failed: x (the certificate of 127.0.0.1 cannot be trusted: ")
    assert archive.requests == []


def test_an_exclusive_file_does_not_come_by_a_line_that_is_open(py: Script, archive: Archive, secure: str) -> None:
    entry = archive.add("mast:x", BODY, exclusive=True)
    archive.misbehave(entry.uri, f"to {archive.url}")
    py.write(entry)
    run = py.run(SKYBASKET_TOKEN=TOKEN, SSL_CERT_FILE=secure)
    assert run.out.startswith("Failed: x (the server sends it on to an address that is not safe)")


def test_tls_goes_through_a_proxy_that_learns_a_login_but_no_token(py: Script, archive: Archive, secure: str) -> None:
    learnt: list[bytes] = []

    def tunnel(connection: socket.socket) -> None:
        learnt.append(request(connection))
        with socket.create_connection(archive._server.server_address) as there:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=copy, args=(there, connection))
            back.start()
            copy(connection, there)
            back.join()

    def copy(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                learnt.append(piece)
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    py.write(archive.add("mast:x", BODY, exclusive=True))
    with serving(tunnel) as proxy:
        url = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
        assert py.run(https_proxy=url, SSL_CERT_FILE=secure, SKYBASKET_TOKEN=TOKEN).code == 0
    assert learnt[0].splitlines()[0] == f"CONNECT 127.0.0.1:{archive._server.server_address[1]} HTTP/1.1".encode()
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==" in learnt[0]
    assert not [piece for piece in learnt if TOKEN.encode() in piece]
    assert py.wrong() == []


def test_the_server_behind_a_proxy_is_asked_by_its_whole_address(py: Script, archive: Archive) -> None:
    py.server = "http://archive.example"
    py.write(archive.add("mast:a/x.fits", BODY))
    assert py.run(http_proxy=archive.url).code == 0
    assert py.wrong() == []


def test_a_host_for_which_no_proxy_is_wanted_is_asked_itself(py: Script, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", BODY))
    assert py.run("--retries", "1", http_proxy="http://127.0.0.1:1", no_proxy="127.0.0.1").code == 0


def test_another_server_that_is_gone_holds_up_only_the_files_there(py: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:{n}", body(n)) for n in range(4)]
    archive.misbehave(entries[0].uri, "to http://127.0.0.1:1", times=9)
    py.write(*entries)
    py.patch("PAUSES = (0.1,", "PAUSES = (0.0,")
    run = py.run("--retries", "2")
    assert run.out == "Failed: 0 (127.0.0.1 cannot be reached)\n3 of 4 OK, 1 failed\n"
    assert "Trying again" not in run.err
