"""The verbs of the checklist, inspectors, plans and visits."""

import json
from datetime import date

from mealsvc.supervision.checklist import services as checklists
from mealsvc.supervision.visits import inspectors, services, signing
from tests.factories import visits as made
from tests.factories.verb import BY, OTHER, Verb
from tests.factories.visits import NOW

LATER = date(2024, 5, 20)


def next_version() -> str:
    """The first checklist with another number and one weight changed."""
    document = json.loads(checklists.FIRST_FILE.read_text("utf-8"))
    document["version"], document["items"][0]["weight"] = "2026.2", 6
    return json.dumps(document, ensure_ascii=False)


def _planned() -> None:
    made.inspectors()
    services.plan_visit(made.proposal(), made.MAKER, NOW)


def _own_plan() -> None:
    made.inspectors()
    services.plan_visit(made.proposal(), BY, NOW)


def _to_be_noticed() -> None:
    made.inspectors()
    plan = made.approved()
    made.visit(kind="admin_inspection", mode="full", planned_on=LATER, plan_id=plan.id)


def _visit() -> None:
    made.inspectors()
    made.visit()


def _recused() -> None:
    made.inspectors()
    inspectors.declare_interest(1, "P01", "", "亲属在该点任职", OTHER, NOW)


VISIT_VERBS = {
    "supervision.checklist.services.put_first": Verb(
        ("checklist.add",),
        lambda: checklists.put_first(BY, NOW),
        lambda: made.without_checklists(),
    ),
    "supervision.checklist.services.add_version": Verb(
        ("checklist.add",),
        lambda: checklists.add_version(next_version(), date(2024, 6, 1), BY, NOW),
    ),
    "supervision.visits.inspectors.add_inspector": Verb(
        ("inspectors.add",),
        lambda: inspectors.add_inspector("甲", "WJ-9", "区民政局", "320412", BY),
    ),
    "supervision.visits.inspectors.change_inspector": Verb(
        ("inspectors.change",),
        lambda: inspectors.change_inspector(1, "督查科", None, False, BY),
        made.inspectors,
    ),
    "supervision.visits.inspectors.declare_interest": Verb(
        ("inspectors.interest",),
        lambda: inspectors.declare_interest(1, "P01", "", "亲属", BY, NOW),
        made.inspectors,
    ),
    "supervision.visits.inspectors.end_interest": Verb(
        ("inspectors.interest_end",), lambda: inspectors.end_interest(1, BY, NOW), _recused
    ),
    "supervision.visits.planning.plan_visit": Verb(
        ("visits.plan",),
        lambda: services.plan_visit(made.proposal(), BY, NOW),
        made.inspectors,
    ),
    "supervision.visits.planning.decide_plan": Verb(
        ("visits.approve",), lambda: services.decide_plan(1, True, "", BY, NOW), _planned
    ),
    "supervision.visits.planning.withdraw_plan": Verb(
        ("visits.withdraw",), lambda: services.withdraw_plan(1, "重编", BY, NOW), _own_plan
    ),
    "supervision.visits.services.make_visit": Verb(
        ("visits.make",), lambda: made.visit(by=BY), made.inspectors
    ),
    "supervision.visits.services.notice": Verb(
        ("visits.notice",), lambda: services.notice(1, BY, NOW), _to_be_noticed
    ),
    "supervision.visits.services.move": Verb(
        ("visits.move",), lambda: services.move(1, LATER, False, "", BY, NOW), _visit
    ),
    "supervision.visits.services.begin": Verb(
        ("visits.begin",), lambda: services.begin(1, BY, NOW), _visit
    ),
    "supervision.visits.services.change_inspectors": Verb(
        ("visits.inspectors",), lambda: services.change_inspectors(1, (2, 3), 2, BY, NOW), _visit
    ),
    "supervision.visits.services.recuse": Verb(
        ("visits.recuse",), lambda: services.recuse(1, 2, "亲属", BY, NOW), _visit
    ),
    "supervision.visits.services.cancel": Verb(
        ("visits.cancel",), lambda: services.cancel(1, "改为联合检查", BY, NOW), _visit
    ),
    "supervision.visits.signing.sign": Verb(
        ("visits.sign",),
        lambda: signing.sign(1, made.document(made.the_visit()), BY, NOW),
        _visit,
    ),
}
