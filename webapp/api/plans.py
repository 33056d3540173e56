"""Plans: what a delivery would be. Makes nothing, so that notebooks and CI can ask before they order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from webapp import baskets, estimate, plans, reference_findings
from webapp.api import PREFIX
from webapp.api.answers import EstimateAnswer, FindingAnswer, NamedFileAnswer, PartAnswer, PlanAnswer
from webapp.api.baskets import PROBLEMS
from webapp.api.bodies import WishBody
from webapp.api.operations import Reply, operation
from webapp.context import services
from webapp.delivery_jobs import must_offer
from webapp.findings import findings
from webapp.identity import who
from webapp.plans import Wish
from webapp.tokens import READ

if TYPE_CHECKING:
    from webapp.findings import Finding
    from webapp.plans import Plan

blueprint = Blueprint("api_plans", __name__, url_prefix=PREFIX)


@blueprint.post("/baskets/<basket_id>/plan")
@operation(
    "Plan a delivery",
    answer=PlanAnswer,
    scope=READ,
    body=WishBody,
    errors=PROBLEMS | {422: "The body does not fit, there is no such method, or nothing is selected."},
)
def plan(basket_id: str, sent: WishBody) -> Reply:
    """What a delivery of the selection would be, and what there is to decide. Makes nothing."""
    here = services()
    made = plans.make(here, baskets.opened(here, basket_id), wish(sent), who())
    return Reply(as_answer(made, reference_findings.of_plan(here, made)))


def wish(sent: WishBody) -> Wish:
    """How it is to be delivered: exactly what is selected. Raises UserError 422."""
    must_offer(sent.method, sent.format)
    return Wish(sent.method, sent.format, flat=sent.flat, crds=sent.crds, hidden="keep")


def as_answer(made: Plan, references: tuple[Finding, ...]) -> PlanAnswer:
    """A plan in the words of the public contract, with what was found of its files' calibration references."""
    total = made.totals
    time = estimate.of(total, None, method=made.wish.method)
    return PlanAnswer(
        digest=made.digest,
        files=total.files,
        bytes=total.bytes,
        unknown_size=total.unknown,
        findings=[finding(each) for each in (*findings(made), *references)],
        parts=[PartAnswer(files=part.last - part.first, bytes=part.bytes) for part in made.parts],
        estimate=EstimateAnswer(seconds=time.seconds, speed_mbit=time.speed, disk_bytes=time.disk),
    )


def finding(each: Finding) -> FindingAnswer:
    """One thing found, with the first of its files."""
    return FindingAnswer(
        code=each.code,
        sentence=each.sentence,
        hint=each.hint,
        blocks=each.blocks,
        files=each.count,
        bytes=each.bytes,
        list=[NamedFileAnswer(path=path, detail=detail) for path, detail in each.files],
    )
