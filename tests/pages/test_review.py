"""A reviewer's month on pages: signals, holds, returns, answers, and steps for many points."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import bind_accounts
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import jobs, steps
from mealsvc.settlement.acts import ACTS
from mealsvc.settlement.batches import acts_of, batch_at
from mealsvc.settlement.models import BatchJob, LineHold
from mealsvc.settlement.refusals import BudgetExceeded
from mealsvc.settlement.services import settlement_of, submit
from mealsvc.settlement.steps import first_review, take
from tests.factories import reviews
from tests.factories.reviews import AT_NIGHT, CODES, JUNE, REPLAYED
from tests.factories.tills import SHELL, serve, small_district
from tests.support.people import account_of

MAY = Month(2024, 5)
TOWN = Actor("command", "town")


@pytest.fixture
def ten(app, monkeypatch):
    """Ten points that have submitted May; it is June."""
    reviews.ten_points()
    monkeypatch.setattr(clock, "now", lambda: JUNE)
    with writing():
        submit(MAY, None, SHELL, JUNE)


@pytest.fixture
def one(app, monkeypatch):
    """Two lunches of May at P01, submitted by the shell; it is June."""
    monkeypatch.setattr(clock, "now", lambda: JUNE)
    small_district()
    serve("a", "C001")
    serve("b", "C002")
    with writing():
        submit(MAY, None, SHELL, JUNE)


@pytest.fixture
def asked(app):
    """What the database is asked."""
    statements = []

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def sequence_of(key):
    return db.session.scalars(select(Serving.sequence).where(Serving.key == key)).one()


def statuses():
    db.session.rollback()
    return {one["point"]: one["status"] for one in settlement_of(MAY)["points"]}


def held(code):
    db.session.rollback()
    return settlement_of(MAY, code)["points"][0]["held_fen"]


def path(rest, code="P01"):
    return f"/settlements/2024-05/{code}/{rest}".rstrip("/")


def flashed(page):
    return " ".join(one.get_text(" ", strip=True) for one in page.select(".message"))


def test_of_ten_months_exactly_the_two_that_were_tampered_with_show_high_signals(
    ten, client_request
):
    high = {}
    for code in CODES:
        page = client_request.get(path("review", code), "town")
        rows = page.select("section[aria-labelledby=signals-title] tbody tr")
        graded = {row.select("td")[2].get_text(): row.select_one(".chip") for row in rows}
        high[code] = {key for key, chip in graded.items() if "chip-bad" in chip["class"]}
        if code in (REPLAYED, AT_NIGHT):
            assert {"A06"} <= graded.keys() if code == REPLAYED else {"A08", "A09"} <= graded.keys()
        else:
            assert not graded
    assert {code: found for code, found in high.items() if found} == {
        REPLAYED: {"A07", "A10"} & high[REPLAYED] | {"A07"},
        AT_NIGHT: {"A10"},
    }


def test_the_sample_and_its_seed_can_be_drawn_again_by_anybody(ten, client_request):
    first = client_request.get(path("review", REPLAYED), "town")
    seed = first.select_one("section[aria-labelledby=sample-title] .code").get_text(strip=True)
    assert seed == f"2024-05-{REPLAYED}-{batch_at(MAY, REPLAYED).line_digest}"
    sample = [link["href"] for link in first.select("[aria-labelledby=sample-title] tbody a")]
    assert len(sample) == 16
    again = client_request.get(path("review", REPLAYED), "auditor")
    assert sample == [
        link["href"] for link in again.select("[aria-labelledby=sample-title] tbody a")
    ]


def test_a_reviewers_month_by_hand(ten, client_request):
    """Hold one point's night entries, send the other one back, pass the eight honest ones on."""
    listed = client_request.get(path("lines?signal=A10", AT_NIGHT), "town")
    number = int(listed.select_one(".state").get_text().partition(" 条")[0])
    form = {"signal": "A10", "all": "1"}
    question = client_request.post(path("hold", AT_NIGHT), form, "town", status=200)
    told = question.select_one(".consequence").get_text()
    assert f"将暂缓 {number} 笔" in told
    ticked = [box["value"] for box in question.select("form.confirm input[name=sequence]")]
    sure = {"sequence": ticked, "sure": "1", "reason": "by_hand", "note": "夜间手工"}
    client_request.post(path("hold", AT_NIGHT), sure, "town")
    assert f"共 ¥{held(AT_NIGHT) / 100:,.2f}：" in told
    assert held(AT_NIGHT) > 0

    back = {"sure": "1", "reason": "proxy", "note": "次序完全相同"}
    client_request.post(path("return", REPLAYED), back, "town")
    done = client_request.post(
        "/settlements/2024-05/first-review", {"all": "1", "sure": "1"}, "town"
    )
    assert not done.select("form")
    found = statuses()
    assert found.pop(REPLAYED) == "returned"
    assert set(found.values()) == {"town_review"}
    page = client_request.get("/settlements?month=2024-05", "district")
    assert "待区级复核 9 个" in page.get_text()
    assert "待店长答复 1 个" in page.get_text()


