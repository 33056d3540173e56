"""Settings: read once from the environment (``SKYBASKET_*``) or ``skybasket.toml``, then frozen.

The environment wins over the file. A setting that cannot be understood stops the program with a sentence that names it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from webapp import setting_forms as forms

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE = "skybasket.toml"
FORMS = {
    "bool": "; it is 0 or 1",
    "int": "; it is a whole number above 0",
    **forms.LOOKS,
}
NEEDS = {
    "smtp_url": "mail_from",
    "ftp_bind": "ftp_certificate",
    "oidc_issuer": "oidc_client_id",
    "oidc_client_id": "oidc_client_secret",
    "oidc_client_secret": "oidc_issuer",
}
PASSWORD = re.compile(r":[^:/]*@")  # in a URL
SOCKET_BYTES = 100  # the longest path of a unix socket is 103 bytes on macOS, 107 on Linux


class SettingsError(ValueError):
    """A setting is unusable; the text is a sentence for the operator."""


@dataclass(frozen=True)
class Settings:
    """All settings. Each default is chosen so that a fresh checkout runs without any file."""

    home: Path = Path("var")  # everything the embedded defaults write, so that deleting one folder starts afresh
    bind: str = "127.0.0.1:8000"  # loopback: showing a laptop to the network must be a decision
    public_url: str = ""  # empty: http://<bind>; used in scripts, mail and API, never the Host header
    proxies: int = 0  # in front that add to X-Forwarded-For; nobody is believed by default, since anybody can send it
    secret: str = field(
        default="", repr=False
    )  # empty: made once and kept in <home>/secret, so that sessions outlive a restart
    database_url: str = ""  # empty: SQLite in <home>
    redis_url: str = ""  # empty: the embedded Valkey's socket in <home>
    stores: tuple[tuple[str, str], ...] = ()  # (URI prefix, store URL); the longest prefix wins
    spool: Path = Path()  # empty: <home>/spool
    stage: Path = Path()  # empty: <home>/stage
    spool_bytes: int = 100 * 10**9  # two full bundles of tar.gz, and scripts and inventories beside them
    stage_bytes: int = 500 * 10**9  # ten full bundles
    stage_user_bytes: int = 200 * 10**9  # so that one user alone cannot fill the stage
    bundle_bytes: int = 50 * 10**9  # the limit that MAST documents for a browser
    part_files: int = 100_000  # beyond it unzippers and file managers become unusable
    basket_files: int = 1_000_000  # what a filter click is measured at
    batch_missions: tuple[str, ...] = ("HST", "JWST")  # as at MAST; "*" means all
    archive_name: str = "Skybasket"
    contact: str = ""  # shown on error pages
    smtp_url: str = ""  # empty: no mail is sent; see webapp/mail/url.py for its forms
    mail_from: str = ""  # the address that mail comes from
    ftp_bind: str = ""  # empty: staged files are had by HTTP alone
    ftp_certificate: Path = Path()  # PEM, the chain included; FTP is served by TLS or not at all
    ftp_key: Path = Path()  # PEM; empty: it is in the certificate's file
    ftp_passive_ports: range = range(60_000, 60_101)  # a firewall lets in what it is told; 101 transfers at once
    ftp_public_host: str = ""  # behind NAT: the address that clients see
    signup: bool = False  # an archive opens sign-up knowingly
    oidc_issuer: str = ""  # empty: people log in with a password of this server alone
    oidc_client_id: str = ""  # what the provider calls this server
    oidc_client_secret: str = field(default="", repr=False)
    oidc_name: str = "your institute"  # on the button, after "Log in with"
    api_per_minute: int = 1_200  # requests of one account or network: a million files in pages of 1,000 are 1,000
    retention_days: int = 90  # idle anonymous baskets and histories
    inventory_cache_bytes: int = 1_000_000_000  # about ten million files in memory in one process
    missions: Mapping[str, Any] = field(default_factory=dict)  # own suffix tables: [missions.<NAME>] in the file

    @property
    def base_url(self) -> str:
        """The address of this server as its users know it, without a slash at the end."""
        return (self.public_url or f"http://{self.bind}").rstrip("/")

    @property
    def serves_ftp(self) -> bool:
        """Whether staged files are served by FTP too."""
        return bool(self.ftp_bind) and self.ftp_certificate != Path()


def load(environ: Mapping[str, str] | None = None, *, folder: Path | None = None) -> Settings:
    """Read the settings of a process.

    ``folder`` holds ``skybasket.toml`` (default: the working directory). Creates nothing except ``<home>/secret``.
    Raises SettingsError with a sentence that names the setting.
    """
    env = os.environ if environ is None else environ
    named = env.get("SKYBASKET_CONFIG")
    file = Path(named) if named else (folder or Path()) / CONFIG_FILE
    if named and not file.is_file():
        raise SettingsError(f"The setting CONFIG names {named!r}, and there is no such file.")
    table = _read_file(file)
    if unknown := table.keys() - Settings.__dataclass_fields__.keys():
        raise SettingsError(f"{file} sets {min(unknown)!r}, and there is no such setting.")
    raw: dict[str, Any] = {k: v for k, v in table.items() if k != "missions"}
    for key, value in env.items():
        if key.startswith("SKYBASKET_") and value:  # set to nothing means the default
            raw[key.removeprefix("SKYBASKET_").lower()] = value
    known = {name: raw[name] for name in Settings.__dataclass_fields__ if name in raw and name != "missions"}
    values = {name: _parse(name, value) for name, value in known.items()}
    home = Path(values.get("home", Settings.home)).absolute()
    values["home"] = home
    _check_pairs(values)
    values.setdefault("spool", home / "spool")
    values.setdefault("stage", home / "stage")
    values.setdefault("database_url", f"sqlite:///{home / 'skybasket.db'}")
    values.setdefault("redis_url", embedded_url(home))
    values["secret"] = values.get("secret") or _kept_secret(home)
    return Settings(**values, missions=table.get("missions", {}))


def embedded_socket(home: Path) -> Path:
    """Where the embedded Valkey listens: in home or, where that path is too long, in the temporary folder."""
    socket = home / "valkey" / "valkey.sock"
    if len(os.fsencode(socket)) <= SOCKET_BYTES:
        return socket
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"skybasket-{os.getuid()}-{digest}" / "valkey.sock"


def embedded_url(home: Path) -> str:
    """The embedded Valkey's address as a ``redis_url``."""
    return f"unix://{quote(str(embedded_socket(home)))}"


