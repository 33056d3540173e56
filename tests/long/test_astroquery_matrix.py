"""astroquery's filters and our facets on a real table: any combination of them finds the same files.

And its criteria against a slow, obvious model of themselves, on observations all over the sky.
"""

from __future__ import annotations

import fnmatch
import itertools
import json
import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from tests.fixtures.holdings import IMAGE, SECRET
from tests.fixtures.mast import PAPER, mast_server
from tests.fixtures.webapp import lasting_site
from webapp.db import writing
from webapp.mast import answers, asked
from webapp.models import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from webapp.context import Services

pytestmark = pytest.mark.long

COMBINATIONS = 300
# astroquery's word for a filter, ours, and values that both know.
FILTERS = {
    "productType": ("category", ("SCIENCE", "AUXILIARY", "INFO", "PREVIEW", "CATALOG")),
    "extension": ("ext", ("fits", "jpg", "json", "csv", "txt")),
    "productSubGroupDescription": ("group", ("UNCAL", "CAL", "I2D", "RAW", "DRZ", "FLT", "ASN", "C0F", "SPT", "POOL")),
    "calib_level": ("level", (1, 2, 3)),
    "obs_collection": ("mission", ("HST", "JWST")),
    "dataRights": ("access", ("PUBLIC", "EXCLUSIVE_ACCESS")),
}
ACCESS = {"PUBLIC": "public", "EXCLUSIVE_ACCESS": "exclusive"}


def combination(dice: random.Random) -> tuple[dict[str, Any], str]:
    """Some filters for astroquery, and the query string that means the same."""
    recommended = dice.random() < 0.4
    theirs: dict[str, Any] = {"mrp_only": recommended}
    ours = [] if recommended else ["mrp=0"]
    for name in dice.sample(sorted(FILTERS), dice.randint(0, 3)):
        facet, values = FILTERS[name]
        chosen = dice.sample(values, dice.randint(1, 3) if len(values) > 2 else 1)
        theirs[name] = [f".{value}" if name == "extension" else value for value in chosen]
        ours += [f"{facet}={ACCESS.get(str(value), value)}" for value in chosen]
    return theirs, "&".join(ours)


