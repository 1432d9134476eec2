"""The words of a survey report: tokens, numbers typed by hand, problems that follow from figures."""

import json
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.survey.writing.rules import problems as told
from mealsvc.survey.writing.rules import sections as words
from mealsvc.survey.writing.rules.blocks import (
    Chart,
    Cited,
    Col,
    Grid,
    Head,
    Map,
    Para,
    Part,
    Report,
    from_plain,
    numbered,
    to_plain,
)
from mealsvc.survey.writing.rules.layout import blocks_of
from mealsvc.survey.writing.rules.tokens import codes_in, pieces, typed_in, wrong_in

SIGNS = {"map": "图", "towns": "表"}


@dataclass(frozen=True)
class Told:
    value: object
    text: str


def known(**figures):
    """Figures by code; a dot in a code is written as two underscores."""
    return {
        code.replace("__", "."): Told(value, "无记录" if value is None else f"<{value}>")
        for code, value in figures.items()
    }


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("全区老人{eligible}，其中约3,000人住得远", ["3,000"]),
        ("占 12.5%，比上年多１２个百分点", ["12.5%", "１２个百分点"]),
        ("三千余人、百分之五", ["三千", "百分之五"]),
        ("60岁以上，65—74岁，2024年5月31日，〔2024〕12号，第3条，表2", []),
        ("1. 第一条\n（2）第二条", []),
        ("十二项制度、每千名老人、每万元、一刻钟、一家厨房", []),
        ("{w.near_count}个点", []),
    ],
)
def test_a_number_typed_by_hand_is_found_and_a_day_or_an_age_is_not_one(text, typed):
    assert typed_in(text) == typed


@given(st.text(alphabet="一二百千万亿0123456789,.%人岁年月{}abc_ \n（）", max_size=60))
def test_the_pieces_of_a_text_are_the_text(text):
    again = "".join(
        f"{{{piece.text}}}" if piece.kind == "figure" else piece.text for piece in pieces(text)
    )
    assert again == text


def test_what_stands_in_braces_is_a_figure_or_an_exhibit_of_its_kind():
    good = "老人{eligible}\n{图:map}\n{表：towns}"
    assert wrong_in(good, {"eligible"}, SIGNS) == []
    bad = "{nothing}\n{表:map}\n{图:other}\n半个{eligible\n多余}\n｛eligible｝\n在句中{图:map}"
    assert wrong_in(bad, {"eligible"}, SIGNS) == [
        "{nothing}",
        "{表:map}",
        "{图:other}",
        "{eligible",
        "}",
        "｛eligible｝",
        "{图:map}",
    ]


def test_a_text_becomes_headings_paragraphs_and_the_exhibits_that_are_there():
    grid = Grid("表", (Col("一"),), (("1",),))
    made = blocks_of(
        "（一）人口\n\n有老人。\n{表:towns}\n{图:map}\n（二）说明：如下。", {"towns": grid}
    )
    assert made == (Head("（一）人口"), Para("有老人。"), grid, Para("（二）说明：如下。"))


def test_captions_are_numbered_apart_and_the_lock_gives_the_same_report_back():
    grid, chart = Grid("甲", (Col("a", 2, "right"),), (("1",),), ("2",)), _chart("乙")
    part = Part("x", "标题", (Para("{e}"), grid, chart, Map("丙", {"day": "2024-05-31"}), grid))
    [made] = numbered([part])
    captions = [one.caption for one in made.blocks if not isinstance(one, Para)]
    assert captions == ["表1　甲", "图1　乙", "图2　丙", "表2　甲"]
    cited = {"e": Cited("老人", "9人", "口径", "时点", "来源", "/x")}
    report = Report("题", "局", "题（时点）", "时点", "2024-06-01", True, (made,), (), cited)
    again = from_plain(json.loads(json.dumps(to_plain(report))))
    assert again == report
    assert again.locked


def test_a_sentence_whose_figure_nobody_knows_is_left_out():
    figures = known(year=2024, budget_year=None, spent_year=5)
    text = words.paragraph(figures, "{year}预算{budget_year}。", "支出{spent_year}。", "另{none}。")
    assert text == "支出{spent_year}。"


def test_a_heading_with_nothing_to_say_says_so_even_above_a_table():
    text = words.written(known(), [("人口", [("有{none}。",), "{表:towns}"])])
    assert text == f"（一）人口\n{words.NO_RECORD}\n{{表:towns}}"


def test_without_a_survey_the_demand_chapter_says_plainly_that_there_was_none():
    assert words.demand(known(wish_rate=Fraction(1, 2)), surveyed=False) == words.NO_SURVEY
    assert "尚未开展摸排" in words.NO_SURVEY
    assert "wish_rate" in words.demand(
        known(wish_rate=Fraction(1, 2), wish_range=1, meals_week=1), True
    )


