"""What the API answers about calibration references; what stands below a field is what OpenAPI says of it."""

from __future__ import annotations

from webapp.api.answers import Count, FindingAnswer, Next  # noqa: TC001 - pydantic reads them at run time
from webapp.api.operations import Answered


class ReferenceAnswer(Answered):
    """One calibration reference file."""

    uri: str | None
    """The data URI, to add it by; null where the archive has no such file."""
    filename: str
    path: str
    """MISSION/references/file, as in bundles."""
    mission: str
    instrument: str | None
    """As CRDS writes it: nircam, acs."""
    type: str
    """As CRDS writes it: dark, darkfile."""
    label: str
    """The type in words, as findings name it."""
    description: str
    size: Count | None
    """In bytes."""
    used_by: Count
    """How many of the selected files name it."""
    keywords: list[str]
    """By which header keywords."""
    contexts: list[str]
    """Under which CRDS contexts."""
    in_basket: bool
    missing: str | None
    """Why it cannot be had; null where it can."""


class ReferencesAnswer(Answered):
    """One page of references, by mission, instrument, type and name, and what there is to know of all of them."""

    selected: Count
    """How many files are selected."""
    naming: Count
    """How many of these name any reference."""
    references: list[ReferenceAnswer]
    findings: list[FindingAnswer]
    next: Next
