from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site


def cache_control(visitor: Visitor, address: str) -> str:
    with visitor.client.get(address) as answer:
        return str(answer.headers["Cache-Control"])


def test_a_stamped_file_may_be_kept_for_ever(lite: Site) -> None:
    visitor = lite.visitor()
    addresses = set(re.findall(r'/static/[^"#]+', visitor.get("/").text))
    assert {cache_control(visitor, each) for each in addresses} == {"public, max-age=31536000, immutable"}


def test_a_file_without_its_stamp_is_asked_for_again(lite: Site) -> None:
    assert cache_control(lite.visitor(), "/static/icons.svg") == "no-cache"
