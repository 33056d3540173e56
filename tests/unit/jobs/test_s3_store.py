"""What only S3 does, or does wrong. The rest is in tests/contracts/test_stores.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobs.errors import MissingFile, StoreError
from jobs.storage import open_store
from tests.fixtures.upstream import CONTENT

if TYPE_CHECKING:
    from tests.fixtures.stores import Filled
    from tests.fixtures.upstream import Upstream


@pytest.mark.parametrize("url", ["s3:", "s3://", "s3:///x", "s3:bucket", "s3://key:secret@bucket", "s3://b?secret=x"])
def test_an_address_that_names_no_bucket_is_a_sentence(url: str) -> None:
    with pytest.raises(StoreError, match="An S3 store looks like") as caught:
        open_store(url)
    assert "secret=x" not in str(caught.value)


def test_the_address_of_a_store_that_is_shown_has_no_query() -> None:
    assert open_store("s3://bucket/some/prefix/?anon=1&endpoint_url=http://x").url == "s3://bucket/some/prefix"


def test_a_bucket_may_be_a_store_as_a_whole(s3_server: str, s3_store: Filled) -> None:
    s3_store.put("x.fits", b"12345")
    whole = open_store(f"s3://archive?endpoint_url={s3_server}&region=us-east-1")
    assert whole.fetch("my archive/x.fits", 1, 3) == b"23"


def test_the_endpoint_may_come_from_the_environment(
    s3_server: str, s3_store: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_store.put("x.fits", b"12345")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert open_store("s3://archive/my archive").fetch("x.fits", 1, 3) == b"23"


def test_a_bucket_that_is_not_there_has_no_file(s3_server: str) -> None:
    with pytest.raises(MissingFile, match=r"'x' is not in its store \(s3://nothing\)"):
        open_store(f"s3://nothing?endpoint_url={s3_server}&anon=1").stat("x")


@pytest.mark.parametrize("folder", ["other-range", "no-ranges", "403", "login"])
def test_an_answer_that_is_not_the_range_is_a_sentence_without_an_address(upstream: Upstream, folder: str) -> None:
    store = open_store(f"s3://{folder}?endpoint_url={upstream.url}&anon=1")
    with pytest.raises(StoreError, match=r"'x\.fits'") as caught:
        store.fetch("x.fits", 10, 20)
    assert upstream.host not in str(caught.value)


def test_a_body_that_breaks_off_is_asked_for_again_and_then_is_a_sentence(upstream: Upstream) -> None:
    store = open_store(f"s3://short?endpoint_url={upstream.url}&anon=1")
    with pytest.raises(StoreError, match=r"'x\.fits' cannot be read from s3://short"):
        store.fetch("x.fits", 0, len(CONTENT))
    assert len(upstream.asked) == 3


def test_a_server_that_is_not_there_is_a_sentence(upstream: Upstream) -> None:
    upstream.close()
    with pytest.raises(StoreError, match=r"'x\.fits' cannot be read from s3://b: the server does not answer"):
        open_store(f"s3://b?endpoint_url={upstream.url}&anon=1").stat("x.fits")
