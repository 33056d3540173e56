"""``skybasket basket``: the whole journey of the page by commands alone, and how each of them ends."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.counter import (
    CALIBRATED,
    DARK,
    GALAXY,
    HUGE,
    LOST,
    PROGRAMMES,
    SECRET,
    SLOW,
    STAR,
    bundle_of_the_page,
    tree,
    unpacked,
)
from tests.fixtures.up import SECONDS, wait_until

if TYPE_CHECKING:
    from tests.fixtures.counter import Counter, Shell

STATE = "state/skybasket"


def test_the_journey_of_the_page_by_commands_alone_ends_in_the_same_bytes(
    shell: Shell, counter: Counter, tmp_path: Path
) -> None:
    assert "12 files" in shell.basket("new", f"JWST:{STAR}", GALAXY)
    assert "7 files" in shell.basket("show")
    shell.basket("select", "--all", "--group", "CAL", "--group", "I2D")
    shell.basket("remove", "--all", "--ext", "txt")
    assert shell.basket("files", "--all", "--selected").count("\n") == 11
    assert shell.basket("plan").startswith("11 files, ")
    shell.basket("download", "files")
    shell.basket("download", "--as", "zip")
    shell.basket("download", "there", "--as", "tar.gz")
    expected = bundle_of_the_page(counter, tmp_path)
    assert len(expected) == 11
    assert tree(tmp_path / "files") == expected
    (bundle,) = tmp_path.glob("skybasket_*.zip")
    assert unpacked(bundle) == expected
    (bundle,) = (tmp_path / "there").glob("skybasket_*.tar.gz")
    assert unpacked(bundle) == expected


def test_every_command_with_json_prints_one_document_and_nothing_else(shell: Shell) -> None:
    made = shell.json("new", "--match", f"proposal={PROGRAMMES[STAR]}&obs_id={STAR}")
    assert made["files"] == 8
    assert "key" not in made
    assert shell.json("show")["matching"]["files"] == 3
    assert shell.json("select", f"JWST/{STAR}/", "--all")["selected"]["files"] == 8
    assert shell.json("unselect", "--name", "*_cal.fits", "--all")["selected"]["files"] == 4
    assert shell.json("remove", f"JWST/{STAR}/jw1_0_cal.fits")["files"] == 7
    assert shell.json("restore", "--all")["files"] == 8
    assert shell.json("add", GALAXY)["files"] == 12
    assert shell.json("share")["url"].startswith("http")
    assert shell.json("plan", "--as", "zip")["findings"] == []
    assert shell.json("download", "--as", "list/csv")["parts"][0].endswith(".csv")
    told = shell.json("download", "here")
    assert (told["state"], told["omitted"], told["results"]) == ("Ready", 0, {"OK": 3, "OK, size only": 1})


def test_files_are_json_lines(shell: Shell) -> None:
    shell.basket("new", STAR)
    lines = [json.loads(line) for line in shell.basket("files", "--all", "--json").splitlines()]
    assert next(each["filename"] for each in lines if not each["recommended"]) == "jw1 [#1] & 'ü'.txt"
    assert len(lines) == 8


@pytest.mark.long
def test_names_may_be_piped_in(shell: Shell) -> None:
    assert shell.run("basket", "new", "--from", "-", given=f'"{STAR}",\nJWST:{GALAXY}\n').stdout.startswith("Made a")


def test_what_is_remembered_is_private_and_lets_change_the_basket(shell: Shell, tmp_path: Path) -> None:
    made = shell.json("new", STAR)
    key_file = Path(made["key_file"])
    assert {oct(each.stat().st_mode & 0o777) for each in key_file.parent.iterdir()} == {"0o600"}
    assert key_file.parent.stat().st_mode & 0o777 == 0o700
    key_file.unlink()
    assert shell.run("basket", "select", code=2).stderr
    elsewhere = tmp_path / "key"
    elsewhere.write_text(key_file.name)
    elsewhere.chmod(0o644)
    assert "chmod 600" in shell.run("basket", "select", "--token-file", str(elsewhere), code=2).stderr


def test_a_basket_may_be_named_by_its_page_but_not_by_one_of_another_server(shell: Shell) -> None:
    made = shell.json("new", STAR)
    shell.json("new", GALAXY)
    assert shell.json("show", "--basket", made["url"])["files"] == 8
    assert shell.json("show", "--basket", made["id"])["files"] == 8
    other = shell.run("basket", "show", "--basket", "https://archive.example/baskets/x", code=2)
    assert "SKYBASKET_SERVER=https://archive.example" in other.stderr
    shell.basket("use", made["url"])
    assert shell.json("show")["id"] == made["id"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("show", "No basket is in use."),
        ("new", "Say which observations"),
        ("new nope", "nope is not here"),
        ("download --as cake", "cake"),
        ("download --as zip --verify", "--as files"),
        ("download --flat --crds", "--flat or --crds"),
        ("show --basket ../etc", "is not at the server"),
    ],
)
def test_what_is_refused_ends_with_2_a_sentence_and_nothing_on_standard_output(
    shell: Shell, words: str, sentence: str
) -> None:
    ended = shell.run("basket", *words.split(), code=2)
    assert sentence in ended.stderr
    assert ended.stdout == ""


@pytest.mark.long
def test_who_reads_no_further_ends_a_list_quietly(shell: Shell) -> None:
    shell.basket("new", STAR)
    with shell.start("files", "--all") as running:
        running.stdout.close()
        assert running.stderr.read() == ""


def test_remove_wants_to_be_told_what(shell: Shell) -> None:
    shell.basket("new", STAR)
    assert "--all" in shell.run("basket", "remove", code=2).stderr
    assert "No file is selected" in shell.run("basket", "download", code=2).stderr


def test_a_server_that_does_not_answer_ends_with_4(shell: Shell) -> None:
    ended = shell.run("basket", "show", "--basket", "x", code=4, SKYBASKET_SERVER="http://127.0.0.1:1")
    assert "cannot be reached" in ended.stderr


def test_a_file_that_is_missing_stops_the_download_until_it_is_dropped_which_is_agreed(
    shell: Shell, tmp_path: Path
) -> None:
    shell.basket("new", LOST)
    shell.basket("select")
    assert "is not in its store" in shell.basket("plan", code=1)
    assert "--drop" in shell.run("basket", "download", "here", code=2).stderr
    shell.basket("download", "here", "--drop")
    assert set(tree(tmp_path / "here")) == {"JWST/lost/lost_1_i2d.fits"}
    assert shell.json("download", "--as", "zip", "--drop")["omitted"] == 1


@pytest.mark.parametrize("way", ["tar", pytest.param("files", marks=pytest.mark.long)])
def test_no_space_ends_with_3(shell: Shell, way: str) -> None:
    shell.basket("new", HUGE)
    shell.basket("select")
    shell.basket("download", "here", "--as", way, code=3)


@pytest.mark.long
def test_an_exclusive_file_needs_the_token_which_is_in_no_file_and_on_no_command_line(
    shell: Shell, counter: Counter, tmp_path: Path
) -> None:
    shell.basket("new", SECRET)
    shell.basket("select")
    assert "in SKYBASKET_TOKEN" in shell.run("basket", "download", "here", code=2).stderr
    token = counter.token("reader-of-commands")
    shell.basket("download", "here", SKYBASKET_TOKEN=token)
    assert tree(tmp_path / "here") == counter.tree(SECRET)
    shell.basket("download", "--as", "zip", SKYBASKET_TOKEN=token)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and token.encode() in file.read_bytes()]


@pytest.mark.long
def test_a_second_download_fetches_nothing_and_verify_finds_what_is_damaged(shell: Shell, tmp_path: Path) -> None:
    shell.basket("new", STAR)
    shell.basket("select")
    shell.basket("download", "here")
    assert shell.json("download", "here")["results"] == {"Already had it": 3}
    shell.basket("download", "here", "--verify")
    (tmp_path / f"here/JWST/{STAR}/jw1_0_i2d.fits").write_bytes(b"short")
    shell.basket("download", "here", "--verify", code=1)
    assert shell.json("download", "here", "--retry-failed")["results"]["Already had it"] == 2


def test_files_that_were_interrupted_are_continued_by_the_same_command(
    shell: Shell, counter: Counter, tmp_path: Path
) -> None:
    shell.basket("new", GALAXY, SLOW)
    shell.basket("select")
    receipt = tmp_path / "here" / "receipt.csv"
    with counter.held(), shell.start("download", "here") as running:
        wait_until(lambda: receipt.exists() and receipt.read_text().count("_i2d.fits,") >= 4)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=SECONDS)
    assert running.returncode == 130
    assert "run the same command again" in said
    with shell.start("download", "here", "--json") as again:  # a process, so that all that it prints is seen
        results = json.loads(again.communicate(timeout=SECONDS)[0])["results"]
    assert (results["Already had it"], sum(results.values())) == (4, 5)
    assert tree(tmp_path / "here") == counter.tree(GALAXY, SLOW)


def test_a_bundle_whose_download_was_killed_is_continued_by_the_same_command(
    shell: Shell, counter: Counter, tmp_path: Path
) -> None:
    shell.basket("new", GALAXY, SLOW)
    shell.basket("select")
    with counter.held(), shell.start("download", "--as", "tar") as running:
        wait_until(lambda: any(part.stat().st_size for part in tmp_path.glob("*.tar.part")))
        running.kill()
    (part,) = tmp_path.glob("*.tar.part")
    had = part.read_bytes()
    shell.basket("download", "--as", "tar")
    (bundle,) = tmp_path.glob("*.tar")
    assert bundle.name == part.stem
    assert bundle.read_bytes().startswith(had)
    assert unpacked(bundle) == counter.tree(GALAXY, SLOW)


@pytest.mark.long
def test_a_download_under_nohup_outlives_its_terminal(shell: Shell, counter: Counter, tmp_path: Path) -> None:
    shell.basket("new", GALAXY, SLOW)
    shell.basket("select")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does; the process inherits it
    try:
        with counter.held(), shell.start("download", "--as", "tar") as running:
            wait_until(lambda: any(part.stat().st_size for part in tmp_path.glob("*.tar.part")))
            running.send_signal(signal.SIGHUP)
            counter.gate.open.set()
            running.communicate(timeout=SECONDS)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert running.returncode == 0
    (bundle,) = tmp_path.glob("*.tar")
    assert unpacked(bundle) == counter.tree(GALAXY, SLOW)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("basket files --ext f", {"fits"}),
        pytest.param("basket sh", {"share", "show"}, marks=pytest.mark.long),
        (f"basket select JWST/{STAR}/jw1_0", {f"JWST/{STAR}/jw1_0_cal.fits", f"JWST/{STAR}/jw1_0_i2d.fits"}),
        pytest.param("basket download --as ta", {"tar", "tar.gz"}, marks=pytest.mark.long),
    ],
)
def test_a_shell_completes_commands_files_and_values(shell: Shell, line: str, found: set[str]) -> None:
    shell.basket("new", STAR)
    words = f"skybasket {line}"
    ended = shell.run(_SKYBASKET_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
    assert {each.partition(",")[2] for each in ended.stdout.split()} == found


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_each_shell_is_told_how_to_complete(shell: Shell, name: str) -> None:
    assert "_SKYBASKET_COMPLETE" in shell.run("completion", name).stdout


@pytest.mark.long
def test_a_folder_of_files_or_a_bundle_is_a_crds_cache_where_that_is_wished(shell: Shell, tmp_path: Path) -> None:
    shell.basket("new", CALIBRATED)
    shell.basket("select", "--all")
    shell.basket("download", "files", "--crds")
    shell.basket("download", "--as", "zip", "--crds")
    (bundle,) = tmp_path.glob("skybasket_*.zip")
    cached = {f"references/jwst/miri/{DARK}", f"JWST/{CALIBRATED}/calibrated_0_i2d.fits"}
    assert tree(tmp_path / "files").keys() == unpacked(bundle).keys() == cached


@pytest.mark.long
def test_no_folder_is_made_where_a_command_only_asks(shell: Shell, tmp_path: Path) -> None:
    with shell.start("show", SKYBASKET_SERVER="") as running:
        assert running.wait(SECONDS) == 2
    assert not (tmp_path / "var").exists()
