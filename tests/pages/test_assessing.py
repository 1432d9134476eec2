"""Pages of an assessment: every section, a point's economics, costs typed in, a tariff tried."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mealsvc.places.services import put_division
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.simulation import runs
from mealsvc.survey.assessing import services
from mealsvc.survey.assessing.models import PointCost, TariffTrial
from tests.factories import assessments, surveys, tills
from tests.factories.tills import COMMUNITY, SHELL

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
AT = {"lon": 119.95, "lat": 31.71}
COST = {"month": "2024-05", "fixed": "18", "variable": "5.00", "other": "", "basis": "五月账本"}


@pytest.fixture
def may(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    for card in ("C001", "C002", "C003"):
        tills.serve(card, card)


@pytest.mark.only("sqlite")
def test_an_assessment_shows_every_section_with_links_to_its_records(may, client_request):
    row = assessments.round_with_supply()
    answer = client_request.send(f"/surveys/{row.id}/assessment/costs", {}, "district")
    assert answer.status_code == 303
    page = client_request.get(f"/surveys/{row.id}/assessment", "district")
    heads = [one.get_text() for one in page.select("section > h2, .section-head > h2")]
    assert len(heads) == 7
    assert page.select_one('a[href="/points/P01/economics"]')
    first = page.select_one("#break-even tbody tr")
    assert first.select_one(".chip").get_text(strip=True) == "保本"
    assert [one.get_text() for one in first.select("td")][2] == "14.00"  # 36 + 1 + 10 - 18 - 15
    assert page.select_one('a[href="/figures?month=2024-05"]')


@pytest.mark.only("sqlite")
def test_a_town_sees_its_own_part_of_the_map(may, client_request):
    with writing():
        for code, level in (("320412101", "town"), ("320412101001", "community")):
            there = {"code": code, "name": f"西{level}", "level": level, "lon": 119.94, "lat": 31.7}
            put_division(there, SHELL)
        put_division({"code": COMMUNITY, "name": "丰乐社区", "level": "community", **AT}, SHELL)
    address = f"/surveys/{surveys.opened('A').id}/assessment"
    whole = str(client_request.get(address, "district").select_one(".coverage-figure"))
    own = str(client_request.get(address, "town@320412101").select_one(".coverage-figure"))
    assert "320412100001" in whole and "320412100001" not in own


@pytest.mark.only("sqlite")
def test_a_locked_assessment_shows_what_was_kept_and_a_town_its_own_rows(may, client_request):
    row = surveys.opened("A")
    surveys.accepted(row, surveys.sheet_of(row))
    surveys.lock(row, json.dumps(services.snapshot(row.id)))
    page = client_request.get(f"/surveys/{row.id}/assessment", "town")
    assert "已经锁定" in page.text and not page.select(".coverage-figure")
    assert page.select_one("#gaps") and not page.select_one("#risks")
    refused = client_request.send(f"/surveys/{row.id}/assessment/costs", {}, "town")
    assert refused.status_code == 403


def test_a_cost_is_typed_in_and_the_page_says_what_it_takes(may, client_request):
    answer = client_request.send("/points/P01/economics/cost", COST, "manager")
    assert answer.status_code == 303
    kept = db.session.scalars(select(PointCost)).one()
    assert (kept.fixed_fen, kept.variable_fen, kept.other_fen) == (1800, 500, 0)
    page = client_request.get("/points/P01/economics?month=2024-05", "manager")
    assert "2024年5月盈余" in page.select_one(".verdict").get_text()
    again = client_request.send("/points/P01/economics/cost", COST, "manager")
    assert again.status_code == 422 and "没有改动" in again.text


@pytest.mark.only("sqlite")
def test_what_was_typed_wrongly_stays_in_the_form(may, client_request):
    answer = client_request.send("/points/P01/economics/cost", COST | {"fixed": "很多"}, "manager")
    assert answer.status_code == 422
    assert "很多" in answer.text and "请输入金额" in answer.text


@pytest.mark.only("sqlite")
def test_a_point_without_costs_says_what_to_do(may, client_request):
    page = client_request.get("/points/P01/economics", "town")
    assert "还没有登记成本" in page.select_one(".verdict").get_text()
    assert client_request.get("/points/P02/economics?month=2024-05", "town").select(".verdict")


@pytest.mark.only("sqlite")
def test_the_paper_is_one_page(may, client_request, app):
    import pypdfium2

    assessments.entered(SHELL)
    answer = client_request.client("district").get("/points/P01/economics.pdf?month=2024-05")
    paper = pypdfium2.PdfDocument(answer.data)
    assert len(paper) == 1
    assert "收支平衡表" in paper[0].get_textpage().get_text_range()


def test_a_tariff_is_tried_and_kept(may, client_request):
    row = surveys.opened("A")
    at = f"/surveys/{row.id}/assessment/trials"
    page = client_request.get(f"{at}/new", "district")
    assert page.select_one("[name=rule_U80]")["value"] == "4.00"
    typed = {one["name"]: one["value"] for one in page.select("main input[value]")}
    typed |= {"name": "高龄加一元", "rule_U80": "5.00", "first": "2024-05", "last": "2024-05"}
    answer = client_request.send(f"{at}/new", typed, "district")
    assert answer.status_code == 303, answer.text
    runs.wait()
    assert "增加 ¥1.00" in client_request.get(answer.location, "district").text
    assert client_request.send(answer.location, {}, "district").status_code == 303
    assert db.session.scalars(select(TariffTrial)).one().name == "高龄加一元"
    shown = client_request.get(f"/surveys/{row.id}/assessment", "leader")
    assert "高龄加一元" in shown.text
    again = client_request.send(f"{at}/new", typed, "district")
    assert again.status_code == 422 and "请换一个名称" in again.text