def test_the_list_offers_the_next_act_of_the_role_and_only_that(ten, client_request):
    page = client_request.get("/settlements?month=2024-05", "town")
    assert len(page.select("input[name=code]")) == 10
    assert "办理镇街初审" in page.select_one(".btn-accent").get_text()
    for role in ("approver", "leader", f"manager@{REPLAYED}", "auditor"):
        page = client_request.get("/settlements?month=2024-05", role)
        assert not page.select("input[name=code]")
    narrowed = client_request.get("/settlements?month=2024-05&state=approved", "town")
    assert not narrowed.select("tbody tr")
    assert "待镇街初审 10 个" in narrowed.get_text()


def test_an_act_asks_with_number_and_amount_and_leaves_the_others_out(ten, client_request):
    with writing():
        first_review(MAY, "T01", "", TOWN, JUNE)
    form = {"code": ["T01", "T02", "T04"]}
    page = client_request.post("/settlements/2024-05/first-review", form, "town", status=200)
    payable = sum(
        one["payable_fen"] for one in settlement_of(MAY)["points"] if one["point"] in ("T02", "T04")
    )
    assert (
        f"2 个助餐点的2024年5月结算办理“镇街初审”：应付合计 ¥{payable / 100:,.2f}"
        in page.get_text()
    )
    assert "T01助餐点" in page.select_one(".message").get_text()
    assert statuses()["T02"] == "submitted"


def test_more_than_twenty_run_in_the_background_and_are_counted(ten, client_request, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_AT_ONCE", 3)
    form = {"all": "1", "sure": "1", "note": "同意"}
    answer = client_request.send("/settlements/2024-05/first-review", form, "town")
    jobs.wait()
    page = client_request.get(answer.location, "town")
    assert "镇街初审 10 个" in flashed(page)
    assert set(statuses().values()) == {"town_review"}
    assert {acts_of(batch_at(MAY, code).id)[-1].opinion for code in CODES} == {"同意"}


def test_a_job_says_what_was_refused_and_goes_on(ten, client_request):
    with writing():
        job = jobs.add_job("recheck", MAY, ["T01", "T02"], "", SHELL, JUNE).id
        first_review(MAY, "T02", "", TOWN, JUNE)
    client_request.post(f"/settlements/jobs/{job}/start", {}, "district")
    page = client_request.get(f"/settlements/jobs/{job}", "district")
    assert "区级复核 1 个，1 个没有办" in flashed(page)
    assert "T01助餐点" in page.select_one("tbody").get_text()
    assert "现在是“已提交”" in page.select_one("tbody").get_text()
    assert statuses()["T02"] == "district_review"


def test_a_stopped_job_keeps_what_is_done_and_is_taken_up_again(ten, client_request, monkeypatch):
    done = []

    def slow(month, code, *rest):
        first_review(month, code, *rest)
        done.append(code)
        if len(done) == 4:
            db.session.get_one(BatchJob, 1).stop = True

    monkeypatch.setitem(jobs.VERBS, "first_review", slow)
    client_request.post("/settlements/2024-05/first-review", {"all": "1", "sure": "1"}, "town")
    page = client_request.get("/settlements/jobs/1", "town")
    assert "停止前办了 4 个" in flashed(page)
    assert list(statuses().values()).count("town_review") == 4
    client_request.post("/settlements/jobs/1/start", {}, "town")
    assert set(statuses().values()) == {"town_review"}
    assert len(done) == len(set(done)) == 10
    assert "继续办理" not in client_request.get("/settlements/jobs/1", "town").get_text()


def test_a_job_ends_when_the_account_of_who_began_it_is_disabled(ten, client_request, monkeypatch):
    def then_disabled(month, code, *rest):
        first_review(month, code, *rest)
        town = select(Account).where(Account.role == "town", Account.login.startswith("town-"))
        db.session.scalars(town).one().disabled_at = JUNE

    monkeypatch.setitem(jobs.VERBS, "first_review", then_disabled)
    client_request.post("/settlements/2024-05/first-review", {"all": "1", "sure": "1"}, "town")
    db.session.rollback()
    assert list(statuses().values()).count("town_review") == 1
    assert db.session.get_one(BatchJob, 1).state == "cancelled"


def test_a_job_whose_server_died_shows_as_interrupted(ten, client_request):
    with writing():
        job = jobs.add_job("first_review", MAY, CODES, "", SHELL, JUNE)
        job.done, job_id = 3, job.id
    page = client_request.get(f"/settlements/jobs/{job_id}", "town")
    assert "已中断" in page.select_one(".state").get_text()
    assert "继续办理剩下的 7 个" in page.get_text()
    assert not client_request.get(f"/settlements/jobs/{job_id}", "leader").select("main form")
    client_request.post(f"/settlements/jobs/{job_id}/start", {}, "leader", status=403)


def test_a_returned_line_is_explained_or_given_up_and_comes_back(one, client_request):
    lines = {"sequence": [str(sequence_of(key)) for key in ("a", "b")]}
    form = {**lines, "sure": "1", "reason": "not_eaten", "note": "老人说没吃"}
    client_request.post(path("return"), form, "town")
    manager = "manager@P01"
    page = client_request.get(path("answer"), manager)
    first, second = (box["value"] for box in page.select("input[name=returned]"))
    assert "还有 2 条要答复" in page.select_one(".state").get_text()
    empty = {"returned": first, "answer": "explained", "note": " "}
    refused = client_request.post(path("answer"), empty, manager, status=422)
    assert "请写明情况" in refused.get_text()
    client_request.post(path("answer"), {**empty, "note": "女儿代取"}, manager)
    give_up = {"returned": second, "answer": "agreed"}
    question = client_request.post(path("answer"), give_up, manager, status=200)
    assert "冲正这笔流水" in question.select_one(".consequence").get_text()
    assert held("P01") == 0
    client_request.post(path("answer"), {**give_up, "sure": "1"}, manager)
    assert held("P01") > 0
    client_request.post(path("resubmit"), {}, manager)
    page = client_request.get(path(""), "town")
    assert "女儿代取" in page.get_text()
    assert "同意核减" in page.get_text()
    assert statuses()["P01"] == "submitted"


def test_a_month_is_not_handed_in_again_before_every_answer(one, client_request):
    client_request.post(path("return"), {"sure": "1", "reason": "price"}, "town")
    client_request.post(path("resubmit"), {}, "manager@P01")
    page = client_request.get(path(""), "manager@P01")
    assert "还有1条退回意见没有答复" in flashed(page)
    assert "答复退回意见" in page.select_one(".btn-accent").get_text()


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({}, "请选择原因"),
        ({"reason": "other"}, "请写明情况"),
        ({"reason": "other", "note": " "}, "请写明"),
    ],
)
def test_an_objection_needs_a_reason_and_keeps_what_was_typed(one, client_request, form, wrong):
    page = client_request.post(path("return"), {"sure": "1", **form}, "town", status=422)
    assert wrong in page.select_one(".summary").get_text()
    assert statuses()["P01"] == "submitted"
    chosen = page.select_one("select[name=reason] option[selected]")
    assert (chosen["value"] if chosen else "") == form.get("reason", "")


def test_who_is_not_in_turn_holds_nothing(one, client_request):
    form = {"sequence": str(sequence_of("a")), "sure": "1", "reason": "burst"}
    for role in ("district", "approver"):
        page = client_request.post(path("hold"), form, role, status=422)
        assert "轮不到" in page.get_text()
    client_request.post(path("hold"), form, "auditor", status=403)
    client_request.post(path("hold"), form, "manager@P01", status=403)
    assert not db.session.scalars(select(LineHold)).all()


