"""A delivery: waiting for it, fetching what it has, and what else may be done with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from skybasket_client.answers import member
from skybasket_client.download import fetch
from skybasket_client.errors import FAILED, SILENT, SkybasketError
from skybasket_client.parts import parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from skybasket_client.wire import Wire

GOOD = frozenset({"Ready", "Finished with problems"})
FINAL = GOOD | {"Failed", "Cancelled", "Expired"}
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between two looks
HOUR = 3600.0


class Delivery:
    """What was ordered. Every method raises SkybasketError. ``key``: of the basket whose holder ordered it."""

    def __init__(self, wire: Wire, id: str, *, key: str = "", said: dict[str, Any] | None = None) -> None:  # noqa: A002 - the word of the API
        self._wire = wire
        self._key = key
        self.id = id
        self.said = said or {}  # the latest answer about it

    def __repr__(self) -> str:
        return f"<Delivery {self.url}>"

    @property
    def url(self) -> str:
        """Its page."""
        return str(self.said.get("url") or f"{self._wire.server}/deliveries/{self.id}")

    @property
    def state(self) -> str:
        """As of the latest answer: Queued, Preparing, Ready, Finished with problems, Failed, Cancelled, Expired."""
        return member(self.said if "state" in self.said else self.show(), "state", str)

    @property
    def omitted(self) -> int:
        """How many files were left out, as of the latest answer."""
        return member(self.said if "omitted" in self.said else self.show(), "omitted", int)

    def show(self) -> dict[str, Any]:
        """How it stands: its state, its progress, and what it has to fetch."""
        return self._said(self._wire.get(f"/deliveries/{self.id}", key=self._key))

    def wait(self, timeout: float = HOUR, *, progress: Callable[[dict[str, Any]], None] | None = None) -> Self:
        """Come back when there is something to fetch; ``progress`` is told of each look.

        Raises SkybasketError if it failed, was cancelled or has expired, and after ``timeout`` seconds; then the
        delivery goes on, and may be waited for again.
        """
        end, pause = time.monotonic() + timeout, FIRST_PAUSE
        while (state := member(self.show(), "state", str)) not in FINAL:
            if progress:
                progress(self.said)
            if time.monotonic() + pause > end:
                raise SkybasketError(
                    f"The delivery is {state.lower()} still, after {timeout:.0f} s.",
                    f"Wait longer, or see {self.url}",
                    why=SILENT,
                )
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        if state not in GOOD:
            raise SkybasketError(
                f"The delivery is not there: {state}.", str(self.said.get("sentence") or ""), why=FAILED
            )
        return self

    def download(
        self, folder: str | PathLike[str] = ".", *, progress: Callable[[str, int, int], None] | None = None
    ) -> list[Path]:
        """Fetch all its parts into a folder; where they are. What is there and whole is not fetched again.

        A part is called ``NAME.part`` until it is complete; called again, this goes on where it stopped. Raises OSError
        too, where it cannot be written, or there is no room for it.
        ``progress(name, bytes that are there, bytes in all)`` is called as they come.
        """
        if self.state not in GOOD:
            self.wait()
        if "parts" not in self.said:
            self.show()
        found = parts(member(self.said, "parts", list))
        if not found:
            raise SkybasketError("The delivery has nothing to fetch.", f"See {self.url}", why=FAILED)
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        return [fetch(self._wire, part, place, self._key, progress) for part in found]

    def cancel(self) -> Self:
        """Stop preparing it."""
        return self._do("cancel")

    def extend(self) -> Self:
        """Keep what is staged longer."""
        return self._do("extend")

    def retry(self) -> Self:
        """Make it again."""
        return self._do("retry")

    def _do(self, what: str) -> Self:
        self._said(self._wire.post(f"/deliveries/{self.id}/{what}", {}, key=self._key))
        return self

    def _said(self, said: dict[str, Any]) -> dict[str, Any]:
        self.said = {**self.said, **said}
        return self.said
