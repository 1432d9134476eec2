"""The demo's cases: one waits for its point, one is overdue, one waits for a verdict, three have ended."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import aliased

from mealsvc.auditing.cases import services
from mealsvc.auditing.cases.leads import lead_lines
from mealsvc.auditing.cases.models import AuditCase, CaseLine
from mealsvc.auditing.cases.workers import workers_for
from mealsvc.auditing.scanning.models import Lead, LeadEdition
from mealsvc.demo.claims import CHIEF, DISTRICT, PAYER, TOWN
from mealsvc.demo.history import TAKEN_BACK
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import clawbacks
from mealsvc.settlement.models import LineHold

MANAGER = Actor("system", "演示店长")
MOST = 400
MAY, MARCH, FEBRUARY = Month(2024, 5), Month(2024, 3), Month(2024, 2)


@dataclass(frozen=True, slots=True)
class _Story:
    """A case: where, of which month, on how many lines, opened when (None: yesterday), how far it
    goes: `asked`, `explained`, `ok`, `repaid` or `referred`."""

    point: str
    month: Month
    title: str
    rules: str
    opened: date | None
    stage: str
    lines: int
    severity: str = "case"
    source: str = "other"
    on_lead: bool = False
    asks: str = "请说明这几笔就餐是谁登记的、老人怎样就餐，并附当天的登记本或监控截图。"
    says: str = ""


STORIES = (
    _Story(
        "WJ002", MARCH, "手工登记集中在闭餐以后", "A09", date(2024, 6, 3), "repaid", TAKEN_BACK,
        says="当天收银员把没来的老人也补登了，是我们管理不严，愿意退回。",
    ),
    _Story(
        "WJ004", MARCH, "两位老人总在同一分钟就餐", "A06", date(2024, 6, 3), "ok", 6,
        says="是一对夫妻，每天一起来，附两人的签到册照片。",
    ),
    _Story(
        "WJ005", FEBRUARY, "同一份名单连续两天按同样的次序登记", "A07", date(2024, 6, 4), "referred",
        4, says="记不清楚了。",
    ),
    _Story("WJ007", MAY, "短时间内登记过密", "A06", date(2024, 6, 5), "asked", 8, on_lead=True),
    _Story(
        "WJ003", MAY, "闭餐以后的手工登记", "A08,A09", date(2024, 6, 6), "explained", 5, "high",
        on_lead=True, says="那几天有老人来得晚，收银员先收了现金，闭餐以后补登的，附现金登记本。",
    ),
    _Story(
        "WJ001", MAY, "来电反映系统里有记录、老人没有就餐", "A27", None, "asked", 3, "high",
        source="complaint",
    ),
)  # fmt: skip


def put_cases(by: Actor, now: datetime) -> None:
    """After the scans: on their leads where there are any, else on lines by hand."""
    for story in STORIES:
        point = point_by_code(story.point)
        assert point is not None
        at = _at(story.opened) if story.opened else now - timedelta(days=1)
        with writing():
            case = _opened(story, point, at)
            worker = workers_for(point, local_date(now))[0]
            services.assign(case.id, worker.id, "请尽快核实。", TOWN, at)
            asked = services.ask(case.id, story.asks, None, TOWN, at + timedelta(hours=1))
        if not story.says:
            continue
        with writing():
            services.answer(asked.id, story.says, [], MANAGER, at + timedelta(days=2))
        if story.stage != "explained":
            _end(story, case, at + timedelta(days=4))


def _opened(story: _Story, point: MealPoint, at: datetime) -> AuditCase:
    lead = _lead(story, point)
    if lead is not None:
        return services.open_lead(lead.id, point.id, None, "", "按疑点立案核查。", TOWN, at)
    what = services.Opening(
        point.id, story.month, story.title, _lines(story, point), story.severity, story.source, story.rules
    )  # fmt: skip
    return services.open_case(what, "监控和登记本要一并核对。", TOWN, at)


def _lead(story: _Story, point: MealPoint) -> Lead | None:
    """The heaviest open lead of the month at the point, if its lines are few enough to read."""
    if not story.on_lead:
        return None
    rows = (
        select(Lead)
        .join(LeadEdition, (LeadEdition.lead_id == Lead.id) & (LeadEdition.number == Lead.edition))
        .where(
            Lead.month == story.month.key,
            Lead.point_id == point.id,
            Lead.state == "open",
            LeadEdition.servings.between(1, MOST),
        )
        .order_by(LeadEdition.weight.desc())
    )
    found = db.session.scalars(rows.limit(1)).first()
    return found if found is not None and lead_lines(found, point.id) else None


def _lines(story: _Story, point: MealPoint) -> list[int]:
    """Subsidised lines that nobody reversed, holds or has in a case, those entered by hand first."""
    undone = aliased(Serving)
    rows = (
        select(Serving.sequence)
        .where(
            Serving.point_id == point.id,
            Serving.settle_month == story.month.key,
            Serving.subsidy_fen > 0,
            ~select(undone.sequence).where(undone.reverses == Serving.sequence).exists(),
            ~select(LineHold.id).where(LineHold.sequence == Serving.sequence).exists(),
            ~select(CaseLine.case_id).where(CaseLine.sequence == Serving.sequence).exists(),
        )
        .order_by(Serving.method != "manual", Serving.sequence)
        .limit(story.lines)
    )
    return list(db.session.scalars(rows))


def _end(story: _Story, case: AuditCase, at: datetime) -> None:
    lines = db.session.scalars(select(CaseLine.sequence).where(CaseLine.case_id == case.id)).all()
    finding = "ok" if story.stage == "ok" else "bad"
    words = (
        "核对签到册，情况属实，予以排除。"
        if finding == "ok"
        else "没有签到，监控中没有本人，认定有误。"
    )
    with writing():
        services.decide(case.id, dict.fromkeys(lines, finding), words, DISTRICT, at)
    if story.stage == "repaid":
        _take_back(case, at)
    if story.stage == "referred":
        letter = services.Letter(
            "discipline",
            "2024年2月有4笔就餐补贴没有对应的就餐，登记次序与前一天一致。",
            "就餐流水、疑点说明、询问和答复",
            "演示联系人",
        )
        with writing():
            services.refer(case.id, letter, DISTRICT, at)
    else:
        with writing():
            services.close(case.id, "情况清楚，予以结案。", CHIEF, at + timedelta(days=8))


def _take_back(case: AuditCase, at: datetime) -> None:
    """Claimed, approved, paid back in cash: each by somebody else."""
    with writing():
        claim = services.claw_back(case.id, "cash", "补登的几笔没有就餐。", DISTRICT, at)
    with writing():
        clawbacks.approve_clawback(claim.id, "同意", CHIEF, at + timedelta(days=1))
    with writing():
        day = at + timedelta(days=6)
        clawbacks.record_repaid(claim.id, local_date(day), "演示凭证0609", PAYER, day)


def _at(day: date) -> datetime:
    """11:00 in Shanghai."""
    return datetime.combine(day, time(3), UTC)
