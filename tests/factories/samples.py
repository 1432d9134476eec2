"""Samples for tests: a month with lines at two points, drawn, kept, and given to callers."""

from typing import Any

from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.auditing.sampling import calling, services
from mealsvc.auditing.sampling.models import AuditSample, CallTask, SampleItem
from mealsvc.auditing.sampling.rules.answers import Said
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from tests.factories import tills
from tests.factories.verb import BY
from tests.support.people import account_of

MAY = Month(2024, 5)
CARDS = ("C001", "C002", "C004")


def served_days(days: int = 6) -> None:
    """Lunches of three elders at P01, and of one more at P02, on the first days of May."""
    tills.small_district()
    tills.lunchroom()
    for day in range(6, 6 + days):
        for card in CARDS:
            tills.serve(f"A{day:02d}-{card}", card, served_at=tills.a_day(day))
        tills.serve(f"B{day:02d}", "K001", point="P02", served_at=tills.a_day(day))


def looked(method: str = "stratified", **more: Any) -> services.Drawing:
    """A drawing of May by the seed `S-1`."""
    order: dict[str, Any] = {"month": MAY, "division": "320412", "seed": "S-1", **more}
    return services.look(services.Order(method=method, **order))


def keep(made: services.Drawing) -> AuditSample:
    with writing():
        return services.keep(made, BY, clock.now())


def drawn(method: str = "stratified", **more: Any) -> AuditSample:
    """A kept sample of May."""
    return keep(looked(method, **more))


def caller(as_: str = "district") -> Account:
    """An account that calls."""
    with writing():
        number = account_of(as_)
    return db.session.get_one(Account, number)


def given(row: AuditSample, *accounts: Account, again: bool = False) -> tuple[int, int]:
    """Shares the sample's open lines out."""
    with writing():
        ids = [one.id for one in accounts]
        return calling.assign(row.id, ids, again, BY, clock.now())


def tasks_of(row: AuditSample) -> dict[int, int]:
    """Who has to call, by line."""
    db.session.rollback()
    rows = select(CallTask).where(CallTask.sample_id == row.id)
    return {one.sequence: one.account_id for one in db.session.scalars(rows)}


def lines_of(row: AuditSample) -> list[int]:
    """The sample's lines in the order of drawing."""
    rows = select(SampleItem.sequence).where(SampleItem.sample_id == row.id)
    return list(db.session.scalars(rows.order_by(SampleItem.place)))


def under_way() -> dict[str, int]:
    """A sample of May of which the district has called one elder, who denies it, and not the rest."""
    row, account = drawn(size=8), caller()
    given(row, account)
    first = lines_of(row)[0]
    with writing():
        taken = calling.Taken("call", Said("denied"), "（测试）那天不在家")
        calling.answer(row.id, first, taken, account.id, BY, clock.now())
    return {"sample_id": row.id, "sampled": first}
