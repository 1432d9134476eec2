"""An outside auditor of the demo, and what it was given: April at three points."""

from datetime import datetime, timedelta

from mealsvc.accounts import services as accounts
from mealsvc.auditing.outside.services import Order, give
from mealsvc.demo import district, history
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import writing

LOGIN, NAME = "shenji-demo", "演示外部审计（受托）"
OPEN_FOR = timedelta(days=90)


def put_batches(by: Actor, now: datetime) -> None:
    """Opens its own transactions. The account's password is nobody's: whoever wants to look through
    its eyes has it reset by the system's administrator."""
    secret = accounts.new_credentials()
    until = local_date(now) + OPEN_FOR
    with writing():
        accounts.add_user(
            LOGIN,
            "auditor",
            district.DISTRICT,
            NAME,
            by,
            now,
            credentials=secret,
            until=until,
            outside=True,
        )
        month = Month.of(history.LAST).previous
        points = [point.code for point in district.POINTS[:3]]
        title = f"演示：{month.chinese}助餐补贴审计"
        give(Order(LOGIN, title, month, month, points, None, until), by, now)
