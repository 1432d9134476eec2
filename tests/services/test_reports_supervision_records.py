"""What stands behind the figures: each list can be read, and says the same as its figure."""

from datetime import date

import pytest

from mealsvc.menus.services import put_item
from mealsvc.places.units.models import UnitDocument
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports.gathering import PARTS, gather
from mealsvc.reports.indicators import INDICATORS, readings
from mealsvc.reports.period import Period
from mealsvc.reports.point_facts import POINT, Place
from mealsvc.reports.record_lists import LISTS
from mealsvc.reports.records import Where, page_of
from mealsvc.reports.source_names import SOURCES
from mealsvc.reports.supervision_report import draw
from mealsvc.supervision.checklist.services import checklist_on, put_first
from mealsvc.supervision.complaints.models import Rating
from mealsvc.supervision.findings.models import Finding, OrderItem, RectificationOrder
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.visits.models import (
    Inspector,
    Visit,
    VisitInspector,
    VisitResult,
    VisitSignature,
)
from tests.factories.tills import SHELL, a_day, serve, small_district
from tests.support.papers import words_of

MAY = Period.parse("2024-05")
NOON = a_day(9)


@pytest.fixture(autouse=True)
def district(app):
    small_district()
    for day in (6, 7, 8):
        serve(f"S{day}", "C001", served_at=a_day(day))
    with writing():
        put_first(SHELL, clock.now())
        _visits()
        _orders()
        _logs()
        for number, stars in enumerate((5, 4, 2, 5)):
            db.session.add(
                Rating(
                    point_id=1,
                    rated_on=date(2024, 5, 8),
                    visitor=f"v{number}",
                    channel="qr",
                    stars=stars,
                    rated_at=NOON,
                )
            )
        db.session.add(
            UnitDocument(
                point_id=1,
                kind="agreement",
                valid_to=date(2024, 5, 30),
                entered_at=NOON,
                entered_by="x",
            )
        )


def _visits():
    db.session.add_all(
        [Inspector(name=name, card_no=name, office="民政局", division="320412") for name in "甲乙"]
    )
    version = checklist_on(MAY.last_day).version
    usual = {
        "point_id": 1,
        "mode": "full",
        "checklist": version,
        "traits": "COOK",
        "made_by": "x",
        "made_at": NOON,
    }
    db.session.flush()
    rows = (
        ("V1", "admin_inspection", "signed", "A", 925, date(2024, 5, 9)),
        ("V2", "admin_inspection", "signed", "D", 400, date(2024, 4, 30)),
        ("V3", "admin_inspection", "planned", "", None, date(2024, 5, 20)),
        ("V4", "self_check", "signed", "A", 950, date(2024, 5, 10)),
        ("V5", "admin_inspection", "cancelled", "", None, date(2024, 5, 21)),
    )
    for key, kind, status, grade, score, day in rows:
        signed = {"signed_at": NOON, "ended_at": NOON, "number": key} if status == "signed" else {}
        db.session.add(
            Visit(
                key=key,
                kind=kind,
                status="planned",
                grade=grade,
                score=score,
                planned_on=day,
                **usual,
            )
        )
        db.session.flush()
        visit = db.session.query(Visit).filter_by(key=key).one()
        if status == "signed":
            for item, result in (("PRC-01", "PASS"), ("PRC-03", "FAIL"), ("PRC-05", "NA")):
                db.session.add(VisitResult(visit_id=visit.id, item=item, result=result))
            if key == "V2":
                db.session.add(VisitResult(visit_id=visit.id, item="SMP-01", result="FAIL"))
            for part in ("lead", "second")[: 2 if key == "V1" else 1]:
                db.session.add(
                    VisitSignature(visit_id=visit.id, part=part, name=part, signed_at=NOON)
                )
            db.session.add(VisitInspector(visit_id=visit.id, inspector_id=1, lead=True))
            db.session.add(VisitInspector(visit_id=visit.id, inspector_id=2))
        db.session.flush()
        visit.status = status
        for name, value in signed.items():
            setattr(visit, name, value)
        db.session.flush()


def _orders():
    version = checklist_on(MAY.last_day).version
    visit = db.session.query(Visit).filter_by(key="V2").one()
    found = {
        "point_id": 1,
        "source": "visit",
        "checklist": version,
        "outcome": "RECTIFY_BY_DATE",
        "found_on": date(2024, 5, 9),
        "found_at": NOON,
        "found_by": "x",
    }
    cases = (("SMP-01", True, date(2024, 5, 20)), ("ENV-01", False, date(2024, 5, 25)))
    order = RectificationOrder(
        number="Z1",
        point_id=1,
        visit_id=visit.id,
        issued_on=date(2024, 5, 9),
        issued_at=NOON,
        issued_by="x",
        working_days=10,
        first_deadline=date(2024, 5, 23),
        deadline=date(2024, 6, 6),
        consequence="",
    )
    db.session.add(order)
    db.session.flush()
    for item, critical, closed_on in cases:
        one = Finding(item=item, critical=critical, fact=f"{item}不符合", state="ordered", **found)
        db.session.add(one)
        db.session.flush()
        db.session.add(
            OrderItem(order_id=order.id, finding_id=one.id, demand="改正", closed_on=closed_on)
        )
    db.session.add(
        Finding(item="COL-01", critical=False, fact="没有记录温度", state="open", **found)
    )


