"""FTP over TLS: a real server process, and real clients (curl and Python's ftplib)."""

from __future__ import annotations

import ftplib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.fixtures.house import House
from webapp import ftp
from webapp.db import engine_for
from webapp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
SECONDS = 30
STARTS = 5
CONTENT = bytes(range(256)) * 4_000  # a megabyte
WEEK = 7 * 86_400


@dataclass
class Server:
    """One ``skybasket ftp`` and the house that it serves."""

    house: House
    port: int
    authority: Path

    def staged(self, name: str, **values: Any) -> str:
        """A staged delivery with two files; its id."""
        made = self.house.batch(id=name, **{"expires_at": int(time.time()) + WEEK, "staged": CONTENT, **values})
        if values.get("staged", b"") is not None:
            (self.house.stage(made) / "MANIFEST.HTML").write_text("<p>all</p>")
        return made

    def password(self, delivery: str) -> str:
        return ftp.password(self.house.settings, delivery)

    def client(self) -> ftplib.FTP_TLS:
        """Connected, not yet logged in."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        client = ftplib.FTP_TLS(context=trust, timeout=SECONDS)  # noqa: S321 - by TLS
        client.connect("localhost", self.port)
        return client

    @contextmanager
    def logged_in(self, delivery: str) -> Iterator[ftplib.FTP_TLS]:
        with self.client() as client:
            client.login(delivery, self.password(delivery))
            client.prot_p()
            yield client

    def curl(self, delivery: str, path: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        command = ["curl", "-q", "-sS", "--ssl-reqd", "--cacert", str(self.authority), "--max-time", str(SECONDS)]
        user = f"{delivery}:{self.password(delivery)}"
        url = f"ftp://localhost:{self.port}{path}"
        return subprocess.run([*command, "--user", user, *options, url], capture_output=True, check=False)


@pytest.fixture(scope="module")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of this file; each has a delivery of its own."""
    folder = tmp_path_factory.mktemp("ftp")
    shutil.copyfile(sqlite_template, folder / "skybasket.db")
    engine = engine_for(f"sqlite:///{folder}/skybasket.db")
    house = House(engine, folder / "home")
    certificate(folder)
    for _ in range(STARTS):
        port = free_port()
        process = start(
            folder, SKYBASKET_FTP_BIND=f"127.0.0.1:{port}", SKYBASKET_DATABASE_URL=house.settings.database_url
        )
        if said(process, "listens"):
            break
        process.communicate(timeout=SECONDS)  # somebody took the port first
    yield Server(house, port, folder / "ca.pem")
    process.terminate()
    assert process.communicate(timeout=SECONDS)[0] == ""
    assert process.returncode == 0
    engine.dispose()


def certificate(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))


def start(folder: Path, **settings: str) -> subprocess.Popen[str]:
    environment = {
        "SKYBASKET_HOME": str(folder / "home"),
        "SKYBASKET_SECRET": "a secret for tests only, and long enough",
        "SKYBASKET_FTP_CERTIFICATE": str(folder / "server.pem"),
        "SKYBASKET_FTP_PASSIVE_PORTS": "20000-29999",
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "ftp"],
        cwd=ROOT,
        env=os.environ | environment | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process: subprocess.Popen[str], words: str) -> bool:
    assert process.stdout
    return words in process.stdout.readline()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def refused(client: ftplib.FTP, command: str) -> str:
    """What the server says to a command that it must not do."""
    with pytest.raises(ftplib.error_perm) as caught:
        client.sendcmd(command)
    return str(caught.value)


def test_curl_fetches_a_staged_file(server: Server) -> None:
    delivery = server.staged("by-curl")
    got = server.curl(delivery, f"/stage/anonymous/{delivery}/HST/a.fits")
    assert (got.stdout == CONTENT, got.returncode) == (True, 0), got.stderr


def test_curl_goes_on_from_where_it_was(server: Server) -> None:
    delivery = server.staged("goes-on")
    got = server.curl(delivery, f"/stage/anonymous/{delivery}/HST/a.fits", "-C", "1000000")
    assert got.stdout == CONTENT[1_000_000:]


