"""The steps of a basket that can be undone: each destructive one is written down, the newest 100 are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlmodel import col

from webapp import clock
from webapp.db import reading
from webapp.models import BasketStep
from webapp.queries import baskets as query

if TYPE_CHECKING:
    from sqlmodel import Session

    from webapp.context import Services
    from webapp.queries.baskets import StepRow
    from webapp.undo import Undo

KEPT = 100  # of each basket: one of a million files takes up to 2 MB
LISTED = 30


def add_step(session: Session, basket_id: str, sentence: str, how: Undo) -> int:
    """Remember how to undo a step, and forget the oldest; returns its id."""
    step = BasketStep(basket_id=basket_id, at=clock.now(), sentence=sentence, undo=how.pack())
    session.add(step)
    session.flush()
    if step.id is None:
        raise RuntimeError
    of_basket = col(BasketStep.basket_id) == basket_id
    newest_to_go = select(col(BasketStep.id)).where(of_basket).order_by(col(BasketStep.id).desc()).limit(1).offset(KEPT)
    session.execute(delete(BasketStep).where(of_basket, col(BasketStep.id) <= newest_to_go.scalar_subquery()))
    return step.id


def recent(services: Services, basket_id: str) -> list[StepRow]:
    """The newest 30 steps of a basket, the newest first."""
    with reading(services.engine) as session:
        return query.steps(session, basket_id, limit=LISTED)
