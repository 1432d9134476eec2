"""The indicators of logs, staff, inspections, prices, voices and money; places, targets, comparison."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from mealsvc.reports.findings import findings
from mealsvc.reports.indicators import BY_CODE, readings
from mealsvc.reports.measures import NOTHING, Reading, Value
from mealsvc.reports.oversight_facts import (
    BatchFacts,
    CaseFacts,
    DueItem,
    LogFacts,
    PaperFacts,
    PriceFacts,
    StaffFacts,
    VoiceFacts,
)
from mealsvc.reports.period import Period
from mealsvc.reports.point_card import draw as draw_card
from mealsvc.reports.point_facts import POINT, TOWN, Place
from mealsvc.reports.report_charts import trend
from mealsvc.reports.supervision_brief import chosen, gravest
from mealsvc.reports.supervision_brief import draw as draw_brief
from mealsvc.reports.trends import compared
from mealsvc.supervision.complaints.rules import Rated
from mealsvc.supervision.prices.standards import MenuStandards
from tests.factories.reports import (
    COMMUNITY,
    every_day,
    facts,
    home,
    logged,
    point,
    served,
    visit,
)

OTHER = "320412101001"
NOBODY = facts(slices=(), days={}, elders={})


def shown(code, **fields):
    value = readings(facts(**fields), NOBODY)[code].now
    return None if value is None else value.shown


def item(**fields):
    usual = {
        "item": "ENV-01",
        "fact": "地面有积水",
        "critical": False,
        "order_id": 1,
        "number": "Z1",
    }
    return DueItem("P01", **(usual | fields))


def batch(days=None, **fields):
    usual = {"month": 202404, "payable_fen": 10_000, "noticed": False, "waits": False}
    return BatchFacts("P01", days_to_pay=days, **(usual | fields))


STAFF = StaffFacts(
    handlers=4, handlers_valid=3, needing=8, certified=6, training_due=5, trained=4, leavers=2,
    mean_headcount=Fraction(8), staff_days=62, volunteer_hours=Fraction("7.5"),
)  # fmt: skip
GOOD = PaperFacts(valid=True, agreement=True, drilled=True, rules=12)


@pytest.mark.parametrize(
    ("code", "fields", "wanted"),
    [
        ("N11", {"visits": (visit(), visit(grade="C"), visit(grade="D"))}, "66.7%"),
        ("N11", {"visits": (visit(kind="self_check"),)}, None),
        ("N11", {"visits": (visit(signed_on=None),)}, None),
        ("N12", {"visits": (visit(failed_key=("SMP-01", "PRC-02")), visit(failed_key=("SMP-02",)))}, "3项"),
        ("N12", {"visits": (visit(),)}, "0项"),
        ("N12", {}, None),
        ("N13", {"due": (item(due=True, in_time=True), item(due=True), item())}, "50.0%"),
        ("N14", {"logs": logged(dishes=8, dishes_sampled=7), "kept": {"sample"}}, "87.5%"),
        ("N14", {"logs": logged(dishes=8)}, None),  # no sample anywhere: no record, not 0
        ("N14", {"logs": logged(dishes=8), "kept": {"sample"}}, "0.0%"),
        ("N15", {"staff": {"P01": STAFF}, "kept": {"health"}}, "75.0%"),
        ("N15", {"staff": {"P01": STAFF}}, None),
        ("N16", {"logs": logged(control_days=30, operating_days=31), "kept": {"daily_control"}}, "96.8%"),
        ("N17", {"logs": logged(readings=7, readings_within=6)}, "85.7%"),
        ("N17", {"logs": logged()}, None),
        ("N18", {"logs": logged(incidents=1), "voices": {"P01": VoiceFacts(received=2)}, "kept": {"logs"}}, "96.8件"),
        ("N18", {"kept": {"voices"}}, "0.0件"),
        ("N18", {}, None),
        ("N21", {"visits": (visit(price_passed=4, price_judged=5),)}, "80.0%"),
        ("N24", {"prices": {"P01": PriceFacts(undeclared=2)}, "kept": {"filed"}}, "2次"),
        ("N24", {"prices": {"P01": PriceFacts(undeclared=2)}}, None),
        ("N25", {"prices": {"P01": PriceFacts(elder_fen=1200, public_fen=1500)}}, "0.80"),
        ("N33", {"menus": {"P01": MenuStandards(days_in_band=3, days_with_weights=4)}}, "75.0%"),
        ("N34", {"menus": {"P01": MenuStandards(sets=1, diet_days=1, operating_days=4)}}, "25.0%"),
        ("N35", {"menus": {"P01": MenuStandards(main_distinct=6, main_served=8)}}, "25.0%"),
        ("N41", {"papers": {"P01": replace(GOOD, valid=False)}, "kept": {"agreements"}}, "0.0%"),
        ("N42", {"grades": {"P01": ("B", date(2024, 3, 1))}}, "A级0个、B级1个、C级0个、D级0个"),
        ("Z14-1", {"batches": tuple(batch(days) for days in (3, 9, 12, 40))}, "10.5天"),
        ("Z14-2", {"batches": tuple(batch(days) for days in range(1, 11))}, "9.0天"),
        ("Z14-1", {"batches": (batch(waits=True),)}, None),
        ("Z15", {"batches": (batch(waits=True), batch(7)), "kept": {"approved"}}, "100.00元"),
        ("Z15", {"batches": ()}, None),
        ("Z21", {"staff": {"P01": STAFF}}, "5.0份"),
        ("Z22", {"staff": {"P01": STAFF}, "kept": {"health"}}, "75.0%"),
        ("Z23", {"staff": {"P01": STAFF}, "kept": {"training"}}, "80.0%"),
        ("Z24", {"staff": {"P01": STAFF}}, "25.0%"),
        ("Z25", {"staff": {"P01": STAFF}, "kept": {"hours"}}, "7.5小时"),
        ("Z31", {"papers": {"P01": GOOD}, "rules_issued": 9, "kept": {"rules"}}, "75.0%"),
        ("Z32", {"papers": {"P01": GOOD}, "kept": {"agreements"}}, "100.0%"),
        ("Z33", {"papers": {"P01": replace(GOOD, drilled=False)}, "kept": {"drills"}}, "0.0%"),
        ("Z41", {"visits": (visit(), visit(done=False), visit(due=False))}, "50.0%"),
        ("Z42", {"visits": (visit(), visit(signatures=1))}, "50.0%"),
        ("Z43", {"cases": {"P01": CaseFacts(4, 3, 900, 600)}}, "75.0%"),
        ("Z44", {"batches": (batch(9, noticed=True), batch(9), batch(waits=True))}, "50.0%"),
        ("Z45", {"voices": {"P01": VoiceFacts(rated=Rated(4, 3, 90))}}, "75.0%"),
    ],
)  # fmt: skip
def test_a_figure_follows_from_its_records_or_is_none(code, fields, wanted):
    assert shown(code, **fields) == wanted


def test_satisfaction_weighs_each_point_by_its_servings():
    voices = {
        "P01": VoiceFacts(rated=Rated(2, 1, 900)),
        "P02": VoiceFacts(rated=Rated(50, 50, 100)),
    }
    assert shown("Z45", voices=voices) == "55.0%"


def test_a_few_answers_are_told_and_not_judged():
    read = [
        readings(facts(voices={"P01": VoiceFacts(rated=Rated(n, 1, 90))}), NOBODY)["Z45"]
        for n in (9, 10)
    ]
    assert [one.met for one in read] == [None, False]
    assert read[0].now.shown == "11.1%" and "仅供参考" in read[0].now.detail


TWO = {
    "points": (point(), point("P02", division=OTHER)),
    "slices": (served(servings=310), served("P02", 620, 1500)),
    "days": {"P01": every_day(10), "P02": every_day(20)},
    "reaches": (home(), home(OTHER, 300, 5000.0)),
    "managed_towns": ("320412100", "320412101"),
    "elders": {"320412": 90, "320412100": 31, "320412101": 62, "P01": 31, "P02": 62},
    "visits": (visit(), visit("P02", grade="D", failed_key=("SMP-01",))),
    "logs": {"P01": LogFacts(incidents=1), "P02": LogFacts()},
    "names": {"320412101": "湟里镇", "320412100": "湖塘镇"},
}


def test_a_place_has_its_own_records_only():
    whole = facts(**TWO)
    town, one = whole.at(Place(TOWN, "320412101", "湟里镇")), whole.at(Place(POINT, "P01", "点"))
    assert (town.servings, one.servings) == (620, 310)
    assert (town.active_elders, one.active_elders, whole.active_elders) == (62, 31, 90)
    assert (town.eligible, one.eligible, whole.eligible) == (300, 0, 800)
    assert [each.point for each in town.visits] == ["P02"]
    assert list(town.logs) == ["P02"]
    assert town.point("P01").name == "助餐点P01"  # who supplies may stand elsewhere


def test_a_point_is_told_nothing_that_is_divided_by_people():
    one = facts(**TWO).at(Place(POINT, "P01", "点"))
    read = readings(one, NOBODY, facts(**TWO))
    assert {"P13-2", "P16", "Z11-1", "N44-1"} & set(read) == set()
    assert read["P17"].now.shown == "10.0份"


def test_a_place_is_compared_with_the_district_and_a_count_with_the_mean_of_places():
    whole = facts(**TWO)
    read = readings(whole.at(Place(POINT, "P02", "点")), NOBODY, whole)
    assert (read["N22-1"].now.shown, read["N22-1"].mean) == ("15.00元", "14.00元")
    assert (read["N12"].now.shown, read["N12"].mean) == ("1项", "0.5项")
    assert "全区平均0.5项" in read["N12"].sentence()
    assert read["N42"].mean == NOTHING


def test_places_are_compared_the_highest_first():
    whole = facts(**TWO)
    found = compared(BY_CODE["N22-1"], whole, TOWN)
    assert [(place.name, figure) for place, figure in found] == [
        ("湟里镇", Fraction(15)),
        ("湖塘镇", Fraction(12)),
    ]
    assert compared(BY_CODE["P16"], whole, POINT) == []


def test_a_target_is_met_or_missed_and_is_told():
    read = readings(facts(staff={"P01": STAFF}, kept={"health"}), NOBODY)["N15"]
    assert (read.verdict, read.target) == (("bad", "未达标"), "不低于100%")
    assert "未达到要求（不低于100%）" in read.sentence()
    fine = readings(facts(prices={"P01": PriceFacts()}, kept={"filed"}), NOBODY)["N24"]
    assert fine.verdict == ("good", "达标")


@pytest.mark.parametrize(
    ("code", "now", "tone", "word"),
    [("N11", 50, "warn", "下降"), ("N12", 50, "good", "下降"), ("N22-1", 50, "info", "有数据")],
)
def test_without_a_target_the_way_it_moved_is_told(code, now, tone, word):
    value, before = Value("", "", "", Fraction(now)), Value("", "", "", Fraction(60))
    assert Reading(BY_CODE[code], value, before).verdict == (tone, word)


def test_every_definition_can_be_told_of_a_quarter():
    from mealsvc.reports.report_words import definition

    quarter = facts(period=Period.parse("2024-Q2"))
    told = {code: definition(of, quarter) for code, of in BY_CODE.items()}
    assert not [code for code, words in told.items() if "{" in words or "本月" in words]
    assert "本季度有20天以上" in told["Z34"]


def test_what_inspections_found_comes_first_with_its_deadline_and_person():
    late = item(critical=True, deadline=date(2024, 5, 20))
    owed = item(item="COL-01", order_id=None, number="")
    found = findings(facts(due=(owed, late), managers={"P01": "负责人甲"}))[:2]
    assert [each.problem for each in found] == [
        "丰乐助餐点检查项★ENV-01不符合要求：地面有积水（逾期未办结，Z1）。",
        "丰乐助餐点检查项COL-01不符合要求：地面有积水（待处理）。",
    ]
    assert (found[0].deadline, found[0].person, found[0].grave) == (
        date(2024, 5, 20),
        "负责人甲",
        True,
    )
    assert gravest([found[1], found[0]])[0] == found[0]


def test_the_brief_tells_eight_figures_those_with_a_record_first():
    read = readings(facts(), NOBODY)
    picked = chosen(read)
    assert len(picked) == 8
    assert all(one.now is not None for one in picked)


def test_card_and_brief_fit_on_one_page_however_much_is_to_be_put_right():
    due = tuple(item(item=f"ENV-{n:02d}", fact="地面有积水，未及时清理" * 3) for n in range(30))
    whole = facts(
        due=due,
        staff={"P01": STAFF},
        papers={"P01": GOOD},
        logs=logged(dishes=8, dishes_sampled=7, readings=3, control_days=3, operating_days=31),
        prices={"P01": PriceFacts(elder_fen=1, public_fen=2)},
        menus={"P01": MenuStandards(*range(1, 12))},
        voices={"P01": VoiceFacts(rated=Rated(4, 3, 90))},
        visits=(visit(price_passed=1, price_judged=1),),
        kept={
            "sample",
            "health",
            "training",
            "daily_control",
            "filed",
            "agreements",
            "drills",
            "logs",
        },
    )
    place = Place(POINT, "P01", "丰乐助餐点")
    assert pages_of(draw_card(whole.at(place), NOBODY.at(place), whole)) == 1
    assert pages_of(draw_brief(whole, NOBODY)) == 1
    assert pages_of(draw_brief(whole.at(place), NOBODY.at(place), district=whole)) == 1


def pages_of(paper):
    import pypdfium2

    return len(pypdfium2.PdfDocument(paper))


def test_a_trend_is_interrupted_where_there_is_no_record():
    from reportlab.graphics.shapes import Line, String

    series = [("1月", Fraction(1)), ("2月", None), ("3月", Fraction(3)), ("4月", Fraction(2))]
    drawing = trend(series, width=300, unit="%", target=2.5)
    words = [one.text for one in drawing.contents if isinstance(one, String)]
    assert words.count("无") == 1
    assert "要求 2.5" in words
    lines = [one for one in drawing.contents if isinstance(one, Line)]
    assert len(lines) == 3  # one piece of the trend, the target, the axis


def test_an_unserved_period_says_where_coverage_stands():
    assert (
        shown("P12", reaches=(home(), home(OTHER)), delivered_communities=frozenset({COMMUNITY}))
        == "50.0%"
    )
