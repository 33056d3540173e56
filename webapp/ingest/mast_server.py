"""MAST, asked by astroquery: how many observations, which ones, and their products.

The one place where astroquery is set up: for the server that is named, without a look at the user's configuration,
keyring or cache. Whatever goes wrong becomes a sentence: Busy (tried again first), TooMuch (ask for less), MastError.
"""

from __future__ import annotations

import time
import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from requests import HTTPError, RequestException, Timeout

from jobs.dialects import comment
from jobs.upstream import LOOPBACK, retry_after
from webapp.ingest.errors import IngestError
from webapp.ingest.mast_wire import MOST_BYTES, Patience, Polite, Token, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from astropy.table import Table
    from requests import Response

    from webapp.ingest.mast_criteria import Criteria, Selection

MAST = "https://mast.stsci.edu"
PRODUCTS = "Mast.Caom.Products"
PAGE = 5_000  # observations in one answer
PRODUCTS_PAGE = 50_000  # as astroquery asks for by itself
MOST_PAGES = 1_000  # of products, in one answer
MOST_OBSERVATIONS = 10**9  # MAST has some 10**8
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSED_TOKEN = frozenset({401, 403})
_LONGEST = 300  # characters of what MAST says, in a sentence

T = TypeVar("T")


class MastError(IngestError):
    """MAST gave no answer that can be used. The text is a sentence."""


