"""The plan as JSON: the same as on the page, and it makes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobs.dialects import dialects
from tests.fixtures.holdings import IMAGE, SECRET, WFPC2

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

I2D, C0F, S3D = f"{IMAGE}_i2d.fits", f"{WFPC2}_c0f.fits", f"{SECRET}_s3d.fits"
ZIP = {"method": "bundle", "format": "zip"}


def chosen(site: Site, *names: str) -> tuple[Visitor, str]:
    visitor = site.visitor()
    base = visitor.basket(*sorted({site.holdings[name].observations[0] for name in names}))
    visitor.tick(base, *(site.holdings[name].path for name in names))
    return visitor, base


def test_a_plan_says_digest_findings_parts_and_estimate(site: Site) -> None:
    visitor, base = chosen(site, I2D, C0F)
    plan = visitor.client.post(f"/api/v1{base}/plan", json=ZIP).json
    size = sum(len(site.holdings[name].content or b"") for name in (I2D, C0F))
    assert (plan["files"], plan["bytes"], plan["unknown_size"], plan["findings"]) == (2, size, 0, [])
    assert plan["parts"] == [{"files": 2, "bytes": size}]
    assert len(plan["digest"]) == 64
    assert plan["estimate"]["disk_bytes"] == 2 * size


def test_a_finding_names_its_files(site: Site) -> None:
    visitor, base = chosen(site, I2D, S3D)
    (finding,) = visitor.client.post(f"/api/v1{base}/plan", json=ZIP).json["findings"]
    assert (finding["code"], finding["blocks"], finding["files"]) == ("not_authorised", True, 1)
    assert [each["path"] for each in finding["list"]] == [site.holdings[S3D].path]


def test_a_plan_makes_nothing(site: Site) -> None:
    visitor, base = chosen(site, I2D)
    visitor.client.post(f"/api/v1{base}/plan", json=ZIP)
    assert "No downloads yet" in visitor.get("/history").words


def test_every_script_and_list_can_be_planned(shared: Site) -> None:
    visitor, base = chosen(shared, I2D, C0F)
    for each in dialects().values():
        plan = visitor.client.post(f"/api/v1{base}/plan", json={"method": each.method, "format": each.name}).json
        assert (plan["files"], plan["parts"]) == (2, []), each.name


def test_the_digest_stays_until_what_would_be_had_changes(site: Site) -> None:
    visitor, base = chosen(site, I2D, C0F)
    first, second = (visitor.client.post(f"/api/v1{base}/plan", json=ZIP).json["digest"] for _ in range(2))
    site.holdings.place(site.holdings[I2D]).unlink()
    third = visitor.client.post(f"/api/v1{base}/plan", json=ZIP).json["digest"]
    assert first == second != third


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"method": "bundle"}, 422),
        ({"method": "bundle", "format": "rar"}, 422),
        ({"method": 1, "format": "zip"}, 422),
        ({**ZIP, "flat": "yes"}, 422),
        ([], 400),
    ],
)
def test_a_body_that_does_not_say_how_is_a_problem(shared: Site, body: object, status: int) -> None:
    visitor, base = chosen(shared, I2D)
    answer = visitor.client.post(f"/api/v1{base}/plan", json=body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["status"] == status


def test_a_body_of_lists_in_lists_is_a_problem(shared: Site) -> None:
    visitor, base = chosen(shared, I2D)
    answer = visitor.client.post(f"/api/v1{base}/plan", data="[" * 200_000, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_a_basket_that_does_not_exist_is_a_problem(shared: Site) -> None:
    answer = shared.visitor().client.post("/api/v1/baskets/nothing/plan", json=ZIP)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
