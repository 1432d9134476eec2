"""Pages of a report: read with its figures as links, written with tokens, locked with what is missing."""

import pytest
from sqlalchemy import select

from mealsvc.plumbing.db import db, writing
from mealsvc.survey.rounds import services as rounds
from mealsvc.survey.rounds.models import SurveyRound, SurveySheet
from mealsvc.survey.writing.models import SurveyText
from tests.factories import surveys, tills
from tests.factories.tills import SHELL


@pytest.fixture
def row(app):
    tills.small_district()
    tills.serve("K1")
    return surveys.opened("A")


def at(row, page):
    return f"/surveys/{row.id}/{page}"


@pytest.mark.only("sqlite")
def test_the_report_shows_every_section_and_a_figure_leads_to_its_records(row, client_request):
    page = client_request.get(at(row, "report"), "district")
    titles = [one.get_text() for one in page.select(".part-head h2")]
    assert titles[1] == "一、基本情况" and len(titles) == 9
    figure = page.select_one("#basics a.fig[href='/figures?month=2024-05']")
    assert figure is not None and "：" in figure["title"]
    assert page.select_one("#basics details table")  # 口径, 时点, 来源
    assert page.select_one(f'a[href="{at(row, "report.pdf")}"]')
    town = client_request.get(at(row, "report"), "town")
    assert "报告还在编写" in town.text
    assert client_request.get(at(row, "report.pdf"), "town", status=403)


def test_a_section_is_written_previewed_refused_and_goes_back(row, client_request):
    url = at(row, "report/basics")
    typed = {"seen": "0", "text": "（一）人口\n老人{eligible}，约30人住得远。{nothing}"}
    wrong = client_request.send(url, typed | {"act": "save"}, "district")
    assert wrong.status_code == 422
    assert "没有这些指标或图表：{nothing}" in wrong.text and "约30人住得远" in wrong.text
    called = client_request.send(url, typed | {"text": "请问王某13912345678"}, "district")
    assert called.status_code == 422 and "请不要写证件号码和手机号码" in called.text
    typed["text"] = typed["text"].replace("{nothing}", "")
    shown = client_request.send(url, typed | {"act": "preview"}, "district")
    assert shown.status_code == 200 and "（手填）" in shown.text
    assert not db.session.scalars(select(SurveyText)).all()
    assert client_request.send(url, typed | {"act": "save"}, "district").status_code == 303
    page = client_request.get(at(row, "report"), "district")
    assert page.select_one("#basics mark.hand").get_text() == "30（手填）"
    assert "第1稿" in page.select_one("#basics .part-tools").get_text()
    moved = client_request.send(url, typed | {"act": "save"}, "district")
    assert moved.status_code == 422 and "刚刚由别人改过" in moved.text
    again = client_request.get(url + "?edition=1", "district")
    assert "约30人住得远" in again.select_one("textarea").get_text()
    assert client_request.send(url + "/restore", {}, "district").status_code == 303
    page = client_request.get(at(row, "report"), "district")
    assert page.select_one("#basics mark.hand") is None


def test_the_lock_says_what_is_missing_and_afterwards_nothing_can_be_written(row, client_request):
    page = client_request.get(at(row, "lock"), "district")
    assert "没有汇总，现在不能锁定" in page.text and not page.select_one("form.confirm")
    refused = client_request.send(at(row, "lock"), {}, "district")
    assert refused.status_code == 422 and "没有锁定" in refused.text
    with writing():
        for sheet in db.session.scalars(select(SurveySheet)):
            rounds.leave_out(sheet, row, "村里正在撤并", SHELL, row.opened_at)
    typed = {"seen": "0", "text": "约30人住得远。", "act": "save"}
    client_request.send(at(row, "report/basics"), typed, "district")
    page = client_request.get(at(row, "lock"), "district")
    assert page.select_one("table td.nowrap").get_text() == "30"
    assert "都不能再改" in page.select_one(".consequence").get_text()
    assert client_request.send(at(row, "lock"), {}, "district").status_code == 303
    assert db.session.scalars(select(SurveyRound)).one().locked_at is not None
    late = client_request.send(at(row, "report/basics"), typed | {"seen": "1"}, "district")
    assert late.status_code == 303 and late.location == at(row, "report")
    page = client_request.get(at(row, "report"), "town")  # locked: towns read it too
    assert "已锁定" in page.text and "约30" in page.text
    assert not page.select_one('a[href$="/report/basics"]')