def _read_file(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not valid TOML: {error}.") from error


def _parse(name: str, value: Any) -> Any:
    default = Settings.__dataclass_fields__[name].default
    try:
        if name in forms.READERS:
            return forms.READERS[name](value)
        if isinstance(default, bool):
            return {"1": True, "true": True, "0": False, "false": False}[str(value).lower()]
        if isinstance(default, int):
            number = int(value)
            if number <= 0:
                raise ValueError  # noqa: TRY301 - said once, below
            return number
        if isinstance(default, Path):
            return Path(value).absolute()
        if isinstance(default, tuple):
            return tuple(value) if isinstance(value, list) else tuple(str(value).replace(",", " ").split())
        return str(value)
    except (KeyError, ValueError, TypeError) as error:
        shown = PASSWORD.sub(":***@", value) if isinstance(value, str) else value
        wanted = FORMS.get(name) or FORMS.get(type(default).__name__, "")
        raise SettingsError(f"The setting SKYBASKET_{name.upper()} cannot be {shown!r}{wanted}.") from error


def _check_pairs(values: Mapping[str, Any]) -> None:
    """Raise SettingsError for a setting that needs another one."""
    for name, needed in NEEDS.items():
        if values.get(name) and not values.get(needed):
            raise SettingsError(f"SKYBASKET_{name.upper()} is set, so SKYBASKET_{needed.upper()} must be set too.")


def _kept_secret(home: Path) -> str:
    file = home / "secret"
    if not file.exists():
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"The folder {home} cannot be made ({error.strerror}). Set SKYBASKET_HOME.") from error
        new = file.with_name(f"secret.{secrets.token_hex(4)}")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(32), "ascii")
        try:
            file.hardlink_to(new)  # of two processes that start together one wins, and both read the winner's
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return file.read_text("ascii").strip()
