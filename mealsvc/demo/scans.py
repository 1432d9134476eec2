"""The demo's scans of its last two months, and two deaths that only became known after them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import exists, func, select

from mealsvc.auditing.scanning import services
from mealsvc.demo import history, stories
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.models import ResidentFact
from mealsvc.residents.services import NewFact, add_fact
from mealsvc.servings.models import Serving
from mealsvc.settlement.corrections import find_corrections

NIGHT, TOOK = time(2, 30), timedelta(seconds=2)  # after the month's last day


def put_scans(by: Actor, now: datetime) -> None:
    """After the meals and their settlement: late facts first, then a look at both months."""
    with writing():
        for point, day in stories.DEATHS:
            death = NewFact("departure", "deceased", day, None, stories.DEATHS_TOLD)
            add_fact(_regular_at(point, day), death, by)
        find_corrections(by, now)
    last = Month.of(history.LAST)
    for month in (last.previous, last):
        scanned = services.look(month)
        at = datetime.combine(month.next.first_day, NIGHT, LOCAL).astimezone(UTC)
        with writing():
            services.keep(replace(scanned, started_at=at), by, at + TOOK)


def _regular_at(code: str, day: date) -> int:
    """Who ate at the table of this point most often from this day on, and of whom nothing is known."""
    departed = exists().where(
        ResidentFact.resident_id == Serving.resident_id, ResidentFact.kind == "departure"
    )
    rows = (
        select(Serving.resident_id)
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .where(MealPoint.code == code, Serving.served_on >= day, ~departed)
        .group_by(Serving.resident_id)
        .order_by(func.count().desc(), Serving.resident_id)
    )
    return db.session.scalars(rows.limit(1)).one()
