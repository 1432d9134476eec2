"""Reading visits for pages, for signing, and for what is to be done."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.meals import LOCAL, local_date, meal_at
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving

COUNTED = ("dine_in", "take_away")


def served_by(point_id: int, at: datetime) -> int:
    """Servings of that minute's meal and day that the system had at the point by then: eaten there
    or taken away, not reversed, served at or before `at`.
    """
    undone = aliased(Serving)
    return (
        db.session.scalar(
            select(func.count()).where(
                Serving.point_id == point_id,
                Serving.served_on == local_date(at),
                Serving.meal == meal_at(at.astimezone(LOCAL).time()),
                Serving.mode.in_(COUNTED),
                Serving.served_at <= at,
                Serving.reverses.is_(None),
                ~exists().where(undone.reverses == Serving.sequence),
            )
        )
        or 0
    )
