"""What a page costs does not grow with the files, folders or downloads that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2
from tests.fixtures.webapp import counted

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site


def statements(site: Site, visitor: Visitor, url: str, target: str | None = None) -> int:
    visitor.get(url, target=target)  # what is computed once and kept is there now
    with counted(site.services.engine) as sent:
        visitor.get(url, target=target)
    return len(sent)


# One file is shown, then three, five and more.
ONE = f"?mrp=0&group=I2D&open=JWST/{IMAGE}"
THREE = f"?mrp=0&group=I2D&group=CAT&group=POOL&open=JWST/{IMAGE}"
MANY = f"?mrp=0&open=JWST/{IMAGE}&open=HST/{WFPC2}&open=JWST/{EXPOSURE}"


@pytest.mark.parametrize("query", [ONE, THREE, MANY])
@pytest.mark.parametrize(
    ("target", "count"),
    [
        (None, 7),  # basket, catalogue's version, rights, observations, URIs, other baskets; the tab's number of files
        ("workspace", 6),
        ("more", 4),
    ],
)
def test_a_page_of_the_basket_costs_the_same_whatever_it_shows(
    site: Site, query: str, target: str | None, count: int
) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE, EXPOSURE, WFPC2)
    assert statements(site, visitor, base + query, target) == count


@pytest.mark.parametrize("name", [f"{IMAGE}_i2d.fits", f"{EXPOSURE}_cal.fits"])
def test_details_cost_the_same_whatever_they_show(site: Site, name: str) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE, EXPOSURE)
    assert statements(site, visitor, f"{base}?mrp=0&file={site.holdings[name].uri}", "details") == 7


@pytest.mark.parametrize("count", [1, 3])
def test_a_tick_costs_the_same_whatever_it_ticks(site: Site, count: int) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE, EXPOSURE, WFPC2)
    group = "&".join(["mrp=0", *[f"group={name}" for name in ("I2D", "CAT", "POOL")[:count]]])
    form = {"set": "matching", "back": group}
    visitor.post(f"{base}/selection", {**form, "set": "none"}, target="workspace")
    with counted(site.services.engine) as sent:
        visitor.post(f"{base}/selection", form, target="workspace")
    assert len(sent) == 10


@pytest.mark.parametrize("obs_ids", [(IMAGE,), (IMAGE, EXPOSURE, OTHER_EXPOSURE)])
def test_the_list_of_observations_costs_the_same_however_long(site: Site, obs_ids: tuple[str, ...]) -> None:
    visitor = site.visitor()
    assert statements(site, visitor, f"{visitor.basket(*obs_ids)}/observations") == 4


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_costs_the_same_however_long(working: Site, count: int) -> None:
    visitor = working.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    for name in (f"{IMAGE}_i2d.fits", f"{IMAGE}_cat.ecsv", f"{WFPC2}_c0f.fits")[:count]:
        visitor.tick(base, working.holdings[name].path)
        visitor.post(f"{base}/deliveries", {"method": "script", "format": "sh"})
        working.work()
    assert statements(working, visitor, "/history") == 2


@pytest.mark.parametrize("query", [ONE, THREE, MANY])
def test_a_share_costs_the_same_whatever_it_shows(site: Site, query: str) -> None:
    visitor = site.visitor()
    url = visitor.post(f"{visitor.basket(IMAGE, EXPOSURE, WFPC2)}/share", {"back": "mrp=0"}).location
    # share, frozen basket, whether it stands, catalogue's version, rights, URIs; above: programmes, rights; the tab
    assert statements(site, visitor, url + query) == 9
    assert statements(site, visitor, url + query, "workspace") == 6


@pytest.mark.parametrize("obs_ids", [(IMAGE,), (IMAGE, EXPOSURE, OTHER_EXPOSURE)])
def test_the_list_of_shares_costs_the_same_however_long(site: Site, obs_ids: tuple[str, ...]) -> None:
    visitor = site.visitor()
    for obs_id in obs_ids:
        visitor.post(f"{visitor.basket(obs_id)}/share")
    assert statements(site, visitor, "/shares") == 2
