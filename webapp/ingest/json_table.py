"""The raw JSON answer of MAST's product service, or the bare list of rows in it.

``{"status": "COMPLETE", "data": [{...}, ...], "paging": {...}}``; see https://mast.stsci.edu/api/v0.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, NoReturn

from webapp.ingest.errors import IngestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BATCH = 20_000


class JsonTable:
    """A JSON answer, held in memory: the service itself gives at most 50,000 rows at once."""

    def __init__(self, file: str, opened: Callable[[], IO[bytes]]) -> None:
        self._file = file
        with opened() as stream:
            answer = self._parse(stream)
        self._rows = self._rows_of(answer)
        self.header: Sequence[str] = list(dict.fromkeys(key for row in self._rows for key in row))
        paging = answer.get("paging") if isinstance(answer, dict) else None
        total = (paging.get("rowsTotal") or 0) if isinstance(paging, dict) else 0
        if not isinstance(total, int):
            raise IngestError(f"{file} has a rowsTotal in its paging that is not a number of rows.")
        self.more_pages = total > len(self._rows)

    def columns(self) -> Iterator[Sequence[Sequence[str | None]]]:
        """Batches of columns; a key that a row lacks is missing."""
        for start in range(0, len(self._rows), BATCH):
            rows = self._rows[start : start + BATCH]
            yield [[self._text(row.get(key), start + i, key) for i, row in enumerate(rows, 1)] for key in self.header]

    def where(self, row: int) -> str:
        """The row's number in the list."""
        return f"row {row}"

    def _parse(self, stream: IO[bytes]) -> Any:
        try:
            return json.load(stream, parse_constant=self._not_finite)
        except UnicodeDecodeError as error:
            raise IngestError(f"{self._file} is not UTF-8 (byte {error.start + 1}); save it as UTF-8.") from error
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise IngestError(f"{self._file} is not valid JSON at {where}: {error.msg}. Is it cut off?") from error
        except IngestError:
            raise
        except ValueError as error:  # Python reads no number of more than 4,300 digits
            raise IngestError(f"{self._file} has a number of thousands of digits, which is no value here.") from error
        except RecursionError as error:
            raise IngestError(f"{self._file} is nested too deep to be a product table.") from error

    def _not_finite(self, constant: str) -> NoReturn:
        raise IngestError(f"{self._file} has {constant}, which is not a value in JSON.")

    def _rows_of(self, answer: Any) -> list[dict[str, Any]]:
        if isinstance(answer, dict):
            status = answer.get("status", "COMPLETE")
            if status != "COMPLETE":
                raise IngestError(f"{self._file} is an answer with the status {status}, not a finished one.")
            answer = answer.get("data")
        if not isinstance(answer, list):
            raise IngestError(f"{self._file} has no list of rows called data.")
        for number, row in enumerate(answer, 1):
            if not isinstance(row, dict):
                raise IngestError(f"{self._file}: row {number} is not an object with named values.")
        if not answer:
            raise IngestError(f"{self._file} has no rows.")
        return answer

    def _text(self, value: Any, row: int, key: str) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return repr(value)
        raise IngestError(f"{self._file}: row {row}, column {key}: there is a list or an object instead of one value.")
