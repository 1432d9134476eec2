"""The demo's samples: March's is finished, of April's about half of the elders have been called."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from mealsvc.auditing.sampling import calling, services
from mealsvc.auditing.sampling.calling import Taken
from mealsvc.auditing.sampling.models import AuditSample, CallTask, SampleItem
from mealsvc.auditing.sampling.rules.answers import Said
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.area import district

MARCH, APRIL = Month(2024, 3), Month(2024, 4)
SEED = "演示-福彩2024048"
SIZES = {"stratified": 120, "mus": None}
CALLER = Actor("system", "演示回访")
CALLED = 75  # of April's: about half

Tries = tuple[Taken, ...]
CALL = "call"
REACHED: Tries = (Taken(CALL, Said("confirmed", got="meal")),)
STORIES: tuple[tuple[int, Tries], ...] = (
    (7, (Taken(CALL, Said("denied"), "（演示）老人说那几天住在女儿家，没有来吃。"),)),
    (19, (Taken(CALL, Said("no_answer")), *REACHED)),
    (31, (Taken(CALL, Said("unsure")), Taken("visit", Said("confirmed", got="meal")))),
    (44, (Taken(CALL, Said("differs", paid=2_000), "（演示）老人说付了20元。"),)),
    (
        58,
        (Taken(CALL, Said("wrong_number")), Taken("visit", Said("unsure"), "（演示）家里没有人。")),
    ),
)


def put_samples(by: Actor, now: datetime) -> None:
    """Both samples with their calls; opens its own transactions. The accounts must be there."""
    for month, method, days, called in ((MARCH, "stratified", 24, None), (APRIL, "mus", 5, CALLED)):
        at = now - timedelta(days=days)
        order = services.Order(month, district(), method, SEED, size=SIZES[method])
        made = services.look(order)
        with writing():
            row = services.keep(made, by, at)
            people = [one.id for one in calling.callers(row.division)]
            calling.assign(row.id, people, False, by, at)
            _call(row, called, at)


def _call(row: AuditSample, called: int | None, start: datetime) -> None:
    """Calls the first so many of the sample, or all, a few minutes each."""
    items = db.session.execute(
        select(SampleItem.sequence, CallTask.account_id)
        .join(
            CallTask,
            (CallTask.sample_id == SampleItem.sample_id)
            & (CallTask.sequence == SampleItem.sequence),
        )
        .where(SampleItem.sample_id == row.id)
        .order_by(SampleItem.place)
    ).all()
    random = Random(row.seed)
    told = dict(STORIES)
    at = start
    for place, (sequence, account) in enumerate(items[:called], 1):
        for taken in _tries(told.get(place, REACHED), random):
            at += timedelta(minutes=3)
            calling.answer(row.id, sequence, taken, account, CALLER, at)


def _tries(tries: Tries, random: Random) -> Iterator[Taken]:
    """Now and then nobody is at home the first time."""
    if tries is REACHED and random.random() < 0.1:
        yield Taken(CALL, Said("no_answer"))
    yield from tries
