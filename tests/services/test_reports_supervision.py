"""The supervision report: the text, the annex and the database say the same."""

import re
from datetime import date, timedelta

import pytest

from mealsvc.coverage.services import coverage_summary
from mealsvc.kernel.months import Month
from mealsvc.menus.services import put_item
from mealsvc.places.services import point_by_code, put_division, put_point, suspend_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.reports.gathering import gather
from mealsvc.reports.indicators import CHAPTERS, readings
from mealsvc.reports.period import Period
from mealsvc.reports.report_forms import place_of, report
from mealsvc.residents.enrolment import enrol_batch
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.budget_lines import put_budget
from mealsvc.settlement.services import settlement_of, submit
from tests.factories.residents import person
from tests.factories.tills import COMMUNITY, SHELL, TOWN, a_day, serve, small_district
from tests.support.papers import words_of

MONTH = Month(2024, 5)
MAY = Period.of(MONTH)
FAR = "320412101001"
CITY = "320412001"
SECTIONS = [
    "一、督查基本情况",
    "二、主要成效",
    "三、规范化情况",
    "（一）食品安全",
    "（二）食品价格",
    "（三）用餐标准",
    "（四）用餐单位",
    "四、普及化情况",
    "五、制度化情况",
    "（一）经费保障",
    "（二）人员保障",
    "（三）运行管理",
    "（四）过程监督",
    "六、存在问题",
    "七、整改清单",
    "八、建议",
    "附件：1.指标表",
    "附件1指标表",
    "附件2检查明细",
    "附件3口径说明",
]


@pytest.fixture(autouse=True)
def district(app):
    small_district()
    with writing():
        put_division({"code": COMMUNITY, "pop60": 400, "lon": 119.957, "lat": 31.71}, SHELL)
        put_division({"code": "320412101", "name": "湟里镇", "level": "town"}, SHELL)
        far = {"code": FAR, "name": "西村", "level": "community", "pop60": 600}
        put_division({**far, "lon": 119.7, "lat": 31.6}, SHELL)
        put_division(
            {"code": CITY, "name": "戚墅堰街道", "level": "town", "managed_by": "经开区"}, SHELL
        )
        near = {"code": f"{CITY}001", "name": "城东社区", "level": "community", "pop60": 9000}
        put_division({**near, "lon": 119.957, "lat": 31.71}, SHELL)
        put_point({"code": "P01", "lon": 119.957, "lat": 31.711, "seats": 40}, SHELL)
    for day in range(1, 29):
        serve(f"S{day}", "C001", served_at=a_day(day))
    serve("D1", "C002", served_at=a_day(6), mode="delivery", method="manual", price_fen=1500)
    serve("X1", "C002", served_at=a_day(7))
    with writing() as connection:
        reverse_serving(connection, "X1-R", "X1", "误操作", None, SHELL, clock.now())


def told() -> str:
    """The report's words without page numbers and feet."""
    return re.sub(r"—\d+—数据截至[^分]*分", "", words_of(report(MAY, place_of())))


def test_the_facts_are_those_of_the_settlement():
    facts, [entry] = gather(MAY), settlement_of(MONTH)["points"]
    assert facts.servings == entry["servings"] == 29
    assert facts.subsidised == entry["subsidised"]
    assert facts.subsidy_fen == entry["subsidy_fen"]
    assert sum(piece.self_pay_fen for piece in facts.slices) == entry["self_pay_fen"]
    assert sum(facts.by_day().values()) == entry["servings"]
    assert facts.money["P01"].funding == entry["funding"]
    assert facts.reversed_lines == entry["reversed"] == 1


def test_a_meal_that_was_taken_back_serves_nobody():
    assert gather(MAY).active_elders == 2
    with writing() as connection:
        reverse_serving(connection, "D1-R", "D1", "误操作", None, SHELL, clock.now())
    assert gather(MAY).active_elders == 1


def test_late_lines_stay_out_of_both_months():
    with writing():
        submit(MONTH, None, SHELL, clock.now())
    before = gather(MAY)
    serve("L1", "C004", served_at=a_day(20))
    assert gather(MAY) == before
    assert not gather(Period.of(MONTH.next)).has_servings


def test_coverage_counts_the_managed_communities_only():
    facts = gather(MAY)
    assert facts.eligible == 1000
    assert facts.managed_towns == (TOWN, "320412101")
    summary = coverage_summary(1000, MAY.last_day)
    assert (summary["eligible"], summary["covered"], summary["rate"]) == (1000, 400, 0.4)
    assert [gap["division"] for gap in summary["gaps"]] == [FAR]
    read = readings(facts, facts)
    assert read["P13-2"].now.shown == "40.0%"
    assert read["P21"].now.shown == "1个"


