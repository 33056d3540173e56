"""Settings: read once from the environment (``SKYBASKET_*``) or ``skybasket.toml``, then frozen.

The environment wins over the file. A setting that cannot be understood stops the program with a sentence that names it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE = "skybasket.toml"
FORMS = {
    "stores": "; it looks like mast:HST/=file:///archive/hst mast:JWST/=file:///archive/jwst",
    "bool": "; it is 0 or 1",
    "int": "; it is a whole number above 0",
}
SOCKET_BYTES = 100  # the longest path of a unix socket is 103 bytes on macOS, 107 on Linux


class SettingsError(ValueError):
    """A setting is unusable; the text is a sentence for the operator."""


@dataclass(frozen=True)
class Settings:
    """All settings. Each default is chosen so that a fresh checkout runs without any file."""

    home: Path = Path("var")  # everything the embedded defaults write, so that deleting one folder starts afresh
    bind: str = "127.0.0.1:8000"  # loopback: showing a laptop to the network must be a decision
    public_url: str = ""  # empty: http://<bind>; used in scripts, mail and API, never the Host header
    secret: str = ""  # empty: made once and kept in <home>/secret, so that sessions outlive a restart
    database_url: str = ""  # empty: SQLite in <home>
    redis_url: str = ""  # empty: the embedded Valkey's socket in <home>
    stores: tuple[tuple[str, str], ...] = ()  # (URI prefix, store URL); the longest prefix wins
    spool: Path = Path()  # empty: <home>/spool
    stage: Path = Path()  # empty: <home>/stage
    stage_bytes: int = 500 * 10**9  # ten full bundles
    bundle_bytes: int = 50 * 10**9  # the limit that MAST documents for a browser
    part_files: int = 100_000  # beyond it unzippers and file managers become unusable
    basket_files: int = 1_000_000  # what a filter click is measured at
    batch_missions: tuple[str, ...] = ("HST", "JWST")  # as at MAST; "*" means all
    archive_name: str = "Skybasket"
    contact: str = ""  # shown on error pages
    smtp_url: str = ""
    signup: bool = False  # an archive opens sign-up knowingly
    retention_days: int = 90  # idle anonymous baskets and histories
    inventory_cache_bytes: int = 1_000_000_000  # about ten million files in memory in one process
    missions: Mapping[str, Any] = field(default_factory=dict)  # own suffix tables: [missions.<NAME>] in the file

    @property
    def base_url(self) -> str:
        """The address of this server as its users know it, without a slash at the end."""
        return (self.public_url or f"http://{self.bind}").rstrip("/")


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
        if name == "stores":
            return _stores(value)
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
        wanted = FORMS.get(name) or FORMS.get(type(default).__name__, "")
        raise SettingsError(f"The setting SKYBASKET_{name.upper()} cannot be {value!r}{wanted}.") from error


def _stores(value: Any) -> tuple[tuple[str, str], ...]:
    """``prefix=url prefix=url`` or a TOML table; the longest prefix first."""
    pairs = list(value.items()) if isinstance(value, dict) else [tuple(p.split("=", 1)) for p in str(value).split()]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):  # noqa: PLR2004 - a pair
        raise ValueError
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


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
