"""Papers of supervision ready to be handed over: `paper_of(kind, id)` gathers, then drafts or draws.

What is final is issued under a short number of its own and kept (see `papers`); what is not, is a
preview or a sheet to fill in and is not kept. Numbers on the head are those of the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import (
    Draft,
    Draw,
    Matter,
    Stamp,
    content_of,
    draft,
    drawn,
    issue,
    stamped,
)
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.reports.supervision import (
    blank,
    facts_cases,
    facts_visits,
    interview,
    measure,
    notice,
    order,
    plan,
    receipt,
    record,
    referral,
    reinspection,
    reply,
    result,
)
from mealsvc.reports.supervision.catalogue import BLANK, PAPERS
from mealsvc.supervision.checklist.rules import shown
from mealsvc.supervision.findings.models import (
    DeliveryReceipt,
    Interview,
    Measure,
    RectificationOrder,
    Referral,
    ReInspection,
    Reply,
)
from mealsvc.supervision.visits.models import Visit, VisitPlan
from mealsvc.supervision.visits.rules import KINDS, SELF
from mealsvc.trail.services import record as leave_row

INSPECTION = "inspection"  # record and result in one file


class NotSigned(Refusal):
    """这次检查还没有签字，没有检查笔录和结果告知书。请先完成现场检查；要手写记录的，请打印空白检查记录表。"""

    code = "not_signed"


class NoNotice(Refusal):
    """这次检查没有下达检查通知书：请先在检查页面下达通知；不需要通知的检查没有这份文书。"""

    code = "no_notice"


class NoReply(Refusal):
    """被检查单位还没有提交整改回复，没有整改报告。请等单位回复后再打印。"""

    code = "no_reply"


class NotResumed(Refusal):
    """这项措施还没有恢复，没有恢复决定书。请先办理恢复。"""

    code = "not_resumed"


class NotToPrint(Refusal):
    """这次检查已经签字或者取消，不再需要空白检查记录表。请打印检查笔录，或者另行安排检查。"""

    code = "not_to_print"


class OwnCheck(Refusal):
    """单位自查不出具检查结果告知书：请打印自查记录，结果见检查页面。"""

    code = "own_check"


class Paper(NamedTuple):
    """What a paper is drawn from: its official number and facts, what it tells, how it is drawn."""

    number: str
    year: int
    facts: Any
    told: Any
    totals: Mapping[str, str]
    draw: Callable[..., bytes]
    title: str = ""
    final: bool = True


@dataclass(frozen=True, slots=True)
class Printing:
    """A paper to be handed over: drafts to be issued, the last of which is it; or the bytes of one
    that is not kept."""

    kind: str
    id: int
    title: str
    drafts: Sequence[Draft] = ()
    preview: bytes = b""

    @property
    def filename(self) -> str:
        number = self.drafts[-1].stamp.number if self.drafts else f"{self.id}-未生效"
        return f"{self.title.partition('（')[0]}_{number}.pdf"


def row_of(kind: str, key: int) -> Any:
    """The row that a kind's id means; None if there is none."""
    return db.session.get(TABLES[kind], key) if kind in TABLES else None


def paper_of(kind: str, key: int) -> Printing:
    """Reads and draws. Raises the refusals above where there is no such paper yet."""
    row = db.session.get_one(TABLES[kind], key)
    if kind == INSPECTION:
        return _inspection(row)
    paper = READERS[kind](row)
    title = paper.title or PAPERS.get(kind, BLANK).title
    if not paper.final:
        return Printing(kind, key, title, preview=paper.draw(paper.facts, None, current_app.config))
    return Printing(kind, key, title, [drawn(_stamped(kind, key, paper), _drawing(paper))])


def _inspection(visit: Visit) -> Printing:
    """Record and result of a visit, each with its own number, and one file that holds both."""
    both = [("record", _record(visit)), ("result", _result(visit))]
    made = [_stamped(kind, visit.id, paper) for kind, paper in both]
    title = "现场检查笔录和检查结果告知书（合订）"
    facts = both[0][1].facts
    matter = Matter(
        kind="supervision-inspection",
        subject=f"supervision/inspection/{visit.id}",
        number=f"JC-{both[0][1].year}-{visit.id}",
        title=title,
        issuer=facts.head.issuer,
        totals={"文号": facts.number, **both[1][1].totals},
        facts_digest=facts_digest([one.matter.facts_digest for one in made]),
    )
    fonts, stamps = current_app.config, [one.stamp for one in made]

    def draw(_: Stamp) -> bytes:
        first = record.written(facts, stamps[0], fonts)
        return result.written(facts, stamps[1], fonts, after=first).build()

    drafts = [drawn(one, _drawing(paper)) for one, (_, paper) in zip(made, both, strict=True)]
    return Printing(INSPECTION, visit.id, title, [*drafts, draft(matter, draw)])