def test_ftplib_fetches_a_staged_file(server: Server) -> None:
    delivery, got = server.staged("by-ftplib"), BytesIO()
    with server.logged_in(delivery) as client:
        client.cwd(f"/stage/anonymous/{delivery}/HST")
        client.retrbinary("RETR a.fits", got.write)
    assert got.getvalue() == CONTENT


def test_a_client_can_walk_from_the_root_to_the_files(server: Server) -> None:
    delivery = server.staged("walked")
    seen = []
    with server.logged_in(delivery) as client:
        for name in ("stage", "anonymous", delivery, "HST"):
            seen.append(client.nlst())
            client.cwd(name)
        seen.append(client.nlst())
        where = client.pwd()
    assert seen == [["stage"], ["anonymous"], [delivery], ["HST", "MANIFEST.HTML"], ["a.fits"]]
    assert where == f"/stage/anonymous/{delivery}/HST"


def test_listings_have_sizes(server: Server) -> None:
    delivery, lines = server.staged("listed"), []
    with server.logged_in(delivery) as client:
        client.dir(f"/stage/anonymous/{delivery}/HST", lines.append)
        facts = dict(client.mlsd(f"/stage/anonymous/{delivery}/HST", ["size", "type"]))
    assert re.search(rf" {len(CONTENT)} .* a\.fits$", lines[0])
    assert facts == {"a.fits": {"size": str(len(CONTENT)), "type": "file"}}


def test_nobody_logs_in_in_the_clear(server: Server) -> None:
    delivery = server.staged("in-the-clear")
    with ftplib.FTP(timeout=SECONDS) as client:  # noqa: S321 - that is the test
        client.connect("127.0.0.1", server.port)
        said = [refused(client, f"USER {delivery}"), refused(client, f"PASS {server.password(delivery)}")]
    assert said == ["550 SSL/TLS required on the control channel."] * 2


def test_no_data_goes_in_the_clear(server: Server) -> None:
    delivery = server.staged("data-in-the-clear")
    with server.logged_in(delivery) as client:
        client.prot_c()
        said = [refused(client, "EPSV"), refused(client, "PASV")]
    assert said == ["550 SSL/TLS required on the data channel."] * 2


def test_old_tls_is_refused(server: Server) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(server.authority)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with ftplib.FTP_TLS(context=old, timeout=SECONDS) as client:  # noqa: S321 - by TLS
        client.connect("localhost", server.port)
        with pytest.raises(OSError, match=r"(?i)ssl|reset|eof"):
            client.auth()


@pytest.mark.parametrize(
    "command",
    ["STOR new", "APPE HST/a.fits", "DELE HST/a.fits", "MKD new", "RMD HST", "RNFR HST", "STOU", "MFMT 2020 HST"],
)
def test_nothing_can_be_written(server: Server, command: str) -> None:
    delivery = server.staged(f"read-only-{command.partition(' ')[0]}")
    with server.logged_in(delivery) as client:
        client.cwd(f"/stage/anonymous/{delivery}")
        assert refused(client, command).startswith("500 Command")
    assert (server.house.stage(delivery) / "HST" / "a.fits").read_bytes() == CONTENT


@pytest.mark.parametrize("command", ["PORT 127,0,0,1,200,200", "EPRT |1|127.0.0.1|51400|"])
def test_the_server_connects_to_nobody(server: Server, command: str) -> None:
    delivery = server.staged(f"passive-only-{command.partition(' ')[0]}")
    with server.logged_in(delivery) as client:
        assert refused(client, command).startswith("500 Command")


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../../../..",
        "/stage/anonymous/another-one/MANIFEST.HTML",
        "/stage/anonymous/{}/../another-one/MANIFEST.HTML",
        "/stage/anonymous/{}/HST/../../another-one",
        "/stage/anonymous/{}-and-more",
        "/etc/passwd",
        "{home}/skybasket.db",
    ],
)
def test_nothing_outside_the_delivery_can_be_reached(server: Server, path: str) -> None:
    if not server.house.stage("another-one").exists():
        server.staged("another-one")
        (server.house.settings.stage / "anonymous" / "jailed-and-more").mkdir()
        server.staged("jailed")
    home = server.house.settings.home.parent
    with server.logged_in("jailed") as client:
        asked = path.format("jailed", home=home)
        if ".." in asked and not asked.startswith("/"):
            client.cwd(asked)  # stops at the top, where there is one folder
            assert client.nlst() == ["stage"]
        else:
            for command in ("CWD", "SIZE", "MLST", "MDTM"):
                assert refused(client, f"{command} {asked}").startswith("550")


