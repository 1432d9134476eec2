"""The verbs of cases."""

from datetime import timedelta

from mealsvc.auditing.cases import money, services, verdict
from mealsvc.auditing.cases.models import AuditCase, CaseQuestion, CaseReferral
from mealsvc.auditing.scanning import casing
from mealsvc.auditing.scanning.models import Lead
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from tests.factories import cases as made
from tests.factories.claim_verbs import line, reach, served
from tests.factories.claims import person
from tests.factories.verb import BY, OTHER, Verb

CASES = "auditing.cases."
JUDGE = Actor("user", "judge")


def _id() -> int:
    return db.session.query(AuditCase.id).scalar()


def _case() -> AuditCase:
    return db.session.query(AuditCase).one()


def _open(by: Actor = OTHER, severity: str = "case") -> AuditCase:
    return services.open_case(made.opening([line()], severity), "", by, clock.now())


def _opened(severity: str = "case") -> None:
    served()
    _open(severity=severity)


def _assign(by: Actor = OTHER) -> None:
    services.assign(_id(), made.account("worker"), "", by, clock.now())


def _with_worker() -> None:
    _opened()
    person("worker", "town")


def _assigned() -> None:
    _with_worker()
    _assign()


def _ask(by: Actor = OTHER) -> CaseQuestion:
    return services.ask(_id(), made.WORDS, None, by, clock.now())


def _asked() -> None:
    _assigned()
    _ask()


def _explain(by: Actor = OTHER) -> None:
    services.explain_without_answer(_id(), "", by, clock.now())


def _explained(severity: str = "case") -> None:
    _opened(severity)
    person("worker", "town")
    _assign()
    _explain()


def _decide(by: Actor = JUDGE, finding: str = "bad") -> None:
    services.decide(_id(), {line(): finding}, "", by, clock.now())


def _decided() -> None:
    _explained()
    _decide()


def _decided_after_payment() -> None:
    reach("close")
    _open()
    person("worker", "town")
    _assign()
    _explain()
    _decide()


def _refer(by: Actor = OTHER) -> CaseReferral:
    return services.refer(_id(), made.LETTER, by, clock.now())


def _referred() -> None:
    _decided()
    _refer()


def _lead() -> None:
    served()
    made.lead_inside([line()])


def _answer() -> None:
    [asked] = db.session.query(CaseQuestion)
    services.answer(asked.id, made.WORDS, [], BY, clock.now())


def _extend() -> None:
    due = _case().due_on + timedelta(days=3)
    services.extend(_id(), due, "店长住院", BY, clock.now())


def _receipt() -> None:
    [letter] = db.session.query(CaseReferral)
    day = local_date(clock.now())
    services.note_receipt(letter.id, "1号", day, "", BY, clock.now())


def _open_lead() -> None:
    [lead] = db.session.query(Lead)
    services.open_lead(lead.id, lead.point_id, None, "", "", BY, clock.now())


CASE_VERBS = {
    CASES + "services.open_case": Verb(
        ("cases.opened", "settlement.hold", "cases.held"), lambda: _open(BY, "high"), served
    ),
    CASES + "services.open_lead": Verb(
        ("cases.opened", "settlement.hold", "cases.held", "leads.cased"), _open_lead, _lead
    ),
    "auditing.scanning.casing.set_cased": Verb(
        ("leads.cased",),
        lambda: casing.set_cased(db.session.query(Lead.id).scalar(), BY, clock.now()),
        _lead,
    ),
    CASES + "verdict.hold": Verb(
        ("settlement.hold", "cases.held"), lambda: verdict.hold(_id(), BY, clock.now()), _opened
    ),
    CASES + "verdict.hold_free_lines": Verb(
        ("settlement.hold", "cases.held"),
        lambda: verdict.hold_free_lines(_case(), BY, clock.now()),
        _opened,
    ),
    CASES + "services.assign": Verb(("cases.assigned",), lambda: _assign(BY), _with_worker),
    CASES + "services.ask": Verb(("cases.asked",), lambda: _ask(BY), _assigned),
    CASES + "services.answer": Verb(("cases.answered",), _answer, _asked),
    CASES + "services.extend": Verb(("cases.extended",), _extend, _asked),
    CASES + "services.explain_without_answer": Verb(
        ("cases.explained",), lambda: _explain(BY), _assigned
    ),
    CASES + "services.note": Verb(
        ("cases.noted",), lambda: services.note(_id(), "看过监控", [], BY, clock.now()), _opened
    ),
    CASES + "verdict.decide": Verb(
        ("servings.reverse", "settlement.refuse", "cases.verdict"),
        lambda: _decide(BY),
        lambda: _explained("high"),
    ),
    CASES + "money.claw_back": Verb(
        ("clawbacks.propose", "cases.clawback"),
        lambda: money.claw_back(_id(), "offset", "没有就餐", BY, clock.now()),
        _decided_after_payment,
    ),
    CASES + "money.refer": Verb(("cases.refer",), lambda: _refer(BY), _decided),
    CASES + "money.note_receipt": Verb(("cases.receipt",), _receipt, _referred),
    CASES + "money.close": Verb(
        ("cases.closed",), lambda: money.close(_id(), "结案", BY, clock.now()), _decided
    ),
}
