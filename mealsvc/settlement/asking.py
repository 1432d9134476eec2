"""What a settlement page's address asks for, within what the visitor may see."""

from flask import abort, request
from sqlalchemy import func, select

from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import is_storable, tidy
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import point_or_404, points_seen_by
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import current, require_division
from mealsvc.settlement.batches import batch_of
from mealsvc.settlement.models import SettlementBatch

REVIEWERS = (
    "settlement.first_review",
    "settlement.recheck",
    "settlement.approve",
    "settlement.sample",
)
OBJECTORS = REVIEWERS[:3]
NOT_YOURS = "您的角色没有这项权限。如工作需要，请联系安全管理员。"


def month_or_404(written: str) -> Month:
    """The month in the address."""
    try:
        return Month.parse(written)
    except ValueError:
        abort(404)


def batch_or_404(month: str, code: str) -> tuple[Month, MealPoint, SettlementBatch]:
    """A submitted month within the scope; 404 if it was not submitted."""
    asked, point = month_or_404(month), point_or_404(code)
    batch = batch_of(asked, point.id)
    if batch is None:
        abort(404)
    return asked, point, batch


def require_any(actions: tuple[str, ...]) -> None:
    """403 for who has none of these rights."""
    if not any(current().can(action) for action in actions):
        abort(403, description=NOT_YOURS)


def require_points(codes: list[str]) -> None:
    """404 where one of these points does not exist, 403 where one lies outside the scope."""
    mine = MealPoint.code.in_(codes)
    found = db.session.scalar(select(func.count()).where(mine))
    if found != len(codes):
        abort(404)
    if db.session.scalar(select(func.count()).where(mine, points_seen_by(current()))) != found:
        abort(403, description="其中有助餐点不在您的管辖范围内。")


def town_asked() -> str:
    """The town asked for, if it lies within the scope."""
    town = tidy(request.values.get("town", ""))
    if not is_storable(town):
        abort(404)
    if town and not current().at_point:
        require_division(town)
        return town
    return ""


def has_ended(month: Month) -> bool:
    """Whether the month is over, so that it can be submitted."""
    return local_date(clock.now()) > month.last_day


def numbers_asked(name: str, most: int) -> list[int]:
    """The whole numbers ticked under this name, each once, at most so many."""
    written = dict.fromkeys(request.values.getlist(name))
    return [int(one) for one in written if one.isascii() and one.isdigit() and len(one) < 19][:most]
