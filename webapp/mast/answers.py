"""What ``/api/v0/invoke`` answers: pages of observations and products, counts, and what missions there are."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from webapp import clock
from webapp.db import reading
from webapp.errors import UserError
from webapp.mast import asked
from webapp.mast.columns import STRING, TABLES
from webapp.mast.criteria import criteria
from webapp.observation_query import Cone, ObservationQuery
from webapp.queries import mast as query
from webapp.queries import mast_products
from webapp.queries.observations import Located, locate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session

    from webapp.context import Services
    from webapp.mast.asked import Asked

ARCSECONDS = 3600
HISTOGRAMS = ("dataproduct_type", "obs_collection", "instrument_name")
MOST_VALUES = 1_000  # of a histogram
CHUNK = 1_000  # rows that are made into JSON at once: as objects they take several times the room


class Rows(NamedTuple):
    """The data of an answer: rows of the columns of these names."""

    names: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


def answer(services: Services, request: Asked) -> dict[str, Any]:
    """The answer in MAST's form. Raises UserError for what cannot be answered."""
    now = clock.now()
    with reading(services.engine) as session:
        if request.service == "Mast.Caom.All":
            return _missions(session, request)
        if request.format != "json":
            raise UserError(422, f"{request.service} is answered as json only.", 'Send "format": "json".')
        if request.service == "Mast.Caom.Products":
            return _products(session, request, now)
        return _observations(session, request, now)


def encoded(answer: dict[str, Any]) -> bytes:
    """The answer as JSON."""
    data = answer.get("data")
    if not isinstance(data, Rows):
        return _dumps(answer)
    left, pieces = iter(data.rows), []
    while some := list(islice(left, CHUNK)):
        pieces.append(_dumps([dict(zip(data.names, row, strict=True)) for row in some])[1:-1])
    rest = {name: value for name, value in answer.items() if name != "data"}
    return b'{"data":[' + b",".join(pieces) + b"]," + _dumps(rest)[1:]


def _dumps(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def error(sentence: str, hint: str) -> dict[str, Any]:
    """What could not be answered, and why."""
    return {"status": "ERROR", "msg": f"{sentence} {hint}".strip(), "data": [], "fields": [], "paging": None}


def _observations(session: Session, request: Asked, now: int) -> dict[str, Any]:
    names = asked.columns(request.params, request.service)
    conditions = query.where(session, criteria(request.params, request.service), now)
    if request.service in {"Mast.Caom.Cone", "Mast.Caom.Filtered.Position"}:
        return _near(session, request, names, conditions, now)
    total = query.count(session, conditions)
    if names is None:
        return _counted(request, total)
    names = [name for name in names if name != "distance"]
    rows = query.page(session, names, conditions, now, limit=request.page_size, offset=request.offset)
    return _paged(request, names, rows, total)


def _near(
    session: Session, request: Asked, names: list[str] | None, conditions: Sequence[Any], now: int
) -> dict[str, Any]:
    """Nearest first."""
    place = asked.position(request.params)
    cone = Cone(place.ra, place.dec, place.radius, ("", "", ""))
    located = locate(session, ObservationQuery(cone=cone)) or Located(np.empty(0, np.int64), np.empty(0))
    kept = np.ones(len(located.ids), np.bool_)
    if conditions:
        kept = np.isin(located.ids, query.ids(session, conditions, located.ids.tolist()))
    if names is None:
        return _counted(request, int(np.count_nonzero(kept)))
    places = np.flatnonzero(kept)[request.offset :][: request.page_size]
    known = [name for name in names if name != "distance"]
    found = query.by_ids(session, known, located.ids[places].tolist(), now)
    rows = []
    for id_, degrees in zip(located.ids[places].tolist(), located.degrees[places].tolist(), strict=True):
        row = dict(zip(known, found[id_], strict=True)) | {"distance": degrees * ARCSECONDS}
        rows.append(tuple(row[name] for name in names))
    return _paged(request, names, rows, int(np.count_nonzero(kept)))


def _products(session: Session, request: Asked, now: int) -> dict[str, Any]:
    names = [column.name for column in TABLES[request.service]]
    observations = query.asked_for(session, _obsids(request)).tolist()
    total = mast_products.count(session, observations)
    rows = mast_products.page(session, names, observations, now, limit=request.page_size, offset=request.offset)
    return _paged(request, names, rows, total)


def _obsids(request: Asked) -> list[int]:
    sent = request.params.get("obsid")
    texts = [asked.text(each, "obsid") for each in (sent if isinstance(sent, list) else [sent])]
    count = sum(1 + each.count(",") for each in texts)
    if count > asked.MOST_NUMBERS:
        raise UserError(
            422, f"obsid has {count:,} numbers; {asked.MOST_NUMBERS:,} are taken.", "Ask in several requests."
        )
    found = []
    for word in (word for each in texts for word in each.split(",")):
        digits = word.strip()
        if not digits.isdecimal() or not digits.isascii() or len(digits) > asked.MOST_DIGITS:
            raise UserError(
                422,
                f"obsid is {asked.shown(word)}, which is not an observation's number.",
                "Take it from the column obsid of a query; obs_id is its name.",
            )
        found.append(int(digits))
    return found


def _missions(session: Session, request: Asked) -> dict[str, Any]:
    """How many observations there are of each mission, kind and instrument."""
    if request.format != "extjs":
        raise UserError(422, "Mast.Caom.All is answered as extjs only.", 'Send "format": "extjs", or ask for the rows.')
    columns = []
    for name in HISTOGRAMS:
        counts = [{"key": key, "count": n} for key, n in query.histogram(session, name, MOST_VALUES)]
        histogram = {"hist": counts, **{each["key"]: each for each in counts}}
        columns.append({"text": name, "dataIndex": name, "ExtendedProperties": {"histObj": histogram}})
    paging = {"page": 0, "pageSize": 0, "pagesFiltered": 0, "rows": 0, "rowsFiltered": 0, "rowsTotal": 0}
    fields = [{"name": name, "type": STRING} for name in HISTOGRAMS]
    table = {
        "name": "Table",
        "ExtendedProperties": {"Paging": paging},
        "Columns": columns,
        "Fields": fields,
        "Rows": [],
    }
    return {"status": "COMPLETE", "msg": "", "data": {"name": "NewDataSet", "Tables": [table]}}


def _counted(request: Asked, total: int) -> dict[str, Any]:
    return _page(request, [{"name": "Column1", "type": STRING}], Rows(["Column1"], [(total,)]), 1)


def _paged(request: Asked, names: Sequence[str], rows: Sequence[tuple[Any, ...]], total: int) -> dict[str, Any]:
    types = {column.name: column.type for column in TABLES[request.service]}
    fields = [{"name": name, "type": types[name]} for name in names]
    return _page(request, fields, Rows(names, rows), total)


def _page(request: Asked, fields: list[dict[str, str]], data: Rows, total: int) -> dict[str, Any]:
    paging = {
        "page": request.page,
        "pageSize": request.page_size,
        "pagesFiltered": -(-total // request.page_size),
        "rows": len(data.rows),
        "rowsFiltered": total,
        "rowsTotal": total,
    }
    return {"status": "COMPLETE", "msg": "", "data": data, "fields": fields, "paging": paging}
