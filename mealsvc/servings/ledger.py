"""Reading the ledger for pages: one line with its facts, lists by filter, what lies behind a line."""

from sqlalchemy import select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving, ServingKey

_POINT_OF = (
    select(MealPoint.code)
    .join(Serving, Serving.point_id == MealPoint.id)
    .join(ServingKey, ServingKey.sequence == Serving.sequence)
)


def point_of_line(key: str) -> str | None:
    """The code of the point at which the line with this key was recorded, if there is one."""
    if not key.isprintable():
        return None
    return db.session.scalar(_POINT_OF.where(ServingKey.key == key))
