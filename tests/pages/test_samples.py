"""Pages of samples, the caller's desk, the working paper, and the command."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from mealsvc.auditing.sampling.models import AuditSample, CallAnswer
from mealsvc.cli import main
from mealsvc.papers.models import IssuedPaper
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.models import Resident
from mealsvc.trail.models import TrailEvent
from tests.factories import samples, tills
from tests.support.papers import words_of

PHONE = "13900001111"
FORM = {"month": "2024-05", "method": "stratified", "point": "", "seed": "福彩"}


@pytest.fixture
def may(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH + timedelta(days=30))
    samples.served_days(2)
    with writing():
        for one in db.session.scalars(select(Resident)):
            one.phone = vault().seal(PHONE)


@pytest.fixture
def command(app, capsys):
    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["audit", "sample", *words])
        db.session.rollback()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def count(table):
    db.session.rollback()
    return len(db.session.scalars(select(table.id)).all())


def first_task(client_request, who="district"):
    """A sample whose calls are all this person's: its number and its first line."""
    row = samples.drawn()
    samples.given(row, samples.caller(who))
    return row.id, samples.lines_of(row)[0]


def test_a_sample_is_looked_at_drawn_shared_out_and_redrawn(may, client_request):
    page = client_request.get("/samples/new?month=202405&method=stratified&seed=福彩", "auditor")
    assert "将抽取 7 笔" in page.get_text() and count(AuditSample) == 0
    client_request.post("/samples/new", FORM, "auditor")
    assert "福彩" in client_request.get("/samples", "approver").get_text()
    callers = {"callers": [samples.caller().id, samples.caller("inspector").id]}
    client_request.post("/samples/1/assign", callers, "auditor")
    page = client_request.get("/samples/1?again=1", "auditor").get_text()
    assert "重抽一致" in page and "张国丰" not in page and "还有 7 笔没有结果" in page


def test_what_was_typed_wrong_is_said_at_its_field_and_kept(may, client_request):
    form = {**FORM, "month": "2031-01"}
    page = client_request.post("/samples/new", form, "district", status=422)
    assert "没有可以抽取的" in page.get_text()
    assert page.select_one("#seed")["value"] == "福彩"
    page = client_request.post(
        "/samples/new", {**FORM, "confidence": "120"}, "district", status=422
    )
    assert "50到99" in page.get_text() and count(AuditSample) == 0
    samples.drawn()
    page = client_request.post("/samples/1/assign", {}, "district", status=422)
    assert "至少勾选一名" in page.get_text()


def test_a_number_is_shown_once_to_its_caller_and_leaves_a_trail(may, client_request):
    sample, line = first_task(client_request)
    assert PHONE not in client_request.get("/calls", "district").get_text()
    url = f"/calls/{sample}/{line}/phone"
    answer = client_request.send(url, None, "district")
    assert PHONE in answer.text and answer.headers["Cache-Control"] == "no-store"
    assert PHONE not in client_request.get("/calls", "district").get_text()
    assert PHONE not in client_request.send(url, None, "inspector", follow_redirects=True).text
    client_request.post(f"/calls/{sample}/999/phone", None, "district", status=404)
    db.session.rollback()
    rows = select(TrailEvent).where(TrailEvent.action == "calls.reveal")
    [row] = db.session.scalars(rows)
    assert row.actor.startswith("user:district") and PHONE not in row.detail


def test_the_desk_asks_one_after_the_other_and_ends_empty(may, client_request):
    sample, _ = first_task(client_request)
    first = client_request.get("/calls", "district").select_one("#who-title").get_text()
    other = client_request.get("/calls?skip=1", "district").select_one("form[action*=answer]")
    assert (
        other["action"]
        != client_request.get("/calls", "district").select_one("form[action*=answer]")["action"]
    )
    assert "*" in first
    for left in range(7, 0, -1):
        page = client_request.get("/calls", "district")
        assert f"还有 {left} 位" in page.get_text()
        url = page.select_one("form[action*=answer]")["action"]
        said = {"way": "call", "outcome": "confirmed", "ate_at": "here", "got": "meal"}
        client_request.post(url, said, "district")
    assert "没有要打的电话" in client_request.get("/calls", "district").get_text()
    page = client_request.get(f"/samples/{sample}", "district").get_text()
    assert "有95%的把握，差错金额不超过" in page


def test_an_answer_that_does_not_fit_is_asked_again_and_kept(may, client_request):
    sample, line = first_task(client_request)
    url = f"/calls/{sample}/{line}/answer"
    said = {"way": "call", "outcome": "confirmed", "ate_at": "elsewhere", "words": "在女儿家"}
    page = client_request.post(url, said, "district", status=422)
    assert (
        "不能选" in page.get_text() and page.select_one("#words").get_text().strip() == "在女儿家"
    )
    page = client_request.post(url, {"way": "call"}, "district", status=422)
    assert "请选择结果" in page.get_text() and count(CallAnswer) == 0
    client_request.post(url, said, "inspector")
    assert count(CallAnswer) == 0


