"""Money on its way as people see it: accounts, orders, notices, clawbacks, and their files."""

import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from mealsvc.exchange.settlement_lines import COLUMNS, settlement_line_rows
from mealsvc.payments.models import Payee, PaymentOrder
from mealsvc.payments.payees import waiting_of
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import holding
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.clawback_models import Clawback
from mealsvc.settlement.models import PublicNotice
from mealsvc.settlement.services import settlement_of
from mealsvc.trail.models import TrailEvent
from tests.factories import payments as made
from tests.factories.payments import ACCOUNT, DIGITS, JUNE, MAY, NOW, sequence_of, staff
from tests.factories.tills import LUNCH, SHELL, serve, small_district
from tests.support.papers import words_of

PAYEE = {
    "holder": "某餐饮有限公司",
    "bank": "某银行湖塘支行",
    "account": ACCOUNT,
    "basis": "开户证明",
}


@pytest.fixture
def may(app, monkeypatch):
    """Two subsidised servings of May at P01; it is 3 June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    serve("a", "C001")
    serve("b", "C002", served_at=LUNCH.replace(day=7))


def point_id():
    point = point_by_code("P01")
    assert point is not None
    return point.id


def order_of(**state):
    db.session.rollback()
    return db.session.scalars(select(PaymentOrder).filter_by(**state)).one()


def make(client_request, **more):
    batch = batch_at(MAY, "P01").id
    total = settlement_of(MAY, "P01")["points"][0]["payable_fen"]
    form = {"batch": batch, "total_fen": total, "action": "order", "note": "五月", **more}
    client_request.post("/payments/new", form, "finance")


def test_an_account_is_entered_by_one_and_confirmed_by_another(may, client_request):
    client_request.post("/payees/P01/new", PAYEE, "district")
    page = client_request.get("/payees/P01", "finance")
    assert "**** 7889" in page.get_text()
    assert DIGITS not in page.get_text()
    waiting = waiting_of([point_id()])[point_id()]
    form = {"payee": waiting.id, "action": "reveal"}
    shown = client_request.post("/payees/P01/check", form, "finance", status=200)
    assert DIGITS in shown.get_text()
    client_request.post("/payees/P01/check", form | {"action": "reject"}, "finance", status=422)
    client_request.post("/payees/P01/check", form | {"action": "confirm"}, "finance")
    page = client_request.get("/payees/P01", "manager@P01")
    assert "已启用" in page.get_text()
    assert DIGITS not in page.get_text()
    db.session.rollback()
    assert "payees.reveal" in db.session.scalars(select(TrailEvent.action)).all()


def test_what_was_typed_is_kept_and_the_error_stands_at_its_field(may, client_request):
    page = client_request.post(
        "/payees/P01/new", PAYEE | {"account": "12 34"}, "district", status=422
    )
    assert "8 至 30 位数字" in page.find(id="account-error").get_text()
    assert page.find(id="account")["value"] == "12 34"
    assert page.find(id="bank")["value"] == PAYEE["bank"]
    assert db.session.query(Payee).count() == 0


def test_an_order_is_made_seen_recalled_and_paid(may, client_request):
    made.payee()
    made.approved()
    page = client_request.get("/payments/new", "finance")
    assert "可以拨付" in page.get_text()
    assert "捌元整" in page.get_text()
    make(client_request)
    order = order_of()
    page = client_request.get(f"/payments/{order.id}", "finance")
    assert "BF-2024-0001" in page.h1.get_text()
    assert "捌元整" in page.get_text()
    assert DIGITS not in page.get_text()
    client_request.post(f"/payments/{order.id}/recall", {"reason": "备注有误"}, "finance")
    make(client_request)
    again = order_of(state="ordered")
    paid = {"paid_on": "20240603", "voucher": "ZF-9"}
    refused = client_request.post(f"/payments/{again.id}/paid", paid, "finance", status=422)
    assert "请由另一个人登记拨付" in refused.get_text()
    made.paid(again)
    page = client_request.get("/payments?state=paid", "district")
    assert [one.get_text(strip=True) for one in page.select("tbody th")] == ["BF-2024-0002"]


def test_ticks_that_changed_are_summed_anew_before_anything_is_ordered(may, client_request):
    made.payee()
    made.approved()
    form = {"total_fen": 800, "action": "sum", "note": "先看看"}
    page = client_request.post("/payments/new", form, "finance", status=200)
    assert "已勾选 0 笔" in page.get_text()
    assert page.find(id="note")["value"] == "先看看"
    batch = batch_at(MAY, "P01").id
    form = {"batch": batch, "total_fen": 0, "action": "order"}
    page = client_request.post("/payments/new", form, "finance", status=422)
    assert "合计已重新计算" in page.get_text()
    assert db.session.query(PaymentOrder).count() == 0


def test_the_payment_file_says_whom_to_pay_and_adds_up(may, client_request):
    with writing():
        point_by_code("P01").name = "=cmd|丰乐"
    made.payee()
    order = made.ordered(made.approved())
    client = client_request.client("finance")
    answer = client.get(f"/payments/{order.id}/file.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][6:8] == ["收款账号", "金额（元）"]
    assert rows[1][6] == DIGITS
    assert rows[1][3] == "'=cmd|丰乐"
    assert rows[1][7] == rows[2][7] == order.total_fen / 100
    assert rows[2][1] == "合计"
    text = client.get(f"/payments/{order.id}/file.csv").data.decode("utf-8-sig")
    assert f"某餐饮有限公司,某银行湖塘支行,{DIGITS},8.00,2024年5月老年助餐补贴" in text
    exports = select(TrailEvent.subject).where(TrailEvent.action == "exchange.export")
    assert db.session.scalars(exports).all() == [f"payment/{order.number}"] * 2
    client_request.get(f"/payments/{order.id}/file.csv", "district", status=403)
    assert client.get(f"/payments/{order.id}/file.exe").status_code == 404


def test_the_order_as_a_paper_and_a_manager_sees_the_own_line(may, client_request):
    made.payee()
    order = made.ordered(made.approved())
    client = client_request.client("finance")
    first = client.get(f"/payments/{order.id}.pdf").data
    words = words_of(first)
    for told in ("BF-2024-0001", "捌元整", "8.00", "区级财政", "****7889", "制单", "复核", "财政"):
        assert told in words
    assert DIGITS not in words
    assert client.get(f"/payments/{order.id}.pdf").data == first
    page = client_request.get(f"/payments/{order.id}", "manager@P01")
    assert "8.00" in page.get_text()
    client_request.get(f"/payments/{order.id}.pdf", "manager@P01", status=403)
    client_request.get(f"/payments/{order.id}", "manager@P02", status=404)


def test_a_notice_is_posted_from_its_page(may, client_request):
    made.reviewed()
    page = client_request.get("/settlements/notices/new", "district")
    assert page.find(id="from_on")["value"] == "2024-06-04"
    assert page.find(id="to_on")["value"] == "2024-06-11"
    form = {"point": "P01", "from_on": "20240604", "to_on": "20240607", "place": "公告栏"}
    url = "/settlements/notices/new?month=2024-05&town=320412100"
    refused = client_request.post(url, form, "district", status=422)
    assert "最早到2024年6月11日" in refused.find(id="to_on-error").get_text()
    client_request.post(url, form | {"to_on": "20240611"}, "district")
    db.session.rollback()
    notice = db.session.scalars(select(PublicNotice)).one()
    assert notice.division == "320412100"
    words = words_of(
        client_request.client("manager@P01").get(f"/settlements/notices/{notice.id}.pdf").data
    )
    assert "湖塘镇" in words
    client_request.get(f"/settlements/notices/{notice.id}", "manager@P02", status=404)


def test_a_clawback_is_proposed_from_a_line_and_decided_on_its_page(may, client_request):
    made.payee()
    made.paid(made.ordered(made.approved()))
    url = f"/clawbacks/new?point=P01&line={sequence_of('a')}"
    page = client_request.get(url, "district")
    assert page.find(id="sequences").get_text(strip=True) == str(sequence_of("a"))
    form = {"reason": "not_eaten", "note": "电话核实", "mode": "cash"}
    refused = client_request.post(url, form | {"sequences": "nothing"}, "district", status=422)
    assert "不属于这个助餐点" in refused.get_text()
    client_request.post(url, form | {"sequences": "a，b"}, "district")
    db.session.rollback()
    one = db.session.scalars(select(Clawback)).one()
    client_request.get(f"/clawbacks/{one.id}.pdf", "district", status=404)
    decide = f"/clawbacks/{one.id}/decide"
    client_request.post(decide, {"action": "approve", "note": "同意"}, "approver")
    page = client_request.get(f"/clawbacks/{one.id}", "manager@P01")
    assert "ZH-2024-001" in page.h1.get_text()
    assert "-8.00" in page.get_text()
    words = words_of(client_request.client("manager@P01").get(f"/clawbacks/{one.id}.pdf").data)
    for told in ("ZH-2024-001", "捌元整", "第十四条", "不是行政处罚决定", "2024年6月18日", "张*丰"):
        assert told in words
    assert "张国丰" not in words
    repaid = {"repaid_on": "2024-06-03", "voucher": "YH-1"}
    client_request.post(f"/clawbacks/{one.id}/repaid", repaid, "finance")
    db.session.rollback()
    assert settlement_of(JUNE, "P01")["points"][0]["payable_fen"] == 0


def test_the_lines_of_a_month_add_up_to_its_settlement(may):
    town, boss = staff("town"), staff("boss")
    with writing():
        (hold,) = holding.hold_lines(
            MAY, point_id(), [sequence_of("a")], "not_eaten", "", town, NOW
        )
    made.approved()
    with writing():
        holding.release(hold.id, "核实", boss, NOW)
    with writing() as connection:
        reverse_serving(connection, "b-", "b", "登错人", None, SHELL, NOW)
    serve("late", "C004")
    for month in (MAY, JUNE):
        sums: Counter[object] = Counter()
        rows = list(settlement_line_rows(month))
        for row in rows:
            assert len(row) == len(COLUMNS)
            sums[row[1]] += int(str(row[-1]))
        wanted = {one["point"]: one["payable_fen"] for one in settlement_of(month)["points"]}
        assert sums == wanted
    assert [row[2] for row in rows] == ["迟到冲正", "迟到就餐", "解除暂缓"]


def test_the_command_writes_lines_and_payments(may, instance, tmp_path):
    made.payee()
    order = made.ordered(made.approved())
    command = Path(sys.executable).with_name("mealsvc")
    for kind, told in (("payment", order.number), ("settlement-lines", "就餐")):
        file = tmp_path / f"{kind}.csv"
        subprocess.run([command, "export", kind, "--month", "2024-05", "--out", file], check=True)
        assert told in file.read_text("utf-8-sig")
