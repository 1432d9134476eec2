"""Inspections from a file: whole ones are signed and scored, one bad row keeps its inspection out."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy import select

from mealsvc.exchange.columns import KINDS
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports.gathering import gather
from mealsvc.reports.indicators import readings
from mealsvc.reports.period import Period
from mealsvc.supervision.checklist.rules import items_for, score
from mealsvc.supervision.checklist.services import checklist_on
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.visits.models import Visit, VisitResult, VisitSignature
from mealsvc.supervision.visits.traits import traits_of
from tests.factories import tills
from tests.factories import visits as made
from tests.services.test_imports import document, dump, rejected_rows

KIND = KINDS["inspections"]
ENGLISH = [column.name for column in KIND.columns]
CHINESE = [column.chinese for column in KIND.columns]
FACTS = {
    "point": "P01",
    "kind": "协议履约巡查",
    "mode": "full",
    "started_at": "2024-05-06T10:00:00+08:00",
    "ended_at": "2024-05-06T11:30:00+08:00",
    "lead": "甲检查",
    "second": "WJ-2",
}


@pytest.fixture
def district(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: made.NOW)
    tills.small_district()
    with writing():
        made.inspectors()


def asked(mode="full", day=date(2024, 5, 6)):
    point = made.the_point()
    traits = traits_of([point.id], day)[point.id]
    return [one.code for one in items_for(checklist_on(day), mode, traits)]


def rows(key="J-1", results=None, **facts):
    """A row for each item that is asked, passed unless `results` says otherwise."""
    given = results or {}
    codes = [*asked(facts.get("mode", "full")), *(code for code in given if code == "EXTRA")]
    found = []
    for code in codes:
        if given.get(code, {}) is None:
            continue
        row = FACTS | {"key": key, "item": code, "result": "PASS"} | facts | given.get(code, {})
        if code == "SUB-02" and "counted" not in row:
            row |= {"counted": "0", "counted_at": "2024-05-06T10:30:00+08:00"}
        found.append(row)
    return found


def file_of(*each, headings=ENGLISH):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in each:
        writer.writerow([row.get(name, "") for name in ENGLISH])
    return out.getvalue()


def visits():
    db.session.rollback()
    return db.session.scalars(select(Visit).order_by(Visit.id)).all()


def told(text):
    """Line → (column, code) of the rows that came back."""
    return {
        int(row["line"]): (row["column"], row["code"]) for row in rejected_rows("inspections", text)
    }


FAILED = {
    "STF-03": {"result": "部分合格", "note": "一人未戴口罩"},
    "COK-02": {"result": "FAIL", "note": "中心温度62度", "measured": "core_temp_c=62"},
}


def test_a_whole_inspection_is_signed_scored_and_raises_its_findings(district):
    given = FAILED if "COK-02" in asked() else {"STD-03": FAILED["STF-03"]}
    made_rows = rows(results=given)
    report = document("inspections", file_of(*made_rows))
    assert (report["created"], report["rejected"]) == (len(made_rows), {})
    (visit,) = visits()
    assert (visit.status, visit.key, visit.kind) == ("signed", "J-1", "contract_patrol")
    codes = {row["item"]: "PASS" for row in made_rows}
    codes |= {code: "FAIL" if one["result"] == "FAIL" else "PARTIAL" for code, one in given.items()}
    expected = score(checklist_on(date(2024, 5, 6)), codes)
    assert (visit.score, visit.grade) == (expected.points, expected.grade)
    signed = db.session.scalars(select(VisitSignature.name).order_by(VisitSignature.part)).all()
    assert signed == ["甲检查", "乙检查", "见纸质记录"]
    assert {one.item for one in db.session.scalars(select(Finding))} == set(given)


def test_the_same_file_again_changes_nothing_in_either_language_and_any_order(district):
    first = rows("J-1") + rows(
        "J-2",
        started_at="2024-05-05T10:00:00+08:00",
        ended_at="2024-05-05T11:00:00+08:00",
        results={"SUB-02": {"counted": "0", "counted_at": "2024-05-05T10:30:00+08:00"}},
    )
    document("inspections", file_of(*first))
    before = dump()
    mixed = sorted(first, key=lambda row: (row["item"], row["key"]))
    report = document("inspections", file_of(*mixed, headings=CHINESE))
    assert (report["unchanged"], report["rejected"]) == (len(first), {})
    assert dump() == before


def test_rows_of_a_key_need_not_stand_together(district):
    one = rows("J-1")
    two = rows("J-2")
    mixed = [row for pair in zip(one, two, strict=True) for row in pair]
    assert document("inspections", file_of(*mixed))["created"] == len(mixed)
    assert [one.key for one in visits()] == ["J-1", "J-2"]


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"result": "好"}, "result", "malformed"),
        ({"result": ""}, "result", "malformed"),
        ({"result": "FAIL"}, "note", "malformed"),
        ({"measured": "一百度"}, "measured", "malformed"),
        ({"measured": "wind=3"}, "measured", "malformed"),
        ({"outcome": "枪毙"}, "outcome", "malformed"),
        ({"lead": "丁检查"}, "lead", "malformed"),
        ({"point": "P02"}, "point", "malformed"),
        ({"note": "长" * 1001}, "note", "malformed"),
    ],
)
def test_one_bad_row_keeps_its_whole_inspection_out_and_no_other(district, changed, column, code):
    bad = rows("J-1")
    bad[3] = bad[3] | changed
    text = file_of(*bad, *rows("J-2"))
    found = told(text)
    assert found[5] == (column, code)
    others = {line: one for line, one in found.items() if line != 5}
    assert set(others.values()) == {("key", "inspection_incomplete")}
    assert set(found) == set(range(2, len(bad) + 2))
    assert [one.key for one in visits()] == ["J-2"]


@pytest.mark.parametrize(
    ("facts", "column", "code"),
    [
        ({"lead": "无此人"}, "lead", "unknown_inspector"),
        ({"second": "甲检查"}, "second", "malformed"),
        ({"second": ""}, "second", "malformed"),
        ({"point": "P99"}, "point", "unknown_point"),
        ({"kind": "行政检查"}, "kind", "plan_needed"),
        ({"kind": "行政检查", "plan": "无"}, "plan", "unknown_plan"),
        ({"ended_at": "2024-05-06T09:00:00+08:00"}, "ended_at", "malformed"),
        ({"ended_at": "2024-05-06T23:00:00+08:00"}, "ended_at", "malformed"),
        ({"started_at": "昨天"}, "started_at", "malformed"),
    ],
)
def test_what_is_wrong_with_the_whole_is_told_once_and_the_rest_is_incomplete(
    district, facts, column, code
):
    found = told(file_of(*rows("J-1", **facts)))
    assert found[2] == (column, code)
    assert len(found) == len(rows())
    assert visits() == []


def test_a_missing_item_is_named(district):
    lacking = rows(results={asked()[7]: None})
    (first, *_) = rejected_rows("inspections", file_of(*lacking))
    assert first["code"] == "inspection_incomplete" and asked()[7] in first["message"]


def test_an_item_twice_or_of_no_checklist_keeps_it_out(district):
    twice = rows()
    assert told(file_of(*twice, twice[0]))[len(twice) + 2] == ("item", "malformed")
    strange = [*twice, twice[0] | {"item": "QQQ-99"}]
    assert told(file_of(*strange))[len(twice) + 2][1] == "malformed"
    assert visits() == []


def test_another_inspection_under_a_used_key_is_a_conflict(district):
    document("inspections", file_of(*rows()))
    other = rows(results={asked()[0]: {"note": "另有说明"}})
    found = told(file_of(*other))
    assert found[2] == ("key", "key_conflict")
    assert len(visits()) == 1


def test_a_row_with_another_beginning_keeps_the_others_out_too(district):
    """It stands apart in the order of time; the others alone would make a whole patrol."""
    patrol = rows(mode="patrol")
    more = next(code for code in asked() if code not in {row["item"] for row in patrol})
    strange = patrol[0] | {"item": more, "started_at": "昨天"}
    earlier = {"started_at": "2024-05-03T10:00:00+08:00", "ended_at": "2024-05-03T11:00:00+08:00"}
    counted = {"SUB-02": {"counted": "0", "counted_at": "2024-05-03T10:30:00+08:00"}}
    between = rows("J-0", mode="patrol", results=counted, **earlier)
    found = told(file_of(*patrol, strange, *between))
    assert found.pop(len(patrol) + 2) == ("started_at", "malformed")
    assert set(found.values()) == {("key", "inspection_incomplete")}
    assert [one.key for one in visits()] == ["J-0"]
    assert (
        document("inspections", file_of(*patrol, strange | {"started_at": FACTS["started_at"]}))[
            "created"
        ]
        == len(patrol) + 1
    )


def test_an_administrative_inspection_comes_in_under_its_plan(district):
    with writing():
        number = made.approved().number
    report = document("inspections", file_of(*rows(kind="行政检查", plan=number)))
    assert report["rejected"] == {}
    (visit,) = visits()
    assert visit.notice_number and visit.plan_id is not None and visit.status == "signed"


def test_a_paper_record_that_comes_later_counts_in_the_month_in_which_it_was_made(district):
    """A year that was typed in on one day is a year of inspections, and of problems found then."""
    april = {"started_at": "2024-04-15T10:00:00+08:00", "ended_at": "2024-04-15T11:00:00+08:00"}
    told(file_of(*rows(results=FAILED, mode="full", counted="", **april)))
    [visit] = visits()
    assert visit.signed_at == made.NOW
    found = db.session.scalars(select(Finding)).all()
    assert found and {one.found_on for one in found} == {date(2024, 4, 15)}
    for month, inspected in ((4, 1), (5, 0)):
        facts = gather(Period.of(Month(2024, month)))
        assert sum(one.official for one in facts.visits) == inspected
        assert not any(one.due for one in facts.visits)  # nobody had planned it
        assert facts.grades["P01"] == (visit.grade, date(2024, 4, 15))


def test_a_point_of_a_plan_to_which_nobody_went_is_planned_and_not_done(district):
    with writing():
        plan = made.approved(points=("P01", "P02"))
    facts = {"kind": "admin_inspection", "mode": "daily", "plan": plan.number}
    told(file_of(*rows(**facts)))
    read = gather(Period.of(Month(2024, 5)))
    planned = {one.point: one.done for one in read.visits if one.due}
    assert planned == {"P01": True, "P02": False}
    assert readings(read, read)["Z41"].now.shown == "50.0%"
    later = gather(Period.of(Month(2024, 6)))
    assert not any(one.due for one in later.visits)


def test_measured_values_are_kept_as_written(district):
    code = next(one for one in ("COK-02", "QUA-01") if one in asked())
    values = {"COK-02": "core_temp_c=75.5", "QUA-01": "licence_no=JY23204120000017"}[code]
    document("inspections", file_of(*rows(results={code: {"measured": values}})))
    kept = db.session.scalars(select(VisitResult.measured).filter_by(item=code)).one()
    assert values.partition("=")[2] in kept


def test_a_refused_signature_needs_a_witness(district):
    found = told(file_of(*rows(refused_why="拒绝签字")))
    assert found[2] == ("witness", "malformed")
    whole = rows(refused_why="拒绝签字", witness="村干部")
    assert document("inspections", file_of(*whole))["rejected"] == {}
