"""FTP over TLS: a real server process, and real clients (curl and Python's ftplib)."""

from __future__ import annotations

import ftplib
import re
import ssl
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from jobs.manifest import MANIFEST_FILE, Entry, Manifest, write_jsonl
from tests.fixtures.ftp import CONTENT, SECONDS
from tests.fixtures.holdings import SECRET, Holdings
from tests.fixtures.people import PASSWORD
from webapp import accounts, owners, programmes
from webapp.db import writing
from webapp.models import Rights

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.fixtures.ftp import FtpServer
    from tests.fixtures.holdings import File


def refused(client: ftplib.FTP, command: str) -> str:
    """What the server says to a command that it must not do."""
    with pytest.raises(ftplib.error_perm) as caught:
        client.sendcmd(command)
    return str(caught.value)


def test_curl_fetches_a_staged_file(ftp_server: FtpServer) -> None:
    delivery = ftp_server.staged("by-curl")
    got = ftp_server.curl(delivery, f"/stage/anonymous/{delivery}/HST/a.fits")
    assert (got.stdout == CONTENT, got.returncode) == (True, 0), got.stderr


def test_curl_goes_on_from_where_it_was(ftp_server: FtpServer) -> None:
    delivery = ftp_server.staged("goes-on")
    got = ftp_server.curl(delivery, f"/stage/anonymous/{delivery}/HST/a.fits", "-C", "1000000")
    assert got.stdout == CONTENT[1_000_000:]


def test_ftplib_fetches_a_staged_file(ftp_server: FtpServer) -> None:
    delivery, got = ftp_server.staged("by-ftplib"), BytesIO()
    with ftp_server.logged_in(delivery) as client:
        client.cwd(f"/stage/anonymous/{delivery}/HST")
        client.retrbinary("RETR a.fits", got.write)
    assert got.getvalue() == CONTENT


def test_a_client_can_walk_from_the_root_to_the_files(ftp_server: FtpServer) -> None:
    delivery = ftp_server.staged("walked")
    seen = []
    with ftp_server.logged_in(delivery) as client:
        for name in ("stage", "anonymous", delivery, "HST"):
            seen.append(client.nlst())
            client.cwd(name)
        seen.append(client.nlst())
        where = client.pwd()
    assert seen == [["stage"], ["anonymous"], [delivery], ["HST", "MANIFEST.HTML"], ["a.fits"]]
    assert where == f"/stage/anonymous/{delivery}/HST"


def test_listings_have_sizes(ftp_server: FtpServer) -> None:
    delivery, lines = ftp_server.staged("listed"), []
    with ftp_server.logged_in(delivery) as client:
        client.dir(f"/stage/anonymous/{delivery}/HST", lines.append)
        facts = dict(client.mlsd(f"/stage/anonymous/{delivery}/HST", ["size", "type"]))
    assert re.search(rf" {len(CONTENT)} .* a\.fits$", lines[0])
    assert facts == {"a.fits": {"size": str(len(CONTENT)), "type": "file"}}


def test_nobody_logs_in_in_the_clear(ftp_server: FtpServer) -> None:
    delivery = ftp_server.staged("in-the-clear")
    with ftplib.FTP(timeout=SECONDS) as client:  # noqa: S321 - that is the test
        client.connect("127.0.0.1", ftp_server.port)
        said = [refused(client, f"USER {delivery}"), refused(client, f"PASS {ftp_server.password(delivery)}")]
    assert said == ["550 SSL/TLS required on the control channel."] * 2


def test_no_data_goes_in_the_clear(ftp_server: FtpServer) -> None:
    delivery = ftp_server.staged("data-in-the-clear")
    with ftp_server.logged_in(delivery) as client:
        client.prot_c()
        said = [refused(client, "EPSV"), refused(client, "PASV")]
    assert said == ["550 SSL/TLS required on the data channel."] * 2


def test_old_tls_is_refused(ftp_server: FtpServer) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(ftp_server.authority)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with ftplib.FTP_TLS(context=old, timeout=SECONDS) as client:  # noqa: S321 - by TLS
        client.connect("localhost", ftp_server.port)
        with pytest.raises(OSError, match=r"(?i)ssl|reset|eof"):
            client.auth()


@pytest.mark.parametrize(
    "command",
    ["STOR new", "APPE HST/a.fits", "DELE HST/a.fits", "MKD new", "RMD HST", "RNFR HST", "STOU", "MFMT 2020 HST"],
)
def test_nothing_can_be_written(ftp_server: FtpServer, command: str) -> None:
    delivery = ftp_server.staged(f"read-only-{command.partition(' ')[0]}")
    with ftp_server.logged_in(delivery) as client:
        client.cwd(f"/stage/anonymous/{delivery}")
        assert refused(client, command).startswith("500 Command")
    assert (ftp_server.house.stage(delivery) / "HST" / "a.fits").read_bytes() == CONTENT