def test_a_link_that_leads_out_is_neither_shown_nor_followed(server: Server, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden")
    delivery = server.staged("linked")
    stage = server.house.stage(delivery)
    (stage / "out").symlink_to(tmp_path / "secret")
    (stage / "up").symlink_to("..")
    (stage / "inside").symlink_to("MANIFEST.HTML")
    with server.logged_in(delivery) as client:
        client.cwd(f"/stage/anonymous/{delivery}")
        assert client.nlst() == ["HST", "MANIFEST.HTML", "inside"]
        assert refused(client, "RETR out").startswith("550")
        assert refused(client, "CWD up").startswith("550")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("expired", {"state": "Expired", "staged": None}),
        ("overdue", {"expires_at": 1_000_000_000}),
        ("cancelled", {"state": "Cancelled"}),
        ("unfinished", {"state": None, "expires_at": None}),
        ("deleted", {"deleted_at": 1_000_000_000}),
        ("a-script", {"method": "script"}),
        ("gone", {"staged": None}),
    ],
)
def test_only_what_is_staged_lets_anybody_in(server: Server, name: str, values: Mapping[str, Any]) -> None:
    assert_no_log_in(server, server.staged(name, **values))


def test_a_delivery_that_is_not_there_lets_nobody_in(server: Server) -> None:
    assert_no_log_in(server, "../anonymous")


def assert_no_log_in(server: Server, delivery: str, password: str = "") -> None:
    with server.client() as client, pytest.raises(ftplib.error_perm, match="530 Log-in failed"):
        client.login(delivery, password or server.password(delivery))


@pytest.mark.parametrize("password", ["wrong", "fälsch"])
def test_a_wrong_password_lets_nobody_in(server: Server, password: str) -> None:
    assert_no_log_in(server, server.staged(f"guarded-{len(password)}"), password)


def test_the_password_of_one_delivery_does_not_open_another(server: Server) -> None:
    assert_no_log_in(server, server.staged("mine"), server.password(server.staged("yours")))


def test_anonymous_is_nobody(server: Server) -> None:
    assert_no_log_in(server, "anonymous", "me@sky.example")


def test_the_password_is_the_installations_own() -> None:
    one, other = Settings(secret="one installation's"), Settings(secret="another's")  # noqa: S106 - for this test
    passwords = {ftp.password(one, "a"), ftp.password(one, "b"), ftp.password(other, "a")}
    assert len(passwords) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{24}", each) for each in passwords)


def test_without_its_settings_it_says_so_and_waits(tmp_path: Path) -> None:
    process = start(tmp_path, SKYBASKET_FTP_CERTIFICATE="")
    assert said(process, "FTP is off, as SKYBASKET_FTP_BIND is not set.")
    assert process.poll() is None
    process.terminate()
    process.communicate(timeout=SECONDS)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SKYBASKET_FTP_CERTIFICATE": "{}/none.pem"}, "The certificate {}/none.pem cannot be used"),
        ({"SKYBASKET_FTP_KEY": "{}/ca.pem"}, "cannot be used with the key in {}/ca.pem."),
        ({"SKYBASKET_FTP_BIND": "192.0.2.1:2121"}, "FTP cannot listen on 192.0.2.1:2121"),
    ],
)
def test_a_setting_of_no_use_is_a_sentence(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    certificate(tmp_path)
    given = {"SKYBASKET_FTP_BIND": f"127.0.0.1:{free_port()}"} | {k: v.format(tmp_path) for k, v in settings.items()}
    process = start(tmp_path, **given)
    words = process.communicate(timeout=SECONDS)[0]
    assert sentence.format(tmp_path) in words
    assert "Traceback" not in words
    assert process.returncode == 2


def test_the_address_that_the_page_shows_leads_to_the_files() -> None:
    settings = Settings(ftp_bind="0.0.0.0:2121", ftp_public_host="archive.example")
    assert ftp.address(settings, "abc") == "ftp://abc@archive.example:2121/stage/anonymous/abc/"
