"""How a delivery ended, and what its job learned, is written down once, by whoever sees it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import Session, col, select

from jobs.results import READY, Finding, write_findings, write_state
from tests.fixtures.holdings import IMAGE, NOW, WFPC2
from tests.fixtures.orders import asked
from webapp import deliveries, delivery_files
from webapp.models import Delivery, Product

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site

I2D, C0F, TRL = f"{IMAGE}_i2d.fits", f"{WFPC2}_c0f.fits", f"{WFPC2}_trl.fits"


def test_the_end_is_written_into_the_history_once(working: Site, at: Callable[[int], None]) -> None:
    visitor, answer = asked(working, I2D)
    working.work()
    for _ in range(2):
        visitor.get(answer.location)
    with Session(working.services.engine) as session:
        first = session.exec(select(Delivery)).one()
    at(NOW + 600)
    deliveries.harvest_all(working.services)
    with Session(working.services.engine) as session:
        again = session.exec(select(Delivery)).one()
    assert (first.state, first.finished_at) == (again.state, again.finished_at)
    assert first.state == "Ready"


def test_the_clock_writes_the_end_into_the_history_when_nobody_looks(working: Site) -> None:
    asked(working, I2D)
    working.work()
    deliveries.harvest_all(working.services)
    with Session(working.services.engine) as session:
        assert session.exec(select(Delivery.state)).one() == "Ready"


def test_a_size_that_a_job_found_is_the_catalogue_s_where_it_had_none(working: Site) -> None:
    visitor, answer = asked(working, TRL, C0F)
    folder = delivery_files.folder(working.services, answer.location.rpartition("/")[2])
    with Session(working.services.engine) as session:
        session.exec(update(Product).where(col(Product.filename) == TRL).values(size=None))
        session.commit()
    found = [Finding(working.holdings[name].uri, "", 123) for name in (TRL, C0F)]
    write_findings(folder, found)
    write_state(folder, READY)
    assert "with a problem" not in visitor.get(answer.location).words
    with Session(working.services.engine) as session:
        sizes = dict(session.exec(select(Product.filename, Product.size)).all())
    assert (sizes[TRL], sizes[C0F]) == (123, working.holdings[C0F].size)
