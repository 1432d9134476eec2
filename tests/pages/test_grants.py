"""Star grades and construction grants on their pages."""

import pytest

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.settlement.budget_lines import put_budget
from tests.factories.grants import A_YEAR_ON, BUILDING, NOW, approved, building_policy, claimed
from tests.factories.tills import SHELL, small_district

CLAIM = {
    "rule": "JS-2020/J1",
    "completed_on": "20200301",
    "cost_fen": "180000.01",
    "documents": "竣工验收单\n工程决算",
}
CHAIN = (("review", "town"), ("recheck", "district"), ("approve", "approver"))


@pytest.fixture
def place(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    with writing():
        building_policy()


def words(page):
    return page.get_text(" ", strip=True)


def review(client_request, step, role, verdict="pass", status=303, number="1", **more):
    form = {"stage": number, "verdict": verdict, "opinion": "同意", **more}
    return client_request.post(f"/grants/1/{step}", form, role, status=status)


def test_a_grant_is_claimed_reviewed_and_approved(place, client_request):
    assert "还没有建设补贴" in words(client_request.get("/grants", "manager"))
    client_request.post("/grants/new", CLAIM, "manager")
    assert "有 1 期等您办理" in words(client_request.get("/grants", "town"))
    page = client_request.get("/grants/1", "town")
    assert "JB-2020-001" in words(page)
    assert "建设成本180000.01元，按50%为90000.00元，封顶100000.00元" in words(page)
    assert "竣工验收单 工程决算" in words(page)
    assert page.find("form", action="/grants/1/review") is not None
    assert (
        client_request.get("/grants/1", "finance").find("form", action="/grants/1/review") is None
    )
    for step, role in CHAIN:
        review(client_request, step, role)
    page = words(client_request.get("/grants/1", "finance"))
    assert "分期拨付中" in page and "已审批" in page and "2020年6月1日" in page
    assert "54,000.00" in page and "36,000.00" in page


def test_only_the_own_rights_and_the_own_turn_count(place, client_request):
    with writing():
        claimed()
    assert "现在是“已申请”" in words(review(client_request, "recheck", "district", status=422))
    back = {"verdict": "return", "opinion": "决算不清"}
    assert "现在是“已申请”" in words(
        review(client_request, "recheck", "district", status=422, **back)
    )
    client_request.get("/grants/1", "manager@P02", status=403)
    client_request.post("/grants/1/review", {"stage": "1"}, "district", status=403)
    client_request.post("/grants/1/review", {"stage": "9"}, "town", status=404)
    client_request.get("/grants/2", "town", status=404)


def test_what_is_sent_back_with_a_reason_is_corrected_and_comes_again(place, client_request):
    with writing():
        claimed()
    page = review(client_request, "review", "town", "return", 422, opinion=" ")
    assert "请写明退回的原因" in page.find(id="opinion-error").get_text()
    assert page.find("input", {"name": "verdict", "value": "return"}).has_attr("checked")
    review(client_request, "review", "town", "return", opinion="决算缺页")
    page = words(client_request.get("/grants/1", "manager"))
    assert "决算缺页" in page and "初审退回" in page and "更正后再申请" in page
    form = client_request.get("/grants/1/apply", "manager")
    assert form.find(id="cost_fen")["value"] == "180000.01"
    again = {"completed_on": "20200301", "cost_fen": "1000", "documents": "决算"}
    client_request.post("/grants/1/apply", again, "manager")
    assert "补贴500.00元" in words(client_request.get("/grants/1", "manager"))


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"rule": ""}, "rule", "请选择补贴项目"),
        ({"completed_on": "20190301"}, "rule", "没有这一条建设补贴"),
        ({"completed_on": "20200602"}, "completed_on", "不能晚于今天"),
        ({"cost_fen": "x"}, "cost_fen", "请输入金额"),
        ({"cost_fen": "1"}, "cost_fen", "不足1元"),
        ({"documents": " "}, "documents", "请写明随附的材料"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_typed_is_lost(
    place, client_request, fields, field, told
):
    page = client_request.post("/grants/new", CLAIM | fields, "manager", status=422)
    assert told in page.find(id=f"{field}-error").get_text()
    assert page.find(id="cost_fen")["value"] == fields.get("cost_fen", "180000.01")


def test_the_second_stage_is_applied_for_when_it_is_due(place, client_request, monkeypatch):
    with writing():
        grant = claimed()
    approved(grant)
    page = client_request.post("/grants/1/apply", {"documents": "台账"}, "manager", status=422)
    assert "要到2021年3月31日才能申请" in words(page)
    monkeypatch.setattr(clock, "now", lambda: A_YEAR_ON)
    manager = "manager@P01"  # signs in again: the other session is a year old
    assert "运营满一年" in words(client_request.get("/grants/1/apply", manager))
    client_request.post("/grants/1/apply", {"documents": "台账"}, manager)
    rows = client_request.get("/grants?state=submitted", "town").select("tbody tr")
    assert "2 / 2 运营满一年" in words(rows[0])
    client_request.get("/grants/1/apply", manager, status=303)


def test_beyond_the_budget_only_with_a_decision(place, client_request):
    with writing():
        put_budget(2020, "district", 3_000_000, SHELL)
        put_budget(2020, "town", 9_000_000, SHELL)
        claimed()
    for step, role in CHAIN[:2]:
        review(client_request, step, role)
    page = client_request.get("/grants/1", "approver")
    assert "超出预算" in words(page) and "差6000.00元" in words(page)
    page = review(client_request, "approve", "approver", status=422)
    assert "超预算决定" in page.find(id="decision-error").get_text()
    review(client_request, "approve", "approver", decision="2020年第3次会议纪要")
    assert "已审批" in words(client_request.get("/grants/1", "approver"))


def test_the_budget_s_page_counts_what_grants_commit(place, client_request):
    with writing():
        put_budget(2020, "district", 9_000_000, SHELL)
        put_budget(2020, "town", 9_000_000, SHELL)
        grant = claimed()
    approved(grant)
    assert "36,000.00" in words(client_request.get("/budget?year=2020", "finance"))


def test_a_point_without_a_rule_is_told_so(place, client_request):
    with writing():
        claimed()
        claimed(rule="J2")
    assert "现在没有可以申请的建设补贴" in words(client_request.get("/grants/new", "manager"))


def test_the_policy_s_page_and_the_point_s_page_lead_there(place, client_request):
    page = words(client_request.get("/policies/JS-2020", "manager"))
    assert "建设成本的50%，最多100000.00元；验收合格60%" in page
    link = client_request.get("/points/P01", "manager").find("a", href="/grants?point=P01")
    assert link.get_text(strip=True) == "建设补贴"


def test_the_list_is_narrowed_by_point_and_state(place, client_request):
    with writing():
        claimed()
    for query, found in (
        ("point=P01", 1),
        ("point=P02", 0),
        ("state=paid", 0),
        ("state=submitted", 1),
    ):
        page = client_request.get(f"/grants?{query}", "finance")
        assert len(page.select("tbody tr")) == found, query


def test_a_grade_is_given_and_stays_on_the_point_s_page(place, client_request):
    form = {"stars": "3", "from_on": "20200501", "basis": "区〔2020〕5号"}
    client_request.post("/points/P01/grade", form, "district")
    page = words(client_request.get("/points/P01", "manager"))
    assert "2020年5月1日起 3星，区〔2020〕5号" in page
    again = client_request.post("/points/P01/grade", form, "district", status=422)
    assert "已经是3星" in again.find(id="stars-error").get_text()
    for name, told in (("stars", "请选择星级"), ("from_on", "从哪天起"), ("basis", "依据")):
        page = client_request.post("/points/P01/grade", form | {name: ""}, "district", status=422)
        assert told in page.find(id=f"{name}-error").get_text()


def test_a_draft_with_grants_says_what_is_wrong_in_which_line(place, client_request):
    wrong = BUILDING.replace("percent = 40", "percent = 30").replace("JS-2020", "JS-2019")
    page = client_request.post("/policies/draft/new", {"document": wrong}, "district", status=422)
    assert "合计 90，应等于100" in words(page)
