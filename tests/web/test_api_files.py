"""The files of a basket by the API: their fields, filters, and pages that hold each file once."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from tests.fixtures.holdings import IMAGE, SECRET, WFPC2, file
from tests.fixtures.people import bearer, person
from tests.fixtures.programs import program
from webapp import tokens

if TYPE_CHECKING:
    from tests.fixtures.programs import ProgramBasket
    from tests.fixtures.webapp import Site

FIELDS = [
    "access",
    "batch",
    "category",
    "ext",
    "filename",
    "group",
    "level",
    "path",
    "recommended",
    "selected",
    "sha256",
    "size",
    "type",
    "uri",
]


def pages(basket: ProgramBasket, query: str, limit: int) -> list[list[dict[str, Any]]]:
    found, after = [], ""
    while True:
        page = basket.files(f"{query}&limit={limit}{after}")
        found.append(page["files"])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def named(basket: ProgramBasket, query: str) -> list[str]:
    return [each["filename"] for each in basket.files(query)["files"]]


def test_a_file_has_the_fields_of_the_contract(shared: Site) -> None:
    made = shared.holdings[f"{IMAGE}_i2d.fits"]
    (said,) = program(shared).basket(IMAGE).files(f"name={made.name}")["files"]
    assert sorted(said) == FIELDS
    assert said == {
        "uri": made.uri,
        "filename": made.name,
        "path": made.path,
        "size": made.size,
        "category": "SCIENCE",
        "type": "science",
        "ext": "fits",
        "group": "I2D",
        "level": 3,
        "recommended": True,
        "batch": True,
        "access": "public",
        "selected": False,
        "sha256": made.fields["sha256"],
    }


def test_what_is_not_known_of_a_file_is_null(shared: Site) -> None:
    (said,) = program(shared).basket(WFPC2).files("mrp=0&group=TRL")["files"]
    assert (said["size"], said["level"], said["recommended"]) == (None, None, False)


def test_no_query_lists_recommended_products_only(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    assert named(basket, "") == [f"{WFPC2}_c0f.fits", f"{IMAGE}_i2d.fits"]


def test_all_that_is_selected_can_be_listed(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2, select="mrp=0&ext=jpg")
    listed = basket.files("mrp=0&selected=1")["files"]
    assert [each["filename"] for each in listed] == [f"{WFPC2}_c0f.jpg", f"{IMAGE}_i2d.jpg"]
    assert all(each["selected"] for each in listed)


def test_removed_files_are_not_listed(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    basket.post("remove", {"filters": "mrp=0&ext=jpg"})
    assert f"{WFPC2}_c0f.jpg" not in named(basket, "mrp=0")


def test_pages_of_any_size_hold_each_file_once_and_in_the_order_of_the_tree(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    for limit in (1, 3, 1000):
        found = pages(basket, "mrp=0", limit)
        paths = [each["path"] for page in found for each in page]
        assert paths == sorted(each.path for each in shared.holdings.of(IMAGE, WFPC2))
        assert all(len(page) == limit for page in found[:-1])
        assert found[-1]


def test_pages_of_filtered_files_hold_only_those(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    found = pages(basket, "mrp=0&ext=fits", 2)
    paths = [each["path"] for page in found for each in page]
    assert paths == sorted(each.path for each in shared.holdings.of(IMAGE, WFPC2) if each.ext == "fits")


def test_without_a_limit_a_page_holds_200_files(lite: Site) -> None:
    lite.holdings.add_many(WFPC2, 250)
    basket = program(lite).basket(WFPC2)
    first = basket.files("mrp=0")
    assert len(first["files"]) == 200
    assert len(basket.files(f"mrp=0&after={first['next']}")["files"]) == 55


def test_a_limit_out_of_bounds_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    for limit in ("0", "-1", "1001", "ten", "", "1e3", "٣", "00000000001"):
        basket.files(f"limit={limit}", 400)
        program(shared).get(f"/observations?limit={limit}", 400)


def test_a_limit_of_a_thousand_is_allowed(shared: Site) -> None:
    program(shared).basket(WFPC2).files("limit=1000")


def test_files_that_arrive_between_two_pages_make_it_start_again(lite: Site) -> None:
    basket = program(lite).basket(WFPC2)
    first = basket.files("mrp=0&limit=2")
    lite.holdings.add(file(f"{WFPC2}_new.fits", WFPC2, mission="HST", folder=WFPC2, group="NEW", level=1))
    assert "Start again" in basket.files(f"mrp=0&limit=2&after={first['next']}", 410)["detail"]


def test_observations_that_arrive_between_two_pages_make_it_start_again(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    first = basket.files("mrp=0&limit=2")
    basket.post("observations", {"add": [IMAGE]})
    basket.files(f"mrp=0&limit=2&after={first['next']}", 410)


def test_ticks_between_two_pages_do_no_harm(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    first = basket.files("mrp=0&limit=2")
    basket.post("selection", {"select": True, "filters": "mrp=0"})
    rest = basket.files(f"mrp=0&after={first['next']}")["files"]
    assert [each["path"] for each in first["files"] + rest] == basket.paths


def test_a_cursor_of_another_basket_is_refused(shared: Site) -> None:
    cursor = program(shared).basket(IMAGE).files("mrp=0&limit=1")["next"]
    program(shared).basket(WFPC2).files(f"mrp=0&after={cursor}", 410)


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


GARBLED = {
    "no cursor": "x",
    "no base64": "%ff%fe!",
    "no JSON": base64.urlsafe_b64encode(b"[1").decode(),
    "another kind": cursor(1, 2),
    "a number that is none": cursor("a", True),  # noqa: FBT003 - JSON's true
    "too few values": cursor("a"),
    "a float": cursor("a", 1.0),
    "NaN": cursor("a", float("nan")),
    "an object": base64.urlsafe_b64encode(b"{}").decode(),
    "deep lists": base64.urlsafe_b64encode(b"[" * 1_400).decode(),
    "a long text": "A" * 5_000,
    "NUL": "%00",
}


def test_a_garbled_cursor_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    for after in GARBLED.values():
        basket.files(f"after={after}", 400)
        program(shared).get(f"/observations?after={after}", 400)


def test_a_row_that_a_cursor_makes_up_is_no_error_of_the_server(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    real = basket.files("mrp=0&limit=1")["next"]
    digest, _ = json.loads(base64.urlsafe_b64decode(real + "=" * (-len(real) % 4)))
    for row in (-(2**70), -1, 2**31, 2**63, 2**70):
        answer = basket.holder.asked("GET", f"{basket.path}/files?mrp=0&after={cursor(digest, row)}")
        assert answer.status_code in {200, 400}, row


def test_the_checksum_of_an_exclusive_file_is_told_to_those_who_may_read_it(shared: Site) -> None:
    made = shared.holdings[f"{SECRET}_s3d.fits"]
    basket = program(shared).basket(SECRET)
    path = f"{basket.path}/files?name={made.name}"
    reads = person(shared, "reads-exclusive", reads=("JWST", "4098"))
    seen = {
        "nobody": program(shared).get(path),
        "the key": basket.holder.get(path),
        "a token without the scope": program(shared, **bearer(shared, reads, tokens.READ)).get(path),
        "a token": program(shared, **bearer(shared, reads)).get(path),
    }
    told = {who: each["files"][0]["sha256"] for who, each in seen.items()}
    assert told == {
        "nobody": None,
        "the key": None,
        "a token without the scope": None,
        "a token": made.fields["sha256"],
    }
    assert {each["files"][0]["access"] for each in seen.values()} == {"exclusive"}