@pytest.mark.parametrize(
    "changed", [{"closed_on": date(2024, 5, 30)}, {"kind": "central_kitchen", "seats": None}]
)
def test_a_point_that_serves_nobody_covers_nobody(changed):
    with writing():
        put_point({"code": "P01", **changed}, SHELL)
    assert coverage_summary(1000, MAY.last_day)["covered"] == 0


def test_a_suspended_point_covers_nobody_while_it_is_suspended():
    with writing():
        suspend_point(point_by_code("P01"), date(2024, 5, 31), "整修", SHELL)
    assert coverage_summary(1000, date(2024, 5, 30))["covered"] == 400
    assert coverage_summary(1000, date(2024, 5, 31))["covered"] == 0


def test_the_radius_is_the_setting_where_none_is_given():
    assert coverage_summary(None, MAY.last_day)["radius_m"] == 1000


def test_groups_count_who_is_registered_and_who_was_served():
    everybody = [
        person(1, "甲", COMMUNITY, categories=[("TK", None, None)]),
        person(
            2, "乙", COMMUNITY, categories=[("TK", None, date(2024, 5, 30)), ("SN", None, None)]
        ),
    ]
    with writing():
        enrol_batch(everybody, SHELL, clock.now(), source="测试")
    serve("G1", everybody[0].id_number.number, served_at=a_day(9))
    serve("G2", everybody[1].id_number.number, served_at=a_day(9), mode="delivery")
    groups = gather(MAY).groups["320412"]
    assert (groups["TK"].known, groups["TK"].served) == (1, 1)
    assert (groups["SN"].known, groups["SN"].served) == (1, 1)
    assert (groups["delivery"].known, groups["delivery"].served) == (1, 1)
    assert groups["80+"].known == 1


def test_menus_count_by_point_and_week():
    parts = ("大荤", "小荤", "素", "汤", "主食")
    with writing():
        for part in parts:
            item = {"served_on": date(2024, 5, 6), "meal": "lunch", "name": part, "kind": part}
            put_item(1, "P01", item, SHELL, clock.now())
        item = {"served_on": date(2024, 5, 8), "meal": "lunch", "name": "鱼", "kind": "大荤"}
        put_item(1, "P01", item, SHELL, clock.now())
    menus = gather(MAY).menus["P01"]
    assert (menus.weeks_published, menus.weeks_operating) == (0, 4)
    assert (menus.sets_complete, menus.sets) == (1, 2)


def test_the_report_has_every_section_in_order():
    words = told()
    places = [words.find(section) for section in SECTIONS]
    assert -1 not in places
    assert [place for place in places if place < places[0]] == []
    chapters = [words.find(title) for title in SECTIONS if "、" in title[:2]]
    assert chapters == sorted(chapters)


def test_the_text_and_the_annex_hold_the_same_figures():
    now, before = gather(MAY), gather(MAY.previous)
    words = told()
    for chapter in CHAPTERS:
        for indicator in chapter.indicators:
            reading = readings(now, before)[indicator.code]
            if reading.now is None:
                assert f"{indicator.code}{indicator.name}缺少：" in words
            else:
                assert words.count("".join(reading.now.shown.split())) >= 2, indicator.code
                assert f"{indicator.name}（{indicator.code}）为{reading.now.shown}" in words


def test_what_has_no_records_is_never_given_a_figure():
    words = told()
    assert "留样合规率（N14）" in words
    assert "缺少：检查记录、整改记录、留样记录" in words
    assert "检查日期助餐点检查人员不合格项得分和等级暂无记录" in words


def test_the_same_data_give_the_same_bytes_and_the_clock_gives_none(monkeypatch):
    paper = report(MAY, place_of())
    later = clock.now() + timedelta(days=900)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert report(MAY, place_of()) == paper


def test_the_budget_stands_against_what_was_submitted():
    with writing():
        put_budget(2024, "district", 100_000, SHELL)
        submit(MONTH, None, SHELL, clock.now())
    facts = gather(MAY)
    owed = settlement_of(MONTH)["points"][0]["funding"]
    assert facts.committed == {("320412", source): fen for source, fen in owed.items()}
    assert facts.budget == {("320412", "district"): 100_000}


def test_a_month_without_servings_still_makes_a_report():
    words = words_of(report(Period.parse("2023-01"), place_of()))
    assert "本月没有就餐流水" in words
