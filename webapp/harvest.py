"""A job's end, brought into the catalogue and the history: once, by whoever sees it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update
from sqlmodel import col

from jobs.results import PROBLEMS, READY, read_findings
from webapp import clock
from webapp import delivery_files as files
from webapp.db import writing
from webapp.models import Delivery, Product

if TYPE_CHECKING:
    from jobs.results import State
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord

LEARNED = ("size", "sha256", "crc32")  # what a job finds out that the catalogue did not know
KEPT_SECONDS = 7 * 86_400  # that staged files live


def harvest(services: Services, record: DeliveryRecord, ended: State) -> None:
    """Write what a job has learned about files, and how it ended."""
    values: dict[str, list[dict[str, object]]] = {name: [] for name in LEARNED}
    for each in read_findings(files.folder(services, record.id)):
        if not each.problem:
            for name, known in zip(LEARNED, (each.true_size, each.sha256, each.crc32), strict=True):
                if known is not None:
                    values[name].append({"u": each.uri, "v": known, "s": each.true_size})
    staged = record.method == "batch" and ended.state in {READY, PROBLEMS}
    with writing(services.engine) as session:
        for name, learned in values.items():
            if learned:
                column = col(getattr(Product, name))
                # A checksum is only that of the catalogue's file if the size is.
                product = update(Product).where(col(Product.uri) == bindparam("u"), column.is_(None))
                if name != "size":
                    product = product.where(col(Product.size) == bindparam("s"))
                session.connection().execute(product.values({name: bindparam("v")}), learned)
        session.execute(
            update(Delivery)
            .where(col(Delivery.id) == record.id, col(Delivery.state).is_(None))
            .values(
                state=ended.state,
                sentence=ended.sentence,
                finished_at=ended.finished_at,
                expires_at=clock.now() + KEPT_SECONDS if staged else None,
            )
        )
