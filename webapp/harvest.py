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
    from collections.abc import Mapping

    from sqlmodel import Session

    from jobs.results import State
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord

CHECKSUMS = ("sha256", "crc32")  # what a job finds out that the catalogue may not know, besides sizes
KEPT_SECONDS = 7 * 86_400  # that staged files live


def learn_sizes(session: Session, sizes: Mapping[str, int]) -> None:
    """Tell the catalogue sizes, in bytes by URI, that it does not know."""
    if sizes:
        product = update(Product).where(col(Product.uri) == bindparam("u"), col(Product.size).is_(None))
        rows = [{"u": uri, "v": size} for uri, size in sizes.items()]
        session.connection().execute(product.values(size=bindparam("v")), rows)


def harvest(services: Services, record: DeliveryRecord, ended: State) -> None:
    """Write what a job has learned about files, and how it ended."""
    sizes: dict[str, int] = {}
    sums: dict[str, list[dict[str, object]]] = {name: [] for name in CHECKSUMS}
    for each in read_findings(files.folder(services, record.id)):
        if each.problem or each.true_size is None:
            continue
        sizes[each.uri] = each.true_size
        for name, known in zip(CHECKSUMS, (each.sha256, each.crc32), strict=True):
            if known is not None:
                sums[name].append({"u": each.uri, "v": known, "s": each.true_size})
    staged = record.method == "batch" and ended.state in {READY, PROBLEMS}
    with writing(services.engine) as session:
        learn_sizes(session, sizes)
        for name, learned in sums.items():
            if learned:
                column = col(getattr(Product, name))
                # A checksum is that of the catalogue's file only if the size is.
                product = update(Product).where(
                    col(Product.uri) == bindparam("u"), column.is_(None), col(Product.size) == bindparam("s")
                )
                session.connection().execute(product.values({name: bindparam("v")}), learned)
        session.execute(
            update(Delivery)
            .where(col(Delivery.id) == record.id, col(Delivery.state).is_(None))
            .values(
                state=ended.state,
                sentence=ended.sentence,
                finished_at=ended.finished_at,
                expires_at=clock.now() + KEPT_SECONDS if staged else None,
                staged_bytes=ended.bytes if staged else Delivery.staged_bytes,
            )
        )
