"""What a sample is drawn from: a month's standing lines as of a place in the ledger, and its leads."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from mealsvc.auditing.sampling.rules.drawing import Line
from mealsvc.auditing.scanning.models import Lead, LeadEdition, LeadLine
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving

GRAVE = ("high", "block")
AT_ONCE = 5_000
_Undo = aliased(Serving)


def last_sequence() -> int:
    """The end of the ledger as it is now."""
    return db.session.scalar(select(func.max(Serving.sequence))) or 0


def population_of(month: Month, division: str, point: str, upto: int) -> list[Line]:
    """The subsidised servings that settle in the month and were not reversed, as recorded up to
    `upto`, in the ledger's order; `point` empty: of all points in the division. The ledger only
    grows, so the same question gives the same lines for ever.
    """
    undone = (
        select(_Undo.sequence)
        .where(_Undo.reverses == Serving.sequence, _Undo.sequence <= upto)
        .correlate(Serving)
        .exists()
    )
    own = Serving.served_on.between(month.first_day, month.last_day)
    rows = (
        select(Serving.sequence, Serving.key, MealPoint.code, Serving.subsidy_fen)
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .where(
            Serving.settle_month == month.key,
            own | Serving.late,
            Serving.reverses.is_(None),
            Serving.subsidy_fen > 0,
            Serving.sequence <= upto,
            ~undone,
            MealPoint.division.startswith(division, autoescape=True),
        )
        .order_by(Serving.sequence)
        .execution_options(yield_per=AT_ONCE)
    )
    if point:
        rows = rows.where(MealPoint.code == point)
    return [Line(*row) for row in db.session.execute(rows)]


def grave_leads(month: Month) -> list[tuple[int, int]]:
    """Number and edition of the month's leads of severity high and block that nobody dismissed."""
    rows = (
        select(Lead.id, Lead.edition)
        .join(LeadEdition, (LeadEdition.lead_id == Lead.id) & (LeadEdition.number == Lead.edition))
        .where(Lead.month == month.key, Lead.state != "dismissed", LeadEdition.severity.in_(GRAVE))
        .order_by(Lead.id)
    )
    return [(lead, edition) for lead, edition in db.session.execute(rows)]


def lines_of_leads(leads: Sequence[tuple[int, int]]) -> Collection[int]:
    """The lines that these editions hold responsible; an edition never changes."""
    if not leads:
        return frozenset()
    pairs = tuple_(LeadLine.lead_id, LeadLine.number).in_(list(leads))
    return frozenset(db.session.scalars(select(LeadLine.sequence).where(pairs)))
