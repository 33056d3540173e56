"""What a downloaded script for AWS's command line does, run by a real shell with the real program and an S3 server."""

from __future__ import annotations

import hashlib
import io
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from jobs.dialects import dialect
from jobs.errors import JobError
from jobs.items import Header, Item
from jobs.storage import Public
from tests.fixtures.stores import BUCKET, SIGNED

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 90
ABOUT = Header("list", 1_777_000_000, "http://127.0.0.1:8000", 0, 0, 0)


def item(server: str, key: str, content: bytes) -> Item:
    place = Public(f"s3://{BUCKET}/{key}", server, "us-east-1")
    return Item(
        f"mast:{key}",
        key,
        key,
        len(content),
        hashlib.sha256(content).hexdigest(),
        exclusive=False,
        query="",
        public=place,
    )


def put(server: str, key: str, content: bytes) -> Item:
    headers = {**SIGNED, "x-amz-acl": "public-read"}
    httpx.put(f"{server}/{BUCKET}/{key}", content=content, headers=headers, timeout=SECONDS).raise_for_status()
    return item(server, key, content)


def script(folder: Path, *items: Item) -> Path:
    file = folder / "list.aws.sh"
    with file.open("wb") as out:
        dialect("aws").write(ABOUT, items, out)
    return file


def run(file: Path) -> subprocess.CompletedProcess[str]:
    command = ["dash", file.name]
    return subprocess.run(command, cwd=file.parent, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_what_is_missing_is_named_and_the_rest_comes(s3_server: str, tmp_path: Path) -> None:
    done = run(script(tmp_path, put(s3_server, "aws/here", b"x"), item(s3_server, "aws/gone", b"y")))
    assert (done.stdout, done.returncode) == ("Failed: aws/gone\n1 of 2 OK, 1 failed\n", 1)
    assert (tmp_path / "list/aws/here").read_bytes() == b"x"


def test_what_is_there_and_right_is_not_asked_for(s3_server: str, tmp_path: Path) -> None:
    (tmp_path / "list/aws").mkdir(parents=True)
    (tmp_path / "list/aws/had").write_bytes(b"z")
    done = run(script(tmp_path, item(s3_server, "aws/had", b"z")))
    assert (done.stdout, done.returncode) == ("1 of 1 OK, 0 failed\n", 0)


def test_the_script_passes_shellcheck(tmp_path: Path) -> None:
    subprocess.run(["shellcheck", script(tmp_path, item("", "it's $(here)", b""))], check=True)


def test_a_file_that_is_in_no_public_bucket_is_refused() -> None:
    with pytest.raises(JobError, match="not in a public S3 bucket"):
        dialect("aws").write(ABOUT, [item("", "x", b"")._replace(public=None)], io.BytesIO())
