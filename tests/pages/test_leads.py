"""The auditor's desk as people use it: the list, one lead with its pictures, dismissing, the sheet."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mealsvc.auditing.desk import kinds
from mealsvc.auditing.desk.evidence import pieces
from mealsvc.auditing.scanning import jobs
from mealsvc.auditing.scanning.models import AuditScan, Lead
from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.trail.models import TrailEvent
from tests.factories import leads as made
from tests.factories import reviews, tills
from tests.support.papers import pages_of, words_of

MAY = "/leads?month=2024-05"

pytestmark = pytest.mark.ground(by=made.two_points)


@pytest.fixture
def replay(app):
    """P01's list of 7 May, which is in the order of the 8th too, as one lead; a graver one at P02, one
    that nobody has to read any more, one of no point."""
    with writing():
        scanned = made.scan(expected_false=1_400)
        listed = made.servings_of("P01")
        seventh = [one for one in listed if one.served_on == date(2024, 5, 7)]
        evidence = {
            "A07": {
                "chains": [
                    {"day": "2024-05-07", "meal": 1, "like_day": "2024-05-08", "like_meal": 1}
                ]
            }
        }
        found = made.lead(
            "P01", "A07,A06", seventh, scanned, title="名单重放", evidence=json.dumps(evidence)
        )
        night = made.servings_of("P02")
        made.lead("P02", "A08", night, scanned, title="夜里登记", weight=9_000, severity="block")
        made.lead("P02", "A09", night, scanned, title="手工偏多", weight=5, state="dismissed")
        made.lead(None, "A25", night[:2], scanned, title="重复建档", weight=2, severity="case")
        return found.id


def titles(page):
    return [one.get_text() for one in page.select("tbody th a")]


def test_leads_stand_by_weight_with_their_sums_and_what_chance_alone_makes(replay, client_request):
    page = client_request.get(MAY, as_="district")
    assert titles(page) == ["夜里登记", "名单重放", "重复建档"]
    assert [one.get_text(strip=True) for one in page.select("tfoot td.num")][:1] == ["44"]
    assert "大约有 1.4 条属于巧合" in page.select_one(".state").get_text()
    assert len(page.select("svg.small-picture")) == 3
    found = page.select("svg.small-picture")[1].select("rect.found")
    assert len(found) == 1  # one day


NARROWED = (
    ("rule=A07", ["名单重放"]),
    ("severity=case", ["重复建档"]),
    ("point=P02", ["夜里登记"]),
    ("point=P02&state=every", ["夜里登记", "手工偏多"]),
    ("state=dismissed", ["手工偏多"]),
    ("state=cased", []),
)


def test_the_list_is_narrowed_by_the_address(replay, client_request):
    for narrowed, shown in NARROWED:
        assert titles(client_request.get(f"{MAY}&{narrowed}", as_="district")) == shown, narrowed


def test_a_town_sees_its_own_points_leads_and_none_of_the_whole_district(replay, client_request):
    with writing():
        put_point(
            {
                "code": "N01",
                "name": "牛塘点",
                "kind": "community_canteen",
                "division": "320412102001",
            },
            tills.SHELL,
        )
        other = made.lead("N01", "A06", (), db.session.get_one(AuditScan, 1), title="别镇的").id
    page = client_request.get(f"{MAY}&state=every", as_="town@320412100")
    assert titles(page) == ["夜里登记", "名单重放", "手工偏多"]
    for path in ("", "/timeline.svg", ".pdf"):
        client_request.get(f"/leads/{other}{path}", as_="town@320412100", status=404)
    client_request.get(f"/leads/{other}", as_="district")


def test_those_at_a_point_and_other_offices_read_no_leads(replay, client_request):
    for role in ("operator", "manager", "inspector", "finance"):
        client_request.get(MAY, as_=role, status=403)
        client_request.get(f"/leads/{replay}", as_=role, status=403)


def test_a_lead_tells_its_story_with_pictures_lines_and_the_next_one(replay, client_request):
    page = client_request.get(f"/leads/{replay}", as_="district")
    said = page.select_one("main").get_text()
    assert "先排除断网后补传" in said
    assert "5月8日午餐" in page.select("main table")[0].get_text()
    assert [one["src"].split("/")[-1].split(".")[0] for one in page.select("figure img")] == [
        "order",
        "timeline",
        "counts",
    ]
    assert all(one["alt"] for one in page.select("figure img"))
    listed = page.select("main table")[1].select("tbody tr")
    assert len(listed) == 30
    assert "李*" in listed[0].get_text()
    assert [one.get_text() for one in page.select(".lead-nav nav a[rel]")] == ["上一条", "下一条"]
    assert page.select_one("a.btn-accent")["href"] == f"/cases/new?lead={replay}"


def test_each_picture_is_a_small_drawing_of_its_own(replay, client_request):
    client = client_request.client("district")
    for kind in kinds.TITLES:
        answer = client.get(f"/leads/{replay}/{kind}.svg")
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert b"<svg" in answer.data
        assert len(answer.data) < 12_288
    assert client.get(f"/leads/{replay}/face.svg").status_code == 404


def test_the_order_plot_shows_the_two_days_that_the_evidence_names(replay, client_request):
    svg = client_request.client("district").get(f"/leads/{replay}/order.svg").text
    assert "5月8日午餐第几位" in svg
    assert "5月7日午餐第几位" in svg
    assert "两天都来的老人 30 位" in svg


def test_the_pictures_keep_the_lines_that_a_case_has_reversed_since(replay, client_request):
    def drawn():
        return client_request.client("district").get(f"/leads/{replay}/order.svg").text

    before = drawn()
    line = next(one for one in made.servings_of("P01") if one.served_on == date(2024, 5, 7))
    with writing() as connection:
        reverse_serving(connection, "BACK", line.key, "查实有误", None, tills.SHELL, clock.now())
    assert drawn() == before


def test_shares_in_the_evidence_read_as_percents():
    told = {
        "A07": {"chains": [{"share": 0.64, "usual": 0.13}]},
        "A09": {"share": 45.0, "usual": 0.8},
        "A16": {"share": 0.571, "usual": 120},
    }
    order, by_hand, food = pieces(json.dumps(told), "A07,A09,A16", {})
    assert order.grids[0].rows == [["64%", "13%"]]
    assert by_hand.facts == [("占比", "45%"), ("平时", "0.8%")]
    assert food.facts == [("占比", "57%"), ("平时", "120")]


def test_a_lead_is_dismissed_with_a_coded_reason_and_comes_back(replay, client_request):
    url = f"/leads/{replay}"
    typed = {"reason": "gathering", "note": "5月7日社区集体用餐，有通知"}
    client_request.post(f"{url}/dismiss", typed, as_="town")
    page = client_request.get(url, as_="town")
    assert "节日、活动等集体用餐，有通知或照片" in page.get_text()
    assert titles(client_request.get(MAY, as_="town")) == ["夜里登记"]
    client_request.post(f"{url}/reopen", {"note": "通知是后补的"}, as_="town")
    db.session.expire_all()
    assert db.session.get_one(Lead, replay).state == "open"
    acts = db.session.scalars(select(TrailEvent.action).order_by(TrailEvent.seq)).all()
    assert acts[-2:] == ["leads.dismiss", "leads.reopen"]


def test_what_was_typed_is_kept_and_numbers_are_nobodys_business(replay, client_request):
    url = f"/leads/{replay}/dismiss"
    answer = client_request.post(url, {"note": "打了13800001234"}, as_="town", status=422)
    assert "请选择原因" in answer.get_text()
    assert "不要写电话" in answer.get_text()
    assert answer.select_one("input[name=note]")["value"] == "打了13800001234"
    db.session.expire_all()
    assert db.session.get_one(Lead, replay).state == "open"


def test_an_auditor_reads_and_does_not_dismiss(replay, client_request):
    page = client_request.get(f"/leads/{replay}", as_="auditor")
    assert page.select_one("form[action$=dismiss]") is None
    client_request.post(f"/leads/{replay}/dismiss", {}, as_="auditor", status=403)


def test_the_sheet_is_one_page_with_story_picture_lines_and_boxes(replay, client_request):
    client = client_request.client("district")
    answer = client.get(f"/leads/{replay}.pdf")
    assert answer.mimetype == "application/pdf"
    assert pages_of(answer.data) == 1
    said = words_of(answer.data)
    for words in (
        "疑点核查单",
        "名单重放",
        "先排除断网后补传",
        "疑点流水30份",
        "□断网",
        "核实经过",
    ):
        assert words in said.replace(" ", "").replace("\n", ""), words
    db.session.expire_all()
    last = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc())).first()
    assert (last.action, last.subject) == ("reports.print", f"lead/2024-05/P01/{replay}")


def test_a_sheet_with_much_text_and_hundreds_of_lines_is_still_one_page(replay, client_request):
    with writing():
        every = made.servings_of("P01")
        long = made.lead(
            "P01", "A06,A07,A09,A10", every, db.session.get_one(AuditScan, 1),
            title="同一操作员十分钟登记三百余份" * 3, summary="很长的说明。" * 40, honest="先看这些。" * 40,
        ).id  # fmt: skip
    answer = client_request.client("district").get(f"/leads/{long}.pdf")
    assert pages_of(answer.data) == 1
    assert "复核人" in words_of(answer.data)


def test_later_editions_tell_what_changed(replay, client_request):
    with writing():
        lead = db.session.get_one(Lead, replay)
        again = made.scan(started_at=made.NOW + timedelta(days=1))
        made.edition(lead, again, "A07", made.servings_of("P01")[:38], 2)
    page = client_request.get(f"/leads/{replay}", as_="district")
    told = page.select_one("#editions-title").find_parent().get_text()
    assert "+8" in told
    assert "规则由 A07、A06 变为 A07" in told


def test_a_month_without_a_scan_says_what_to_do(app, client_request):
    page = client_request.get("/leads?month=2024-04", as_="district")
    assert "这个月还没有扫描" in page.select_one(".empty").get_text()


def test_a_scan_is_started_from_the_page_and_found_there(app, client_request):
    reviews.ten_points()
    client_request.post("/leads/scan", {"month": "2024-05"}, as_="district")
    jobs.wait()
    db.session.expire_all()
    page = client_request.get(MAY, as_="district")
    assert db.session.scalars(select(AuditScan)).one().month == 202405
    assert any("T03" in one.get_text() for one in page.select("tbody th"))
    client = client_request.client("district")
    for lead_id in db.session.scalars(select(Lead.id)):
        page = client_request.get(f"/leads/{lead_id}", as_="district")
        for drawn in page.select("figure img"):
            answer = client.get(drawn["src"])
            assert (answer.status_code, len(answer.data) < 12_288) == (200, True), drawn["src"]
    assert pages_of(client.get(f"/leads/{lead_id}.pdf").data) == 1


def test_a_scan_without_a_month_starts_nothing(app, client_request):
    client_request.post("/leads/scan", {}, as_="district", status=303)
    assert jobs.running() is None
    assert db.session.scalars(select(AuditScan)).all() == []
