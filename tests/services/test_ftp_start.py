"""How ``skybasket ftp`` starts, and what it refuses to start with; its passwords and addresses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.ftp import SECONDS, certificate, free_port, said, start
from webapp import ftp
from webapp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        (Settings(ftp_public_host="ftp.archive.example", public_url="https://archive.example"), "ftp.archive.example"),
        (Settings(public_url="https://archive.example/sky"), "archive.example"),
        (Settings(bind="[::1]:8000"), "[::1]"),
    ],
)
def test_the_address_that_the_page_shows_leads_to_the_files(settings: Settings, host: str) -> None:
    address = ftp.address(replace(settings, ftp_bind="0.0.0.0:2121"), "abc")
    assert address == f"ftp://abc@{host}:2121/stage/anonymous/abc/"
