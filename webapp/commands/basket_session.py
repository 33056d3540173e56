"""What each command about a basket begins with: the server, who asks, and which basket is meant.

Also how such a command ends: what the server refuses becomes a sentence and an exit code.
"""

from __future__ import annotations

import errno
import functools
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import click

from jobs.dialects import comment
from skybasket_client import Skybasket, SkybasketError
from skybasket_client.errors import FAILED, SILENT
from webapp.commands.basket_memory import CURRENT, KEY, Memory
from webapp.errors import UserError
from webapp.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from skybasket_client import Basket

ALL_THERE, SOME_FAILED, REFUSED, NO_SPACE, NO_SERVER, INTERRUPTED = 0, 1, 2, 3, 4, 130
EXIT_CODES = "Exit codes: 0 all there, 1 some files missing or failed, 2 refused, 3 no space, 4 no answer."
SERVER_ERRORS = 500
TOO_MANY = 429
WHY = {SILENT: NO_SERVER, FAILED: SOME_FAILED}  # of an error of the client
# What goes wrong with members of answers that are missing, or something else; what the user says is checked before.
FORM = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
NAMED = {"missing": "missing", "ambiguous": "ambiguous", "unknown_uris": "unknown"}  # lists of a problem, in words
SHOWN = 20  # names of a list in a sentence
_OTHERS = 0o077
_TYPED = re.compile(r"[A-Za-z0-9_.:+/@%=,-]+", re.ASCII)
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
F = TypeVar("F", bound="Callable[..., Any]")


@dataclass(frozen=True)
class Session:
    """A server, what is remembered of it, and the basket that was named; empty is the one in use."""

    sky: Skybasket
    memory: Memory
    named: str

    def basket(self) -> Basket:
        """The basket that is meant, with its key if that is known here. Raises UserError 400."""
        basket_id = self.id_of(self.named, "baskets") if self.named else self.memory.get(CURRENT)
        if not basket_id:
            raise UserError(
                400, "No basket is in use.", "Make one: skybasket basket new OBS... Or name it by --basket."
            )
        return self.sky.basket(basket_id, key=self.memory.get(f"{basket_id}{KEY}"))

    def id_of(self, text: str, kind: str) -> str:
        """The id in what was given: an id, or a page's address at this server. Raises UserError 400."""
        if "/" not in text:
            return text
        before, _, rest = text.partition(f"/{kind}/")
        if before != self.sky.server or not rest:
            other = f"Set SKYBASKET_SERVER={before} if you trust it." if rest else f"It looks like {before}/{kind}/ID."
            raise UserError(400, f"{text} is not at the server {self.sky.server}.", other)
        return urlsplit(rest).path.partition("/")[0]


def stop(sentence: str, code: int) -> NoReturn:
    """End the command with a sentence on standard error."""
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(code)


def asks(command: F) -> F:
    """Give a command the options that name server, token and basket, and a Session as its first argument."""

    @click.option(
        "--basket", "named", default="", metavar="ID|URL", help="Default: the one in use.", shell_complete=_ids
    )
    @click.option("--server", default="", metavar="URL", help="Default: $SKYBASKET_SERVER, else that of this machine.")
    @click.option(
        "--token-file",
        envvar="SKYBASKET_TOKEN_FILE",
        type=click.Path(path_type=Path),
        help="Where your token is, or a basket's key, unless it is in $SKYBASKET_TOKEN.",
    )
    @functools.wraps(command)
    def run(*, named: str, server: str, token_file: Path | None, **given: Any) -> Any:
        with ended():
            where = server_address(server)
            with Skybasket(where, token=_token(token_file)) as sky:
                return command(Session(sky, Memory(sky.server), named), **given)

    return run  # type: ignore[return-value]  # with other options


def server_address(given: str) -> str:
    """The server that was named, else the one that this machine's settings describe."""
    given = given or os.environ.get("SKYBASKET_SERVER", "")
    # With a secret in the environment, reading the settings makes no folder.
    return (given or load({**os.environ, "SKYBASKET_SECRET": "-"}).base_url).rstrip("/")


@contextmanager
def ended() -> Iterator[None]:
    """Turn what goes wrong in the block into a sentence and an exit code."""
    try:
        yield
    except SkybasketError as error:
        later = error.status is not None and (error.status >= SERVER_ERRORS or error.status == TOO_MANY)
        stop(_told(error), NO_SERVER if later else WHY.get(error.why, REFUSED))
    except UserError as error:
        stop(comment(f"{error.sentence} {error.hint}".strip()), NO_SERVER if error.status >= SERVER_ERRORS else REFUSED)
    except FORM as error:
        detail = f"({type(error).__name__}: {str(error)[:100]})"
        stop(comment(f"The server's answer is not understood. {detail}"), NO_SERVER)
    except BrokenPipeError:
        raise  # click ends quietly
    except OSError as error:
        stop(
            f"{error.strerror or error}: {error.filename or 'the files'}", NO_SPACE if error.errno in _FULL else REFUSED
        )
    except KeyboardInterrupt:
        stop("Stopped.", INTERRUPTED)


def _told(error: SkybasketError) -> str:
    lines = [f"{error.sentence} {error.hint}".strip()]
    for member, word in NAMED.items():
        said = error.problem.get(member)
        names = said if isinstance(said, list) else []
        lines += [f"  {word}: {name}" for name in names[:SHOWN]]
        lines += [f"  and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""]
    return "\n".join(comment(line) for line in lines if line)


def _token(file: Path | None) -> str:
    """The token, or a basket's key: never from the command line, which everybody can see. Raises UserError 400."""
    if file is None:
        return os.environ.get("SKYBASKET_TOKEN", "")
    try:
        with file.open(encoding="utf-8") as secret:
            if os.name == "posix" and os.fstat(secret.fileno()).st_mode & _OTHERS:
                raise UserError(400, f"Others may read {file}.", f"Run this first: chmod 600 {file}")
            found = secret.read(10_000).strip()
    except (OSError, UnicodeError) as error:
        raise UserError(400, f"The file {file} cannot be read.") from error
    if not found:
        raise UserError(400, f"There is no token in {file}.")
    return found


def _ids(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Baskets whose keys are kept here; a completion never complains."""
    try:
        memory = Memory(server_address(str(ctx.params.get("server") or "")))
        return offered(memory.baskets(), begun)
    except (OSError, ValueError):
        return []


def offered(found: Iterable[Any], begun: str) -> list[str]:
    """What a shell may complete ``begun`` with: of what others have named, only what each shell reads as one word.

    Shells insert a completion as it is: a blank, a quote, a dollar or a line's end would be theirs to read.
    """
    return [each for each in found if isinstance(each, str) and each.startswith(begun) and _TYPED.fullmatch(each)]