def _logs():
    for name, kind in (("鱼", "大荤"), ("菜", "素")):
        item = {"served_on": date(2024, 5, 6), "meal": "lunch", "name": name, "kind": kind}
        put_item(1, "P01", item, SHELL, clock.now())
    entries = (
        ("sample", date(2024, 5, 6), "lunch", "鱼", True),
        ("sample", date(2024, 5, 6), "lunch", "菜", False),
        ("daily_control", date(2024, 5, 6), "", "", None),
        ("daily_control", date(2024, 5, 12), "", "", None),  # nobody ate on that day
        ("core_temp", date(2024, 5, 6), "lunch", "鱼", True),
        ("core_temp", date(2024, 5, 7), "lunch", "鱼", False),
        ("incident", date(2024, 5, 7), "", "异物", None),
    )
    for number, (kind, day, meal, subject, within) in enumerate(entries):
        db.session.add(
            LogEntry(
                key=f"L{number}", point_id=1, kind=kind, day=day, meal=meal, subject=subject,
                within=within, at=NOON, recorded_at=NOON, by="x",
            )
        )  # fmt: skip


SHOWN = {
    "N11": "50.0%",  # one of the two that were graded in May; the unit's own check is none
    "N12": "1项",  # SMP-01 is a key item, PRC-03 is not
    "N13": "50.0%",
    "N14": "50.0%",
    "N16": "33.3%",
    "N17": "50.0%",
    "N18": "3,333.3件",
    "N21": "50.0%",
    "Z41": "50.0%",  # of May's plan: V1 is done, V3 is not
    "Z42": "50.0%",
    "Z45": "75.0%",
    "N42": "A级0个、B级0个、C级0个、D级1个",
}


def test_the_figures_follow_from_the_records():
    facts = gather(MAY)
    read = readings(facts, gather(MAY.previous))
    told = {code: read[code].now and read[code].now.shown for code in SHOWN}
    assert told == SHOWN


PAIRS = {
    "N11": ("visits_passed", "visits_graded"),
    "N13": ("due_in_time", "due_items"),
    "N17": ("log_readings_within", "log_readings"),
    "N21": ("price_items_passed", "price_items"),
    "Z41": ("visits_planned_done", "visits_planned"),
    "Z42": ("visits_two", "visits_signed"),
}


def rows_of(name, facts):
    return page_of(LISTS[name], Where(MAY, facts.place), facts, 1).items


def test_a_list_has_as_many_rows_as_its_figure_says():
    facts = gather(MAY)
    read = readings(facts, facts)
    for code, names in PAIRS.items():
        value = read[code].now
        parts = [value.numerator, value.denominator]
        counted = [int("".join(filter(str.isdigit, part))) for part in parts]
        assert [len(rows_of(name, facts)) for name in names] == counted, code
    [(_, dishes, sampled, _)] = rows_of("sample_points", facts)
    assert (dishes.words, sampled.words) == ("2", "1")
    assert len(rows_of("dishes", facts)) == 2


def test_every_list_can_be_read_for_the_district_and_for_a_point():
    facts = gather(MAY)
    places = [facts.at(Place(POINT, code, code)) for code in ("P01", "NONE")]
    seen = 0
    for name, listing in LISTS.items():
        for one in (facts, places[0]):
            for row in rows_of(name, one):
                assert len(row) == len(listing.heads), name
                assert all(cell.words for cell in row), name
                seen += 1
        assert list(rows_of(name, places[1])) == [], name
    assert seen > 60


def test_every_indicator_names_lists_and_parts_that_exist():
    for of in INDICATORS:
        assert set(of.records) <= set(LISTS), of.code
        assert set(of.parts) <= set(PARTS) & set(SOURCES), of.code
        assert of.basis


def test_the_list_of_problems_holds_orders_and_findings_with_their_deadlines():
    facts = gather(MAY)
    words = words_of(draw(facts, gather(MAY.previous)))
    assert "ENV-01不符合" not in words  # closed on the 25th, after its first deadline
    assert "检查项COL-01不符合要求：没有记录温度（待处理）" in words
    assert "助餐服务协议已过期" in words
    assert "甲、乙" in words  # annex 2 names the inspectors
    assert "40.0　D级".replace("　", "") in words.replace("　", "")


def test_an_open_item_of_an_order_is_a_problem_until_it_is_closed():
    facts = gather(Period.parse("2024-05-01_2024-05-22"))
    words = words_of(draw(facts, facts))
    assert "检查项ENV-01不符合要求：ENV-01不符合（整改中，Z1）" in words
    assert "2024-06-06" in words


def test_the_number_of_questions_does_not_grow_with_the_days(app):
    from sqlalchemy import event

    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    gather(MAY)
    month = len(asked)
    gather(Period.parse("2023-06-01_2024-05-30"))
    assert len(asked) - month <= month + 2
