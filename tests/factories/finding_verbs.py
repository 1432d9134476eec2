"""The verbs of findings and of everything that follows from them."""

from datetime import timedelta

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.reports.supervision import papers
from mealsvc.supervision.findings import letters, measures, orders, services
from mealsvc.supervision.findings.models import Finding, Measure, RectificationOrder, Referral
from mealsvc.supervision.visits.signing import sign
from tests.factories import findings as made
from tests.factories import visits
from tests.factories.verb import BY, OTHER, Verb

ROOM = "supervision.findings."


def _one(model):
    return db.session.query(model).one()


def _point():
    return visits.the_point()


def _signed() -> None:
    visits.inspectors()
    asked = visits.visit(mode="full")
    document = visits.document(asked, paper=True)
    document["results"][made.KEY] |= {"result": "FAIL", "note": "没有留样"}
    sign(asked.id, document, OTHER, made.NOW)


def _visit():
    return db.session.query(visits.Visit).one()


def _add(by=OTHER):
    return services.add_finding(
        _point(), made.PLAIN, "标签没有时间", "RECTIFY_BY_DATE", "other", by, clock.now()
    )


def _issue(by=OTHER):
    demands = {_one(Finding).id: "补标签"}
    return orders.issue_order(demands, 5, made.CONSEQUENCE, by, clock.now())


def _ordered() -> None:
    visits.inspectors()
    _add()
    _issue()


def _done() -> orders.Done:
    return orders.Done("忘了", "补了", _one(RectificationOrder).issued_on, "李四")


def _checked() -> orders.Checked:
    order, finding = _one(RectificationOrder), _one(Finding)
    return orders.Checked(order.issued_on, 1, 2, "店长", {finding.id: ("done", "看过了")})


def _refer(by=OTHER):
    return letters.refer(_point(), [_one(Finding).id], made.LETTER, by, clock.now())


def _referred() -> None:
    _add()
    _refer()


def _held() -> letters.Held:
    at = clock.now() - timedelta(hours=1)
    return letters.Held(at, "会议室", "科长", "店长", "没有留样", "马上改")


def _suspend(by=OTHER):
    today = made.tills_day(clock.now())
    return measures.suspend("subsidy", _point(), today, "事实", "协议", by, clock.now())


def _resume():
    measure = _one(Measure)
    return measures.resume(measure.id, measure.from_on, "复查通过", BY, clock.now())


def _slip() -> letters.Receipt:
    return letters.Receipt("1号", "整改通知书", "direct", "店长", clock.now() - timedelta(hours=1))


FINDING_VERBS = {
    ROOM + "services.raise_findings": Verb(
        ("findings.raise",),
        lambda: services.raise_findings(_visit(), BY, made.NOW),
        _signed,
    ),
    ROOM + "services.add_finding": Verb(("findings.add",), lambda: _add(BY)),
    ROOM + "services.decide_referral": Verb(
        ("findings.decide_referral",),
        lambda: services.decide_referral(_one(Finding).id, False, "不涉及", BY, clock.now()),
        _add,
    ),
    ROOM + "orders.issue_order": Verb(("orders.issue",), lambda: _issue(BY), _add),
    ROOM + "orders.reply": Verb(
        ("orders.reply",),
        lambda: orders.reply(
            _one(RectificationOrder).id, _one(Finding).id, _done(), (), BY, clock.now()
        ),
        _ordered,
    ),
    ROOM + "orders.re_inspect": Verb(
        ("orders.re_inspect",),
        lambda: orders.re_inspect(_one(RectificationOrder).id, _checked(), BY, clock.now()),
        _ordered,
    ),
    ROOM + "letters.refer": Verb(("referrals.send",), lambda: _refer(BY), _add),
    ROOM + "letters.note_receipt": Verb(
        ("referrals.receipt",),
        lambda: letters.note_receipt(
            _one(Referral).id, "1号", _one(Referral).sent_on, BY, clock.now()
        ),
        _referred,
    ),
    ROOM + "letters.note_answer": Verb(
        ("referrals.answer",),
        lambda: letters.note_answer(_one(Referral).id, "已查处", BY, clock.now()),
        _referred,
    ),
    ROOM + "letters.hold_interview": Verb(
        ("interviews.hold",), lambda: letters.hold_interview(_point(), _held(), BY, clock.now())
    ),
    ROOM + "letters.note_delivery": Verb(
        ("receipts.note",), lambda: letters.note_delivery(_point(), _slip(), BY, clock.now())
    ),
    ROOM + "measures.suspend": Verb(
        ("places.suspend_subsidy", "measures.decide"), lambda: _suspend(BY)
    ),
    ROOM + "measures.resume": Verb(("places.resume_subsidy", "measures.resume"), _resume, _suspend),
    "reports.supervision.papers.hand_over": Verb(
        ("reports.print",),
        lambda: papers.hand_over(
            papers.Printing("notice", 1, "检查通知书", preview=b""), BY, clock.now()
        ),
        reads=True,
    ),
}
