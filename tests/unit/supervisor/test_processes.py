from __future__ import annotations

from pathlib import Path

from webapp.settings import Settings
from webapp.supervisor.processes import PROCFILE, wanted


def test_ftp_is_started_where_it_is_set_up() -> None:
    assert wanted(Settings(ftp_bind="127.0.0.1:2121", ftp_certificate=Path("server.pem"))) == list(PROCFILE)


def test_everything_else_is_started_without_ftp() -> None:
    assert wanted(Settings()) == [name for name in PROCFILE if name != "ftp"]
