"""Stores behind TLS: who they are is checked, and what began safely does not go on in the open."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from jobs import upstream as requests
from jobs.errors import StoreError
from jobs.storage.http import HttpStore
from jobs.upstream import Patience
from tests.fixtures.upstream import CONTENT, Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUICK = Patience(first_wait=0.001, attempts=2)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """The one authority that is trusted."""
    found = trustme.CA()
    found.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    requests._trust.cache_clear()
    yield found
    requests._trust.cache_clear()


@pytest.fixture
def server(authority: trustme.CA, request: pytest.FixtureRequest) -> Iterator[Upstream]:
    """A server whose certificate is for the name that the test gives, else for its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(getattr(request, "param", "127.0.0.1")).configure_cert(context)
    found = Upstream(context)
    yield found
    found.close()


def test_a_file_is_read_over_tls(server: Upstream) -> None:
    store = HttpStore(f"{server.url}/fine", QUICK)
    assert store.fetch("x.fits", 5, 50) == CONTENT[5:50]
    store.close()


@pytest.mark.parametrize("server", ["archive.example"], indirect=True)
def test_a_server_that_is_another_is_not_asked(server: Upstream) -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        HttpStore(f"{server.url}/fine", QUICK).fetch("x.fits", 5, 50)
    assert server.asked == []


def test_a_redirect_from_https_to_http_is_refused(server: Upstream, upstream: Upstream) -> None:
    server.elsewhere = f"{upstream.url}/fine/x.fits"
    with pytest.raises(StoreError, match="not valid or not safe"):
        HttpStore(f"{server.url}/inside", QUICK).fetch("x.fits", 5, 50)
    assert upstream.asked == []
