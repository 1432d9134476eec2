"""Star grades of points (星级评定): which one a point has on a day, and giving one."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint, PointGrade
from mealsvc.plumbing.db import db
from mealsvc.trail.services import record


class SameGrade(Refusal):
    """该助餐点在{day}已经是{stars}星，无需重复评定。"""

    code = "same_grade"
    field = "stars"


def give_grade(
    point: MealPoint, stars: int, from_on: date, basis: str, by: Actor, now: datetime
) -> PointGrade:
    """Gives a point 1 to 5 stars from a day on, until a later grade; months that were submitted
    keep the grade that was known then. Raises `SameGrade`.
    """
    if stars_on([point.id], from_on).get(point.id) == stars:
        raise SameGrade(day=chinese_date(from_on), stars=stars)
    grade = PointGrade(
        point_id=point.id,
        stars=stars,
        from_on=from_on,
        basis=basis,
        given_by=str(by),
        given_at=now,
    )
    db.session.add(grade)
    db.session.flush()
    detail = {"stars": stars, "from_on": from_on, "basis": basis}
    record(by, "places.grade", point.code, detail)
    return grade


def stars_on(point_ids: Iterable[int], day: date) -> dict[int, int]:
    """The grade of each of these points on a day: the one that began last, of those that began on
    one day the one given last. Points without a grade are left out.
    """
    newest = func.row_number().over(
        partition_by=PointGrade.point_id,
        order_by=(PointGrade.from_on.desc(), PointGrade.id.desc()),
    )
    ranked = (
        select(PointGrade.point_id, PointGrade.stars, newest.label("place"))
        .where(PointGrade.point_id.in_(point_ids), PointGrade.from_on <= day)
        .subquery()
    )
    rows = db.session.execute(select(ranked.c.point_id, ranked.c.stars).where(ranked.c.place == 1))
    return dict(rows.all())


def grades_of(point_id: int) -> Sequence[PointGrade]:
    """A point's grades, the latest first; of those from one day the one given last counts."""
    return db.session.scalars(
        select(PointGrade)
        .where(PointGrade.point_id == point_id)
        .order_by(PointGrade.from_on.desc(), PointGrade.id.desc())
        .limit(50)
    ).all()
