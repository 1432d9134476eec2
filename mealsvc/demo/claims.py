"""The demo's submitted months on their way: old ones closed, the last one at every desk."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from mealsvc.demo import district, history
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import holding, returning, steps
from mealsvc.settlement.batches import batch_at

AT_THE_DESKS = Month.of(history.LAST).previous
TOWN, DISTRICT, CHIEF, MAKER, PAYER, CLERK = (
    Actor("system", f"演示{who}") for who in ("镇街初审", "区复核", "区审批", "制单", "出纳", "经办")
)
AGREED = "同意"
CODES = tuple(point.code for point in district.POINTS)
Progress = Callable[[str, int, int], None]


def settle_months(progress: Progress) -> None:
    """Every month before the last submitted one is paid and closed; of that one, each point stands
    somewhere else.
    """
    months = list(_months())
    for done, month in enumerate(months, 1):
        _review(month, _points_of(month))
        _notice_and_approve(month, _points_of(month))
        _pay(month)
        progress("办理结算", done, len(months) + 1)
    _leave_at_the_desks(AT_THE_DESKS)
    progress("办理结算", len(months) + 1, len(months) + 1)


def _review(month: Month, codes: tuple[str, ...]) -> None:
    with writing():
        for code in codes:
            steps.first_review(month, code, "与流水、收餐验收核对一致", TOWN, _on(month, 5))
            steps.recheck(month, code, "抽查无误", DISTRICT, _on(month, 8))


def _leave_at_the_desks(month: Month) -> None:
    """Two submitted, two reviewed by the town (one with lines held), one sent back, the others
    rechecked."""
    waiting, reviewed, back, rest = CODES[:2], CODES[2:4], CODES[4], CODES[5:]
    with writing():
        for code in reviewed:
            steps.first_review(month, code, AGREED, TOWN, _on(month, 5))
    with writing():
        batch = batch_at(month, reviewed[1])
        lines = _subsidised(batch.point_id, month, 3)
        holding.hold_lines(
            month, batch.point_id, lines, "not_eaten", "电话回访称未就餐", TOWN, _on(month, 5)
        )
    with writing():
        first, second = _subsidised(batch_at(month, back).point_id, month, 2)
        objections = [
            returning.Objection(first, "by_hand", "手工登记，请说明依据"),
            returning.Objection(second, "off_hours", "登记时间在供餐时段之外"),
        ]
        returning.return_batch(
            month, back, objections, "两笔登记请说明", TOWN, _on(month, 6)
        )
    _review(month, rest)


def _subsidised(point_id: int, month: Month, count: int) -> list[int]:
    lines = (
        select(Serving.sequence)
        .where(
            Serving.point_id == point_id,
            Serving.served_on == month.last_day - timedelta(days=4),
            Serving.subsidy_fen > 0,
        )
        .order_by(Serving.sequence)
        .limit(count)
    )
    return list(db.session.scalars(lines))


def _on(month: Month, day: int) -> datetime:
    """The afternoon of a day of the month after."""
    after = month.next
    return datetime(after.year, after.month, day, 7, 0, tzinfo=UTC)
