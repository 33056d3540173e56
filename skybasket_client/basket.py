"""A basket: what is in it, what is selected, and how to change that."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from skybasket_client.answers import member
from skybasket_client.delivery import Delivery
from skybasket_client.pages import pages, rows
from skybasket_client.words import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skybasket_client.wire import Wire
    from skybasket_client.words import Word


class Basket:
    """A basket of a server. Filters are a query string, words, or both: ``basket.files("mrp=0", ext="fits")``.

    Without any filter only recommended files are meant; ``mrp=0`` means all. Every method raises SkybasketError.
    ``key``: what lets its holder change it; shown once by the server, kept here.
    """

    def __init__(self, wire: Wire, id: str, *, key: str = "", said: dict[str, Any] | None = None) -> None:  # noqa: A002 - the word of the API
        self._wire = wire
        self.id = id
        self.key = key
        self.said = said or {}  # what the latest answers said about it, without the key

    def __repr__(self) -> str:
        return f"<Basket {self.url}>"

    @property
    def url(self) -> str:
        """Its page."""
        return str(self.said.get("url") or f"{self._wire.server}/baskets/{self.id}")

    @property
    def version(self) -> int:
        """Which rises with every change, as of the latest answer."""
        return member(self.said if "version" in self.said else self.show(), "version", int)

    def show(self, filters: str = "", /, **words: Word) -> dict[str, Any]:
        """Totals of the basket, of what matches and of what is selected, and the facets with their counts."""
        asked = query(filters, **words)
        said = self._wire.get(f"/baskets/{self.id}{asked and f'?{asked}'}")
        self.said = {**self.said, **said}
        return said

    def files(self, filters: str = "", /, **words: Word) -> Iterator[dict[str, Any]]:
        """The files that match, one at a time; all that is selected: ``files(mrp=0, selected=1)``.

        Raises SkybasketError 410 in the middle if the list changed meanwhile: start again.
        """
        return rows(self._wire, f"/baskets/{self.id}/files", query(filters, **words), "files")

    def add(self, observations: Iterable[str], *, if_version: int | None = None) -> dict[str, Any]:
        """Put observations in. Here and below, ``if_version`` lets nothing happen if the basket has another by now."""
        return self._change("observations", {"add": list(observations)}, if_version)

    def take_out(self, observations: Iterable[str], *, if_version: int | None = None) -> dict[str, Any]:
        """Take whole observations out."""
        return self._change("observations", {"remove": list(observations)}, if_version)

    def select(
        self, filters: str = "", /, *, paths: Iterable[str] | None = None, if_version: int | None = None, **words: Word
    ) -> dict[str, Any]:
        """Tick what matches; of ``paths`` (folders end in ``/``) what matches below a folder, and each file named."""
        return self._change("selection", {"select": True, **_which(query(filters, **words), paths)}, if_version)

    def unselect(
        self, filters: str = "", /, *, paths: Iterable[str] | None = None, if_version: int | None = None, **words: Word
    ) -> dict[str, Any]:
        """Untick what matches."""
        return self._change("selection", {"select": False, **_which(query(filters, **words), paths)}, if_version)

    def remove(
        self, filters: str = "", /, *, paths: Iterable[str] | None = None, if_version: int | None = None, **words: Word
    ) -> dict[str, Any]:
        """Take files that match out of the basket; ``restore`` brings them back."""
        return self._change("remove", _which(query(filters, **words), paths), if_version)

    def restore(
        self, filters: str = "", /, *, paths: Iterable[str] | None = None, if_version: int | None = None, **words: Word
    ) -> dict[str, Any]:
        """Bring removed files that match back."""
        return self._change("restore", _which(query(filters, **words), paths), if_version)

    def references(self) -> dict[str, Any]:
        """The calibration references that the selected files name, all of them, and what there is to know of them.

        ``references``, ``findings``, and how many files are ``selected`` and ``naming`` any.
        Raises SkybasketError 410 if they changed meanwhile: ask again.
        """
        found: list[dict[str, Any]] = []
        said: dict[str, Any] = {}
        for said in pages(self._wire, f"/baskets/{self.id}/references", "", "references"):
            found += said["references"]
        return {**said, "references": found, "next": None}

    def add_references(self, uris: Iterable[str], *, if_version: int | None = None) -> dict[str, Any]:
        """Put reference files in, by their data URIs, and tick them. ``problem["unknown_uris"]`` are those not here."""
        return self._change("references", {"uris": list(uris)}, if_version)

    def share(self, filters: str = "", /, **words: Word) -> str:
        """The address of a copy that never changes, to cite or to pass on."""
        body = {"filters": query(filters, **words)}
        return member(self._wire.post(f"/baskets/{self.id}/share", body, key=self.key), "url", str)

    def plan(
        self,
        method: str = "bundle",
        format: str = "zip",  # noqa: A002 - the word of the API
        *,
        flat: bool = False,
        crds: bool = False,
    ) -> dict[str, Any]:
        """What a delivery of the selected files would be; makes nothing."""
        wish = {"method": method, "format": format, "flat": flat, "crds": crds}
        return self._wire.post(f"/baskets/{self.id}/plan", wish, again=True)

    def deliver(
        self,
        method: str = "bundle",
        format: str = "zip",  # noqa: A002 - the word of the API
        *,
        on_problem: str = "fail",
        expect: str | None = None,
        flat: bool = False,
        crds: bool = False,
        email: str | None = None,
        idempotency_key: str | None = None,
    ) -> Delivery:
        """Order the selected files: a bundle, a script, a list, or a batch.

        ``flat``: all in one folder. ``crds``: calibration references as a CRDS cache, for ``CRDS_PATH``.
        ``on_problem``: ``drop`` leaves out what cannot be had. ``expect``: the digest of a plan that was agreed to.
        ``idempotency_key``: the same again is the same delivery; a new one for each call unless it is given.
        Raises SkybasketError 409, with ``problem["findings"]``, where something has to be decided first.
        """
        wish = {"method": method, "format": format, "on_problem": on_problem, "flat": flat, "crds": crds}
        wish |= {name: value for name, value in (("expect", expect), ("email", email)) if value is not None}
        said = self._wire.post(
            f"/baskets/{self.id}/deliveries",
            wish,
            key=self._asker,
            headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
            again=True,
        )
        return Delivery(self._wire, quote(member(said, "id", str), safe=""), key=self._asker, said=said)

    @property
    def _asker(self) -> str:
        """Who has a token may read more than who has a key, and finds the delivery in their history."""
        return "" if self._wire.token else self.key

    def _change(self, what: str, body: dict[str, Any], if_version: int | None) -> dict[str, Any]:
        headers = {} if if_version is None else {"If-Match": f'"{if_version}"'}
        said = self._wire.post(f"/baskets/{self.id}/{what}", body, key=self.key, headers=headers)
        self.said = {**self.said, **said}
        return said


def _which(filters: str, paths: Iterable[str] | None) -> dict[str, Any]:
    return {"filters": filters} if paths is None else {"filters": filters, "paths": list(paths)}
