"""Findings as people handle them: from the list to the order, the reply, the re-inspection, the papers."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.pages import local_time
from mealsvc.supervision.findings.models import (
    DeliveryReceipt,
    Finding,
    Interview,
    Measure,
    RectificationOrder,
    Referral,
    ReplyPhoto,
)
from tests.factories import findings as made
from tests.factories import tills

LISTS = ("/findings", "/orders", "/referrals", "/interviews", "/measures", "/receipts")


@pytest.fixture
def district(app, monkeypatch):
    """It is 12:30 of 6 May 2024."""
    monkeypatch.setattr(clock, "now", lambda: made.NOW)
    made.district()
    return app


@pytest.fixture
def found(district):
    """A failed key item and an ordinary one at P01."""
    return made.raised()


def the(model, **which):
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(model).filter_by(**which)).one()


def picture(colour: str) -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    file.seek(0)
    return file, f"{colour}.jpg"


@pytest.mark.parametrize("url", LISTS)
def test_each_list_says_what_to_do_while_it_is_empty(district, client_request, url):
    page = client_request.get(url, as_="town")
    assert page.select_one(".empty") is not None
    assert page.select_one(".room [aria-current=page]") is not None


def test_a_finding_shows_what_is_owed_and_until_when(found, client_request):
    key, plain = found
    page = client_request.get("/findings", as_="town")
    assert "下达整改通知书、决定是否移送" in page.text
    page = client_request.get(f"/findings/{key.id}", as_="inspector")
    latest = local_time(key.found_at + timedelta(hours=24))
    assert f"最迟 {latest}" in page.text
    assert client_request.get(f"/findings/{plain.id}", as_="inspector").text.count("最迟") == 0


def test_the_whole_case_runs_over_the_pages(found, client_request):
    key, plain = found
    order = order_them(found, client_request)
    assert order.deadline.isoformat() == "2024-05-11"  # a Saturday that was worked
    reply_to(order, key, client_request, photos=True)
    reply_to(order, plain, client_request)
    assert the(RectificationOrder).state == "replied"
    assert db.session.scalars(select(ReplyPhoto.side)).all() == ["before", "after"]
    page = client_request.get(f"/orders/{order.id}", as_="manager@P01")
    assert len(page.select(".photo-strip img")) == 2
    check = {
        "checked_on": "2024-05-06",
        "lead_id": "1",
        "second_id": "2",
        "present": "王店长",
        "working_days": "5",
        f"result-{key.id}": "done",
        f"evidence-{key.id}": "已留样130克",
        f"result-{plain.id}": "undone",
        f"evidence-{plain.id}": "标签仍缺时间",
    }
    client_request.get(f"/orders/{order.id}/reinspect", as_="inspector")
    client_request.post(f"/orders/{order.id}/reinspect", check, as_="inspector")
    assert [(one.item, one.state) for one in reread(found)] == [
        (made.KEY, "closed"),
        (made.PLAIN, "ordered"),
    ]
    check |= {f"result-{plain.id}": "done"}
    client_request.post(f"/orders/{order.id}/reinspect", check, as_="inspector")
    assert the(RectificationOrder).state == "closed"
    page = client_request.get(f"/orders/{order.id}", as_="town")
    assert "全部整改到位" in page.text and "按期" in page.text


def test_what_was_typed_stays_when_something_is_missing(found, client_request):
    key, _ = found
    order = order_them(found, client_request)
    page = client_request.post(
        f"/orders/{order.id}/reply/{key.id}",
        {"key": "R-1", "cause": "忘了", "measure": "", "done_on": "20240506", "person": "李四"},
        as_="manager@P01",
        status=422,
    )
    assert page.select_one("#cause").text.strip() == "忘了"
    page = client_request.post(
        f"/orders/{order.id}/reinspect",
        {"checked_on": "2024-05-06", "lead_id": "1", "second_id": "1", "working_days": "5",
         f"result-{key.id}": "done", f"evidence-{key.id}": "看到了"},
        as_="inspector",
        status=422,
    )  # fmt: skip
    assert page.select_one(f"#evidence-{key.id}").text.strip() == "看到了"
    assert "两名不同的检查人员" in page.text


def test_a_suspension_is_confirmed_with_its_consequence(found, client_request):
    typed = {"from_on": "2024-05-06", "facts": "关键项不合格", "basis": "服务协议"}
    url = f"/measures/new?kind=subsidy&point=P01&finding={found[0].id}"
    client_request.get("/measures/new", as_="district")
    client_request.get(url, as_="district")
    page = client_request.post(url, typed, as_="district", status=200)
    assert "自今日起，丰乐助餐点照常供餐，但停止补贴" in page.select_one(".consequence").text
    assert db.session.scalars(select(Measure)).all() == []
    client_request.post(url, {**typed, "sure": "y"}, as_="district")
    assert tills.serve("k1").reason == "subsidy_suspended"
    measure = the(Measure)
    assert "补贴已暂停" in client_request.get("/points/P01", as_="district").text
    told = {"resumed_on": "2024-05-06", "why": "复查通过"}
    client_request.get(f"/measures/{measure.id}/resume", as_="approver")
    client_request.post(f"/measures/{measure.id}/resume", told, as_="approver")
    assert "已恢复" in client_request.get(f"/measures/{measure.id}", as_="town").text


def test_letters_interviews_and_receipts_are_noted(found, client_request):
    key, plain = found
    letter = {
        "finding": [key.id], "body": "samr", "copy_only": "no", "facts": "没有留样",
        "evidence": "笔录", "contact": "某科",
    }  # fmt: skip
    client_request.get(f"/referrals/new?point=P01&finding={key.id}", as_="district")
    client_request.post("/referrals/new?point=P01", letter, as_="district")
    referral = the(Referral)
    slip = {"receipt_no": "市监回〔2024〕1号", "receipt_on": "20240506"}
    client_request.post(f"/referrals/{referral.id}/receipt", slip, as_="district")
    client_request.post(
        f"/referrals/{referral.id}/answer", {"answer": "已责令改正"}, as_="district"
    )
    assert "已责令改正" in client_request.get(f"/referrals/{referral.id}", as_="town").text
    talk = {
        "day": "20240506", "at": "10:00", "place": "会议室", "hosts": "科长", "attendees": "店长",
        "matters": "没有留样", "commitments": "马上改",
    }  # fmt: skip
    client_request.get(f"/interviews/new?point=P01&finding={plain.id}", as_="district")
    client_request.post(f"/interviews/new?point=P01&finding={plain.id}", talk, as_="district")
    client_request.get(f"/interviews/{the(Interview).id}", as_="town")
    left = {
        "paper": referral.number,
        "method": "left",
        "receiver": "店长",
        "day": "20240506",
        "at": "11:00",
    }
    page = client_request.post("/receipts/new?point=P01", left, as_="inspector", status=422)
    assert "留置送达要有见证人" in page.text
    client_request.post(
        "/receipts/new?point=P01",
        {**left, "witness": "某社区张三", "strokes": "10,10 200,150"},
        as_="inspector",
    )
    page = client_request.get(f"/receipts/{the(DeliveryReceipt).id}", as_="manager@P01")
    assert page.select_one(".signature polyline")["points"] == "10,10 200,150"
    for url in LISTS:
        assert client_request.get(url, as_="town").select_one("table, .empty") is not None
    assert client_request.get("/referrals", as_="town").select("tbody tr")


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000])
def test_a_number_that_no_row_can_have_is_nothing(found, client_request, number):
    letter = {"finding": [number], "body": "samr", "copy_only": "no", "facts": "没有留样",
              "evidence": "照片", "contact": "某科"}  # fmt: skip
    client_request.post("/referrals/new?point=P01", letter, as_="district", status=422)
    for page in ("measures/new?kind=point&point=P01", "interviews/new?point=P01"):
        answer = client_request.client("district").get(f"/{page}&finding={number[:1000]}")
        assert answer.status_code == 404


def test_the_unit_is_not_told_what_a_competent_body_is_told(found, client_request):
    key = found[0]
    client_request.post(
        f"/findings/{key.id}/decide", {"yes": "yes", "why": "涉嫌违法"}, as_="district"
    )
    letter = {"finding": [key.id], "body": "samr", "copy_only": "no", "facts": "没有留样",
              "evidence": "照片", "contact": "某科"}  # fmt: skip
    client_request.post("/referrals/new?point=P01", letter, as_="district")
    number = the(Referral).number
    for as_, told in (("town", True), ("manager@P01", False)):
        page = client_request.get(f"/findings/{key.id}", as_=as_)
        assert (number in page.text) is told and ("涉嫌违法" in page.text) is told
        tabs = client_request.get("/findings", as_=as_).select("a[href='/referrals']")
        assert bool(tabs) is told
    client_request.get(f"/referrals/{the(Referral).id}", as_="manager@P01", status=403)


def test_a_referral_decision_is_recorded_with_its_reason(found, client_request):
    key = found[0]
    url = f"/findings/{key.id}/decide"
    client_request.post(url, {"yes": "no"}, as_="district", status=422)
    client_request.post(url, {"yes": "no", "why": "当天已补留样，不涉及处罚"}, as_="district")
    page = client_request.get(f"/findings/{key.id}", as_="town")
    assert "不移送，当天已补留样，不涉及处罚" in page.text
    client_request.post(url, {"yes": "yes", "why": "改主意"}, as_="district", status=422)


def test_nobody_sees_what_stands_outside_the_scope(found, client_request):
    order = order_them(found, client_request)
    for url in (f"/findings/{found[0].id}", f"/orders/{order.id}"):
        client_request.get(url, as_="manager@P02", status=404)
    assert client_request.get("/orders", as_="manager@P02").select_one(".empty") is not None
    client_request.get(f"/orders/{order.id}/reply/{found[0].id}", as_="manager@P02", status=404)
    client_request.get(f"/orders/{order.id}/reply/{found[0].id}", as_="town", status=403)


def test_a_finding_is_noted_without_a_visit(district, client_request):
    client_request.get("/findings/new", as_="inspector")
    typed = {"item": made.PLAIN, "fact": "标签没有时间", "outcome": "RECTIFY_BY_DATE"}
    client_request.post("/findings/new?point=P01", typed, as_="inspector")
    one = the(Finding)
    assert (one.source, one.visit_id, one.state) == ("other", None, "open")
    client_request.get(f"/findings/{one.id}", as_="inspector")


def order_them(found, client_request) -> RectificationOrder:
    page = client_request.get("/orders/new?point=P01", as_="inspector")
    data = {
        "finding": [one.id for one in found],
        "working_days": "5",
        "consequence": made.CONSEQUENCE,
    }
    for one in found:
        asked = page.select_one(f"#demand-{one.id}").text.strip()
        assert asked.startswith(f"按检查项{one.item}整改到位")
        data[f"demand-{one.id}"] = asked
    client_request.post("/orders/new?point=P01", data, as_="inspector")
    return the(RectificationOrder)


def reply_to(order, finding, client_request, photos: bool = False) -> None:
    url = f"/orders/{order.id}/reply/{finding.id}"
    page = client_request.get(url, as_="manager@P01")
    data = {
        "key": page.select_one("#key")["value"],
        "cause": "忘了",
        "measure": "专人留样",
        "done_on": "20240506",
        "person": "李四",
    }
    if photos:
        data |= {"before": [picture("red")], "after": [picture("green")]}
    client_request.post(url, data, as_="manager@P01", content_type="multipart/form-data")


def reread(found) -> list[Finding]:
    db.session.rollback()
    db.session.expire_all()
    rows = select(Finding).where(Finding.id.in_([one.id for one in found]))
    return list(db.session.scalars(rows.order_by(Finding.item)))