def test_everything_that_writes_itself_holds_no_number_of_its_own():
    figures = _everything()
    found = told.problems(figures)
    texts = [
        words.intro(figures, "区民政局", True),
        words.intro(figures, "区民政局", False),
        words.basics(figures, "武进区"),
        words.practice(figures, "武进区"),
        words.demand(figures, True),
        words.supply(figures, True),
        words.plan(figures),
        words.elsewhere(),
        told.problems_text(found),
        told.advice_text(found, figures),
    ]
    assert [typed_in(text) for text in texts] == [[] for _ in texts]
    assert len(found) == len(told.RULES) - 1  # a budget is short, or there is none


COVERAGE = {
    "radius_m": 1000, "covered": 1, "covered_rate": Fraction(1, 5), "w__coverage_target": Fraction(4, 5),
}  # fmt: skip


def test_coverage_below_the_target_is_a_problem_answered_by_the_near_plan_and_its_money():
    plan = dict.fromkeys(("count", "sites", "before", "after", "build", "yearly"), 3)
    figures = known(**COVERAGE, **{f"w__near_{name}": value for name, value in plan.items()})
    [problem] = told.problems(figures)
    assert problem.family == told.REACH
    assert {"covered_rate", "w.coverage_target"} <= set(codes_in(problem.text))
    kinds = [one.kind for one in told.measures_of([problem], figures)]
    assert kinds == [told.RUNNING, told.MONEY]
    assert told.problems(figures | known(covered_rate=Fraction(4, 5))) == []


def test_without_a_kept_plan_the_measure_is_to_make_one():
    [problem] = told.problems(known(**COVERAGE))
    assert [one.kind for one in problem.measures] == [told.RUNNING]
    assert "布点规划" in problem.measures[0].text


def test_points_below_break_even_ask_for_operating_money_bound_to_the_loss():
    figures = known(
        economics_points=9, points_below=4, loss_month=1, service_month="五月", missing_servings=2
    )
    [problem] = told.problems(figures)
    money = [one for one in problem.measures if one.kind == told.MONEY]
    assert problem.family == told.STANDARD
    assert codes_in(money[0].text) == ["loss_month"]
    assert told.problems(figures | known(points_below=0)) == []


def test_one_kitchen_is_too_much_only_above_the_line():
    line = known(kitchen_largest="甲", w__one_kitchen=Fraction(2, 5))
    assert told.problems(line | known(kitchen_share=Fraction(2, 5))) == []
    assert len(told.problems(line | known(kitchen_share=Fraction(41, 100)))) == 1


def test_missing_rules_are_named_and_the_advice_ends_with_the_list_of_all_twelve():
    figures = known(
        w__rules_district=11, w__rules_missing=1, w__rules_missing_names="应急与保险制度"
    )
    found = told.problems(figures)
    assert "{w.rules_missing_names}" in found[0].text
    advice = told.advice_text(found, figures)
    assert advice.index("（二）监督制度清单") < advice.index("{表:rules}")
    assert "责任单位：区民政局" in advice


def test_nothing_wrong_is_said_in_one_sentence_and_without_praise():
    assert told.problems_text([]) == "按现有记录和规则，没有发现问题。"
    assert "保持现有记录" in told.advice_text([], known())


def _chart(caption):
    return Chart(caption, "pairs", "份", ("镇",), (("需求", (1.5,)), ("能力", (2.0,))))


COUNTS = (
    "blank_spots", "blank_elders", "blank_largest", "gap_day", "gap_towns", "gap_town_largest",
    "gap_list", "demand_price_day", "points_below", "points_hopeless", "economics_points",
    "loss_month", "missing_servings", "points", "points_not_effective", "service_month",
    "findings_open", "findings_overdue", "licences_due", "w__rules_missing", "w__rules_district",
    "w__rules_missing_names", "year", "wish_rate", "penetration", "top_reason", "lowest_town",
    "delivery_servings", "kitchen_largest", "cost_month",
)  # fmt: skip


def _everything():
    """Figures under which every rule but one finds something."""
    high = dict.fromkeys(COUNTS, 7)
    shares = {
        "lowest_town_rate": Fraction(1, 10), "demand_served_share": Fraction(1, 10),
        "delivery_wish_rate": Fraction(1, 2), "delivery_share": Fraction(1, 10),
        "kitchen_share": Fraction(1, 2), "w__one_kitchen": Fraction(2, 5),
        "w__rules_full_points": 1, "w__points_operating": 2, "budget_year": 1, "forecast_year": 2,
        "sample_answered": 1, "w__sample_least": 2,
    }  # fmt: skip
    return known(**COVERAGE, **high, **shares)
