"""Filter changes, each as the page, SQL and astroquery ask it; and name patterns."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

FACETS = {  # facet: the expression that SQL groups by
    "category": "k.category",
    "type": "CASE k.category WHEN 'CALIBRATION' THEN 'reference' ELSE 'science' END",
    "level": "k.level",
    "ext": "k.ext",
    "mission": "k.mission",
    "access": "CASE WHEN r.released_at <= CAST(strftime('%s') AS INTEGER) THEN 'public' ELSE 'exclusive' END",
    "batch": "k.mission IN ('HST', 'JWST')",
    "group": 'k."group"',
}
COLUMNS = {  # facet: the column of MAST's product table
    "category": "productType",
    "level": "calib_level",
    "mission": "obs_collection",
    "access": "dataRights",
    "group": "productSubGroupDescription",
}
RIGHTS = {"public": "PUBLIC", "exclusive": "EXCLUSIVE_ACCESS"}


@dataclass(frozen=True)
class Question:
    """One state of the filters: values chosen in some facets; never *recommended only*, so that most is shown."""

    choices: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def query(self) -> str:
        """As the page's address has it."""
        pairs = [(facet, value) for facet, values in self.choices for value in values]
        return urlencode([("mrp", "0"), *pairs])

    def where(self, leave_out: str = "") -> str:
        """As SQL has it; a facet's own choices do not shrink its own counts, so they can be left out."""
        parts = [
            f"{FACETS[facet]} IN ({', '.join(repr(int(v) if facet == 'level' else v) for v in values)})"
            for facet, values in self.choices
            if facet != leave_out
        ]
        return " AND ".join(["p.withdrawn_at IS NULL", *parts])

    @property
    def keywords(self) -> dict[str, list[str] | list[int]]:
        """As ``Observations.filter_products`` has it."""
        found: dict[str, list[str] | list[int]] = {}
        for facet, values in self.choices:
            if facet == "ext":
                found["extension"] = [f".{value}" for value in values]
            elif facet == "level":
                found[COLUMNS[facet]] = [int(value) for value in values]
            else:
                found[COLUMNS[facet]] = [RIGHTS.get(value, value) for value in values]
        return found


def ask(**choices: str) -> Question:
    """A question in short: ``ask(level="2 3")``."""
    return Question(tuple((facet, tuple(values.split())) for facet, values in choices.items()))


WARM_UP = (ask(category="AUXILIARY"), ask(ext="jpg", level="2"), ask(mission="HST"))
QUESTIONS = (
    ask(category="SCIENCE"),
    ask(ext="fits"),
    ask(category="SCIENCE", level="3"),
    ask(ext="jpg", mission="JWST"),
    ask(group="RATE CAL"),
    ask(category="SCIENCE AUXILIARY", level="2 3"),
    ask(mission="HST", level="1"),
    ask(mission="HST", ext="fits", level="1"),
    ask(category="PREVIEW", access="public"),
    ask(category="SCIENCE", access="public", mission="JWST HST"),
    ask(category="SCIENCE", level="2", mission="JWST", ext="fits"),
    ask(group="CAL", ext="fits"),
)
PATTERNS = (
    "*_cal.fits",
    "jw01*",
    "*_thumb.jpg",
    "*nrca1*rate*",
    "j*_flt.fits",
    "*_0000[1-4]_*",
    "?w0*.fits",
    "*1*2*3*",
)