def _stamped(kind: str, key: int, paper: Paper) -> Draft:
    about = PAPERS[kind]
    matter = Matter(
        kind=f"supervision-{kind}",
        subject=f"supervision/{kind}/{key}",
        number=f"{about.letters}-{paper.year}-{key}",
        title=paper.title or about.title,
        issuer=_head(paper.facts).issuer,
        totals={"文号": paper.number, **paper.totals},
        facts_digest=facts_digest(kind, paper.told),
    )
    [found] = stamped([matter])
    return found


def _drawing(paper: Paper) -> Draw:
    return lambda stamp: paper.draw(paper.facts, stamp, current_app.config)


def hand_over(printing: Printing, by: Actor, now: datetime) -> bytes:
    """Issues what is new, leaves the trail row of a paper that was given out, and gives its bytes."""
    if not printing.drafts:
        leave_row(by, "reports.print", f"{printing.kind}/{printing.id}", {"kind": printing.kind})
        return printing.preview
    issued = [issue(one, by, now) for one in printing.drafts][-1]
    leave_row(by, "reports.print", issued.number, {"kind": issued.kind})
    return content_of(issued)


def last_signed(point: str, month: Month | None, number: str) -> Visit | None:
    """The point's last signed visit, in the month if one is given, or the one with this number."""
    rows = (
        select(Visit)
        .join(MealPoint, MealPoint.id == Visit.point_id)
        .where(Visit.status == "signed", Visit.kind != SELF)
        .order_by(Visit.planned_on.desc(), Visit.id.desc())
        .limit(1)
    )
    return db.session.scalar(_wanted(rows, Visit.planned_on, Visit.number, point, month, number))


def last_order(point: str, month: Month | None, number: str) -> RectificationOrder | None:
    """The point's last order, in the month if one is given, or the one with this number."""
    rows = (
        select(RectificationOrder)
        .join(MealPoint, MealPoint.id == RectificationOrder.point_id)
        .order_by(RectificationOrder.id.desc())
        .limit(1)
    )
    own = RectificationOrder
    return db.session.scalar(_wanted(rows, own.issued_on, own.number, point, month, number))


def last_notice(point: str, month: Month | None, number: str) -> Visit | None:
    """The point's last visit with a notice, in the month if given, or the one with this number."""
    rows = (
        select(Visit)
        .join(MealPoint, MealPoint.id == Visit.point_id)
        .where(Visit.notice_number != "")
        .order_by(Visit.planned_on.desc(), Visit.id.desc())
        .limit(1)
    )
    return db.session.scalar(
        _wanted(rows, Visit.planned_on, Visit.notice_number, point, month, number)
    )


def _wanted(
    rows: Any, day: Any, own_number: Any, point: str, month: Month | None, number: str
) -> Any:
    if number:
        rows = rows.where(own_number == number)
    if point:
        rows = rows.where(MealPoint.code == point)
    return rows.where(day.between(month.first_day, month.last_day)) if month else rows


def _head(facts: Any) -> Any:
    return (
        facts.order.head if hasattr(facts, "order") and hasattr(facts.order, "head") else facts.head
    )


def _plan(row: VisitPlan) -> Paper:
    facts = facts_visits.plan_facts(row)
    totals = {"检查对象": f"{len(facts.visits)} 个", "检查种类": facts.kind}
    return Paper(
        facts.number,
        facts.made_on.year,
        facts,
        facts.told,
        totals,
        plan.draw,
        final=row.status == "approved",
    )


def _notice(row: Visit) -> Paper:
    if not row.notice_number:
        raise NoNotice()
    facts = facts_visits.visit_facts(row)
    totals = {"检查对象": facts.place.name, "检查日期": chinese_date(facts.planned_on)}
    return Paper(
        facts.notice_number,
        row.planned_on.year,
        facts,
        facts.announced,
        totals,
        notice.draw,
        final=row.status != "cancelled",
    )


def _signed(row: Visit) -> Any:
    if row.status != "signed":
        raise NotSigned()
    return facts_visits.visit_facts(row)


def _record(row: Visit) -> Paper:
    facts = _signed(row)
    totals = {
        "检查对象": facts.place.name,
        "检查种类": facts.kind,
        "检查日期": chinese_date(facts.planned_on),
        "检查项": f"{len(facts.found)} 项",
        "照片": f"{len(facts.shots)} 张",
    }
    title, year = record.title_of(facts), row.planned_on.year
    return Paper(facts.number, year, facts, facts.told, totals, record.draw, title)


