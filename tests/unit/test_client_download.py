"""Parts of a delivery over connections that break, from servers that answer wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from skybasket_client import Delivery, Skybasket, SkybasketError
from tests.fixtures.crooked import Answer, Crooked, problem

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = bytes(range(200))
ETAG = ("ETag", '"1"')


def delivery(sky: Skybasket, name: str = "x.zip", size: int = len(WHOLE), **more: Any) -> Delivery:
    found = sky.delivery("d")
    found.said = {"state": "Ready", "parts": [{"url": "/deliveries/d/x.zip", "name": name, "bytes": size, **more}]}
    return found


def test_a_download_that_breaks_goes_on_at_the_next_byte(crooked: Crooked, tmp_path: Path) -> None:
    rest = Answer(206, WHOLE[120:], (ETAG, ("Content-Range", "bytes 120-199/200")))
    crooked.will(Answer(200, WHOLE, (ETAG,), cut=120), rest)
    with crooked.sky() as sky:
        (file,) = delivery(sky).download(tmp_path)
    assert file.read_bytes() == WHOLE
    assert (crooked.asked[1].headers["Range"], crooked.asked[1].headers["If-Range"]) == ("bytes=120-", '"1"')
    assert list(tmp_path.iterdir()) == [file]


def test_a_bundle_that_has_changed_meanwhile_comes_from_its_start(crooked: Crooked, tmp_path: Path) -> None:
    (tmp_path / "x.zip.part").write_bytes(b"old" * 20)
    (tmp_path / "x.zip.part.etag").write_text('"0"')
    crooked.will(Answer(200, WHOLE, (ETAG,)))
    with crooked.sky() as sky:
        (file,) = delivery(sky).download(tmp_path)
    assert file.read_bytes() == WHOLE


@pytest.mark.parametrize(("first", "tags"), [(50, (ETAG,)), (100, (("ETag", '"2"'),)), (100, ())], ids=str)
def test_a_range_that_is_wrong_or_of_another_version_is_not_joined(
    crooked: Crooked, tmp_path: Path, first: int, tags: tuple[tuple[str, str], ...]
) -> None:
    (tmp_path / "x.zip.part").write_bytes(b"old" * 33 + b"!")
    (tmp_path / "x.zip.part.etag").write_text('"1"')
    wrong = Answer(206, WHOLE[first:], (*tags, ("Content-Range", f"bytes {first}-199/200")))
    crooked.will(wrong, Answer(200, WHOLE, (ETAG,)))
    with crooked.sky() as sky:
        (file,) = delivery(sky).download(tmp_path)
    assert file.read_bytes() == WHOLE


def test_a_refused_range_before_anything_came_is_asked_again(crooked: Crooked, tmp_path: Path) -> None:
    crooked.will(Answer(416), Answer(200, WHOLE, (ETAG,)))
    with crooked.sky() as sky:
        (file,) = delivery(sky).download(tmp_path)
    assert file.read_bytes() == WHOLE


def test_a_bundle_with_a_wrong_checksum_gets_no_name(crooked: Crooked, tmp_path: Path) -> None:
    crooked.will(Answer(200, WHOLE, (ETAG,)))
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="damaged"):
        delivery(sky, sha256="0" * 64).download(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_fetched_again_and_what_is_not_ours_is_kept(crooked: Crooked, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(WHOLE)
    with crooked.sky() as sky:
        delivery(sky).download(tmp_path)
        with pytest.raises(SkybasketError, match="is there already"):
            delivery(sky, size=3).download(tmp_path)
    assert crooked.asked == []


@pytest.mark.parametrize(
    "name",
    [
        "../x.zip",
        "/x.zip",
        ".bashrc",
        "a/b",
        "a\\b",
        "",
        "CON",
        "nul.zip",
        "com1 .tar",
        "x.part",
        "x.part.etag",
        "a.",
        "a ",
    ],
)
def test_a_part_cannot_leave_the_folder_or_have_a_name_that_means_something_else(
    crooked: Crooked, tmp_path: Path, name: str
) -> None:
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="no name of a file"):
        delivery(sky, name=name).download(tmp_path)


def test_a_stream_that_is_refused_is_closed(crooked: Crooked, tmp_path: Path) -> None:
    crooked.will(problem(410, "x.zip cannot be had any more."))
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="any more"):
        delivery(sky).download(tmp_path)


@pytest.mark.parametrize(
    "part", [{"bytes": None}, {"bytes": -1}, {"bytes": 2.7}, {"name": 5}, {"url": None}, {"sha256": "x"}], ids=repr
)
def test_a_part_of_another_form_is_an_error(crooked: Crooked, tmp_path: Path, part: dict[str, Any]) -> None:
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="not understood"):
        delivery(sky, **{"name": "x.zip", "size": 200, **part}).download(tmp_path)


def test_two_parts_of_one_name_are_an_error_before_anything_is_fetched(crooked: Crooked, tmp_path: Path) -> None:
    with crooked.sky() as sky:
        found = delivery(sky)
        found.said["parts"] += [found.said["parts"][0] | {"name": "X.zip"}]
        with pytest.raises(SkybasketError, match="Two parts"):
            found.download(tmp_path)
    assert crooked.asked == []


def test_a_delivery_without_anything_to_fetch_is_an_error(crooked: Crooked, tmp_path: Path) -> None:
    with crooked.sky() as sky:
        found = delivery(sky)
        found.said["parts"] = []
        with pytest.raises(SkybasketError, match="nothing to fetch") as caught:
            found.download(tmp_path)
    assert caught.value.why == "failed"
