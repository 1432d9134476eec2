"""The page of proof: seals, a verification on demand, what a witness is given."""

import fcntl
import json

import pytest

from mealsvc.auditing.sealing import running
from mealsvc.auditing.sealing.queries import all_seals
from mealsvc.auditing.sealing.services import night, seal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from tests.factories import tills
from tests.hostile.attacker import Attacker
from tests.support.papers import words_of


@pytest.fixture
def recorded(app):
    tills.small_district()
    tills.serve("K1")
    assert night(clock.now())
    tills.serve("K2", "C002")


def test_the_page_tells_how_far_the_record_is_sealed_and_checks_it(recorded, client_request):
    page = client_request.get("/proof", as_="district").text
    assert "还没有在网页上核对过" in page and "已封存到" in page
    client_request.post("/proof/check", as_="auditor")
    assert "上次核对通过" in client_request.get("/proof", as_="district").text


def test_a_record_that_was_altered_is_told_on_the_page(recorded, client_request):
    attacker = Attacker()
    attacker.take_guards_down()
    attacker.run(
        "UPDATE serving SET price_fen = price_fen + 100, self_pay_fen = self_pay_fen + 100"
    )
    attacker.engine.dispose()
    client_request.post("/proof/check", as_="district")
    page = client_request.get("/proof", as_="district").text
    assert "核对未通过" in page and "该行被改动" in page


def test_a_long_record_is_checked_in_the_background_and_never_twice_at_once(
    recorded, client_request, monkeypatch, instance
):
    monkeypatch.setattr(running, "AT_ONCE", 0)
    client_request.post("/proof/check", as_="district")
    running.wait()
    assert running.under_way() is None
    checked = running.last_check()
    assert checked is not None and checked.words == "" and checked.rows > 10
    with (instance / running.FILENAME).open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        client_request.post("/proof/check", as_="district")
        page = client_request.get("/proof", as_="district").text
    assert "正在核对" in page and "正在核对，请等它结束" in page
    assert "现在核对" not in page


def test_a_witness_gets_the_digests_on_paper_and_as_a_file(recorded, client_request):
    seal(tills.SHELL, clock.now())
    client = client_request.client("approver")
    told = json.loads(client.get("/proof/witness.json").data)
    seals = all_seals()
    assert [one["digest"] for one in told["seals"]] == [one.digest for one in seals]
    paper = client.get("/proof/witness.pdf")
    words = words_of(paper.data).replace(" ", "")
    assert seals[-1].digest[:16].upper() in words and "记录封存见证单" in words
    assert client.get("/proof/witness.pdf").data == paper.data
    first = words_of(client.get("/proof/witness.pdf?seal=1").data).replace(" ", "")
    assert seals[0].digest[:16].upper() in first
    assert client.get("/proof/witness.pdf?seal=99").status_code == 404


def test_a_quiet_night_makes_no_seal(recorded):
    db.session.remove()
    assert seal(tills.SHELL, clock.now()) is not None
    assert seal(tills.SHELL, clock.now()) is None
    assert len(all_seals()) == 2


def test_a_seal_that_no_row_can_have_is_not_found(recorded, client_request):
    for odd in (7, "9" * 19, "9" * 30, "x"):
        client_request.get(f"/proof/witness.pdf?seal={odd}", "district", status=404)