def _result(row: Visit) -> Paper:
    if KINDS[row.kind].own:
        raise OwnCheck()
    facts = _signed(row)
    totals = {
        "检查对象": facts.place.name,
        "检查日期": chinese_date(facts.planned_on),
        "得分": f"{shown(facts.score)} 分" if facts.score is not None else "不评分",
        "等级": facts.grade or "不定级",
        "未通过项目": f"{len(facts.failed)} 项",
    }
    told = (facts.told, [one.outcome for one in facts.found])
    return Paper(facts.number, row.planned_on.year, facts, told, totals, result.draw)


def _blank(row: Visit) -> Paper:
    if row.status in ("signed", "cancelled"):
        raise NotToPrint()
    facts = facts_visits.visit_facts(row)
    return Paper("", row.planned_on.year, facts, "", {}, blank.draw, final=False)


def _order(row: RectificationOrder) -> Paper:
    facts = facts_cases.order_facts(row)
    totals = {
        "整改单位": facts.place.name,
        "整改项目": f"{len(facts.demands)} 项",
        "整改期限": chinese_date(facts.deadline),
    }
    return Paper(facts.number, row.issued_on.year, facts, facts.told, totals, order.draw)


def _reply(row: RectificationOrder) -> Paper:
    any_reply = select(Reply.id).where(Reply.order_id == row.id).limit(1)
    if db.session.scalar(any_reply) is None:
        raise NoReply()
    facts = facts_cases.order_facts(row, answers=True)
    totals = {"整改单位": facts.place.name, "整改回复": f"{len(facts.answers)} 项"}
    return Paper(facts.number, row.issued_on.year, facts, facts.answered, totals, reply.draw)


def _reinspection(row: ReInspection) -> Paper:
    facts = facts_cases.reinspection_facts(row)
    totals = {
        "整改单位": facts.order.place.name,
        "复查日期": chinese_date(facts.checked_on),
        "复查项目": f"{len(facts.checked)} 项",
    }
    return Paper(facts.number, row.checked_on.year, facts, facts.told, totals, reinspection.draw)


def _referral(row: Referral) -> Paper:
    """Its page says nothing of whom it is about: only whoever holds it shall know."""
    facts = facts_cases.referral_facts(row)
    totals = {"发函日期": chinese_date(facts.sent_on)}
    title = referral.COPY_TITLE if facts.copy_only else ""
    return Paper(facts.number, row.sent_on.year, facts, facts.told, totals, referral.draw, title)


def _interview(row: Interview) -> Paper:
    facts = facts_cases.interview_facts(row)
    totals = {"约谈单位": facts.place.name}
    return Paper(facts.number, facts.held_at.year, facts, facts.told, totals, interview.draw)


def _measure(row: Measure) -> Paper:
    facts = facts_cases.measure_facts(row)
    totals = {"单位": facts.place.name, "起始日期": chinese_date(facts.from_on)}
    title = measure.title_of(facts.kind)
    year = facts.decided_on.year
    return Paper(facts.number, year, facts, facts.told, totals, measure.draw, title)


def _resume(row: Measure) -> Paper:
    facts = facts_cases.measure_facts(row)
    if not facts.resume_number or facts.resumed_on is None or facts.ended_on is None:
        raise NotResumed()
    totals = {"单位": facts.place.name, "恢复日期": chinese_date(facts.resumed_on)}
    title = measure.title_of(facts.kind, resumed=True)
    year: int = facts.ended_on.year
    number = facts.resume_number
    return Paper(number, year, facts, facts.resumed, totals, measure.draw_resume, title)


def _receipt(row: DeliveryReceipt) -> Paper:
    facts = facts_cases.receipt_facts(row)
    day: date = facts.delivered_at.date()
    totals = {"送达文书文号": facts.paper, "送达日期": chinese_date(day)}
    return Paper(facts.number, day.year, facts, facts.told, totals, receipt.draw)


TABLES: Mapping[str, Any] = {
    "plan": VisitPlan,
    "notice": Visit,
    "record": Visit,
    "result": Visit,
    "blank": Visit,
    INSPECTION: Visit,
    "order": RectificationOrder,
    "reply": RectificationOrder,
    "reinspection": ReInspection,
    "referral": Referral,
    "interview": Interview,
    "measure": Measure,
    "resume": Measure,
    "receipt": DeliveryReceipt,
}
READERS: Mapping[str, Callable[[Any], Paper]] = {
    "plan": _plan,
    "notice": _notice,
    "record": _record,
    "result": _result,
    "blank": _blank,
    "order": _order,
    "reply": _reply,
    "reinspection": _reinspection,
    "referral": _referral,
    "interview": _interview,
    "measure": _measure,
    "resume": _resume,
    "receipt": _receipt,
}