@pytest.mark.parametrize("command", ["PORT 127,0,0,1,200,200", "EPRT |1|127.0.0.1|51400|"])
def test_the_server_connects_to_nobody(ftp_server: FtpServer, command: str) -> None:
    delivery = ftp_server.staged(f"passive-only-{command.partition(' ')[0]}")
    with ftp_server.logged_in(delivery) as client:
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
def test_nothing_outside_the_delivery_can_be_reached(ftp_server: FtpServer, path: str) -> None:
    if not ftp_server.house.stage("another-one").exists():
        ftp_server.staged("another-one")
        (ftp_server.house.settings.stage / "anonymous" / "jailed-and-more").mkdir()
        ftp_server.staged("jailed")
    home = ftp_server.house.settings.home.parent
    with ftp_server.logged_in("jailed") as client:
        asked = path.format("jailed", home=home)
        if ".." in asked and not asked.startswith("/"):
            client.cwd(asked)  # stops at the top, where there is one folder
            assert client.nlst() == ["stage"]
        else:
            for command in ("CWD", "SIZE", "MLST", "MDTM"):
                assert refused(client, f"{command} {asked}").startswith("550")


def test_a_link_that_leads_out_is_neither_shown_nor_followed(ftp_server: FtpServer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden")
    delivery = ftp_server.staged("linked")
    stage = ftp_server.house.stage(delivery)
    (stage / "out").symlink_to(tmp_path / "secret")
    (stage / "up").symlink_to("..")
    (stage / "inside").symlink_to("MANIFEST.HTML")
    with ftp_server.logged_in(delivery) as client:
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
def test_only_what_is_staged_lets_anybody_in(ftp_server: FtpServer, name: str, values: Mapping[str, Any]) -> None:
    assert_no_log_in(ftp_server, ftp_server.staged(name, **values))


def test_a_delivery_that_is_not_there_lets_nobody_in(ftp_server: FtpServer) -> None:
    assert_no_log_in(ftp_server, "../anonymous")


def assert_no_log_in(ftp_server: FtpServer, delivery: str, password: str = "") -> None:
    with ftp_server.client() as client, pytest.raises(ftplib.error_perm, match="530 Log-in failed"):
        client.login(delivery, password or ftp_server.password(delivery))


@pytest.mark.parametrize("password", ["wrong", "fälsch"])
def test_a_wrong_password_lets_nobody_in(ftp_server: FtpServer, password: str) -> None:
    assert_no_log_in(ftp_server, ftp_server.staged(f"guarded-{len(password)}"), password)


def test_the_password_of_one_delivery_does_not_open_another(ftp_server: FtpServer) -> None:
    assert_no_log_in(ftp_server, ftp_server.staged("mine"), ftp_server.password(ftp_server.staged("yours")))


def test_anonymous_is_nobody(ftp_server: FtpServer) -> None:
    assert_no_log_in(ftp_server, "anonymous", "me@sky.example")


@pytest.fixture(scope="module")
def exclusive(ftp_server: FtpServer, tmp_path_factory: pytest.TempPathFactory) -> File:
    """A file that the members of its programme may read, and others not before the year is over."""
    house = ftp_server.house
    each = Holdings(house.engine, tmp_path_factory.mktemp("holdings"))[f"{SECRET}_s3d.fits"]
    with writing(house.engine) as session:
        rights = update(Rights).where(col(Rights.programme) == "4098")
        session.execute(rights.values(released_at=int(time.time()) + 365 * 86_400))
    for name in ("ada", "bob"):
        accounts.create(house.services, name, PASSWORD)
    return each


def with_exclusive(ftp_server: FtpServer, name: str, each: File, owner: str) -> str:
    """A staged delivery of an account, or of a browser session, that holds an exclusive file."""
    house = ftp_server.house
    account = owners.account(accounts.called(house.services, owner).id) if owner != "session" else owner
    delivery = ftp_server.staged(name, owner=account, exclusive=1)
    entry = Entry(each.uri, each.path, each.size, None, None, exclusive=True, location=None, wanted=each.path)
    write_jsonl(Manifest("skybasket", (entry,), 1), house.folder(delivery) / MANIFEST_FILE)
    return delivery


@pytest.mark.parametrize("owner", ["bob", "session"])
def test_exclusive_files_let_in_nobody_whose_account_may_not_read_them(
    ftp_server: FtpServer, exclusive: File, owner: str
) -> None:
    assert_no_log_in(ftp_server, with_exclusive(ftp_server, f"exclusive-{owner}", exclusive, owner))


def test_an_owner_whose_rights_are_taken_away_gets_no_further_file(ftp_server: FtpServer, exclusive: File) -> None:
    services, got = ftp_server.house.services, BytesIO()
    programmes.allow(services, "JWST", "4098", "ada")
    delivery = with_exclusive(ftp_server, "exclusive-ada", exclusive, "ada")
    with ftp_server.logged_in(delivery) as client:
        client.retrbinary(f"RETR /stage/anonymous/{delivery}/HST/a.fits", got.write)
        programmes.deny(services, "JWST", "4098", "ada")
        with pytest.raises(ftplib.error_perm, match="550 These files may not be fetched any more"):
            client.retrbinary(f"RETR /stage/anonymous/{delivery}/HST/a.fits", got.write)
    assert got.getvalue() == CONTENT
    assert_no_log_in(ftp_server, delivery)
