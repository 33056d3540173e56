"""The FTP server: pyftpdlib, with TLS demanded for log-in and data, and log-ins that are deliveries.

Refused: log-in in the clear, every command that writes, connections from the server to the client (active mode), TLS
before 1.2, and deliveries that are not staged, not finished, expired or deleted.
"""

from __future__ import annotations

import hmac
import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.exceptions import AuthenticationFailed
from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from jobs.errors import JobError
from webapp import clock, ftp, owners
from webapp.access import ANYBODY, who_of
from webapp.db import reading
from webapp.delivery_access import is_open
from webapp.errors import UserError
from webapp.ftp.jail import Jail
from webapp.queries import chores as query
from webapp.queries.deliveries import delivery
from webapp.staging_room import folder_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from webapp.access import Who
    from webapp.settings import Settings

CONNECTIONS = 200
CONNECTIONS_OF_ONE = 20  # address: lftp opens several, and an institute shares one
IDLE_SECONDS = 300  # between commands
STALLED_SECONDS = 120  # without a byte of data
WRONG = "Log-in failed: use the name and password that the delivery's page shows."
REFUSAL_SECONDS = 0.5  # nobody guesses 144 bits; it only keeps a client from asking in a loop
ACTIVE = {"PORT", "EPRT"}
COMMANDS = {
    name: about
    for name, about in TLS_FTPHandler.proto_cmds.items()
    if about["perm"] not in set(DummyAuthorizer.write_perms) and name not in ACTIVE
}

log = logging.getLogger(__name__)


class Deliveries(DummyAuthorizer):  # type: ignore[misc]  # pyftpdlib has no type information
    """Who may log in: the holder of a staged delivery's password, to read.

    That is its owner, so it is the owner's account that must be let into exclusive files: now, and at each file.
    """

    def __init__(self, settings: Settings, engine: Engine) -> None:
        super().__init__()
        self._settings, self._engine = settings, engine

    def validate_authentication(self, username: str, password: str, handler: Any) -> None:  # noqa: ARG002 - pyftpdlib's signature
        """Raise AuthenticationFailed, with the same words whatever is wrong."""
        wanted = ftp.password(self._settings, username)
        same = hmac.compare_digest(wanted.encode(), password.encode("utf-8", "surrogateescape"))
        if not same or self._root(username) is None:
            raise AuthenticationFailed(WRONG)

    def get_home_dir(self, username: str) -> str:
        """The delivery's folder in the stage, links resolved."""
        root = self._root(username)
        if root is None:
            raise AuthenticationFailed(WRONG)
        return str(root)

    def _root(self, username: str) -> Path | None:
        if not ftp.DELIVERY_ID.fullmatch(username):
            return None
        with reading(self._engine) as session:
            record = delivery(session, username)
            if not query.is_staged(session, username, clock.now()):
                return None
        try:
            if record is None or not is_open(self._settings, self._engine, record, self._who(record.owner)):
                return None
        except JobError:
            log.warning("The list of files of %s is damaged, so nobody is let in to it.", username)
            return None
        folder = folder_of(self._settings, username)
        return folder.resolve() if folder.is_dir() else None

    def _who(self, owner: str) -> Who:
        """A browser session that nobody has logged in to may read what everybody may."""
        account = owners.account_of(owner)
        return ANYBODY if account is None else who_of(self._engine, account)

    def is_open(self, username: str) -> bool:
        """Whether its files may still be fetched: rights can be taken away while somebody is logged in."""
        return self._root(username) is not None

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:  # noqa: ARG002 - as above
        """Whether it only reads."""
        return perm in self.read_perms

    def get_perms(self, username: str) -> str:  # noqa: ARG002 - as above
        """All that anybody may do."""
        return str(self.read_perms)

    def get_msg_login(self, username: str) -> str:  # noqa: ARG002 - as above
        """The greeting."""
        return "Your files are in this folder's subfolders."

    def get_msg_quit(self, username: str) -> str:  # noqa: ARG002 - as above
        """The farewell."""
        return "Goodbye."


def server(settings: Settings, engine: Engine) -> FTPServer:
    """A server that listens. Raises UserError with a sentence where a setting is of no use."""
    transfers = type("Transfers", (TLS_DTPHandler,), {"timeout": STALLED_SECONDS})
    handler = type(
        "Handler",
        (TLS_FTPHandler,),
        {
            "authorizer": Deliveries(settings, engine),
            "abstracted_fs": Jail,
            "dtp_handler": transfers,
            "ssl_context": _tls(settings),
            "tls_control_required": True,
            "tls_data_required": True,
            "timeout": IDLE_SECONDS,
            "banner": "Staged files are served here over TLS.",
            "passive_ports": list(settings.ftp_passive_ports),
            "masquerade_address": _public_address(settings),
            "proto_cmds": COMMANDS,
            "auth_failed_timeout": REFUSAL_SECONDS,
        },
    )
    host, _, port = settings.ftp_bind.rpartition(":")
    try:
        made = FTPServer((host.strip("[]"), int(port)), handler)
    except OSError as error:
        raise UserError(
            409, f"FTP cannot listen on {settings.ftp_bind}: {error.strerror}.", "Set SKYBASKET_FTP_BIND to another."
        ) from error
    made.max_cons, made.max_cons_per_ip = CONNECTIONS, CONNECTIONS_OF_ONE
    return made


def _tls(settings: Settings) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    key = settings.ftp_key if settings.ftp_key != Path() else settings.ftp_certificate
    try:
        context.use_certificate_chain_file(str(settings.ftp_certificate))
        context.use_privatekey_file(str(key))
        context.check_privatekey()
    except SSL.Error as error:
        raise UserError(
            400,
            f"The certificate {settings.ftp_certificate} cannot be used with the key in {key}.",
            "Both must be readable PEM files that belong together.",
        ) from error
    return context


def _public_address(settings: Settings) -> str | None:
    """What PASV names: it can carry an IPv4 address only (RFC 959); EPSV needs none."""
    if not settings.ftp_public_host:
        return None
    try:
        return socket.gethostbyname(settings.ftp_public_host)
    except OSError as error:
        raise UserError(
            400,
            f"SKYBASKET_FTP_PUBLIC_HOST names {settings.ftp_public_host!r}, which has no address.",
            "Write the host name or address that clients use.",
        ) from error
