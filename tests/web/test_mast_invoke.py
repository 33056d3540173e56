"""What ``/api/v0/invoke`` answers to what no well-made client sends, and what astroquery has no question for."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, SECRET, WFPC2
from tests.fixtures.webapp import counted
from webapp.db import writing
from webapp.models import Observation, Product
from webapp.queries.mast import OWN

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

FILTERED, POSITION, PRODUCTS = "Mast.Caom.Filtered", "Mast.Caom.Filtered.Position", "Mast.Caom.Products"
ALL = {"filters": [{"paramName": "obs_collection", "values": ["JWST", "HST", "HLSP"]}]}


def sent(site: Site, text: str, *, method: str = "POST") -> Any:
    place: dict[str, Any] = {"data" if method == "POST" else "query_string": {"request": text}}
    answer = site.visitor().client.open("/api/v0/invoke", method=method, **place)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def ask(site: Site, service: str, params: dict[str, Any], **more: Any) -> Any:
    return sent(site, json.dumps({"service": service, "params": params, "format": "json", **more}))


def where(name: str, *values: object, **more: object) -> dict[str, Any]:
    return {"columns": "obs_id", "filters": [{"paramName": name, "values": list(values), **more}]}


def found(site: Site, params: dict[str, Any]) -> set[str]:
    answer = ask(site, FILTERED, params)
    assert answer["status"] == "COMPLETE", answer["msg"]
    return {row["obs_id"] for row in answer["data"]}


def number(site: Site, obs_id: str) -> str:
    return str(OWN + site.holdings.observations[obs_id])


def test_a_request_may_come_by_get(site: Site) -> None:
    answer = sent(site, json.dumps({"service": FILTERED, "params": ALL}), method="GET")
    assert answer["paging"] == {
        "page": 1,
        "pageSize": 50_000,
        "pagesFiltered": 1,
        "rows": 6,
        "rowsFiltered": 6,
        "rowsTotal": 6,
    }


def test_products_are_answered_alike_on_both_databases(site: Site) -> None:
    wanted = ",".join(number(site, each) for each in (IMAGE, EXPOSURE, WFPC2, CONTRIBUTED, SECRET))
    answer = ask(site, PRODUCTS, {"obsid": wanted})
    rows = {(row["productFilename"], row["parent_obsid"]): row for row in answer["data"]}
    assert (
        len(rows)
        == len(answer["data"])
        == sum(len(site.holdings.of(each)) for each in (IMAGE, EXPOSURE, WFPC2, CONTRIBUTED, SECRET))
    )
    shared = rows[f"{EXPOSURE}_cal.fits", int(number(site, IMAGE))]
    assert shared["obsID"] == int(number(site, EXPOSURE))
    row = rows[f"{WFPC2}_trl.fits", int(number(site, WFPC2))]
    assert {name: row[name] for name in ("size", "calib_level", "productType", "obs_id", "dataRights")} == {
        "size": None,
        "calib_level": None,
        "productType": "AUXILIARY",
        "obs_id": WFPC2,
        "dataRights": "PUBLIC",
    }
    assert rows[f"{WFPC2}_c0f.jpg", int(number(site, WFPC2))]["productSubGroupDescription"] is None


def test_a_product_that_is_nobody_s_own_is_under_the_observation_that_lists_it(lite: Site) -> None:
    with writing(lite.services.engine) as session:
        nobody = update(Product).where(col(Product.id) == lite.holdings[f"{WFPC2}_c0f.fits"].id)
        session.execute(nobody.values(observation_id=None))
    rows = ask(lite, PRODUCTS, {"obsid": number(lite, WFPC2)})["data"]
    assert {(row["obs_id"], str(row["obsID"])) for row in rows} == {(WFPC2, number(lite, WFPC2))}


def test_what_stands_in_for_recommended_products_is_marked_so(site: Site) -> None:
    """Where a table marks none, our baskets take the science products of the highest level: so do these."""
    rows = ask(site, PRODUCTS, {"obsid": number(site, EXPOSURE)})["data"]
    marked = {row["productFilename"] for row in rows if row["productGroupDescription"]}
    assert marked == {f"{EXPOSURE}_cal.fits", f"{EXPOSURE}_rate.fits"}


@pytest.mark.long
def test_any_observations_have_the_recommended_products_of_a_basket_with_them(shared: Site) -> None:
    client, every = shared.visitor().client, sorted(shared.holdings.observations)
    for some in (each for n in range(1, len(every) + 1) for each in combinations(every, n)):
        rows = ask(shared, PRODUCTS, {"obsid": ",".join(number(shared, each) for each in some)})["data"]
        theirs = {row["dataURI"] for row in rows if row["productGroupDescription"]}
        made = client.post("/api/v1/baskets", json={"observations": some}).json
        ours = client.get(f"/api/v1/baskets/{made['id']}/files?limit=1000").json
        assert theirs == {each["uri"] for each in ours["files"]}, some
        marks = {(row["dataURI"], row["productGroupDescription"]) for row in rows}
        assert len(marks) == len({uri for uri, _ in marks}), some  # all rows of a product say the same


def test_products_come_page_by_page_in_one_order(shared: Site) -> None:
    wanted = {"obsid": f"{number(shared, IMAGE)},{number(shared, WFPC2)}"}
    whole = ask(shared, PRODUCTS, wanted)["data"]
    pages = [ask(shared, PRODUCTS, wanted, page=page, pagesize=4) for page in (1, 2, 3, 4)]
    assert [row for page in pages for row in page["data"]] == whole
    assert [page["paging"]["pagesFiltered"] for page in pages] == [3] * 4


@pytest.mark.parametrize("service", [FILTERED, POSITION, PRODUCTS])
def test_the_number_of_questions_to_the_database_does_not_grow(shared: Site, service: str) -> None:
    params = {**ALL, "position": "151.7 -40.4 180", "obsid": number(shared, IMAGE)}
    more = {**params, "obsid": f"{number(shared, IMAGE)},{number(shared, WFPC2)}"}
    with counted(shared.services.engine) as one:
        ask(shared, service, params)
    with counted(shared.services.engine) as many:
        ask(shared, service, more)
    assert len(one) == len(many) <= 4


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (where("proposal_id", "2733", "5478"), 4),
        (where("proposal_id", 2733), 3),
        (where("obs_id", "%_001%"), 0),
        (where("obs_id", freeText="%-O001_%"), 1),
        (where("obs_id", freeText="JW02733%"), 3),
        (where("target_name", "saturn", freeText="M%"), 2),
        (where("instrument_name", "nircam"), 1),
        (where("s_dec", {"min": -41}), 1),
        (where("s_dec", {"min": -41, "max": None}, {"min": 80, "max": "90"}), 1),
        (where("calib_level", "3", 4), 3),
        (where("calib_level", -(10**18)), 0),
        (where("obsid", "1", str(2**63), 10**18 + 10**17), 0),
        ({"columns": "OBS_ID", "filters": []}, 6),
        ({"columns": "obs_id", "filters": [{"paramName": "PROPOSAL_ID", "values": "5478"}]}, 1),
    ],
    ids=str,
)
def test_criteria_mean_what_they_say(shared: Site, params: dict[str, Any], expected: int) -> None:
    params["columns"] = "obs_id"
    assert len(found(shared, params)) == expected


def test_criteria_find_the_same_on_both_databases(site: Site) -> None:
    assert found(site, where("obs_id", freeText="JW02733%")) == {IMAGE, EXPOSURE, "jw02733001002"}
    assert found(site, where("calib_level", 3)) == {IMAGE, SECRET}
    assert found(site, where("obsid", number(site, WFPC2))) == {WFPC2}
    assert found(site, where("filters", "f090w", separator=";")) == {IMAGE, EXPOSURE, "jw02733001002"}
    assert found(site, where("filters", freeText="F09%", separator=";")) == {IMAGE, EXPOSURE, "jw02733001002"}
    assert found(site, where("dataRights", "PUBLIC")) == set()  # the table of observations says nothing of rights
    assert ask(site, POSITION, {**ALL, "columns": "COUNT_BIG(*)", "position": "151.7, -40.4, 0.2"})["data"] == [
        {"Column1": 1}
    ]
    assert ask(site, "Mast.Caom.All", {}, format="extjs")["status"] == "COMPLETE"


LISTS_IN_LISTS = '{"service": "Mast.Caom.Cone", "params": ' + "[" * 9_000 + "]" * 9_000 + "}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The field request holds no JSON that can be read."),
        ("[]", "The field request is not a JSON object."),
        ('{"service": NaN}', "The field request holds no JSON that can be read."),
        (LISTS_IN_LISTS, "The field request holds no JSON that can be read."),
        ("[" + "[]," * 10_000 + "[]]", "The field request holds too many lists and objects."),
        ('{"service": ["Mast.Caom.Cone"]}', "There is no service ['Mast.Caom.Cone'] here."),
        ('{"service": "Mast.Name.Lookup"}', "There is no service 'Mast.Name.Lookup' here."),
        ('{"service": "Mast.Caom.Cone", "params": []}', "The request's params are not a JSON object."),
        ('{"service": "Mast.Caom.Cone", "format": "votable"}', "There is no format 'votable' here."),
        ('{"service": "Mast.Caom.Cone", "page": 0}', "page is 0."),
        ('{"service": "Mast.Caom.Cone", "page": 1e99}', "page is 1e+99."),
        ('{"service": "Mast.Caom.Cone", "pagesize": true}', "pagesize is True, which is not a number."),
        ('{"service": "Mast.Caom.Cone", "page": ' + "9" * 5_000 + "}", "The field request holds no JSON"),
    ],
    ids=lambda text: text[:60],
)
def test_a_request_that_cannot_be_read_says_why(shared: Site, text: str, sentence: str) -> None:
    answer = sent(shared, text)
    assert answer["status"] == "ERROR"
    assert answer["msg"].startswith(sentence)


@pytest.mark.parametrize(
    ("service", "params", "sentence"),
    [
        (FILTERED, {"columns": "obs_id, nothing"}, "There is no column 'nothing'."),
        (FILTERED, {"columns": ["obs_id"]}, "columns is not a text."),
        (FILTERED, {"columns": "obs_id," * 1_000}, "columns has 7,000 characters; 5,000 are taken."),
        (FILTERED, {"filters": where("obs_id", "x")["filters"] * 2}, "There are 2 criteria on obs_id."),
        (FILTERED, {"filters": "obs_id"}, "filters is not a list of up to 30 objects."),
        (FILTERED, {"filters": [{}] * 31}, "filters is not a list of up to 30 objects."),
        (FILTERED, where("nothing", 1), "There is no column 'nothing'."),
        (FILTERED, where("proposal_pi", "x"), "This archive's catalogue does not hold proposal_pi."),
        (FILTERED, where("obs_id"), "The criterion obs_id has no value."),
        (FILTERED, where("obs_id", "a\0b"), "A value of obs_id is 'a\\x00b'."),
        (FILTERED, where("obs_id", "\ud800"), "A value of obs_id is '\\ud800'."),
        (FILTERED, where("obs_id", "x" * 1_001), "A value of obs_id has 1,001 characters and 0 wildcards."),
        (FILTERED, where("obs_id", {"min": 1}), "A value of obs_id is {'min': 1}."),
        (FILTERED, where("t_min", 55_000), "t_min is asked for by a range, not by 55000."),
        (FILTERED, where("t_min", {"min": "x"}), "t_min is 'x', which is not a number."),
        (FILTERED, where("t_min", {"min": "inf"}), "t_min is 'inf', which is not a number."),
        (FILTERED, where("calib_level", "three"), "calib_level is 'three', which is not a whole number."),
        (FILTERED, where("calib_level", freeText="3%"), "calib_level is a number, so it takes no wildcard."),
        (FILTERED, where("obs_id", freeText="%a" * 11), "A value of obs_id has 22 characters and 11 wildcards."),
        (FILTERED, where("filters", *map(str, range(201))), "The criteria hold 201 ranges and filters; 200 are taken."),
        (FILTERED, where("t_min", *([{"min": 1}] * 201)), "The criteria hold 201 ranges and filters; 200 are taken."),
        (FILTERED, where("distance", 1), "distance is no criterion."),
        (POSITION, ALL, "A position is three numbers"),
        (POSITION, {**ALL, "position": "1, 2"}, "A position is three numbers"),
        (POSITION, {**ALL, "position": "1, 95, 1"}, "The position has dec 95 and radius 1."),
        ("Mast.Caom.Cone", {"ra": 1, "dec": 2, "radius": "wide"}, "radius is 'wide', which is not a number."),
        ("Mast.Caom.Cone", {"ra": 1, "dec": 2, "radius": -1}, "The position has dec 2 and radius -1."),
        (PRODUCTS, {}, "A value of obsid is None."),
        (PRODUCTS, {"obsid": "1,jw"}, "obsid is 'jw', which is not an observation's number."),
        (PRODUCTS, {"obsid": "²"}, "obsid is '\\xb2', which is not an observation's number."),
        (PRODUCTS, {"obsid": "1," * 200_000}, "obsid has 200,001 numbers; 200,000 are taken."),
        ("Mast.Caom.All", {}, "Mast.Caom.All is answered as extjs only."),
    ],
    ids=lambda each: str(each)[:60],
)
def test_what_cannot_be_answered_says_why(shared: Site, service: str, params: dict[str, Any], sentence: str) -> None:
    answer = ask(shared, service, params)
    assert answer["status"] == "ERROR"
    assert answer["msg"].startswith(sentence)


@pytest.mark.long
def test_the_most_that_is_taken_is_answered(shared: Site) -> None:
    assert found(shared, where("obs_id", IMAGE, *(f"x{n}" * 100 for n in range(5_000)))) == {IMAGE}
    assert found(shared, where("filters", *["f" * 1_000] * 200, freeText="%f" * 10)) == set()
    assert found(shared, where("t_min", *([{"min": 1, "max": 2}] * 200))) == set()
    assert found(shared, where("calib_level", *range(100_000))) >= {IMAGE}


def test_a_column_table_that_there_is_not_is_empty(shared: Site) -> None:
    answer = shared.visitor().client.post(
        "/portal/Mashup/Mashup.asmx/columnsconfig", data={"colConfigId": "Mast.Catalogs.Tic.Cone"}
    )
    assert answer.json == {}


def test_a_page_is_never_larger_than_the_limit(shared: Site) -> None:
    assert ask(shared, FILTERED, ALL, pagesize=10**8)["paging"]["pageSize"] == 50_000


def test_a_request_that_no_client_needs_is_not_read(shared: Site) -> None:
    answer = shared.visitor().client.post("/api/v0/invoke", data={"request": "x" * 4_000_001})
    assert answer.status_code == 413


def test_a_filter_is_found_among_others_of_its_cell(lite: Site) -> None:
    with writing(lite.services.engine) as session:
        session.execute(
            update(Observation).where(col(Observation.obs_id) == WFPC2).values(filters="F555W; F606W;F814W")
        )
    for wanted in ("f606w", "F814W", "F606W;F814W", "F555W; F606W;F814W"):
        assert found(lite, where("filters", *(f"x{n}" for n in range(199)), wanted)) == {WFPC2}
    assert not found(lite, where("filters", "606W", "W;F8"))


def test_a_long_list_of_numbers_is_taken(shared: Site) -> None:
    wanted = ",".join([number(shared, IMAGE), *(str(n) for n in range(1, 200_000))])
    assert len(ask(shared, PRODUCTS, {"obsid": wanted})["data"]) == len(shared.holdings.of(IMAGE))
