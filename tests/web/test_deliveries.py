"""From the button to the script, over a real queue."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from sqlmodel import Session, select

from tests.fixtures.holdings import CONTRIBUTED, IMAGE, NOW, RELEASE, SECRET, WFPC2
from tests.fixtures.orders import SCRIPT, agreed, asked
from tests.fixtures.visitor import words
from webapp.models import Delivery, Product

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.valkey import Valkey
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

I2D, C0F, TRL, C1F, S3D = (
    f"{IMAGE}_i2d.fits",
    f"{WFPC2}_c0f.fits",
    f"{WFPC2}_trl.fits",
    f"{WFPC2}_c1f.fits",
    f"{SECRET}_s3d.fits",
)


def table(script: str) -> list[list[str]]:
    """The rows of a script's table: size, SHA-256, exclusive, path, whether the name is enough, query."""
    lines = script.partition("<<'END OF TABLE'\n")[2].partition("END OF TABLE")[0].splitlines()
    return [line.split("\t") for line in lines]


def script_of(visitor: Visitor, url: str) -> str:
    (link,) = [each for each in visitor.get(url).all("a", class_="btn primary") if each.get("download") is not None]
    with visitor.client.get(link.get("href", "")) as answer:
        assert answer.status_code == 200
        return answer.text


def count(site: Site) -> int:
    with Session(site.services.engine) as session:
        return len(session.exec(select(Delivery)).all())


def test_a_button_makes_a_delivery_that_is_ready_when_its_job_is_done(working: Site) -> None:
    visitor, answer = asked(working, I2D, C0F)
    url = answer.location
    before = visitor.get(url)
    working.work()
    after = visitor.get(url)
    assert (before.at("delivery").get("data-state"), before.at("delivery").get("data-final")) == ("Queued", "0")
    assert (after.at("delivery").get("data-state"), after.at("delivery").get("data-final")) == ("Ready", "1")
    assert after.title.startswith("Ready: skybasket_")


def test_a_script_lists_what_was_selected(working: Site) -> None:
    visitor, answer = asked(working, I2D, C0F)
    working.work()
    script = script_of(visitor, answer.location)
    expected = [working.holdings[name] for name in (C0F, I2D)]
    assert table(script) == [[str(e.size), e.fields["sha256"], "-", e.path, "f", f"uri={e.uri}"] for e in expected]
    assert "server='https://skybasket.example'" in script
    assert f"https://skybasket.example{answer.location}" in script


def test_a_worker_process_prepares_a_script(working: Site, valkey: Valkey) -> None:
    visitor, answer = asked(working, I2D)
    code = f"from jobs.worker import run; run({valkey.url!r}, ['quick'], burst=True)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert visitor.get(answer.location).at("delivery").get("data-state") == "Ready"


def test_what_is_hidden_but_selected_is_delivered_too(working: Site) -> None:
    visitor, answer = agreed(working, I2D, C0F, back="mrp=0&mission=HST", count="2")
    working.work()
    assert len(table(script_of(visitor, answer.location))) == 2


def test_what_was_removed_is_not_delivered(working: Site) -> None:
    visitor = working.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, working.holdings[C0F].path)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, working.holdings[f"{WFPC2}_d0f.fits"].path)
    answer = visitor.post(f"{base}/deliveries", SCRIPT)
    working.work()
    assert [row[3] for row in table(script_of(visitor, answer.location))] == [f"HST/{WFPC2}/{WFPC2}_d0f.fits"]


def test_a_delivery_keeps_what_it_promised_when_the_basket_changes(working: Site) -> None:
    visitor, answer = asked(working, I2D)
    base = visitor.get("/basket", status=302).location
    visitor.post(f"{base.partition('?')[0]}/remove", {"what": "all"})
    working.work()
    assert [row[3] for row in table(script_of(visitor, answer.location))] == [working.holdings[I2D].path]


def test_an_odd_name_becomes_a_safe_path(working: Site) -> None:
    odd = 'hlsp_odd_nircam_ngc3132_naïve "map";$(x) 100%.fits'
    visitor, answer = agreed(working, odd)
    working.work()
    ((_, _, _, path, _, query),) = table(script_of(visitor, answer.location))
    assert path.startswith(f"HLSP/{CONTRIBUTED}/hlsp_odd_nircam_ngc3132_")
    assert not set('"\t\n') & set(path)
    assert visitor.client.get(f"/api/v0.1/Download/file?{query}").data == working.holdings[odd].content


def test_an_unknown_size_is_the_store_s_in_the_script(working: Site) -> None:
    visitor, answer = asked(working, TRL)
    working.work()
    size = len(working.holdings[TRL].content or b"")
    assert table(script_of(visitor, answer.location))[0][0] == str(size)


def test_a_size_that_the_plan_found_is_the_catalogue_s_where_it_had_none(site: Site) -> None:
    asked(site, TRL)
    with Session(site.services.engine) as session:
        size = session.exec(select(Product.size).where(Product.filename == TRL)).one()
    assert size == len(site.holdings[TRL].content or b"")


def test_a_file_that_goes_after_the_plan_is_a_problem_with_its_name(working: Site) -> None:
    visitor, answer = asked(working, I2D, C0F)
    working.holdings.place(working.holdings[C0F]).unlink()
    working.work()
    page = visitor.get(answer.location)
    assert page.at("delivery").get("data-state") == "Finished with problems"
    assert "2 files, 1 with a problem" in page.words
    first = words(page.all("tr")[1])
    assert working.holdings[C0F].path in first
    assert "The archive lists this file, but it is not in its store." in first
    assert len(table(script_of(visitor, answer.location))) == 2


