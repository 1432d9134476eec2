"""Inspectors, plans, visits and the documents of inspections, made through the services."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writer, writing
from mealsvc.supervision.checklist.fields import (
    CHOICE,
    CLOCK,
    COUNT,
    DAY,
    HEADCOUNT,
    TEXT,
    Field,
    fields_of,
)
from mealsvc.supervision.checklist.rules import items_for
from mealsvc.supervision.checklist.services import checklist_on
from mealsvc.supervision.visits import inspectors as register
from mealsvc.supervision.visits import services
from mealsvc.supervision.visits.draw import Candidate
from mealsvc.supervision.visits.models import Visit, VisitPlan
from mealsvc.supervision.visits.planning import Proposal
from mealsvc.supervision.visits.queries import served_by
from mealsvc.supervision.visits.showing import open_items
from mealsvc.supervision.visits.signing import sign

TODAY = date(2024, 5, 6)
NOW = datetime(2024, 5, 6, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai
MAKER, JUDGE = Actor("user", "maker", "192.0.2.9"), Actor("user", "judge", "192.0.2.9")
STROKES = "10,10 200,150;300,20 400,200"
NAMES = ("甲检查", "乙检查", "丙检查")


def inspectors(division: str = "320412") -> list[int]:
    """Three inspectors of the district's office, without accounts; inside `writing()`."""
    return [
        register.add_inspector(name, f"WJ-{at}", "区民政局", division, MAKER).id
        for at, name in enumerate(NAMES, 1)
    ]


def the_point(code: str = "P01") -> MealPoint:
    found = point_by_code(code)
    assert found is not None
    return found


def proposal(**changed: Any) -> Proposal:
    """An administrative inspection of P01 in May 2024."""
    usual: dict[str, Any] = {
        "kind": "admin_inspection",
        "mode": "full",
        "title": "5月检查",
        "source": "plan",
        "basis": "年度检查计划",
        "from_on": date(2024, 5, 1),
        "to_on": date(2024, 5, 31),
        "points": ("P01",),
    }
    return Proposal(**(usual | changed))


def approved(**changed: Any) -> VisitPlan:
    """A plan that somebody else has approved; inside `writing()`."""
    plan = services.plan_visit(proposal(**changed), MAKER, NOW)
    return services.decide_plan(plan.id, True, "", JUDGE, NOW)


def visit(**changed: Any) -> Visit:
    """A patrol of P01 by the first two inspectors, today; inside `writing()`."""
    usual: dict[str, Any] = {
        "point": the_point(),
        "kind": "contract_patrol",
        "mode": "patrol",
        "planned_on": TODAY,
        "inspectors": (1, 2),
        "lead": 1,
        "by": MAKER,
        "now": NOW,
    }
    return services.make_visit(**(usual | changed))


def document(asked: Visit, **changed: Any) -> dict[str, Any]:
    """All items passed, everything measured within its limits; `results` given replace single ones."""
    checklist = checklist_on(asked.planned_on)
    traits = set(asked.traits.split(";"))
    results = {
        item.code: {
            "result": "PASS",
            "measured": {one.name: good(one) for one in fields_of(item) if one.needed},
        }
        for item in items_for(checklist, asked.mode, traits, open_items(asked))
    } | changed.pop("results", {})
    usual: dict[str, Any] = {
        "started_at": "2024-05-06T11:00:00+08:00",
        "ended_at": "2024-05-06T12:00:00+08:00",
        "present": "王店长 店长",
        "cards_shown": True,
        "results": {code: one for code, one in results.items() if one is not None},
        "headcount": None,
        "signatures": {
            part: {"name": name, "strokes": STROKES}
            for part, name in (("lead", NAMES[0]), ("second", NAMES[1]), ("unit", "王店长"))
        },
    }
    if HEADCOUNT in usual["results"]:
        served = served_by(asked.point_id, datetime(2024, 5, 6, 3, 45, tzinfo=UTC))
        usual["headcount"] = {"counted": served, "till": None, "at": "2024-05-06T11:45:00+08:00"}
    return usual | changed


GOOD = {
    "core_temp_c": "75.5", "hold_temp_c": "65", "temp_c": "5", "chill_c": "5", "grams": "130",
    "standard_grams": "130", "hours_kept": "48", "mismatch_count": "0", "open_findings": "0",
    "list": "15", "discount": "1", "subsidy": "4", "self_pay": "10", "satisfaction": "90",
    "cooked_at": "10:30", "delivered_at": "11:30", "manual": "0", "missing_columns": "无",
    "method": "bought", "video_keep_days": "30",
}  # fmt: skip
USUAL = {DAY: "2024-05-06", TEXT: "有", CLOCK: "11:00", COUNT: "3"}


def good(one: Field) -> str:
    """A value that keeps to its limit on 6 May 2024."""
    if one.kind == CHOICE and one.name not in GOOD:
        return one.good or next(iter(one.options or {}))
    return GOOD.get(one.name) or USUAL.get(one.kind, "12")


def signed(**changed: Any) -> Visit:
    """A patrol of P01 that is signed; `results` and parts of the document as `document` takes them."""
    with writing():
        one = visit()
        return sign(one.id, document(one, **changed), MAKER, NOW)


def one_of_each(now: datetime) -> dict[str, int]:
    """A plan to be decided, a visit of P01 to be made and one that is signed, an inspector with a
    recusal: their numbers by the names of the tests that open every address.
    """
    today = local_date(now)
    with writing():
        people = inspectors()
        interest = register.declare_interest(people[2], "P01", "", "亲属在该点任职", MAKER, now)
        candidates = (
            Candidate("P01", 35, ("基础10", "等级+25")),
            Candidate("P02", 10, ("基础10",)),
        )
        drawn = proposal(
            points=(), candidates=candidates, count=1, from_on=today, to_on=today + timedelta(20)
        )
        plan = services.plan_visit(drawn, MAKER, now)
        ready = services.plan_visit(proposal(inspectors=tuple(people[:2])), MAKER, now)
        services.decide_plan(ready.id, True, "同意", JUDGE, now)
        going: dict[str, Any] = {"inspectors": people[:2], "lead": people[0], "now": now}
        arranged = visit(**going, planned_on=today)
        done = visit(**going, planned_on=TODAY, late=True)
        uncounted = document(done, results={"SUB-02": {"result": "NA"}}, headcount=None)
        sign(done.id, uncounted, MAKER, now)
    return {
        "undecided": plan.id,
        "ready": ready.id,
        "arranged": arranged.id,
        "seen": done.id,
        "inspector_id": people[0],
        "interest_id": interest.id,
    }


def the_visit() -> Visit:
    return db.session.get_one(Visit, 1)


def without_checklists() -> None:
    """A database as before the first version; inside `writing()`."""
    connection = writer()
    if db.engine.dialect.name == "sqlite":
        connection.execute(text("DROP TRIGGER checklist_version_no_delete"))
    else:
        connection.execute(text("ALTER TABLE checklist_version DISABLE TRIGGER USER"))
    connection.execute(text("DELETE FROM checklist_version"))
