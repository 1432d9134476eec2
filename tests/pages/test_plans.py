"""Where the next points should go, on the page: asked, proven, kept, compared; and the candidates."""

import pytest
from sqlalchemy import text

from mealsvc.coverage.planning import runs, services
from mealsvc.places.models import CandidateSite
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from tests.factories import plans

pytestmark = [pytest.mark.ground(by=plans.ground), pytest.mark.only("sqlite")]
ONE = "/coverage/plan?radius=1000&add=1"
CANDIDATE = {"name": "新用房", "position": "119.92, 31.70", "daily_capacity": "80"}


@pytest.fixture(autouse=True)
def today(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: plans.NOW)


def rows_of(page, caption):
    table = next(one for one in page.select("table") if caption in one.caption.get_text())
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in table.select("tr")
    ]


def test_without_a_question_three_points_are_answered_and_proven(client_request):
    page = client_request.get("/coverage/plan", "leader")
    assert "新增2个点" in page.text
    assert "已证明最优" in page.text
    assert [row[1] for row in rows_of(page, "选出的点位")[1:]] == [
        "用房C01（C01）",
        "用房C02（C02）",
    ]
    assert page.select_one("svg.coverage-map")


def test_the_same_question_of_the_same_ground_is_answered_once(client_request, monkeypatch):
    client_request.get(ONE, "district")
    monkeypatch.setattr(services, "solved", lambda *asked: pytest.fail("asked again"))
    assert "新增1个点" in client_request.get(ONE, "district").text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("radius=x&add=1", "请输入1到50000米之间的半径"),
        ("radius=1000", "请写明新增几个点、目标覆盖率或预算中的至少一项"),
        ("radius=1000&add=0", "请输入1到1000之间的整数"),
        ("radius=1000&target=101", "请输入大于0、不超过100的百分数"),
        ("radius=1000&budget=1e5", "请输入金额"),
    ],
)
def test_nonsense_is_told_at_its_field_and_what_was_typed_stays(client_request, address, told):
    page = client_request.get(f"/coverage/plan?{address}", "district", status=422)
    assert told in page.select_one(".error").get_text()
    for name, value in (part.split("=") for part in address.split("&")):
        assert page.select_one(f"#{name}")["value"] == value


def test_a_target_out_of_reach_says_so(client_request):
    with writing():
        db.session.execute(text("DELETE FROM candidate_site WHERE code = 'C02'"))
    page = client_request.get("/coverage/plan?radius=1000&target=90", "approver")
    assert "达不到目标" in page.text
    assert "至少需要 1 个点" in page.text


def test_the_estimate_gets_positions_and_nothing_else(client_request):
    found = client_request.client("leader").get("/coverage/plan/ground.json?within=320412101").json
    assert found["eligible"] == 400
    assert [home[3] for home in found["homes"]] == [250, 150]
    assert found["candidates"][0] == ["C01", pytest.approx(119.925), 31.7, 30_000_000]
    assert set(found) == {"homes", "eligible", "points", "candidates"}


def test_another_district_is_refused(client_request):
    client = client_request.client("leader")
    assert client.get("/coverage/plan?radius=1000&add=1&within=320413").status_code == 403


def test_a_long_search_goes_on_in_the_background_and_can_be_stopped(client_request, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE_S", 0.0)
    first = client_request.get(ONE, "district")
    assert "未证明最优" in first.text
    assert first.select_one("progress")
    assert (
        client_request.send("/coverage/plan/stop?radius=1000&add=1", {}, "district").status_code
        == 303
    )
    runs.wait()
    page = client_request.get(ONE, "district")
    assert not page.select_one("progress")


def test_a_plan_is_kept_as_computed_here_compared_and_dropped(client_request):
    for name, asked in (("一个点", "add=1"), ("均衡", "add=1&equity=y")):
        address = f"/coverage/plan/keep?radius=1000&{asked}"
        assert (
            client_request.send(address, {"name": name, "sites": "C03"}, "leader").status_code
            == 303
        )
    assert (
        client_request.send(
            "/coverage/plan/keep?radius=1000&add=1", {"name": ""}, "leader"
        ).status_code
        == 422
    )
    listed = client_request.get("/coverage/plans", "approver")
    assert [row[1].split()[0] for row in rows_of(listed, "布点方案")[1:]] == ["均衡", "一个点"]
    page = client_request.get("/coverage/plans/compare?plan=1&plan=2", "leader")
    money = {row[0]: row[1:] for row in rows_of(page, "覆盖和费用")}
    assert money["增加覆盖"] == ["500 人 最多", "400 人"]
    assert money["建设费用（万元）"] == ["30.00", "20.00 最少"]
    assert [row[1:] for row in rows_of(page, "点位重合")[1:]] == [["选", "—"], ["—", "选"]]
    towns = {row[0]: row[2:] for row in rows_of(page, "各镇（街道）增加")}
    assert towns["合计"] == ["+500", "+400"]
    single = client_request.get("/coverage/plans/1", "leader")
    assert "新覆盖的村（社区）：社区0002、社区0003。" in single.text
    assert single.select_one("svg.coverage-map")
    assert client_request.get("/coverage/plans/1/drop", "leader")
    assert client_request.send("/coverage/plans/1/drop", {}, "leader").status_code == 303
    assert client_request.client("leader").get("/coverage/plans/1").status_code == 404
    again = client_request.send("/coverage/plans/1/drop", {}, "leader")
    assert "已经删除" in client_request.get(again.location, "leader").text
    assert client_request.client("leader").get("/coverage/plans/compare?plan=1").status_code == 404
    assert client_request.client("leader").get("/coverage/plans/compare").status_code == 303
    huge = "/coverage/plans/compare?plan=1&plan=" + "9" * 30
    assert client_request.client("leader").get(huge).status_code == 404


def test_a_candidate_is_added_by_a_pasted_position_and_changed(client_request):
    assert (
        client_request.send(
            "/coverage/candidates/new", CANDIDATE | {"code": "C09"}, "district"
        ).status_code
        == 303
    )
    row = db.session.get_one(CandidateSite, "C09")
    assert (row.lon, row.lat, row.daily_capacity, row.build_cost_fen) == (119.92, 31.7, 80, None)
    changed = CANDIDATE | {"build_cost_fen": "250000.50"}
    assert (
        client_request.send("/coverage/candidates/C09/edit", changed, "district").status_code == 303
    )
    db.session.rollback()
    assert db.session.get_one(CandidateSite, "C09").build_cost_fen == 25_000_050
    assert "C09" in client_request.get("/coverage/candidates", "inspector").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"position": "31.70"}, "请输入“经度,纬度”"),
        ({"position": "119.9,95"}, "请输入“经度,纬度”"),
        ({"division": "32"}, "请输入6位、9位或12位区划代码"),
        ({"code": "C01"}, "这个编号已经有候选点使用"),
    ],
)
def test_a_wrong_candidate_is_told_at_its_field(client_request, wrong, told):
    answer = client_request.send(
        "/coverage/candidates/new", CANDIDATE | {"code": "C09"} | wrong, "district"
    )
    assert answer.status_code == 422
    assert told in answer.text
