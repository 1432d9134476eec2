"""What followed from the demo's worst visit: an interview, a letter with its receipt, a suspension that was lifted."""

from datetime import UTC, date, datetime, time

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.findings import letters, measures
from mealsvc.supervision.findings.models import Finding

WORST = "WJ008"
CHIEF = Actor("system", "演示区审批")
BASIS = "服务协议（演示）；区助餐服务补贴办法（演示）"


def put_findings() -> None:
    """After the visits; on days on which the demo serves no meals, so that no line contradicts it."""
    point = point_by_code(WORST)
    rows = select(Finding).where(Finding.item == "PUR-02", Finding.critical.is_(False))
    found = point and db.session.scalar(rows.where(Finding.point_id == point.id).limit(1))
    if point is None or not found:
        return
    held, sent, answered = (_at(date(2024, 6, day)) for day in (3, 3, 5))
    stopped, lifted = date(2024, 6, 4), date(2024, 6, 11)
    with writing():
        letters.hold_interview(
            point,
            letters.Held(
                held,
                "演示区民政局会议室",
                "演示区民政局养老服务科",
                "演示店长",
                "进货查验和留样多次不符合要求",
                "一周内补齐进货台账，指定专人留样",
            ),
            CHIEF,
            held,
            found.id,
        )
        letter = letters.Letter(
            "samr",
            f"{found.item}：{found.fact}",
            "现场检查笔录、整改通知书",
            "演示联系人",
            copy_only=True,
        )
        referral = letters.refer(point, [found.id], letter, CHIEF, sent)
        measure = measures.suspend(
            "subsidy",
            point,
            stopped,
            "进货查验多次整改不到位（演示）",
            BASIS,
            CHIEF,
            held,
            found.id,
        )
    with writing():
        letters.note_receipt(referral.id, "演示市监回〔2024〕1号", answered.date(), CHIEF, answered)
        letters.note_answer(referral.id, "已上门指导，责令当场改正（演示）", CHIEF, answered)
        measures.resume(measure.id, lifted, "台账已补齐，复查通过（演示）", CHIEF, _at(lifted))


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), LOCAL).astimezone(UTC)
