"""Which district this installation serves."""

from sqlalchemy import func, select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db


def district() -> str:
    """The installation's district: the first six digits that most of its points share."""
    prefix = func.substr(MealPoint.division, 1, 6)
    counted = select(prefix).group_by(prefix).order_by(func.count().desc(), prefix).limit(1)
    return db.session.scalar(counted) or ""