class Busy(MastError):  # noqa: N818 - an answer as much as an error
    """It may answer if it is asked again, after ``wait`` seconds."""

    def __init__(self, sentence: str, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait


class TooMuch(MastError):  # noqa: N818 - see above
    """It may answer if it is asked for less."""


class Mast:
    """One server. ``token`` is sent to it alone, and never by http to another machine. Raises MastError."""

    def __init__(self, server: str, token: str, patience: Patience, said: Callable[[str], None]) -> None:
        parts = urlsplit(server)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise MastError(f"{server!r} is no server; one looks like {MAST}.")
        if parts.username or parts.password:
            raise MastError("The server's address has a name or password in it; put a token in MAST_API_TOKEN.")
        if token and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise MastError(f"MAST_API_TOKEN is set, and http://{parts.hostname} could be overheard; use https.")
        self.url, self.host = server.rstrip("/"), parts.hostname
        self._patience, self._said = patience, said
        self._counts: list[int] = []
        self._wire = Polite(patience)
        self._archive = _astroquery(self.url, token, self._wire, patience)
        if token:
            self._check_token()

    def count(self, selection: Selection) -> int:
        """How many observations a selection has."""
        self._counts = [self._patiently(partial(self._count, asked, selection)) for asked in selection.questions()]
        return sum(self._counts)

    def observations(self, selection: Selection) -> Iterator[Table]:
        """They, in pages; after ``count`` of the same selection."""
        for asked, count in zip(selection.questions(), self._counts, strict=True):
            page, rows = 1, 0
            seen: set[str] = set()
            while rows < count:
                table = self._patiently(partial(self._page, asked, selection, page))
                if not len(table):
                    break  # fewer than were counted
                rows, page = rows + len(table), page + 1
                yield table
                numbers = {str(number) for number in table["obsid"]}
                if numbers <= seen:
                    break  # the same page for ever
                seen |= numbers

    def products(self, obsids: Sequence[str]) -> Table:
        """The products of observations by their numbers; rows for several parents and all. Also raises TooMuch."""
        return self._patiently(partial(self._products, ",".join(obsids)))

    def _products(self, obsids: str) -> Table:
        """All pages. Not ``get_product_list``, which asks for as many as the server says, the same one too."""
        portal = self._archive._portal_api_connection  # noqa: SLF001 - no public way to ask for a page
        answers: list[Response] = []
        rows: Any = None
        page = pages = 1
        while page <= pages:
            found = portal.service_request_async(PRODUCTS, {"obsid": obsids}, pagesize=PRODUCTS_PAGE, page=page)
            said = found[0].json()
            if page > 1 and said["data"] == rows:
                raise TooMuch(f"{self.host} sent the same page of products again.")
            answers += found
            if not (paging := said.get("paging")):
                break
            rows, pages, page = said["data"], int(paging["pagesFiltered"]), page + 1
            if pages > MOST_PAGES:
                raise TooMuch(f"{self.host} says that its answer has {min(pages, 10**9):,} pages or more.")
        return portal._parse_result(answers)  # noqa: SLF001 - see above

    def _count(self, asked: Criteria, selection: Selection) -> int:
        ask = self._archive.query_criteria_count if asked else self._archive.query_region_count
        count = int(ask(**asked, **_position(selection)))
        if not 0 <= count <= MOST_OBSERVATIONS:
            raise MastError(f"{self.host} sent a count of observations that cannot be.")
        return count

    def _page(self, asked: Criteria, selection: Selection, page: int) -> Table:
        if asked:
            return self._archive.query_criteria(**asked, **_position(selection), pagesize=PAGE, page=page)
        return self._archive.query_region(**_position(selection), pagesize=PAGE, page=page)

    def _check_token(self) -> None:
        """A token that is refused would only show when the first exclusive file is missing."""
        who = self._patiently(lambda: self._archive.session_info(verbose=False))
        if not isinstance(who, dict) or who.get("anon", True):
            raise MastError(
                f"{self.host} does not accept the token in MAST_API_TOKEN; it may have expired. "
                "Make a new one, or unset it: what is public needs none."
            )

    def _patiently(self, ask: Callable[[], T]) -> T:
        """The first answer of several attempts, with growing pauses between them."""
        for attempt in range(self._patience.attempts - 1):
            try:
                return self._told(ask)
            except Busy as error:
                if error.wait > self._patience.longest_wait:
                    raise MastError(f"{error} It asks to come back in {error.wait:,.0f} seconds.") from error
                wait = self._patience.wait(attempt, error.wait)
                self._said(f"{error} Trying again in {wait:.0f} s." if wait >= 1 else f"{error} Trying again.")
                time.sleep(wait)
        return self._told(ask)

    def _told(self, ask: Callable[[], T]) -> T:
        """One attempt; what goes wrong as a sentence."""
        from astroquery.exceptions import InvalidQueryError, RemoteServiceError  # noqa: PLC0415 - slow, see below

        self._wire.begin()
        try:
            with _quietly():
                return ask()
        except MastError:  # a ValueError too
            raise
        except (Timeout, TimeoutError) as error:
            raise TooMuch(
                f"{self.host} did not finish its answer within {self._patience.answer:,.0f} seconds."
            ) from error
        except RequestException as error:
            raise self._of_request(error) from error
        except RemoteServiceError as error:
            raise TooMuch(f"{self.host} answers with an error: {_line(error)}") from error
        except InvalidQueryError as error:
            raise MastError(_line(error)) from error
        except Warning as error:
            raise MastError(_of_warning(error)) from error
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise Busy(f"{self.host} sent an answer that cannot be read.") from error

    def _of_request(self, error: RequestException) -> MastError:
        if isinstance(error, HTTPError) and error.response is not None:
            return self._of_status(error.response)
        if isinstance(error, TooLarge):
            return TooMuch(f"{self.host} sent an answer of more than {MOST_BYTES:,} bytes.")
        if isinstance(error, ValueError):
            return Busy(f"{self.host} sent something else than JSON, or only a part of it.")
        return Busy(f"{self.host} cannot be reached, or broke off.")

    def _of_status(self, response: Response) -> MastError:
        status = response.status_code
        if status in _BUSY:
            return Busy(f"{self.host} is busy (status {status}).", retry_after(response.headers.get("retry-after", "")))
        if status == 413:  # noqa: PLR2004 - RFC 9110, 15.5.14
            return TooMuch(f"{self.host} says that this is too much at once (status {status}).")
        if status in _REFUSED_TOKEN:
            return MastError(f"{self.host} refuses to answer (status {status}); a token in MAST_API_TOKEN may help.")
        return MastError(f"{self.host} does not answer as MAST does (status {status}); check the server's address.")


def _astroquery(url: str, token: str, wire: Polite, patience: Patience) -> Any:
    """An ObservationsClass of our own. Its servers are read from the configuration when the class is made."""
    from astroquery import log  # noqa: PLC0415 - takes a second, and reads configuration files
    from astroquery.mast import ObservationsClass  # noqa: PLC0415 - see above

    log.setLevel("ERROR")
    archive = ObservationsClass()
    session, portal, account = archive._session, archive._portal_api_connection, archive._auth_obj  # noqa: SLF001 - no public way
    portal.MAST_REQUEST_URL = f"{url}/api/v0/invoke"
    portal.COLUMNS_CONFIG_URL = f"{url}/portal/Mashup/Mashup.asmx/columnsconfig"
    portal.TIMEOUT = patience.answer
    portal._column_configs = {}  # noqa: SLF001 - else those of another server, which all instances share
    account.SESSION_INFO_URL = f"{url}/whoami"
    for scheme in ("http://", "https://"):
        session.mount(scheme, wire)
    if token:
        session.auth = Token(token)
    return archive


def _position(selection: Selection) -> dict[str, Any]:
    if selection.cone is None:
        return {}
    from astropy import units  # noqa: PLC0415 - only here
    from astropy.coordinates import SkyCoord  # noqa: PLC0415 - only here

    cone = selection.cone
    return {"coordinates": SkyCoord(cone.ra, cone.dec, unit="deg"), "radius": cone.radius * units.deg}


@contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings, but for those that say that a criterion was left out."""
    from astroquery.exceptions import InputWarning  # noqa: PLC0415 - see above

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", InputWarning)
        yield


def _of_warning(error: Warning) -> str:
    text = _line(error)
    name, continuous, _ = text.partition(" is continuous")
    return f"{name} is a number; give a range such as {name}=1..2." if continuous else text


def _line(error: BaseException) -> str:
    text = comment(" ".join(str(error).split())) or type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