def test_any_combination_of_filters_finds_the_same_files(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dice = random.Random(6)  # noqa: S311 - cases, not secrets
    cases = [combination(dice) for _ in range(COMBINATIONS)]
    with mast_server(sqlite_template, tmp_path_factory.mktemp("mast")) as server:
        said = server.ask(tmp_path_factory.mktemp("notebook"), IMAGE, SECRET, [theirs for theirs, _ in cases])
        found = server.files(said["table"], [ours for _, ours in cases])
    different = [(theirs, ours) for (theirs, ours), a, b in zip(cases, said["filtered"], found, strict=True) if a != b]
    assert not different
    assert sum(bool(files) for files in found) > COMBINATIONS / 4


def test_one_notebook_alone_can_have_another_server(tmp_path: Path) -> None:
    example = re.findall(r"```python\n(.*?)```", PAPER.read_text("utf-8"), re.DOTALL)[0]
    folder = tmp_path / "skybasket/astropy"
    folder.mkdir(parents=True)
    (folder / "astroquery.cfg").write_text("[mast]\nserver = http://127.0.0.1:9\n")
    program = f"{example}\nprint(Observations._portal_api_connection.MAST_REQUEST_URL)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "http://127.0.0.1:9/api/v0/invoke\n"


NAMES = ("NGC 1", "ngc_1", "NGC%1", "M 82", "Crab", "crab nebula", "")
SKY = [(ra, dec) for ra in (0.0, 0.05, 120.0, 359.97) for dec in (-90.0, -0.02, 0.0, 45.0, 89.99)]


@pytest.fixture(scope="module")
def services(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    rows = [
        {
            "mission": "SKY",
            "obs_id": f"sky_{number}",
            "target": NAMES[number % len(NAMES)] or None,
            "filters": (None, "F1", "F1;F2", "F2; F3")[number % 4],
            "ra": ra,
            "dec": dec,
            "t_min": None if number % 5 == 0 else 50_000.0 + number,
            "stub": False,
        }
        for number, (ra, dec) in enumerate(SKY)
    ]
    with lasting_site(sqlite_template, tmp_path_factory.mktemp("sky")) as site:
        with writing(site.services.engine) as session:
            session.execute(insert(Observation), rows)
        yield site.services


def rows_of(services: Services, params: dict[str, Any], service: str = "Mast.Caom.Filtered") -> list[dict[str, Any]]:
    request = asked.parse(json.dumps({"service": service, "params": params}))
    rows: list[dict[str, Any]] = json.loads(answers.encoded(answers.answer(services, request)))["data"]
    return [row for row in rows if row["obs_collection"] == "SKY"]


@given(
    values=st.lists(st.sampled_from([*NAMES[:-1], "NGC 2", "CRAB", "n"]), max_size=3),
    pattern=st.sampled_from(["", "NGC%", "%1", "%", "c%b", "%_1", "crab%la"]),
)
def test_texts_match_whatever_their_case(services: Services, values: list[str], pattern: str) -> None:
    if not values and not pattern:
        return
    found = rows_of(services, {"filters": [{"paramName": "target_name", "values": values, "freeText": pattern}]})

    def matches(name: str) -> bool:
        like = fnmatch.fnmatchcase(name.lower(), pattern.lower().replace("%", "*"))
        return name.lower() in {value.lower() for value in values} or (bool(pattern) and like)

    expected = [f"sky_{n}" for n in range(len(SKY)) if NAMES[n % len(NAMES)] and matches(NAMES[n % len(NAMES)])]
    assert sorted(row["obs_id"] for row in found) == sorted(expected)


@pytest.mark.parametrize(
    ("value", "places"), [("F1", {1, 2}), ("f2", {2, 3}), ("F3", {3}), ("F1;F2", {2}), ("F", set())]
)
def test_one_of_several_filters_is_enough(services: Services, value: str, places: set[int]) -> None:
    found = rows_of(services, {"filters": [{"paramName": "filters", "values": [value], "separator": ";"}]})
    assert {int(row["obs_id"].removeprefix("sky_")) % 4 for row in found} == places


@given(low=st.one_of(st.none(), st.integers(49_990, 50_025)), high=st.one_of(st.none(), st.integers(49_990, 50_025)))
def test_ranges_hold_both_their_ends(services: Services, low: int | None, high: int | None) -> None:
    found = rows_of(services, {"filters": [{"paramName": "t_min", "values": [{"min": low, "max": high}]}]})
    times = [50_000.0 + n for n in range(len(SKY)) if n % 5]
    expected = [t for t in times if (low is None or t >= low) and (high is None or t <= high)]
    assert sorted(row["t_min"] for row in found) == expected


@pytest.mark.parametrize(
    ("ra", "dec", "radius"),
    list(itertools.product((0.0, 359.99, 120.0), (-90.0, 0.0, 44.9, 90.0), (0.0, 0.06, 0.2, 60.0, 180.0))),
)
def test_a_region_is_what_astropy_measures(services: Services, ra: float, dec: float, radius: float) -> None:
    found = rows_of(services, {"ra": ra, "dec": dec, "radius": radius}, "Mast.Caom.Cone")
    apart = SkyCoord(ra, dec, unit="deg").separation(SkyCoord(SKY, unit="deg"))
    assert sorted(row["obs_id"] for row in found) == sorted(
        f"sky_{n}" for n, one in enumerate(apart.deg) if one <= radius
    )
    distances = [row["distance"] for row in found]
    assert distances == sorted(distances)
    assert sorted(distances) == pytest.approx(sorted(one for one in apart.arcsec if one <= radius * 3600), abs=1e-3)
