"""What the API takes, in the words of the public contract."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from webapp.api.operations import Sent
from webapp.delivery_jobs import offered
from webapp.ingest.uris import MAX_LENGTH
from webapp.observation_names import LONGEST_NAME, MOST_NAMES

MOST_PATHS = 100_000
MOST_URIS = 10_000  # which fit the body, however long; the references of a million files are some thousands
LONGEST_PATH = 2_000
LONGEST_QUERY = 20_000

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Names = Annotated[list[Name], Field(max_length=MOST_NAMES, fail_fast=True)]  # a million wrong ones are one sentence
Path = Annotated[str, Field(min_length=1, max_length=LONGEST_PATH)]
Uri = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]
Query = Annotated[str, Field(max_length=LONGEST_QUERY)]


def _one_of_both(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what the validator of that name holds."""
    null = {"type": "null"}
    schema["oneOf"] = [
        {"required": [one], "properties": {one: {"not": null}, other: null}}
        for one, other in (("observations", "match"), ("match", "observations"))
    ]
    schema["examples"] = [{"observations": ["HST:u2440405t"]}]


def _as_offered(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what ``must_offer`` and ``layout_of`` hold."""
    schema["properties"]["method"]["enum"] = list(offered())
    schema["anyOf"] = [
        {"properties": {"method": {"const": method}, "format": {"enum": sorted(formats)}}}
        for method, formats in offered().items()
    ]
    schema["not"] = {
        "required": ["flat", "crds"],
        "properties": {"flat": {"const": True}, "crds": {"const": True}},
    }
    schema["examples"] = [{"method": "script", "format": "sh"}]


class NewBasketBody(Sent):
    """What to put into a new basket: either ``observations`` or ``match``."""

    model_config = ConfigDict(json_schema_extra=_one_of_both)

    observations: Names | None = None
    """Names; MISSION:obs_id where two missions have the same one."""
    match: Query | None = None
    """An observation query, as in mission=HST&target=NGC 3132: all that match."""
    name: Annotated[str, Field(max_length=100)] = ""
    """What to call it."""

    @model_validator(mode="after")
    def one_of_both(self) -> NewBasketBody:
        """Neither, or both, would leave it open what is meant."""
        if (self.observations is None) == (self.match is None):
            raise ValueError("Needs either observations or match.")
        return self


class ObservationsBody(Sent):
    """Observations by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"add": ["HST:u2440405t"]}]})

    add: Names = Field(default_factory=list)
    remove: Names = Field(default_factory=list)


class ChoiceBody(Sent):
    """Which files."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"filters": "mrp=0&category=PREVIEW"}]})

    filters: Query
    """A query string as in the page's address. Empty: recommended products only; mrp=0: all."""
    paths: Annotated[list[Path], Field(max_length=MOST_PATHS, fail_fast=True)] | None = None
    """Only these. One that ends in / means the matching files below it, any other that file whatever the filters."""


class SelectionBody(ChoiceBody):
    """Which files to select, or to unselect."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"select": True, "filters": "ext=fits"}]})

    select: bool


class ReferencesBody(Sent):
    """Calibration reference files."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"uris": ["mast:JWST/product/jwst_miri_dark_0086.fits"]}]}
    )

    uris: Annotated[list[Uri], Field(max_length=MOST_URIS, fail_fast=True)]
    """Their data URIs, as the list of references has them."""


class ShareBody(Sent):
    """What those who open the share see first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"filters": "", "title": "Spectra of M 82"}]})

    filters: Query = ""
    title: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=2_000)] = ""


class WishBody(Sent):
    """How it is to be delivered."""

    model_config = ConfigDict(json_schema_extra=_as_offered)

    method: str
    """bundle, script, batch or list."""
    format: str
    """zip, tar, tar.gz; sh, py; aria2, metalink, csv, ...: a wrong one is answered with all there are."""
    flat: bool = False
    """All files in one folder."""
    crds: bool = False
    """Calibration references as a CRDS cache, in references/hst/acs/ and so on; not together with flat."""


class DeliveryBody(WishBody):
    """An order of what is selected."""

    on_problem: Literal["fail", "drop"] = "fail"
    """What to do where files cannot be had: order nothing, or leave them out."""
    expect: Annotated[str, Field(max_length=200)] | None = None
    """The digest of the plan that was agreed to."""
    email: Annotated[str, Field(max_length=300, pattern=r"\S", json_schema_extra={"format": "email"})] | None = None
    """Where to write when it is ready."""
