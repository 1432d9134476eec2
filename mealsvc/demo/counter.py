"""What a point's own people do besides serving: closing days, and a tablet that was off line."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from mealsvc.demo import history
from mealsvc.demo.district import POINTS
from mealsvc.kernel.actors import Actor
from mealsvc.places.models import MealPoint
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.models import ResidentFact
from mealsvc.servings import closing, uploads
from mealsvc.servings.refusals import ResidentDeceased
from mealsvc.servings.rules import Order
from mealsvc.servings.uploads import Shown

DAYS = 5  # the last ones, closed at every point
SHORT_FEN = 500  # what the drawer of the first point lacked on the last day
OFFSET_MS = 26 * 3600 * 1000  # a tablet whose clock had stopped the day before


def close_days(by: Actor) -> None:
    """Closes the last days of every point; at the first one the drawer was once short."""
    for demo in POINTS:
        point = point_by_code(demo.code)
        assert point is not None
        for back in range(DAYS):
            _close(point, history.LAST - timedelta(days=back), demo.code == POINTS[0].code, by)


def _close(point: MealPoint, day: date, slipped: bool, by: Actor) -> None:
    told = closing.day_of(point.id, day)
    due = told.total.self_pay_fen
    other = due // 3 // 100 * 100
    short = SHORT_FEN if slipped and day == history.LAST else 0
    counted = closing.Counted(due - other - short, other, "找零误差" if short else "")
    closing.close_day(point, day, counted, (1, told.last_sequence), by, _evening(day))


def leave_conflicts(by: Actor) -> None:
    """Two meals that a tablet without network showed as saved, and that wait for the manager."""
    gone = select(ResidentFact.resident_id).where(
        ResidentFact.kind == "departure",
        ResidentFact.value == "deceased",
        ResidentFact.from_on <= history.LAST,
    )
    first, second = db.session.scalars(gone.order_by(ResidentFact.resident_id).limit(2)).all()
    shown, at = Shown(1_000), _evening(history.LAST)
    refused = _lunch("DEMO-OFF-1", first)
    uploads.note_conflict(refused, uploads.REFUSED, ResidentDeceased.code, shown, None, by, at)
    doubtful = _lunch("DEMO-OFF-2", second)
    uploads.note_conflict(doubtful, uploads.CLOCK, "", Shown(1_000, OFFSET_MS), None, by, at)


def _lunch(key: str, resident_id: int) -> Order:
    at = datetime(history.LAST.year, history.LAST.month, history.LAST.day, 3, 40, tzinfo=UTC)
    point = POINTS[0]
    token = vault().token(resident_id)
    return Order(
        key,
        point.code,
        token,
        at,
        "lunch",
        "dine_in",
        point.price_fen,
        "card",
        device=f"{point.code}-平板",
    )


def _evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, 30, tzinfo=UTC)
