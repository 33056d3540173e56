"""The released astroquery, unchanged, with this server in its configuration file."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, SECRET
from tests.fixtures.mast import PAPER, mast_server
from webapp.mast.columns import BY_POSITION, OBSERVATIONS, PRODUCTS
from webapp.queries.mast import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fixtures.mast import MastServer

SECONDS = 60
FOUND = {
    "a string": ["stars_1"],
    "a list": ["stars_1", "stars_3"],
    "a list of numbers": ["stars_1", "stars_2", "stars_3"],
    "another case": ["stars_1", "stars_2"],
    "a wildcard": ["stars_1", "stars_2", "stars_3"],
    "a wildcard of SQL": ["stars_1", "stars_2", "stars_3"],
    "an underscore is a letter": [],
    "a wildcard and a value": ["stars_1", "stars_3"],
    "one of several filters": ["stars_1"],
    "a wildcard for one of several filters": ["stars_1"],
    "a range": ["stars_1", "stars_2"],
    "a range of release dates": ["stars_2"],
    "levels": ["stars_1", "stars_2"],
    "rights": ["stars_1", "stars_2", "stars_3"],
    "numbers of observations": ["stars_1", "stars_3"],
    "nothing": [],
    "near a position": ["stars_1", "stars_2"],
    "across the meridian": ["stars_3"],
}

# astroquery's own filters, and the facets that mean the same.
FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "mrp=0"),
    ({"mrp_only": True}, ""),
    ({"productType": "SCIENCE"}, "mrp=0&category=SCIENCE"),
    ({"productType": ["SCIENCE", "PREVIEW"], "extension": ".fits"}, "mrp=0&category=SCIENCE&category=PREVIEW&ext=fits"),
    ({"extension": [".jpg", ".json"]}, "mrp=0&ext=jpg&ext=json"),
    ({"productSubGroupDescription": ["UNCAL", "DRZ"]}, "mrp=0&group=UNCAL&group=DRZ"),
    ({"calib_level": [2, 3]}, "mrp=0&level=2&level=3"),
    ({"calib_level": ["1..2"], "obs_collection": "JWST"}, "mrp=0&level=1&level=2&mission=JWST"),
    ({"mrp_only": True, "extension": ".fits", "productType": "SCIENCE"}, "ext=fits&category=SCIENCE"),
    ({"dataRights": "EXCLUSIVE_ACCESS"}, "mrp=0&access=exclusive"),
]


class Session(NamedTuple):
    """What astroquery said to all that a user typed, and where it wrote its files."""

    server: MastServer
    folder: Path
    said: dict[str, Any]


@pytest.fixture(scope="module")
def session(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with mast_server(sqlite_template, tmp_path_factory.mktemp("mast")) as server:
        folder = tmp_path_factory.mktemp("notebook")
        yield Session(server, folder, server.ask(folder, IMAGE, SECRET, [each for each, _ in FILTERS]))


def test_criteria_find_what_they_say(session: Session) -> None:
    assert session.said["criteria"] == FOUND


def test_counts_are_those_of_the_criteria(session: Session) -> None:
    assert session.said["counts"] == {"a wildcard": 3, "a range": 2, "nothing": 0, "near a position": 2}


def test_a_region_is_answered_nearest_first_with_arc_seconds(session: Session) -> None:
    assert session.said["region"]["ids"] == ["stars_1", "stars_2"]
    assert session.said["region"]["distances"] == pytest.approx([0, 36 * 0.9397], abs=0.01)
    assert session.said["region count"] == 2


def test_pages_are_put_together(session: Session) -> None:
    assert session.said["pages"] == [["stars_1", "stars_2"], ["stars_3"], []]
    assert session.said["all pages"] == ["stars_1", "stars_2", "stars_3"]


def test_a_row_has_what_the_catalogue_holds_and_nothing_else(session: Session) -> None:
    row = {name: value for name, value in session.said["row"].items() if value not in {None, "nan"}}
    assert row == {
        "obs_collection": "HST",
        "instrument_name": "ACS/WFC",
        "filters": "F606W;F814W",
        "target_name": "NGC 1",
        "obs_id": "stars_1",
        "s_ra": "10.0",
        "s_dec": "20.0",
        "dataproduct_type": "image",
        "calib_level": "3",
        "t_min": "55000.25",
        "t_max": "55000.5",
        "t_obs_release": "55365.5",
        "proposal_id": "9001",
        "dataRights": "PUBLIC",
        "obsid": "9001",
    }
    assert list(session.said["row"]) == [column.name for column in OBSERVATIONS]


def test_a_column_that_is_not_held_is_refused_in_words(session: Session) -> None:
    kind, sentence = session.said["not held"]
    assert kind == "RemoteServiceError"
    assert sentence == "This archive's catalogue does not hold intentType. Ask without this criterion."


def test_astroquery_knows_the_columns(session: Session) -> None:
    assert session.said["no column"] == ["InvalidQueryError", "Filter 'obs_idd' does not exist. Did you mean 'obs_id'?"]
    assert session.said["metadata"] == {
        "observations": [column.name for column in BY_POSITION],
        "products": [column.name for column in PRODUCTS],
    }
    assert session.said["some columns"] == ["obs_id", "s_ra"]


def test_missions_are_listed(session: Session) -> None:
    assert session.said["missions"] == ["HLSP", "HST", "JWST"]


def test_products_are_those_of_the_observation(session: Session) -> None:
    there = {each.uri for each in session.server.archive.of(IMAGE)}
    assert set(session.said["products"]) == there
    assert len(session.said["products"]) == len(there)
    assert session.said["products of a row"] == session.said["products of a number"] == len(there)
    assert session.said["product columns"] == [column.name for column in PRODUCTS]


def test_a_shared_product_comes_once_for_each_observation_unless_unique_ones_are_asked_for(session: Session) -> None:
    archive = session.server.archive
    three = (IMAGE, EXPOSURE, "jw02733001002")
    assert session.said["products of several"] == sum(len(archive.of(each)) for each in three)
    assert session.said["unique products"] == sorted(each.uri for each in archive.of(*three))


def test_an_observation_without_a_number_has_one_of_ours(session: Session) -> None:
    assert session.said["own number"] == str(OWN + session.server.archive.observations[IMAGE])


def test_an_obs_id_in_place_of_a_number_is_refused_in_words(session: Session) -> None:
    kind, sentence = session.said["products of a name"]
    assert (kind, "Take it from the column obsid" in sentence) == ("RemoteServiceError", True)


@pytest.mark.parametrize("case", range(len(FILTERS)), ids=[query or "mrp=1" for _, query in FILTERS])
def test_its_filters_find_the_files_of_our_facets(session: Session, case: int) -> None:
    (ours,) = session.server.files(session.said["table"], [FILTERS[case][1]])
    assert session.said["filtered"][case] == ours
    assert ours


def test_files_are_downloaded_and_not_again(session: Session) -> None:
    assert {status for _, status in session.said["nested"]} == {"COMPLETE"}
    for path, _ in session.said["nested"]:
        file = session.folder / path
        assert file.read_bytes() == session.server.archive[file.name].content
    assert {path.split("/")[2] for path, _ in session.said["nested"]} == {"JWST"}
    assert session.said["again"] == ["COMPLETE"]
    assert not session.said["written again"]


def test_flat_puts_files_beside_one_another(session: Session) -> None:
    science = [each.name for each in session.server.archive.of(IMAGE) if each.category == "SCIENCE"]
    assert session.said["flat"] == sorted(science)


def test_one_file_is_downloaded_by_its_uri(session: Session) -> None:
    assert session.said["file"] == ["COMPLETE", None, None]
    name = session.said["products"][0].rpartition("/")[2]
    assert (session.folder / "one.fits").read_bytes() == session.server.archive[name].content


def test_the_script_of_curl_flag_fetches_the_files(session: Session) -> None:
    path, status = session.said["script"]
    assert status == "COMPLETE"
    assert _run(session.folder / path) == 0
    files = {each.name: each for each in (session.folder / "curl").rglob("*.*") if "/JWST/" in str(each)}
    there = session.server.archive.of(IMAGE)
    assert files.keys() == {each.name for each in there}
    assert all(files[each.name].read_bytes() == each.content for each in there)


def test_an_exclusive_file_is_not_given_to_nobody(session: Session) -> None:
    status, message, _ = session.said["nobody"]
    assert session.said["rights"] == ["EXCLUSIVE_ACCESS"]
    assert (status, message.partition(" for url")[0]) == ("ERROR", "HTTPError: 401 Client Error: UNAUTHORIZED")
    assert not session.said["nobody's file"]
    assert session.said["nobody's script"][1].startswith("401 Client Error: UNAUTHORIZED")


@pytest.mark.parametrize("token", ["wrong token", "another archive's token"])
def test_a_token_that_is_no_good_is_a_login_error(session: Session, token: str) -> None:
    kind, sentence = session.said[token]
    assert (kind, sentence.partition("\n")[0]) == ("LoginError", "MAST API token invalid!")
    assert session.said["anonymous"]


def test_a_token_logs_in_and_opens_exclusive_files(session: Session) -> None:
    info = session.said["info"]
    assert (info["anon"], info["eppn"], info["attrib"]["display_name"]) == (False, "ada", "ada")
    assert session.said["ada"] == ["COMPLETE", None, None]
    assert (session.folder / "secret.fits").read_bytes() == session.server.archive[f"{SECRET}_s3d.fits"].content


def test_the_script_of_somebody_who_may_read_takes_the_token(session: Session) -> None:
    script = session.folder / session.said["ada's script"]
    assert _run(script, SKYBASKET_TOKEN=session.server.token) == 0
    (file,) = script.parent.rglob("*_s3d.fits")
    assert file.read_bytes() == session.server.archive[file.name].content


def test_a_token_for_downloads_alone_is_enough(session: Session) -> None:
    assert session.said["a download token"] == {"scopes": ["download"], "found": [SECRET], "status": "COMPLETE"}


def test_the_examples_of_the_documentation_work(session: Session) -> None:
    said = session.said["paper"]
    assert said["recommended"] == ["COMPLETE"] * 4
    assert said["images"] == sorted(
        each.name
        for each in session.server.archive.of(IMAGE, EXPOSURE, "jw02733001002")
        if each.category == "SCIENCE" and each.level in {2, 3}
    )
    assert re.fullmatch(r"mastDownload_\d{14}\.sh", said["script"])
    assert said["mine"] == [f"{SECRET}_s3d.fits"]


def test_the_documentation_s_curl_brings_a_bundle(session: Session, tmp_path: Path) -> None:
    example = re.findall(r"```sh\n(.*?)```", PAPER.read_text("utf-8"), re.DOTALL)[-1]
    names = [f"{IMAGE}_i2d.fits", f"{EXPOSURE}_cal.fits"]
    for of_example, name in zip(("a_cal.fits", "b_cal.fits"), names, strict=True):
        example = example.replace(of_example, name)
    script = tmp_path / "example.sh"
    script.write_text(example.replace("https://skybasket.example.org", session.server.url))
    assert _run(script) == 0
    (bundle,) = tmp_path.glob("skybasket_*.zip")
    assert {name.rpartition("/")[2] for name in zipfile.ZipFile(bundle).namelist()} >= set(names)


def _run(script: Path, **env: str) -> int:
    """By a real shell and a real curl, as somebody who has no token and no proxy but what ``env`` says."""
    mine = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        ["sh", script.name],
        cwd=script.parent,
        env={**mine, "HOME": str(script.parent), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode
