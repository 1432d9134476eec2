"""Cases as people handle them: from the lead to the recovered money, each page by whom it belongs to."""

import io
import json

import pytest
from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.auditing.cases.models import AuditCase, CaseAct, CasePhoto, CaseQuestion
from mealsvc.auditing.cases.sums import money_of
from mealsvc.auditing.scanning.models import Lead
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.services import settlement_of
from tests.factories import cases as made
from tests.factories.cases import WORDS
from tests.factories.claims import MAY, NOW
from tests.factories.pictures import jpeg
from tests.support.papers import words_of

SECOND = "district@320412"


@pytest.fixture
def june(app, monkeypatch):
    """It is 3 June 2024."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def only() -> AuditCase:
    db.session.rollback()
    return db.session.scalars(select(AuditCase)).one()


def newest(table):
    db.session.rollback()
    return db.session.scalars(select(table)).one()


def step(client_request, name: str, route: str, who: str, status: int = 303, **fields):
    form = {f"{name}-{field}": value for field, value in fields.items()}
    return client_request.post(f"/cases/{only().id}/{route}", form, who, status=status)


def whole(page) -> str:
    return " ".join(page.get_text().split())


def test_a_lead_is_followed_to_the_closed_case_and_the_recovered_money(june, client_request):
    lines = made.paid(3)
    lead_id = made.lead(lines)
    page = client_request.get(f"/cases/new?lead={lead_id}", "town")
    assert made.TITLE in page.get_text() and len(page.select("input[name=sequence]")) == 3
    assert "月份已经审批，不能暂缓" in page.get_text()
    narrowed = client_request.get(f"/cases/new?lead={lead_id}&from=20240507", "town")
    assert not narrowed.select("input[name=sequence]")
    form = {"title": made.TITLE, "scope": "all", "words": "立案核查"}
    empty = f"/cases/new?lead={lead_id}&from=20240507"
    assert "至少选一笔" in client_request.post(empty, form, "town", status=422).get_text()
    client_request.post(f"/cases/new?lead={lead_id}", form, "town")
    case_id = only().id
    assert db.session.get(Lead, lead_id).state == "cased"
    assert "分派给经办人" in whole(client_request.get(f"/cases/{case_id}", "town"))

    worker = client_request.get(f"/cases/{case_id}", "town").select("#assigned-worker option")[1]
    step(client_request, "assigned", "assign", "town", worker=worker["value"])
    step(client_request, "asked", "ask", "town", words=WORDS, due_on="20240611")
    asked = newest(CaseQuestion).id

    assert "1 条等您答复" in whole(client_request.get("/questions", "manager"))
    page = client_request.get(f"/questions/{asked}", "manager")
    assert WORDS in page.get_text() and made.lines_of(case_id)[0].subsidy_fen
    key = page.select_one("#key")["value"]
    photos = [(io.BytesIO(jpeg(300, 200)), "排班表.jpg")]
    said = {"words": "（测试）系统补录", "key": key, "photos": photos}
    client_request.post(f"/questions/{asked}", said, "manager", content_type="multipart/form-data")
    assert only().state == "explained"
    photo = newest(CasePhoto).photo_id
    assert "（测试）系统补录" in client_request.get(f"/cases/{case_id}", "town").get_text()

    page = client_request.get(f"/cases/{case_id}/decide", "approver")
    assert len(page.select("select[name^=finding-]")) == 3
    verdict = {"default": "bad", f"finding-{lines[0]}": "ok", "words": "没有签到"}
    client_request.post(f"/cases/{case_id}/decide", verdict, "approver")
    page = client_request.get(f"/cases/{case_id}", "district")
    assert "有2笔有误的流水已经审批或拨付，请提出追回" in page.get_text()
    step(client_request, "clawback", "clawback", "district", mode="cash", words="没有就餐")
    claim = only().clawback_id
    assert "等区审批批准" in client_request.get(f"/cases/{case_id}", "district").get_text()
    client_request.post(f"/clawbacks/{claim}/decide", {"action": "approve"}, "approver")
    paid = {"repaid_on": "20240603", "voucher": "001"}
    client_request.post(f"/clawbacks/{claim}/repaid", paid, "finance")
    step(client_request, "closed", "close", "district", words="钱已退回")
    money = money_of([case_id])[case_id]
    assert only().state == "closed" and money.recovered_fen == money.claimed_fen > 0
    text = whole(client_request.get(f"/cases/{case_id}", "leader"))
    assert "已结案" in text and "已退回到账" in text and "下一步" not in text

    for who, status in (("town", 200), ("manager", 200), ("inspector", 403), ("operator", 403)):
        assert client_request.client(who).get(f"/photos/{photo}.jpg").status_code == status
    file = client_request.client("auditor").get(f"/cases/{case_id}/file.pdf").data
    told = words_of(file)
    for word in (only().number, "没有签到", "（测试）系统补录", "已退回到账", "答复照片"):
        assert word in told, word


def test_a_grave_case_shows_in_the_settlement_and_goes_with_the_verdict(june, client_request):
    lines = made.submitted(2)
    keys = "K0\nK1"
    form = {"title": "短时间登记过密", "source": "complaint", "severity": "high", "lines": keys}
    client_request.post("/cases/new?point=P01", form, "town")
    case_id = only().id
    assert (only().source, only().month) == ("complaint", MAY.key)
    held = money_of([case_id])[case_id].held_fen
    assert settlement_of(MAY, "P01")["points"][0]["held_fen"] == held > 0
    made.person("chief", "approver")
    with writing():
        one = db.session.get(AuditCase, case_id)
        one.state = "explained"
    page = client_request.get(f"/cases/{case_id}/decide", "approver")
    assert "暂缓" in page.get_text()
    verdict = {"default": "ok", "words": "是夫妻"}
    client_request.post(f"/cases/{case_id}/decide", verdict, "approver")
    assert settlement_of(MAY, "P01")["points"][0]["held_fen"] == 0
    assert [line.finding for line in made.lines_of(case_id)] == ["ok"] * len(lines)


def test_what_was_typed_wrong_is_told_at_its_field_and_kept(june, client_request):
    made.submitted(2)
    form = {"title": "案由", "severity": "case", "lines": "K0 NO-SUCH-LINE"}
    page = client_request.post("/cases/new?point=P01", form, "town", status=422)
    assert "NO-SUCH-LINE”不在这个助餐点" in page.select_one("#lines-error").get_text()
    assert "NO-SUCH-LINE" in page.select_one("#lines").get_text()
    form["lines"] = "K0"
    client_request.post("/cases/new?point=P01", form, "town")
    page = client_request.post("/cases/new?point=P01", form, "town", status=422)
    assert only().number in page.select_one("#lines-error").get_text()
    page = step(client_request, "assigned", "assign", "town", status=422, worker="", words="快")
    assert (
        "请选择经办人" in page.get_text() and "快" in page.select_one("#assigned-words").get_text()
    )


def test_a_line_of_another_open_case_is_refused_at_its_row(june, client_request):
    lines = made.submitted(3)
    case = made.opened(lines[:1])
    lead_id = made.lead(lines)
    page = client_request.get(f"/cases/new?lead={lead_id}", "town")
    assert f"已在 {case.number}" in page.get_text()
    assert len(page.select("input[name=sequence]")) == 2
    form = {"title": "其余", "scope": "ticked", "sequence": [lines[0], lines[1]]}
    page = client_request.post(f"/cases/new?lead={lead_id}", form, "town", status=422)
    assert case.number in page.get_text()
    form["sequence"] = [lines[1]]
    client_request.post(f"/cases/new?lead={lead_id}", form, "town")
    newest = db.session.scalars(select(AuditCase.id).order_by(AuditCase.id.desc())).first()
    assert [one.sequence for one in made.lines_of(newest)] == [lines[1]]


def test_who_opened_a_case_is_not_offered_the_verdict(june, client_request):
    lines = made.submitted(1)
    form = {"title": "案由", "severity": "watch", "lines": "K0"}
    client_request.post("/cases/new?point=P01", form, "district")
    with writing():
        db.session.get(AuditCase, only().id).state = "explained"
    own = client_request.get(f"/cases/{only().id}", "district").get_text()
    assert "案件是您立的" in own and "作出结论" not in own.split("办理经过")[0].split("下一步")[0]
    verdict = {"default": "ok", "words": "无误"}
    page = client_request.post(f"/cases/{only().id}/decide", verdict, "district", status=422)
    assert (
        "要由另一个人作结论" in page.get_text() and "无误" in page.select_one("#words").get_text()
    )
    client_request.post(f"/cases/{only().id}/decide", verdict, "approver")
    assert [line.finding for line in made.lines_of(only().id)] == ["ok"] * len(lines)


def test_the_acts_of_a_case_name_people_not_their_logins(june, client_request):
    client_request.post(
        f"/cases/new?lead={made.lead(made.paid(1))}", {"title": made.TITLE, "scope": "all"}, "town"
    )
    case_id = only().id
    worker = client_request.get(f"/cases/{case_id}", "town").select("#assigned-worker option")[1]
    step(client_request, "assigned", "assign", "town", worker=worker["value"])
    db.session.rollback()
    act = db.session.scalars(select(CaseAct).where(CaseAct.act == "assigned")).one()
    by, to = act.by.partition(":")[2], json.loads(act.detail)["to"]
    with writing():
        for login, name in {by: "（测试）立案人", to: "（测试）经办人"}.items():
            db.session.scalars(select(Account).where(Account.login == login)).one().name = name
    told = client_request.get(f"/cases/{case_id}", "leader").select(".acts li")[-1].get_text()
    assert "（测试）经办人" in told and to not in told
    assert by == to or ("（测试）立案人" in told and by not in told)


def test_a_case_that_may_not_be_closed_says_why(june, client_request):
    case_id = made.brought_to("verified_bad", made.paid(2))
    page = client_request.get(f"/cases/{case_id}", "district")
    assert "还不能结案" in page.get_text() and not page.select("#closed-words")
    page = step(client_request, "closed", "close", "district", status=422, words="结案")
    assert "没有追回，也没有移送" in page.get_text()


def test_a_letter_is_sent_printed_and_receipted(june, client_request):
    case_id = made.brought_to("verified_bad", made.paid(2))
    letter = {"body": "police", "facts": "套取补贴", "evidence": "流水", "contact": "张"}
    step(client_request, "refer", "refer", "approver", **letter)
    page = client_request.get(f"/cases/{case_id}", "approver")
    assert "武民助移〔2024〕0001号，公安机关" in page.get_text() and "等回执" in page.get_text()
    told = words_of(client_request.client("approver").get("/cases/letters/1.pdf").data)
    for word in (
        "武民助移〔2024〕0001号",
        only().number,
        "公安机关",
        "套取补贴",
        "回执",
        "1笔就餐记录",
    ):
        assert word in told, word
    slip = {"letter": "1", "receipt_no": "回1号", "receipt_on": "20240603"}
    step(client_request, "receipt", "receipt", "approver", **slip)
    assert "回1号" in client_request.get(f"/cases/{case_id}", "approver").get_text()
    wrong = slip | {"letter": "77"}
    step(client_request, "receipt", "receipt", "approver", status=404, **wrong)


def test_the_question_prints_what_is_asked_and_no_full_name(june, client_request):
    case_id = made.brought_to("asked", made.submitted(2))
    asked = db.session.scalars(select(CaseQuestion)).one().id
    for who in ("manager", "town"):
        told = words_of(client_request.client(who).get(f"/questions/{asked}.pdf").data)
        for word in (
            "核查询问通知书",
            f"{only().number}（问1）",
            WORDS,
            "2024年6月11日",
            "K0",
            "K1",
        ):
            assert word in told, word
        assert "李*" in told and "李秀英" not in told
    assert client_request.client("manager").get(f"/cases/{case_id}/file.pdf").status_code == 403
    preview = client_request.client("town").get(f"/cases/{case_id}/file.pdf").data
    assert "预览件，未生效" in words_of(preview)


def test_the_list_is_filtered_and_summed(june, client_request):
    lines = made.submitted(4)
    made.brought_to("explained", lines[:1])
    made.brought_to("asked", lines[1:3])
    text = whole(client_request.get("/cases?state=explained", "leader"))
    assert "0001号" in text and "0002号" not in text
    page = client_request.get("/cases?state=open&month=2024-05&point=P01&worker=town", "leader")
    foot = page.select_one("tfoot").get_text(" ", strip=True)
    worth = made.lines_of(1)[0].subsidy_fen
    assert foot.split()[1:3] == ["3", f"{3 * worth / 100:.2f}"]
    assert "没有这样的案件" in client_request.get("/cases?month=2024-04", "leader").get_text()
    assert "没有这样的案件" in client_request.get("/cases?overdue=1", "leader").get_text()


def test_another_town_sees_nothing_of_a_case(june, client_request):
    case_id = made.brought_to("asked", made.submitted(1))
    asked = db.session.scalars(select(CaseQuestion)).one().id
    client_request.get(f"/cases/{case_id}", "town@320412102", status=403)
    client_request.get(f"/questions/{asked}", "manager@P02", status=403)
    assert "0001号" not in client_request.get("/cases", "town@320412102").get_text()
    assert "没有核查询问" in client_request.get("/questions", "manager@P02").get_text()
    client_request.get("/cases/99", "district", status=404)
    client_request.get("/questions/99", "manager", status=404)


def test_no_case_is_opened_on_a_lead_that_one_does_not_see(june, client_request):
    """Neither on another town's lead nor on one of the whole district, even with own lines in it."""
    lines = made.submitted(2)
    lead_id, whole_id = made.lead(lines), made.lead(lines[1:], point=None)
    client_request.get(f"/cases/new?lead={lead_id}", "town")
    page = client_request.get(f"/cases/new?lead={lead_id}&point=P11", "town@320412102", status=404)
    assert made.TITLE not in page.get_text()
    form = {"title": made.TITLE, "scope": "all", "words": "立案核查"}
    address = f"/cases/new?lead={whole_id}&point=P01"
    client_request.get(address, "town", status=404)
    client_request.post(address, form, "town", status=404)
    client_request.get(address, "district")


def test_odd_digits_in_a_form_are_no_number(june, client_request):
    case_id = made.brought_to("explained", made.submitted(1))
    odd = {"default": "bad", "words": "", "finding-²": "ok", "finding-٣": "ok"}
    client_request.post(f"/cases/{case_id}/decide", odd, "approver", status=422)
    with writing():
        db.session.get_one(AuditCase, case_id).state = "refer"
    slip = {"receipt_no": "回1号", "receipt_on": "20240603"}
    for odd in ("²", "9" * 30):
        step(client_request, "receipt", "receipt", "approver", status=404, letter=odd, **slip)
