"""What the API takes, in the words of the public contract."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from webapp.api.operations import Sent
from webapp.observation_names import LONGEST_NAME, MOST_NAMES

MOST_PATHS = 100_000
LONGEST_PATH = 2_000
LONGEST_QUERY = 20_000

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Names = Annotated[list[Name], Field(max_length=MOST_NAMES)]
Path = Annotated[str, Field(min_length=1, max_length=LONGEST_PATH)]
Query = Annotated[str, Field(max_length=LONGEST_QUERY)]


class NewBasketBody(Sent):
    """What to put into a new basket: ``observations`` by name, or all that ``match`` an observation query."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"observations": ["HST:u2440405t"]}]})

    observations: Names | None = None
    match: Query | None = None
    name: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def one_of_both(self) -> NewBasketBody:
        """Neither, or both, would leave it open what is meant."""
        if (self.observations is None) == (self.match is None):
            raise ValueError("Needs either observations or match.")
        return self


class ObservationsBody(Sent):
    """Observations to put in and to take out, by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"add": ["HST:u2440405t"]}]})

    add: Names = Field(default_factory=list)
    remove: Names = Field(default_factory=list)


class ChoiceBody(Sent):
    """Which files: those that match ``filters`` (a query string as in the page's address; empty: recommended only).

    With ``paths`` only these: one that ends in / means the matching files below it, any other that very file.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"filters": "mrp=0&category=PREVIEW"}]})

    filters: Query
    paths: Annotated[list[Path], Field(max_length=MOST_PATHS)] | None = None


class SelectionBody(ChoiceBody):
    """Which files to select, or to unselect."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"select": True, "filters": "ext=fits"}]})

    select: bool


class ShareBody(Sent):
    """What those who open the share see first, and what is said about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"filters": "", "title": "Spectra of M 82"}]})

    filters: Query = ""
    title: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=2_000)] = ""


class WishBody(Sent):
    """How it is to be delivered. ``flat``: all files in one folder."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"method": "bundle", "format": "zip"}]})

    method: str
    format: str
    flat: bool = False


class DeliveryBody(WishBody):
    """An order. ``on_problem`` drop: leave out what cannot be had. ``expect``: the digest of the plan agreed to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"method": "script", "format": "sh"}]})

    on_problem: Literal["fail", "drop"] = "fail"
    expect: Annotated[str, Field(max_length=200)] | None = None
    email: Annotated[str, Field(max_length=300)] | None = None