def test_a_hold_is_ended_by_another_person_with_a_reason(one, client_request):
    with writing():
        first_review(MAY, "P01", "", TOWN, JUNE)
    form = {"sequence": str(sequence_of("a")), "sure": "1", "reason": "burst"}
    client_request.post(path("hold"), form, "district")
    listed = client_request.get("/settlements/holds", "approver")
    url = listed.select_one("tbody td a[href*=holds]")["href"]
    own = client_request.post(url, {"outcome": "released", "note": "核实"}, "district", status=422)
    assert "由另一个人作出" in own.get_text()
    bare = client_request.post(url, {"outcome": "released"}, "approver", status=422)
    assert "请写明怎样核实" in bare.get_text()
    client_request.post(url, {"outcome": "refused", "note": "本人未到"}, "approver")
    assert held("P01") > 0
    assert "没有等结论的暂缓" in client_request.get("/settlements/holds", "approver").get_text()
    assert "已核减" in client_request.get(path(""), "district").get_text()


def test_the_page_says_why_the_same_person_cannot_go_on(one, client_request):
    client_request.post("/settlements/2024-05/first-review?code=P01", {"sure": "1"}, "town")
    page = client_request.get(path(""), "district")
    assert "办理区级复核" in page.select_one(".btn-accent").get_text()
    assert "待区级复核，今天提交" in page.select_one(".state").get_text()
    client_request.post("/settlements/2024-05/recheck?code=P01", {"sure": "1"}, "district")
    with writing():
        take(ACTS["notice"], batch_at(MAY, "P01"), TOWN, JUNE)
        clerk, chief = account_of("district"), account_of("approver")
        bind_accounts(chief, clerk, SHELL)
    page = client_request.get(path(""), "approver")
    assert "已办理过“区级复核”，“审批”要由另一个人办理" in flashed(page)
    assert not page.select(".actions .btn-accent")
    form = {"sure": "1"}
    refused = client_request.post(
        "/settlements/2024-05/approve?code=P01", form, "approver", status=422
    )
    assert "请换一个人办理" in refused.select_one(".summary").get_text()


def test_the_page_tells_what_was_done_and_the_months_before(one, client_request, monkeypatch):
    serve("june", "C001", served_at=JUNE)
    later = JUNE + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    with writing():
        submit(Month(2024, 6), "P01", SHELL, later)
    page = client_request.get("/settlements/2024-06/P01", "town")
    told = page.select_one(".figure").get_text(" ", strip=True)
    assert "减少 1" in told
    assert "-50.0%" in told
    rows = page.select("section[aria-labelledby=acts-title] tbody tr")
    assert [row.select("td")[0].get_text() for row in rows] == ["提交"]


def test_pages_ask_the_database_the_same_however_many_lines_there_are(ten, client_request, asked):
    def questions(url):
        asked.clear()
        client_request.get(url, "town")
        return sum(text.startswith(("SELECT", "WITH")) for text in asked)

    client_request.client("town")
    for rest in ("review", "lines", ""):
        questions(path(rest, "T02"))
        few, many = questions(path(rest, "T01")), questions(path(rest, REPLAYED))
        assert few == many <= 44, rest
    assert questions("/settlements?month=2024-05") <= 30


def test_the_first_page_tells_each_role_what_waits_for_it(one, client_request):
    def todo(role):
        return " ".join(
            one.get_text(" ", strip=True)
            for one in client_request.get("/", role).select(".todo li")
        )

    assert "1份结算待镇街初审" in todo("town")
    assert "待镇街初审" not in todo("district")
    form = {"sequence": str(sequence_of("a")), "sure": "1", "reason": "burst"}
    client_request.post(path("hold"), form, "town")
    assert "1笔暂缓的流水等结论" in todo("approver")
    client_request.post(path("return"), {"sure": "1", "reason": "price"}, "town")
    assert "1份结算被退回，待答复" in todo("manager@P01")


def test_beyond_the_budget_the_form_asks_for_the_decision(one, client_request, monkeypatch):
    with writing():
        for code in ("first_review", "recheck", "notice"):
            take(ACTS[code], batch_at(MAY, "P01"), Actor("command", code), JUNE)
    monkeypatch.setattr(steps, "check_budget", _short)
    url, form = "/settlements/2024-05/approve?code=P01", {"sure": "1", "note": "同意"}
    assert not client_request.get(url, "approver").select("#decision")
    page = client_request.post(url, form, "approver", status=422)
    assert "超出预算" in page.select_one("#decision-error").get_text()
    assert page.select_one("textarea[name=note]").get_text(strip=True) == "同意"
    client_request.post(url, {**form, "decision": "区长办公会第3次"}, "approver")
    assert statuses()["P01"] == "approved"


def _short(batch, decision):
    if not decision:
        raise BudgetExceeded(month="2024年5月", point="丰乐", lines="区差1元")
    return {"decision": decision}
