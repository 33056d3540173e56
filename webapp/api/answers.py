"""What the API answers, in the words of the public contract."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from webapp.api.operations import Answered

Count = Annotated[int, Field(ge=0)]


class TotalsAnswer(Answered):
    """How much. ``bytes`` counts the files of known size; ``unknown_size`` is how many others there are."""

    files: Count
    bytes: Count
    unknown_size: Count


class SelectedAnswer(TotalsAnswer):
    """What is selected; ``hidden`` is how many of these files the filters hide."""

    hidden: Count


class ObservationAnswer(Answered):
    """One observation: what is put in a basket. ``t_min`` is MJD (UTC); ``ra`` and ``dec`` are degrees (ICRS)."""

    mission: str
    obs_id: str
    target: str | None
    instrument: str | None
    proposal_id: str | None
    t_min: float | None
    ra: float | None
    dec: float | None
    files: Count
    bytes: Count


class ObservationsAnswer(Answered):
    """One page of observations, by mission and name. ``next`` is the ``after`` of the page that follows."""

    observations: list[ObservationAnswer]
    next: str | None


class NewBasketAnswer(TotalsAnswer):
    """A basket that was made. ``key`` lets whoever has it change this basket, and is told this once."""

    id: str
    key: str
    url: str
    version: Count


class FacetValueAnswer(Answered):
    """One value of a filter: ``matching`` files now, of ``total`` in the basket; ``bytes`` of the matching ones."""

    value: str
    matching: Count
    total: Count
    bytes: Count
    active: bool


class BasketAnswer(TotalsAnswer):
    """A basket under some filters."""

    id: str
    version: Count
    matching: TotalsAnswer
    selected: SelectedAnswer
    facets: dict[str, list[FacetValueAnswer]]


class ChangedAnswer(TotalsAnswer):
    """A basket after a change. ``said`` tells in a sentence what was done, ``changed`` to how many."""

    id: str
    version: Count
    selected: TotalsAnswer
    changed: Count
    said: str


class FileAnswer(Answered):
    """One file. ``size`` is in bytes; ``sha256`` (hex) is told to those who may read the file."""

    uri: str
    filename: str
    path: str
    size: Count | None
    category: str
    type: str
    ext: str
    group: str
    level: int | None
    recommended: bool
    batch: bool
    access: str
    selected: bool
    sha256: str | None


class FilesAnswer(Answered):
    """One page of files, in the order of the tree. ``next`` is the ``after`` of the page that follows."""

    files: list[FileAnswer]
    next: str | None


class ShareAnswer(Answered):
    """Where anybody can open what was shared."""

    url: str


class NamedFileAnswer(Answered):
    """A file that a finding is about."""

    path: str
    detail: str


class FindingAnswer(Answered):
    """One thing to know or decide before a download; ``list`` names the first of its files."""

    code: str
    sentence: str
    hint: str
    blocks: bool
    files: Count
    bytes: Count
    list: list[NamedFileAnswer]


class PartAnswer(Answered):
    """One bundle of several."""

    files: Count
    bytes: Count


class EstimateAnswer(Answered):
    """How long it takes at a speed (Mbit/s), and the room it needs."""

    seconds: Count
    speed_mbit: Count
    disk_bytes: Count


class PlanAnswer(TotalsAnswer):
    """What a delivery would be. ``digest`` is what to send as ``expect``."""

    digest: str
    findings: list[FindingAnswer]
    parts: list[PartAnswer]
    estimate: EstimateAnswer


class NewDeliveryAnswer(Answered):
    """A delivery that was accepted; ``url`` is its page."""

    id: str
    url: str


class ArtefactAnswer(Answered):
    """Something to fetch."""

    url: str
    bytes: Count
    name: str


class ProgressAnswer(Answered):
    """How far its preparation is, in files."""

    done: Count
    total: Count


class DeliveryAnswer(Answered):
    """A delivery as it is now. ``expires`` (RFC 3339, UTC) is when what was staged for it is removed."""

    id: str
    state: str
    sentence: str
    files: Count
    bytes: Count
    omitted: Count
    progress: ProgressAnswer | None
    parts: list[ArtefactAnswer]
    receipt_url: str | None
    expires: str | None


class ProblemAnswer(Answered):
    """What went wrong (RFC 9457): ``title`` says what and where, ``detail`` what to do."""

    type: str
    title: str
    status: int
    detail: str
