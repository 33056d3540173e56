"""``skybasket ingest mast`` against a server that answers as MAST does; what takes longer is in tests/long."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.ingest_mast import PRODUCTS, PROGRAMME
from tests.fixtures.replay_mast import FILE, TOKEN
from tests.fixtures.tables import ask, ask_one
from webapp.commands import ingest_mast
from webapp.db import engine_for
from webapp.settings import load
from webapp.stores import add_store, store_pairs

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.ingest_mast import Ingest
    from tests.fixtures.replay_mast import Replay

PAGE = Path(__file__).resolve().parents[2] / "docs/mast-frontend.md"


@pytest.fixture
def catalogue(tmp_path: Path) -> Engine:
    return engine_for(f"sqlite:///{tmp_path / 'skybasket.db'}")


def numbers(engine: Engine) -> tuple[int, int]:
    """How many products and observations there are."""
    return ask_one(engine, "SELECT count(*) FROM product"), ask_one(engine, "SELECT count(*) FROM observation")


def test_a_programme_comes_with_its_observations_and_their_files(ingest: Ingest, catalogue: Engine) -> None:
    done = ingest(*PROGRAMME)
    assert (done.exit_code, done.stdout) == (
        0,
        "127.0.0.1: 5 observations; 23 new, 0 updated, 0 unchanged, 1 duplicate link, 0 withdrawn\n",
    )
    assert "127.0.0.1 has 5 observations (obs_collection=JWST, proposal_id=4426).\n" in done.stderr
    assert numbers(catalogue) == (23, 5)
    about = ask(catalogue, "SELECT DISTINCT target, proposal_id, stub, ra, dec FROM observation")
    assert about == [("TARGET-4426", "4426", 0, 150.1, 2.2)]


def test_an_observation_without_files_of_its_own_has_its_name_and_those_of_its_members(
    ingest: Ingest, catalogue: Engine
) -> None:
    ingest("LBNM01010")
    links = ask(
        catalogue,
        "SELECT o.obs_id, o.stub, count(*) FROM observation o JOIN observation_product x ON x.observation_id = o.id"
        " GROUP BY 1, 2 ORDER BY 1",
    )
    assert links == [("LBNM01010", 0, 10), ("lbnm01lzq", 0, 10)]


def test_what_is_exclusive_has_the_programme_and_the_release_date_of_its_observation(
    ingest: Ingest, catalogue: Engine
) -> None:
    ingest("--programme", "1180")
    rights = ask(catalogue, "SELECT r.programme, r.released_at FROM product p JOIN rights r ON r.id = p.rights_id")
    assert rights == [("1180", (90_000 - 40_587) * 86_400)]


SELECTIONS = {
    "wildcard and range": (["--criteria", "obs_id=jw02736*", "--criteria", "t_min=59000..60000"], 5),
    "values": (["--criteria", "proposal_id=14796", "--criteria", "proposal_id=1345"], 4),
    "position": (["--coordinates", "23.1 60.65", "--radius", "0.2d"], 19),
    "position and value": (["--coordinates", "10:00:24 +02:12", "--radius", "1m", "--mission", "HST"], 7),
    "names": (["JD7E05020", "--obs", "JD7E54020"], 2),
    "list": (["--from", "-"], 3),
}


@pytest.mark.parametrize(("arguments", "count"), SELECTIONS.values(), ids=SELECTIONS)
def test_observations_are_chosen_in_many_ways(ingest: Ingest, arguments: list[str], count: int) -> None:
    done = ingest(*arguments, "--dry-run", words="U2780101T U2780201T # two\nU9O40504M\n")
    assert done.stdout.startswith(f"127.0.0.1 has {count} observations (")
    assert done.exit_code == 0


REFUSED = {
    "nothing": ([], "Say what to bring over"),
    "no such column": (["--criteria", "t_mim=1..2"], "Filter 't_mim' does not exist. Did you mean 't_min'?"),
    "no range": (["--criteria", "t_min=59000"], "t_min is a number; give a range such as t_min=1..2."),
    "wildcards": (["--criteria", "obs_id=a*", "--criteria", "obs_id=b*"], "obs_id has 2 values with * or %"),
    "upside down": (["--criteria", "t_min=2..1"], "t_min=2..1 ends before it begins"),
    "no criterion": (["--criteria", "JWST"], "'JWST' is not a criterion"),
    "one coordinate": (["--coordinates", "150.1"], "'150.1' is one coordinate"),
    "none there": (["--obs", "nothing"], "has 0 observations (obs_id=nothing). Check how"),
    "empty list": (["--from", "-"], "names no observations"),
}


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_asked_for_is_a_sentence(ingest: Ingest, arguments: list[str], sentence: str) -> None:
    done = ingest(*arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_the_commands_of_the_page_for_users_are_understood(
    ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "observations.txt").write_text("U9O40504M\n")
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("skybasket ingest mast ")]
    assert len(lines) > 5
    for line in lines:
        said = ingest(*shlex.split(line)[3:], "--dry-run").output
        assert " observation" in said.splitlines()[0], said


def test_very_many_observations_are_not_brought_over_unasked(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_mast, "MANY", 4)
    done = ingest(*PROGRAMME)
    assert done.exit_code == 2
    assert "Say --yes to bring them over" in done.stderr
    assert ingest(*PROGRAMME, "--yes").exit_code == 0


def test_what_came_lately_is_asked_for_again_only_on_demand(ingest: Ingest, replay: Replay) -> None:
    first = ingest(*PROGRAMME)
    asked = len(replay.questions(PRODUCTS))
    assert "5 observations came within the last day" in ingest(*PROGRAMME).stderr
    assert len(replay.questions(PRODUCTS)) == asked
    assert first.exit_code == ingest(*PROGRAMME, "--again").exit_code == 0
    assert len(replay.questions(PRODUCTS)) == 2 * asked


def test_what_came_lately_into_a_catalogue_that_is_gone_comes_again(
    ingest: Ingest, catalogue: Engine, tmp_path: Path
) -> None:
    ingest(*PROGRAMME)
    (tmp_path / "skybasket.db").unlink()
    assert "23 new" in ingest(*PROGRAMME).stdout
    assert numbers(catalogue) == (23, 5)


def test_an_observation_that_cannot_be_had_is_left_out_by_name(ingest: Ingest, replay: Replay) -> None:
    replay.bad["139257277"] = "ERROR"
    done = ingest(*PROGRAMME)
    assert done.exit_code == 1
    assert done.stdout.startswith("127.0.0.1: 4 observations; 5 new")
    said = "Left out: jw04426-o001_t001_nirspec_g140m-f100lp: 127.0.0.1 answers with an error: Query timed out."
    assert said in done.stderr.splitlines()


def test_a_row_that_no_table_may_have_leaves_out_its_observation_alone(ingest: Ingest, replay: Replay) -> None:
    row = next(each for each in replay.products if each["parent_obsid"] == "139257240")
    row["dataURI"] = "mast:JWST/../../etc/passwd"
    done = ingest(*PROGRAMME)
    assert done.exit_code == 1
    assert "Left out: jw04426-o001_t001_nirspec_g235m-f170lp: MAST's list of products: row" in done.stderr


def test_sizes_that_contradict_each_other_are_unknown(ingest: Ingest, replay: Replay, catalogue: Engine) -> None:
    twice = next(each for each in replay.products if each["parent_obsid"] == "87602348")
    twice["size"] += 1
    assert ingest("--programme", "2736").exit_code == 0
    assert ask(catalogue, "SELECT size FROM product WHERE uri = :uri", uri=twice["dataURI"]) == [(None,)]


def test_one_name_of_several_that_is_not_known_there_is_said(ingest: Ingest) -> None:
    done = ingest("U9O40504M", "nothing", "u2780101t")
    assert done.exit_code == 1
    assert "127.0.0.1 has no observation called nothing, u2780101t." in done.stderr


def test_the_files_are_served_from_there_at_once(ingest: Ingest, replay: Replay) -> None:
    ingest(*PROGRAMME)
    assert store_pairs(load()) == (("mast:", f"{replay.url}{FILE}?uri=mast:"),)


def test_the_demo_archive_is_not_mixed_with_real_files(ingest: Ingest, replay: Replay, tmp_path: Path) -> None:
    add_store(load(), "mast:", str(tmp_path / "demo"))
    done = ingest(*PROGRAMME)
    assert (done.exit_code, replay.asked) == (2, [])
    assert "export SKYBASKET_HOME=" in done.stderr


def test_a_store_of_the_settings_stays_what_it_is(
    ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYBASKET_STORES", f"mast:={tmp_path.as_uri()}")
    done = ingest(*PROGRAMME)
    assert f"The bytes of mast: come from {tmp_path.as_uri()} as before" in done.stderr
    assert store_pairs(load()) == (("mast:", tmp_path.as_uri()),)


def test_the_token_of_the_environment_is_sent_and_shown_nowhere(
    ingest: Ingest, replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ingest_mast.TOKEN, TOKEN)
    done = ingest(*PROGRAMME)
    assert replay.tokens == {f"token {TOKEN}"}
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(TOKEN.encode() in each for each in [done.output.encode(), *kept])


def test_a_token_that_is_refused_is_a_sentence(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ingest_mast.TOKEN, "worn-out")
    done = ingest(*PROGRAMME)
    assert done.exit_code == 2
    assert "does not accept the token in MAST_API_TOKEN" in done.stderr
    assert "worn-out" not in done.stderr


def test_a_server_that_stays_away_ends_in_a_sentence_and_keeps_what_came(ingest: Ingest, replay: Replay) -> None:
    replay.bad["139257277"] = "500"
    done = ingest(*PROGRAMME)
    assert done.exit_code == 2
    assert done.stderr.endswith("127.0.0.1 is busy (status 500). The same command goes on from there.\n")