def test_a_delivery_of_thousands_lists_each_file_once_and_in_order(queued: Site) -> None:
    check_thousands(queued)


@pytest.mark.long
def test_a_delivery_of_thousands_is_the_same_on_each_database(working: Site) -> None:
    check_thousands(working)


def check_thousands(site: Site) -> None:
    names = site.holdings.add_many(WFPC2, 5_100)
    for name in names:
        site.holdings.place(site.holdings[C0F]).with_name(name).write_bytes(b"0" * 1000)
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/selection", {"set": "matching", "back": "mrp=0&group=MANY"})
    answer = visitor.post(f"{base}/deliveries", {**SCRIPT, "count": "5100"})
    site.work()
    assert [row[3] for row in table(script_of(visitor, answer.location))] == [f"HST/{WFPC2}/{name}" for name in names]
    assert "The first 200." in visitor.get(answer.location).words


def test_nothing_selected_is_a_sentence(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.post(f"{visitor.basket(IMAGE)}/deliveries", SCRIPT, status=422)
    assert page.title.startswith("No file is selected, so there is nothing to download.")


@pytest.mark.parametrize(("method", "form"), [("bundle", "rar"), ("script", "exe"), ("", ""), ("script", "x" * 500)])
def test_a_method_that_does_not_exist_is_a_sentence(shared: Site, method: str, form: str) -> None:
    _, page = asked(shared, I2D, status=422, method=method, format=form)
    assert "Choose one of these: bundle (tar, tar.gz, zip), script (" in page.words


@pytest.mark.parametrize("said", ["1 file", "3 files", "0 files"])
def test_a_button_that_said_another_number_makes_nothing(site: Site, said: str) -> None:
    _, page = asked(site, I2D, C0F, status=412, count=said.partition(" ")[0])
    assert f"the button said {said}, now it is 2." in page.words
    assert count(site) == 0


def test_an_exclusive_file_is_asked_about_before_anything_is_made(site: Site) -> None:
    _, page = asked(site, I2D, S3D, status=409, count="2")
    assert words(page.all("h1")[0]) == "1 of 2 is exclusive: log in, or download the 1 you can have."
    assert [words(each) for each in page.all("li")] == [site.holdings[S3D].path]
    assert count(site) == 0


def test_what_was_agreed_to_be_left_out_is_said_and_does_not_spoil_it(working: Site) -> None:
    visitor, page = asked(working, I2D, S3D, status=409, count="2")
    (form,) = page.forms("/deliveries")
    action = page.all("form")[0].get("action", "")
    answer = visitor.post(action, form)
    working.work()
    ready = visitor.get(answer.location)
    assert ready.at("delivery").get("data-state") == "Ready"
    assert "As agreed, 1 file is left out" in ready.words
    assert [row[3] for row in table(script_of(visitor, answer.location))] == [working.holdings[I2D].path]


def test_what_was_agreed_to_holds_for_the_selection_that_was_shown(site: Site) -> None:
    visitor, page = asked(site, I2D, S3D, status=409)
    (form,) = page.forms("/deliveries")
    base = visitor.get("/basket", status=302).location.partition("?")[0]
    visitor.tick(base, f"JWST/{IMAGE}/{IMAGE}_cat.ecsv")
    visitor.post(f"{base}/deliveries", form, status=412)
    assert count(site) == 0


def test_where_nothing_may_be_had_nothing_can_be_agreed_to(site: Site) -> None:
    visitor, page = asked(site, S3D, status=409)
    assert page.forms("/deliveries") == []
    base = visitor.get("/basket", status=302).location.partition("?")[0]
    visitor.post(f"{base}/deliveries", {**SCRIPT, "on_problem": "drop"}, status=409)
    assert count(site) == 0


def test_an_exclusive_file_is_delivered_once_it_is_released(working: Site, at: Callable[[int], None]) -> None:
    at(RELEASE)
    visitor, answer = asked(working, S3D)
    working.work()
    assert [row[2:4] for row in table(script_of(visitor, answer.location))] == [["-", working.holdings[S3D].path]]


def test_a_second_click_is_the_same_delivery(working: Site) -> None:
    visitor, answer = asked(working, I2D)
    base = visitor.get("/basket", status=302).location.partition("?")[0]
    assert visitor.post(f"{base}/deliveries", SCRIPT).location == answer.location
    assert working.work() == 1


def test_two_clicks_at_once_are_one_delivery(working: Site) -> None:
    visitor = working.visitor()
    base = visitor.basket(IMAGE)
    visitor.tick(base, working.holdings[I2D].path)
    together, seen = threading.Barrier(4), []

    def press(tab: Visitor) -> None:
        together.wait(10)
        seen.append(tab.client.post(f"{base}/deliveries", data=SCRIPT).location)

    threads = [threading.Thread(target=press, args=(visitor.same(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1
    assert (count(working), working.work()) == (1, 1)
    assert len(list((working.settings.spool / "deliveries").iterdir())) == 1


def test_the_same_again_later_is_another_delivery(site: Site, at: Callable[[int], None]) -> None:
    visitor, answer = asked(site, I2D)
    at(NOW + 60)
    base = visitor.get("/basket", status=302).location.partition("?")[0]
    assert visitor.post(f"{base}/deliveries", SCRIPT).location != answer.location
