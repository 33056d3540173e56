from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from webapp.settings import FORMS, SOCKET_BYTES, Settings, SettingsError, embedded_socket, embedded_url, load

if TYPE_CHECKING:
    from collections.abc import Mapping


def settings(folder: Path, toml: str = "", **env: str) -> Settings:
    (folder / "skybasket.toml").write_text(toml, "utf-8")
    return load({"SKYBASKET_HOME": str(folder / "home"), **env}, folder=folder)


def test_everything_that_the_defaults_write_is_in_one_folder(tmp_path: Path) -> None:
    found = settings(tmp_path)
    home = tmp_path / "home"
    assert {found.home, found.spool.parent, found.stage.parent, (home / "secret").parent} == {home}
    assert found.database_url == f"sqlite:///{home}/skybasket.db"
    assert unquote(found.redis_url) == f"unix://{embedded_socket(home)}"


def test_the_default_home_is_var_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).home == tmp_path / "var"


def test_by_default_only_this_machine_can_reach_it(tmp_path: Path) -> None:
    assert settings(tmp_path).bind == "127.0.0.1:8000"


def test_the_file_is_read(tmp_path: Path) -> None:
    assert settings(tmp_path, 'archive_name = "Sky"').archive_name == "Sky"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    found = settings(tmp_path, 'archive_name = "Sky"\ncontact = "me@sky.example"', SKYBASKET_ARCHIVE_NAME="Other")
    assert (found.archive_name, found.contact) == ("Other", "me@sky.example")


def test_another_file_can_be_named(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('archive_name = "Other"', "utf-8")
    assert settings(tmp_path, 'archive_name = "Sky"', SKYBASKET_CONFIG=str(other)).archive_name == "Other"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bundle_bytes", "1000", 1000),
        ("part_files", "7", 7),
        ("signup", "1", True),
        ("signup", "True", True),
        ("signup", "false", False),
        ("batch_missions", "HST, JWST", ("HST", "JWST")),
        ("batch_missions", "*", ("*",)),
        ("stores", "mast:=/a mast:JWST/=/b", (("mast:JWST/", "/b"), ("mast:", "/a"))),
        ("stores", "", ()),
        ("smtp_url", "", ""),
        ("mail_from", "Sky@Archive.example", "Sky@archive.example"),
        ("ftp_passive_ports", "50000-50001", range(50_000, 50_002)),
        ("proxies", "0", 0),
        ("proxies", "2", 2),
    ],
)
def test_a_setting_of_the_environment_gets_its_type(tmp_path: Path, name: str, text: str, value: object) -> None:
    assert getattr(settings(tmp_path, **{f"SKYBASKET_{name.upper()}": text}), name) == value


