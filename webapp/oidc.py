"""Logging in at a provider of OpenID Connect, such as an institute's: the code flow, by Authlib.

With PKCE, state and nonce; the way back is always an address of ``settings.base_url``. Refused: an answer that was not
asked for by this browser, a token that is not signed by the provider, is for another client, or has expired.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import current_app, request, session
from joserfc.errors import JoseError

from webapp.context import services
from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from werkzeug.wrappers import Response

    from webapp.settings import Settings

NAME = "oidc"
SECONDS = 10  # for each answer of the provider
LEEWAY_SECONDS = 60  # between the provider's clock and ours
UNDER_WAY = f"_state_{NAME}_"  # what Authlib's keys in the session begin with
DENIED = "access_denied"  # RFC 6749, 4.1.2.1
ANYBODYS = ("none", "HS")  # algorithms by which a token could be made without the provider's key
OURS = (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError, RuntimeError)  # of answers that are no good

log = logging.getLogger(__name__)


def init(app: Flask, settings: Settings) -> None:
    """Prepare the provider of the settings, if there is one; it is asked for nothing yet."""
    if settings.oidc_issuer:
        OAuth(app).register(
            NAME,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "default_timeout": SECONDS,
            },
        )


def begin() -> Response:
    """The redirect to the provider. Raises UserError 404 (there is none), 502."""
    client = _client()
    for key in [key for key in session if key.startswith(UNDER_WAY)]:
        session.pop(key)  # the session travels in a cookie, which has a limit
    try:
        _issuer(client)
        there: Response = client.authorize_redirect(f"{services().settings.base_url}/login/oidc/done")
    except (requests.RequestException, *OURS) as error:
        raise _down(error) from error
    return there


def claims() -> tuple[str, Mapping[str, Any]]:
    """Who came back to us: the issuer, and what it says of them (``sub`` at least).

    Raises UserError 403 (refused there, or not to be believed), 404 (there is no provider), 502 (it does not answer).
    """
    client = _client()
    if request.args.get("error") == DENIED:
        raise UserError(403, f"{_name()} did not let you in, or you did not want it.", "Nobody was logged in.")
    try:
        issuer = _issuer(client)
        wanted = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": services().settings.oidc_client_id},
        }
        token = client.authorize_access_token(claims_options=wanted, leeway=LEEWAY_SECONDS)
        found: Mapping[str, Any] = token["userinfo"]
        if not (isinstance(found["sub"], str) and found["sub"].isprintable()):
            raise ValueError("sub")
    except requests.RequestException as error:
        raise _down(error) from error
    except OURS as error:
        log.warning("A login by OpenID Connect was refused: %.300s", ascii(error))  # as its text may be anybody's
        raise UserError(
            403,
            f"The answer of {_name()} does not fit what was asked here, so nobody was logged in.",
            "Press the button again; an old answer, or one of another tab, is not taken.",
        ) from error
    return issuer, found


def _client() -> Any:
    extension = current_app.extensions.get("authlib.integrations.flask_client")
    if extension is None:
        raise UserError(404, "This archive has no other way to log in than a password.", "Use the form on /login.")
    return extension.create_client(NAME)


def _issuer(client: Any) -> str:
    """The provider as it calls itself, which must be whom we asked (OpenID Connect Discovery 1.0, section 4.3)."""
    known = client.load_server_metadata()
    if known["issuer"].rstrip("/") != services().settings.oidc_issuer.rstrip("/"):
        known.pop("_loaded_at", None)  # ask again next time
        raise ValueError(f"the provider calls itself {known['issuer']!r}")
    offered = known.get("id_token_signing_alg_values_supported", ())
    known["id_token_signing_alg_values_supported"] = [each for each in offered if not each.startswith(ANYBODYS)] or [
        "RS256"
    ]  # which all providers have: OpenID Connect Core 1.0, section 15.1
    return str(known["issuer"])


def _down(error: Exception) -> UserError:
    log.warning("The OpenID provider cannot be used: %.300s", ascii(error))
    return UserError(502, f"{_name()} does not answer as it should.", "Try again in a moment, or use a password.")


def _name() -> str:
    name = services().settings.oidc_name
    return f"{name[:1].upper()}{name[1:]}"
