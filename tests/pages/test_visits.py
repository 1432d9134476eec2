"""Pages of plans, visits and inspectors: from a draw to a signed visit, and who sees what when."""

import pytest
from sqlalchemy import select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.visits import services
from mealsvc.supervision.visits.models import Inspector, InspectorInterest, Visit, VisitPlan
from mealsvc.supervision.visits.planning import read_chosen
from tests.factories import tills
from tests.factories import visits as made
from tests.factories.visits import MAKER, NOW

PLAN = {
    "title": "二季度检查", "kind": "admin_inspection", "mode": "full", "source": "plan",
    "basis": "年度计划", "from_on": "20240506", "to_on": "20240531", "choose": "draw",
    "count": "1", "town": "", "seed": "", "staff": "draw",
}  # fmt: skip


@pytest.fixture
def district(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    with writing():
        made.inspectors()
    return app


def words(page):
    return page.find("main").get_text(" ", strip=True)


def one(table):
    db.session.rollback()
    return db.session.scalars(select(table).order_by(table.id.desc())).first()


def test_a_case_goes_from_the_draw_to_the_notice(district, client_request):
    shown = words(client_request.get("/plans/new", "inspector"))
    assert "丰乐助餐点" in shown and "从未检查" in shown
    client_request.post("/plans/new", PLAN, "inspector")
    plan = one(VisitPlan)
    assert plan.seed == "20240506-武民助计〔2024〕0001号"
    # Its maker may not decide it, an approver may; drawn again it is the same.
    assert "核对一致" in words(client_request.get(f"/plans/{plan.id}?again=1", "approver"))
    client_request.post(f"/plans/{plan.id}/decide", {"decision": "refuse"}, "approver", 422)
    client_request.post(f"/plans/{plan.id}/decide", {"decision": "approve"}, "approver")
    arrange = f"/plans/{plan.id}/arrange"
    code = next(iter(read_chosen(plan).assigned))
    assert "请输入一个日期" in words(
        client_request.post(arrange, {f"on-{code}": "5月"}, "inspector", 422)
    )
    assert "计划期内" in words(
        client_request.post(arrange, {f"on-{code}": "20240601"}, "inspector", 422)
    )
    client_request.post(arrange, {f"on-{code}": "20240509"}, "inspector")
    visit = one(Visit)
    client_request.post(f"/visits/{visit.id}/notice", None, "district")
    page = words(client_request.get(f"/visits/{visit.id}", "district"))
    assert "武民助通〔2024〕0001号" in page and "1 次，上限 2 次" in page and "要查 55 项" in page


def test_nobody_decides_an_own_plan_on_the_page(district, client_request):
    client_request.post("/plans/new", PLAN, "district")
    plan = one(VisitPlan)
    assert "不能由编制人自己审批" in words(
        client_request.post(f"/plans/{plan.id}/decide", {"decision": "approve"}, "district", 422)
    )
    client_request.post(f"/plans/{plan.id}/withdraw", {"why": ""}, "district", 422)
    client_request.post(f"/plans/{plan.id}/withdraw", {"why": "改期"}, "district")
    assert "已撤回" in words(client_request.get("/plans", "district"))


def test_what_was_typed_wrong_on_a_plan_is_kept_and_said(district, client_request):
    page = client_request.post("/plans/new", PLAN | {"count": "9"}, "district", 422)
    assert "抽取数量应在1到2之间" in words(page)
    assert page.find("input", id="title")["value"] == "二季度检查"


def test_a_patrol_is_arranged_moved_given_to_others_and_cancelled(district, client_request):
    new = {"point": "P01", "kind": "contract_patrol", "mode": "patrol", "planned_on": "20240510"}
    page = client_request.post("/visits/new", new | {"inspectors": ["1"]}, "inspector", 422)
    assert "两名以上检查人员" in words(page)
    client_request.post("/visits/new", new | {"inspectors": ["1", "2"]}, "inspector")
    visit = one(Visit)
    change = f"/visits/{visit.id}/change"
    client_request.post(change, {"act": "move", "move-planned_on": "20240513"}, "inspector")
    client_request.post(
        change, {"act": "people", "people-inspectors": ["2", "3"], "people-lead": "3"}, "inspector"
    )
    client_request.post(
        change, {"act": "recuse", "recuse-inspector": "2", "recuse-why": "亲属"}, "inspector"
    )
    page = words(client_request.get(f"/visits/{visit.id}", "inspector"))
    assert "2024年5月13日" in page and "已回避：亲属" in page and "丙检查" in page
    assert "请写明理由" in words(
        client_request.post(change, {"act": "cancel", "cancel-why": ""}, "inspector", 422)
    )
    client_request.post(change, {"act": "cancel", "cancel-why": "停业"}, "inspector")
    assert "已取消" in words(client_request.get(f"/visits/{visit.id}", "inspector"))
    client_request.get(change, "inspector", 404)
    client_request.post(change, {"act": "nonsense"}, "inspector", 404)


def test_the_unit_does_not_learn_of_a_visit_before_its_time(district, client_request):
    with writing():
        patrol = made.visit()
        plan = made.approved()
        secret = made.visit(
            kind="admin_inspection", plan_id=plan.id, unannounced=True, reason="线索"
        )
        services.notice(secret.id, MAKER, NOW)
        told = made.visit(
            point=made.the_point("P01"), kind="joint", planned_on=made.TODAY, mode="audit"
        )
        services.begin(told.id, MAKER, NOW)
    for visit, manager, town in ((patrol, 404, 200), (secret, 404, 404), (told, 200, 200)):
        client_request.get(f"/visits/{visit.id}", "manager@P01", manager)
        client_request.get(f"/visits/{visit.id}", "town", town)
        client_request.get(f"/visits/{visit.id}", "district", 200)
    client_request.get(f"/visits/{told.id}", "manager@P02", 403)
    shown = client_request.get("/visits", "manager@P01").find("tbody").find_all("tr")
    assert len(shown) == 1
    assert len(client_request.get("/visits", "town").find("tbody").find_all("tr")) == 2


def test_a_signed_visit_shows_how_its_score_came_about(district, client_request):
    failed = {"result": "FAIL", "note": "中心温度不足", "measured": {"core_temp_c": "60"}}
    visit = made.signed(results={"COK-02": failed}, paper=True)
    page = words(client_request.get(f"/visits/{visit.id}", "leader"))
    for said in (
        "93.6 D级", "得到的权重 73 ÷ 适用项的权重 78", "关键项 COK-02 不合格", "0 / 5", "限期整改",
        "中心温度不足", "60℃", "相差 0.0%",
    ):  # fmt: skip
        assert said in page, said


def test_the_list_is_narrowed_and_the_calendar_and_points_tell(district, client_request):
    made.signed()
    for query, found in (
        ("kind=contract_patrol", True), ("kind=joint", False), ("state=signed", True),
        ("grade=A", True), ("grade=B", False), ("month=2024-05", True), ("month=2024-04", False),
        ("point=P01", True), ("point=P02", False), ("point=丰乐", True),
    ):  # fmt: skip
        page = words(client_request.get(f"/visits?{query}", "town"))
        assert ("2024年5月6日" in page) is found, query
    assert "丰乐助餐点" in words(client_request.get("/visits/calendar?month=2024-05", "town"))
    assert "从未检查" in words(client_request.get("/visits/points", "town"))
    overdue = words(client_request.get("/visits/points?state=overdue", "town"))
    assert "花园助餐点" in overdue and "丰乐助餐点" not in overdue


def test_inspectors_are_registered_changed_and_keep_away(district, client_request):
    new = {"name": "丁", "card_no": "ＷＪ－９", "office": "区民政局", "division": "320412"}
    client_request.post("/inspectors/new", new, "district")
    made_one = one(Inspector)
    assert made_one.card_no == "WJ-9"
    page = client_request.post("/inspectors/new", new, "district", 422)
    assert "已经登记过" in words(page)
    url = f"/inspectors/{made_one.id}"
    client_request.post(
        url, {"act": "interest", "interest-about": "P01", "interest-why": "亲属"}, "district"
    )
    client_request.post(
        url, {"act": "interest", "interest-about": "没有", "interest-why": "亲属"}, "district", 422
    )
    client_request.post(url, {"office": "督查科", "active": "y"}, "district")
    assert "丰乐助餐点" in words(client_request.get("/inspectors", "inspector"))
    interest = one(InspectorInterest)
    client_request.post(f"/inspectors/interests/{interest.id}/end", None, "district")
    assert "已解除" in words(client_request.get(url, "district"))
    assert (one(Inspector).office, one(Inspector).active) == ("督查科", True)
