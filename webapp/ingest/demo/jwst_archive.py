"""The JWST part of the demo archive: which programmes, in which order, and what they share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from webapp.ingest.demo import galaxies, jwst, jwst_guide, jwst_imaging, jwst_mrs, jwst_msa, nebulae
from webapp.ingest.demo.jwst_imaging import Campaign, Optic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webapp.ingest.demo.facts import Item

ERO_RELEASE = 59772.6  # 2022-07-12
EXCLUSIVE_UNTIL = 64328.0  # 2035-01-01
CAMPAIGNS = (
    Campaign(
        2731,
        1,
        17,
        "NGC 3324",
        159.2158,
        -58.6191,
        "NIRCAM/IMAGE",
        "NRC_IMAGE",
        59733.79,
        ERO_RELEASE,
        nebulae.cliffs,
        (
            Optic("F090W", "clear-f090w", "02101", 0.05),
            Optic("F335M", "clear-f335m", "02103", 0.60),
            Optic("F444W", "clear-f444w", "02105", 0.95),
        ),
    ),
    Campaign(
        2736,
        1,
        1,
        "SMACS J0723.3-7327",
        110.8375,
        -73.4391,
        "NIRCAM/IMAGE",
        "NRC_IMAGE",
        59737.01,
        ERO_RELEASE,
        galaxies.deep_field,
        (Optic("F200W", "clear-f200w", "02101", 0.25), Optic("F444W", "clear-f444w", "02105", 0.85)),
    ),
    Campaign(
        2733,
        2,
        1,
        "NGC 3132",
        151.7569,
        -40.4365,
        "MIRI/IMAGE",
        "MIR_IMAGE",
        59742.52,
        ERO_RELEASE,
        nebulae.ring_nebula,
        (Optic("F1130W", "f1130w", "02103", 0.70),),
    ),
    Campaign(
        8912,
        3,
        2,
        "NGC 628",
        24.1740,
        15.7837,
        "NIRCAM/IMAGE",
        "NRC_IMAGE",
        60980.44,
        EXCLUSIVE_UNTIL,
        partial(galaxies.spiral, name="NGC 628", companion=False, reach=1.4),
        (Optic("F150W", "clear-f150w", "03101", 0.20), Optic("F335M", "clear-f335m", "03103", 0.75)),
        exclusive=True,
    ),
)
DETECTORS = {
    "NIRCAM": ("", "nrca1", "nrcb1", "nrcalong", "nrcblong"),
    "MIRI": ("", "mirimage", "mirifushort", "mirifulong"),
    "NIRSPEC": ("", "nrs1", "nrs2"),
}


def items() -> Iterator[Item]:
    """Every JWST file but the references."""
    everything: list[jwst.Plan] = []
    for campaign in CAMPAIGNS:
        plans = jwst_imaging.plan(campaign)
        everything += plans
        yield from jwst_imaging.items(campaign, plans)
    msa, mrs = jwst_msa.plan(), jwst_mrs.plan()
    everything += msa + mrs
    yield from jwst_msa.items(msa)
    yield from jwst_mrs.items(mrs)
    yield from _shared(everything)


def _shared(plans: Sequence[jwst.Plan]) -> Iterator[Item]:
    """What belongs to a whole visit (guide stars) or a whole programme (the association pool)."""
    visits = sorted({shot.visit for planned in plans for shot, _ in planned.shots})
    for visit in visits:
        of_visit = [planned for planned in plans if planned.shots[0][0].visit == visit]
        shot, own = of_visit[0].shots[0]
        yield from jwst_guide.items(shot, own, [planned.observation for planned in of_visit])
    for program in sorted({planned.observation.proposal_id for planned in plans}):
        members = [planned for planned in plans if planned.observation.proposal_id == program]
        shots = {shot.stem: (shot, own) for planned in members for shot, own in planned.shots}
        parents = [planned.observation for planned in members]
        stem = f"jw{program.zfill(5)}_{jwst.GENERATED}"
        yield jwst.item(parents[0], stem, "pool", jwst.pool(list(shots.values())), parents, ext="csv")
