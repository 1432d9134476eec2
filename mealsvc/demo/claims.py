"""The demo's submitted months on their way: old ones closed, the last one at every desk."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import select

from mealsvc.demo import district, history
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.payments import orders, payees
from mealsvc.payments.models import Payee
from mealsvc.places.models import MealPoint, Operator
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import holding, notices, returning, steps
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.models import SettlementBatch

AT_THE_DESKS = Month.of(history.LAST).previous
TOWN, DISTRICT, CHIEF, MAKER, PAYER, CLERK = (
    Actor("system", f"演示{who}")
    for who in ("镇街初审", "区复核", "区审批", "制单", "出纳", "经办")
)
AGREED = "同意"
CODES = [point.code for point in district.POINTS]
Progress = Callable[[str, int, int], None]


def settle_months(random: Random, progress: Progress) -> None:
    """Every month before the last submitted one is paid and closed; of that one, each point stands
    somewhere else.
    """
    _enter_accounts(random)
    months = list(_months_before(AT_THE_DESKS))
    for done, month in enumerate(months, 1):
        codes = _submitted(month)
        _review(month, codes)
        _notice_and_approve(month, codes)
        _pay(month, codes)
        progress("办理结算", done, len(months) + 1)
    _leave_at_the_desks(AT_THE_DESKS)
    progress("办理结算", len(months) + 1, len(months) + 1)


def _enter_accounts(random: Random) -> None:
    """An account for each point, entered by one and compared by another; the last point's new one
    still waits for that.
    """
    day = _on(Month.of(history.FIRST).previous, 12)
    found = select(MealPoint, Operator.name).join(Operator, Operator.id == MealPoint.operator_id)
    rows = db.session.execute(found.where(MealPoint.code.in_(CODES)).order_by(MealPoint.code)).all()
    for point, unit in rows:
        payee = _enter(point, unit, random, day)
        with writing():
            payees.confirm_payee(payee.id, PAYER, day)
    point, unit = rows[-1]
    _enter(point, unit, random, _on(AT_THE_DESKS, 3))


def _enter(point: MealPoint, unit: str, random: Random, day: datetime) -> Payee:
    account = f"6200{random.randrange(10**12):012d}"
    with writing():
        return payees.propose_payee(
            point, unit, "演示银行武进支行", account, "演示开户许可证", CLERK, day
        )


def _months_before(last: Month) -> Iterator[Month]:
    month = Month.of(history.FIRST)
    while month < last:
        yield month
        month = month.next


def _submitted(month: Month) -> Sequence[str]:
    return db.session.scalars(
        select(MealPoint.code)
        .join(SettlementBatch, SettlementBatch.point_id == MealPoint.id)
        .where(SettlementBatch.month == month.key)
        .order_by(MealPoint.code)
    ).all()


def _review(month: Month, codes: Sequence[str]) -> None:
    with writing():
        for code in codes:
            steps.first_review(month, code, "与流水、收餐验收核对一致", TOWN, _on(month, 5))
            steps.recheck(month, code, "抽查无误", DISTRICT, _on(month, 8))


def _notice_and_approve(month: Month, codes: Sequence[str]) -> None:
    posted = _on(month, 9)
    last = notices.last_day(local_date(posted), notices.working_days(local_date(posted)))
    with writing():
        notices.post_notice(
            month,
            district.DISTRICT,
            codes,
            local_date(posted),
            last,
            "各助餐点、村（社区）公告栏",
            CLERK,
            posted,
        )
    with writing():
        for code in codes:
            steps.approve(month, code, AGREED, CHIEF, _on(month, 22))


def _pay(month: Month, codes: Sequence[str]) -> None:
    batches = [batch_at(month, code).id for code in codes]
    with writing():
        order = orders.order_payment(batches, (), "", None, MAKER, _on(month, 23))
    with writing():
        day = _on(month, 25)
        orders.record_payment(order.id, local_date(day), f"演{order.number}", PAYER, day)
    with writing():
        for code in codes:
            steps.close(month, code, "", CLERK, _on(month, 26))


def _leave_at_the_desks(month: Month) -> None:
    """Two submitted, two reviewed by the town (one with lines held), one sent back, the others
    rechecked."""
    reviewed, back, rest = CODES[2:4], CODES[4], CODES[5:]
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
        returning.return_batch(month, back, objections, "两笔登记请说明", TOWN, _on(month, 6))
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
