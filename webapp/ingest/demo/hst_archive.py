"""The HST part of the demo archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.ingest.demo import hst_acs, hst_cos, hst_wfpc2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.ingest.demo.facts import Item

# instrument -> filters, whose exposures were calibrated with their own darks and biases
VARIANTS = {
    "ACS": tuple(visit.filters for visit in hst_acs.VISITS),
    "COS": ("G130M",),
    "WFPC2": tuple(visit.filters for visit in hst_wfpc2.VISITS),
}


def items() -> Iterator[Item]:
    """Every HST file but the references."""
    yield from hst_acs.items()
    yield from hst_cos.items()
    yield from hst_wfpc2.items()
