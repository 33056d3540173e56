"""What the API answers, in the words of the public contract. What stands below a field is what OpenAPI says of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from webapp.api.operations import Answered

Count = Annotated[int, Field(ge=0)]
Files = Annotated[int, Field(ge=0, description="How many files.")]
Bytes = Annotated[int, Field(ge=0, description="Of the files whose size is known.")]
Unknown = Annotated[int, Field(ge=0, description="How many files have no known size.")]
Version = Annotated[int, Field(ge=0, description="Rises with each change; for If-Match.")]
Next = Annotated[str | None, Field(description="The after of the page that follows; null on the last one.")]


class TotalsAnswer(Answered):
    """How much."""

    files: Files
    bytes: Bytes
    unknown_size: Unknown


class SelectedAnswer(TotalsAnswer):
    """What is selected."""

    hidden: Count
    """How many of these files the filters hide."""


class ObservationAnswer(Answered):
    """One observation: what is put in a basket."""

    mission: str
    obs_id: str
    target: str | None
    instrument: str | None
    proposal_id: str | None
    t_min: float | None
    """Start, MJD (UTC)."""
    ra: float | None
    """Right ascension, degrees (ICRS)."""
    dec: float | None
    """Declination, degrees (ICRS)."""
    files: Files
    bytes: Bytes


class ObservationsAnswer(Answered):
    """One page of observations, by mission and name."""

    observations: list[ObservationAnswer]
    next: Next


class NewBasketAnswer(Answered):
    """A basket that was made."""

    id: str
    """Whoever has it may look at the basket, plan with it and download from it."""
    key: str
    """Lets whoever has it change this basket. It is told this once."""
    url: str
    """The basket's page."""
    version: Version
    files: Files
    bytes: Bytes
    unknown_size: Unknown


class FacetValueAnswer(Answered):
    """One value of a filter."""

    value: str
    matching: Count
    """Files that have it and match all other filters."""
    total: Count
    """Files of the basket that have it."""
    bytes: Count
    """Of the matching ones."""
    active: bool
    """Whether the filters ask for it."""


class BasketAnswer(Answered):
    """A basket under some filters."""

    id: str
    version: Version
    files: Files
    bytes: Bytes
    unknown_size: Unknown
    matching: TotalsAnswer
    """What matches the filters."""
    selected: SelectedAnswer
    """What is selected, whatever the filters."""
    facets: dict[str, list[FacetValueAnswer]]
    """Each filter with the values that the basket has."""


class ChangedAnswer(Answered):
    """A basket after a change."""

    id: str
    version: Version
    files: Files
    bytes: Bytes
    unknown_size: Unknown
    selected: TotalsAnswer
    """What is selected now."""
    changed: Count
    """To how many files, or observations, it was done."""
    said: str
    """What was done, in a sentence."""


class FileAnswer(Answered):
    """One file."""

    uri: str
    """The data URI, which is its name for good."""
    filename: str
    path: str
    """MISSION/folder/file, as in bundles."""
    size: Count | None
    """In bytes."""
    category: str
    type: str
    """science or reference."""
    ext: str
    group: str
    level: int | None
    """Calibration level, -1 to 4."""
    recommended: bool
    batch: bool
    """Whether it can be staged."""
    access: str
    """public, or exclusive to its programme for now."""
    selected: bool
    sha256: str | None
    """Hex; for those who may read the file, and where it is known."""


class FilesAnswer(Answered):
    """One page of files, in the order of the tree."""

    files: list[FileAnswer]
    next: Next


class ShareAnswer(Answered):
    """Where anybody can open what was shared."""

    url: str


class NamedFileAnswer(Answered):
    """A file that a finding is about."""

    path: str
    detail: str


class FindingAnswer(Answered):
    """One thing to know, or to decide, before a download."""

    code: str
    """For programs: missing, not_authorised, size_differs, ..."""
    sentence: str
    hint: str
    blocks: bool
    """Whether these files cannot be delivered."""
    files: Files
    bytes: Bytes
    list: list[NamedFileAnswer]
    """The first of them."""


class PartAnswer(Answered):
    """One bundle of several."""

    files: Files
    bytes: Bytes


class EstimateAnswer(Answered):
    """How long it takes, and the room it needs."""

    seconds: Count
    speed_mbit: Count
    """The speed that is assumed, Mbit/s."""
    disk_bytes: Count
    """For the bundle, and what is unpacked from it."""


class PlanAnswer(Answered):
    """What a delivery would be."""

    digest: str
    """What to send as expect, so that you get this or nothing."""
    files: Files
    bytes: Bytes
    unknown_size: Unknown
    findings: list[FindingAnswer]
    parts: list[PartAnswer]
    """The bundles it takes; empty for what is not a bundle."""
    estimate: EstimateAnswer


class NewDeliveryAnswer(Answered):
    """A delivery that was accepted."""

    id: str
    url: str
    """Its page."""


class ArtefactAnswer(Answered):
    """Something to fetch."""

    url: str
    """It takes ranges, so that what broke off can be continued."""
    bytes: Count
    name: str
    sha256: str | None
    """Hex; null for bundles that are made as they are sent."""


class ProgressAnswer(Answered):
    """How far its preparation is, in files."""

    done: Count
    total: Count


class DeliveryAnswer(Answered):
    """A delivery as it is now."""

    id: str
    state: str
    """Queued, Preparing, Ready, Finished with problems, Failed, Cancelled, Expired."""
    sentence: str
    """Why, where something went wrong."""
    files: Files
    bytes: Bytes
    omitted: Count
    """Files that were left out, as agreed."""
    progress: ProgressAnswer | None
    parts: list[ArtefactAnswer]
    receipt_url: str | None
    """What became of each file, of what was staged."""
    expires: str | None
    """When what was staged is removed: RFC 3339, UTC."""


class ProblemAnswer(Answered):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    """What, and where."""
    status: int
    detail: str
    """What to do."""
