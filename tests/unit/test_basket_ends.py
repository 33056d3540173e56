"""How commands about baskets end where servers, or those who give the commands, are wrong: a sentence and a code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.fixtures.crooked import Answer, Crooked, problem, said
from webapp.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

SHA256 = "0" * 64
PART = {"url": "/deliveries/d/x.zip", "name": "x.zip", "bytes": 3}
ROW = {"uri": "a", "path": "JWST/a/a.fits", "bytes": 3, "sha256": None, "access": "PUBLIC"}
ROW["url"] = "/api/v0.1/Download/file?uri=a"


def ended(crooked: Crooked, home: Path, *words: str, **env: str) -> Result:
    here = {"SKYBASKET_SERVER": crooked.url, "XDG_STATE_HOME": str(home / "state"), "SKYBASKET_TOKEN": ""}
    return CliRunner().invoke(main, ["basket", *words], env=here | env)


def downloaded(crooked: Crooked, home: Path, parts: object, *words: str) -> Result:
    status = said(id="d", state="Ready", files=2, omitted=0, parts=parts)
    crooked.answers.insert(0, status)
    return ended(crooked, home, "download", str(home / "here"), "--delivery", "d", *words)


@pytest.mark.parametrize(
    "answer",
    [
        said(files=1),
        said(version=1, files=1, bytes="x", unknown_size=0, selected=5, facets=[]),
        Answer(body=b"[" * 100_000),
        Answer(body=b'{"version": NaN}'),
        problem(503, "Later.", ("Retry-After", "600")),
        problem(500, "Oh."),
    ],
    ids=["missing", "others", "deep", "no number", "later", "broken"],
)
def test_an_answer_that_is_none_ends_with_4_and_a_sentence(crooked: Crooked, tmp_path: Path, answer: Answer) -> None:
    crooked.will(answer)
    result = ended(crooked, tmp_path, "show", "--basket", "b")
    assert (result.exit_code, result.stderr.count("\n")) == (4, 1)


def test_a_refusal_with_members_of_another_form_ends_with_2(crooked: Crooked, tmp_path: Path) -> None:
    crooked.will(problem(422, "No.", missing=5, ambiguous=[{"name": "a", "choices": 5}]))
    result = ended(crooked, tmp_path, "show", "--basket", "b")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "No. Do this.")


def test_a_token_with_a_blank_and_an_address_that_is_none_end_with_2(crooked: Crooked, tmp_path: Path) -> None:
    assert ended(crooked, tmp_path, "show", "--basket", "b", SKYBASKET_TOKEN="a b").exit_code == 2  # noqa: S106 - it is none
    assert ended(crooked, tmp_path, "show", "--basket", "b", "--server", "ftp://x").exit_code == 2


@pytest.mark.parametrize(
    ("part", "code"),
    [({"bytes": None}, 4), ({"name": "../x"}, 2), ({"sha256": SHA256}, 1), ({"bytes": 2}, 1)],
    ids=["form", "name", "damaged", "longer"],
)
def test_a_part_that_is_wrong_is_told_by_its_code(
    crooked: Crooked, tmp_path: Path, part: dict[str, object], code: int
) -> None:
    crooked.will(Answer(body=b"zip"))
    assert downloaded(crooked, tmp_path, [PART | part]).exit_code == code


def test_a_file_that_is_there_and_is_not_the_download_ends_with_2(crooked: Crooked, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/x.zip").write_bytes(b"other")
    assert downloaded(crooked, tmp_path, [PART]).exit_code == 2


def test_nothing_to_fetch_ends_with_1(crooked: Crooked, tmp_path: Path) -> None:
    assert downloaded(crooked, tmp_path, []).exit_code == 1


@pytest.mark.parametrize(
    ("lines", "parts", "code"),
    [([], 1, 1), ([ROW], 1, 1), ([ROW, ROW], 2, 4), (["[" * 50_000], 1, 4), ([{}], 1, 4)],
    ids=["none", "fewer", "two lists", "deep", "form"],
)
def test_a_list_that_is_not_the_delivery_ends_badly(
    crooked: Crooked, tmp_path: Path, lines: list[object], parts: int, code: int
) -> None:
    body = "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines).encode()
    named = [PART | {"name": f"{n}.jsonl", "bytes": len(body)} for n in range(parts)]
    plan = said(digest="x", findings=[])
    crooked.will(plan, said(id="d"), said(id="d", state="Ready", files=2, omitted=0, parts=named), Answer(body=body))
    crooked.will(Answer(body=body))
    result = ended(crooked, tmp_path, "download", str(tmp_path / "here"), "--basket", "b")
    assert (result.exit_code, result.stdout) == (code, "")
    assert not (tmp_path / "here").exists()
