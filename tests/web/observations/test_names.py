"""Lists of names: what they resolve to on each kind of database, and the page that takes them."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.webapp import counted
from webapp.db import reading
from webapp.errors import UserError
from webapp.observation_names import Ambiguous, resolve, split_names
from webapp.observations import review

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.fixtures.catalogue import Catalogue
    from webapp.context import Services
    from webapp.observation_names import Resolved


@pytest.fixture
def ids(world: Catalogue) -> dict[str, int]:
    """Observations by a nickname; one obs id is in two missions, one in two cases."""
    return {
        "jw": world.observation("jw02731-o001", obsid=7),
        "hst": world.observation("u2440405t", mission="HST"),
        "hla": world.observation("u2440405t", mission="HLA"),
        "low": world.observation("abc", mission="HST"),
        "high": world.observation("ABC", mission="HST"),
        "colon": world.observation("a:b", mission="HLSP"),
        "digits": world.observation("2406574872457412608", mission="GALEX"),
        "stub": world.observation("71234567", obsid=71234567, stub=True),
    }


def found(services: Services, *names: str) -> Resolved:
    with reading(services.engine) as session:
        return resolve(session, names)


def test_a_name_counts_as_written_else_in_any_case_if_that_is_one(services: Services, ids: dict[str, int]) -> None:
    assert found(services, "JW02731-O001", "abc", "ABC").ids == (ids["jw"], ids["low"], ids["high"])
    assert found(services, "aBc").ambiguous == (Ambiguous("aBc", ("HST:ABC", "HST:abc")),)


def test_a_mission_makes_a_name_clear(services: Services, ids: dict[str, int]) -> None:
    assert found(services, "HST:u2440405t", "hla:U2440405T").ids == (ids["hst"], ids["hla"])
    assert found(services, "u2440405t").ambiguous == (Ambiguous("u2440405t", ("HLA:u2440405t", "HST:u2440405t")),)


def test_a_name_may_hold_a_colon_or_be_all_digits(services: Services, ids: dict[str, int]) -> None:
    assert found(services, "a:b", "hlsp:A:B", "2406574872457412608").ids == (ids["colon"], ids["digits"])


def test_an_archives_number_is_a_name_too(services: Services, ids: dict[str, int]) -> None:
    assert found(services, "7", "71234567").ids == (ids["jw"], ids["stub"])


@pytest.mark.usefixtures("ids")
def test_what_is_not_here_is_named_in_the_order_of_the_list(services: Services) -> None:
    strange = ["zzz", "HST:jw02731-o001", "x" * 400, "a\0b", "9" * 30, "007"]

    assert found(services, "jw02731-o001", *strange) == found(services, *strange, "jw02731-o001")
    assert found(services, *strange, "jw02731-o001").missing == tuple(strange)


def test_a_list_takes_two_reads_whatever_its_length(services: Services, ids: dict[str, int]) -> None:
    names = [f"n{i}" for i in range(50_000)] + [str(i) for i in range(1, 50_000)]

    with counted(services.engine) as statements:
        resolved = found(services, *names)

    assert (resolved.ids, len(statements)) == ((ids["jw"],), 2)


def test_a_file_that_several_observations_share_counts_once(services: Services, world: Catalogue) -> None:
    first = world.observation("first", sizes=[100])
    second = world.observation("second")
    world.product("shared_cal.fits", first, second, size=11)
    world.product("gone_cal.fits", first, size=5, withdrawn_at=1)

    content = review(services, ["first", "second"], None).content

    assert (content.files, content.bytes) == (2, 111)


def test_names_part_at_white_space_and_commas() -> None:
    assert split_names('\ufeffa, b;c\r\nd\t"e" a\n\n,') == ["a", "b", "c", "d", "e"]


def test_a_list_that_is_too_long_gets_a_sentence() -> None:
    with pytest.raises(UserError, match="This list has 100,001 observation ids; one list can have 100,000") as caught:
        split_names(" ".join(str(i) for i in range(100_001)))

    assert caught.value.status == 413


def test_a_pasted_list_is_answered_with_what_was_found_and_what_not(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.observation("one", sizes=[1_000_000])
    catalogue.observation("two")

    html = client.post("/observations/list", data={"ids": "ONE, two\nthree four"}).text

    assert "2 found, 2 not: three, four." in html
    assert "Add 2 observations to basket" in html
    assert "1 file, 1.0 MB" in html
    assert html.count(" checked>") == 2


def test_an_uploaded_list_is_read(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.observation("one")

    html = client.post(
        "/observations/list", data={"ids": "", "file": (io.BytesIO(b"one\r\nzwei\r\n"), "list.txt")}
    ).text

    assert "1 found, 1 not: zwei." in html


def test_a_long_list_ends_in_one_row_for_the_rest(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.many([{"mission": "HST", "obs_id": f"o{i}"} for i in range(510)])

    html = client.post("/observations/list", data={"ids": " ".join(f"o{i}" for i in range(510))}).text

    rest = re.search(r'value="([\d ]+)" id="rest" data-count="10"', html)
    assert rest
    assert len(rest[1].split()) == 10
    assert "and 10 more" in html


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 400, "The list is empty."),
        (b"\xff\xfe\x00", 400, "This file is not text."),
        (b"x" * 8_000_001, 413, "This file is larger than 8 MB."),
    ],
)
def test_a_file_that_cannot_be_a_list_gets_a_sentence(
    client: FlaskClient, content: bytes, status: int, sentence: str
) -> None:
    head = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="list.txt"\r\n\r\n'

    response = client.post(
        "/observations/list",
        data=head + content + b"\r\n--xyz--\r\n",
        content_type="multipart/form-data; boundary=xyz",
    )

    assert response.status_code == status
    assert sentence in response.text


def test_looking_up_a_list_changes_nothing(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.observation("one")

    assert "Set-Cookie" not in client.post("/observations/list", data={"ids": "one"}).headers