@pytest.mark.parametrize(
    ("toml", "name", "value"),
    [
        ('batch_missions = ["HST", "GALEX"]', "batch_missions", ("HST", "GALEX")),
        ('[stores]\n"mast:" = "/a"\n"mast:HST/" = "/b"', "stores", (("mast:HST/", "/b"), ("mast:", "/a"))),
        ("signup = true", "signup", True),
        ("retention_days = 30", "retention_days", 30),
        ("[missions.EUCLID]\nlevel = 2", "missions", {"EUCLID": {"level": 2}}),
    ],
)
def test_a_setting_of_the_file_keeps_its_type(tmp_path: Path, toml: str, name: str, value: object) -> None:
    assert getattr(settings(tmp_path, toml), name) == value


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        (
            {"SKYBASKET_BUNDLE_BYTES": "much"},
            f"The setting SKYBASKET_BUNDLE_BYTES cannot be 'much'{FORMS['int']}.",
        ),
        (
            {"SKYBASKET_PART_FILES": "0"},
            f"The setting SKYBASKET_PART_FILES cannot be '0'{FORMS['int']}.",
        ),
        (
            {"SKYBASKET_RETENTION_DAYS": "-1"},
            f"The setting SKYBASKET_RETENTION_DAYS cannot be '-1'{FORMS['int']}.",
        ),
        ({"SKYBASKET_SIGNUP": "maybe"}, "The setting SKYBASKET_SIGNUP cannot be 'maybe'; it is 0 or 1."),
        ({"SKYBASKET_STORES": "mast:"}, f"The setting SKYBASKET_STORES cannot be 'mast:'{FORMS['stores']}."),
        (
            {"SKYBASKET_SMTP_URL": "mail.example:25"},
            f"The setting SKYBASKET_SMTP_URL cannot be 'mail.example:25'{FORMS['smtp_url']}.",
        ),
        (
            {"SKYBASKET_MAIL_FROM": "Sky <sky@archive.example>"},
            f"The setting SKYBASKET_MAIL_FROM cannot be 'Sky <sky@archive.example>'{FORMS['mail_from']}.",
        ),
        (
            {"SKYBASKET_FTP_BIND": "2121"},
            f"The setting SKYBASKET_FTP_BIND cannot be '2121'{FORMS['ftp_bind']}.",
        ),
        (
            {"SKYBASKET_FTP_PASSIVE_PORTS": "60100-60000"},
            f"The setting SKYBASKET_FTP_PASSIVE_PORTS cannot be '60100-60000'{FORMS['ftp_passive_ports']}.",
        ),
        (
            {"SKYBASKET_SMTP_URL": "smtp://mail.example"},
            "SKYBASKET_SMTP_URL is set, so SKYBASKET_MAIL_FROM must be set too.",
        ),
        (
            {"SKYBASKET_FTP_BIND": "127.0.0.1:2121"},
            "SKYBASKET_FTP_BIND is set, so SKYBASKET_FTP_CERTIFICATE must be set too.",
        ),
        *(
            (
                {"SKYBASKET_OIDC_ISSUER": issuer},
                f"The setting SKYBASKET_OIDC_ISSUER cannot be {issuer!r}{FORMS['oidc_issuer']}.",
            )
            for issuer in ("http://login.example", "https://login.example/.well-known/openid-configuration", "x")
        ),
        (
            {"SKYBASKET_OIDC_ISSUER": "https://login.example"},
            "SKYBASKET_OIDC_ISSUER is set, so SKYBASKET_OIDC_CLIENT_ID must be set too.",
        ),
        ({"SKYBASKET_PROXIES": "-1"}, f"The setting SKYBASKET_PROXIES cannot be '-1'{FORMS['proxies']}."),
        ({"SKYBASKET_STORES": "=/a"}, f"The setting SKYBASKET_STORES cannot be '=/a'{FORMS['stores']}."),
        ({"SKYBASKET_CONFIG": "no.toml"}, "The setting CONFIG names 'no.toml', and there is no such file."),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(tmp_path: Path, env: Mapping[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, **env)
    assert str(caught.value) == sentence


def test_a_password_in_a_setting_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, SKYBASKET_SMTP_URL="smtp+tls://me:hidden@mail.example")
    assert "'smtp+tls://me:***@mail.example'" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_no_secret_is_shown_with_the_settings() -> None:
    shown = repr(Settings(secret="hidden", oidc_client_secret="hidden"))  # noqa: S106 - of nobody
    assert "hidden" not in shown


def test_a_misspelt_setting_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="sets 'basket_file', and there is no such setting"):
        settings(tmp_path, "basket_file = 5")


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"skybasket\.toml is not valid TOML"):
        settings(tmp_path, "bind = ")


def test_a_misunderstood_setting_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        settings(tmp_path, SKYBASKET_SIGNUP="maybe")
    assert not (tmp_path / "home").exists()


def test_the_secret_is_kept_so_that_sessions_outlive_a_restart(tmp_path: Path) -> None:
    assert settings(tmp_path).secret == settings(tmp_path).secret


def test_two_homes_have_two_secrets(tmp_path: Path) -> None:
    assert settings(tmp_path).secret != settings(tmp_path, SKYBASKET_HOME=str(tmp_path / "b")).secret


def test_only_the_owner_can_read_the_secret(tmp_path: Path) -> None:
    settings(tmp_path)
    assert stat.S_IMODE((tmp_path / "home" / "secret").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    together, found = threading.Barrier(8), []

    def start() -> None:
        together.wait()
        found.append(load({"SKYBASKET_HOME": str(tmp_path / "home")}, folder=tmp_path).secret)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert [each.name for each in (tmp_path / "home").iterdir()] == ["secret"]


def test_a_secret_that_is_given_is_not_written_down(tmp_path: Path) -> None:
    settings(tmp_path, SKYBASKET_SECRET="given")  # noqa: S106 - for this test alone
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("env", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"SKYBASKET_BIND": "127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"SKYBASKET_PUBLIC_URL": "https://archive.example/sky/"}, "https://archive.example/sky"),
    ],
)
def test_the_address_that_users_know_has_no_slash_at_its_end(
    tmp_path: Path, env: Mapping[str, str], address: str
) -> None:
    assert settings(tmp_path, **env).base_url == address


def test_a_socket_in_a_deep_folder_moves_to_where_its_path_is_short_enough(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    assert len(os.fsencode(embedded_socket(deep))) <= SOCKET_BYTES
    assert embedded_socket(deep) != embedded_socket(deep.with_name("z"))


def test_a_socket_in_an_odd_folder_has_an_address_that_leads_there() -> None:
    home = Path("/tmp/a b%c")  # noqa: S108 - not made
    assert unquote(embedded_url(home).removeprefix("unix://")) == f"{home}/valkey/valkey.sock"
