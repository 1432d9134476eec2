"""The verbs of the daily logs and of the purchase ledger."""

from datetime import date
from typing import Any

from sqlalchemy import select

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.supervision.logs import purchases, services
from mealsvc.supervision.logs.judging import Draft
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.logs.services import Row
from tests.factories.logs import the_point
from tests.factories.verb import BY, OTHER, Verb

RICE: dict[str, Any] = {
    "bought_on": date(2024, 5, 6),
    "item": "大米",
    "supplier": "某粮油",
    "batch": "B1",
    "quantity_kg": 25,
}
HOT = {"meal": "lunch", "subject": "红烧肉", "temp_c": 82}


def _log(by=BY) -> LogEntry:
    return services.log(the_point(), "core_temp", HOT, "L1", by, clock.now())


def _rows() -> list[Row]:
    now = clock.now()
    drafts = [
        Draft(
            "core_temp", date(2024, 5, 6), "lunch", name, now.replace(2024, 5, 6, 3), {"temp_c": 80}
        )
        for name in ("红烧肉", "炒青菜")
    ]
    return [Row(the_point(), draft, draft.subject) for draft in drafts]


def _entry() -> int:
    return db.session.scalars(select(LogEntry.id)).one()


LOG_VERBS = {
    "supervision.logs.services.log": Verb(("logs.log",), _log),
    "supervision.logs.services.log_batch": Verb(
        ("logs.log",), lambda: services.log_batch(_rows(), BY, clock.now(), any_day=True)
    ),
    "supervision.logs.services.withdraw": Verb(
        ("logs.withdraw",),
        lambda: services.withdraw(_entry(), "看错了", BY, clock.now()),
        lambda: _log(OTHER),
    ),
    "supervision.logs.purchases.put_purchase": Verb(
        ("supervision.purchase",), lambda: purchases.put_purchase(1, "P01", RICE, BY)
    ),
    "supervision.logs.purchases.take_back_purchase": Verb(
        ("supervision.purchase_withdrawn",),
        lambda: purchases.take_back_purchase(1, "P01", RICE, BY),
        lambda: purchases.put_purchase(1, "P01", RICE, OTHER),
    ),
}