def test_a_denial_leads_to_a_case_with_its_line(may, client_request):
    sample, line = first_task(client_request)
    client_request.post(
        f"/calls/{sample}/{line}/answer", {"way": "call", "outcome": "denied"}, "district"
    )
    page = client_request.get(f"/samples/{sample}?state=wrong", "district")
    link = page.find("a", string=lambda said: said and "去立案" in said)
    opened = client_request.get(link["href"], "district")
    key = page.select_one("tbody th a")["href"]
    shown = client_request.get(key, "district").get_text()
    assert opened.select_one("textarea[name=lines]").get_text().strip() in shown
    assert "没有吃" in shown
    client_request.post(key, {"way": "papers", "outcome": "confirmed"}, "auditor")
    assert (
        "没有这样的流水" in client_request.get(f"/samples/{sample}?state=wrong", "town").get_text()
    )


def test_a_town_sees_samples_of_its_own_lines_only(may, client_request):
    samples.drawn()
    assert "审计样本" in client_request.get("/samples/1", "town").get_text()
    client_request.get("/samples/1", "town@320412101", status=403)
    assert "还没有样本" in client_request.get("/samples", "town@320412101").get_text()
    client_request.get("/samples/1.pdf", "town", status=403)


def test_the_working_paper_is_a_stage_until_all_is_answered(may, client_request):
    sample, _ = first_task(client_request)
    stage = words_of(client_request.client("auditor").get(f"/samples/{sample}.pdf").data)
    assert "阶段稿" in stage and count(IssuedPaper) == 0
    for _ in range(7):
        url = client_request.get("/calls", "district").select_one("form[action*=answer]")["action"]
        client_request.post(url, {"way": "call", "outcome": "denied"}, "district")
    paper = words_of(client_request.client("auditor").get(f"/samples/{sample}.pdf").data)
    for word in ("审计工作底稿", "S-1", "有95%的把握", "编制人", "复核人", "附表"):
        assert word in paper
    assert "张国丰" not in paper and PHONE not in paper and count(IssuedPaper) == 1


def test_the_command_draws_the_same_from_the_same_seed(may, command):
    status, out, _ = command("2024-05", "--seed", "S", "--json")
    assert status == 0 and command("2024-05", "--seed", "S", "--json")[1] == out
    document = json.loads(out)
    assert {
        "month",
        "method",
        "seed",
        "confidence",
        "population",
        "plan",
        "items",
    } == set(document)
    assert set(document["items"][0]) == {
        "place", "key", "sequence", "point", "date", "meal", "resident", "subsidy_fen",
        "stratum", "why", "hits",
    }  # fmt: skip
    assert document["population"]["servings"] == 8 and count(AuditSample) == 0
    other = json.loads(command("2024-05", "--method", "mus", "--size", "3", "--json")[1])
    assert sum(one["hits"] for one in other["items"]) == 3 and len(other["seed"]) == 16


@pytest.mark.only("sqlite")
def test_the_command_keeps_a_sample_proves_it_and_hands_out_its_lines(may, command, tmp_path):
    kept = json.loads(command("2024-05", "--keep", "--json")[1])
    lines = tmp_path / "lines.csv"
    status, out, _ = command("--redraw", kept["number"], "--json", "--lines", str(lines))
    assert status == 0 and json.loads(out)["items"] == kept["items"]
    head, *rows = lines.read_text("utf-8").splitlines()
    assert head == "sequence,key,point,subsidy_fen" and len(rows) == 8
    assert "重抽一致" in command("--redraw", kept["number"])[1]
    samples_told = command("2024-05", "--seed", "S")[1]
    assert "种子：S" in samples_told and "样本：7 笔" in samples_told


@pytest.mark.only("sqlite")
def test_the_command_says_what_is_wrong(may, command):
    for words, status, said in (
        (("2031-01",), 1, "没有可以抽取的"),
        (("2024-05", "--point", "P77"), 1, "P77"),
        (("--redraw", "nothing"), 1, "没有编号"),
        ((), 2, "YYYY-MM"),
        (("2024-05", "--redraw", "x"), 2, "YYYY-MM"),
        (("2024-05", "--seed", "x" * 65), 2, "64"),
        (("2024-05", "--confidence", "100"), 2, "100"),
    ):
        found, _, err = command(*words)
        assert (found, said in err) == (status, True), (words, err)
