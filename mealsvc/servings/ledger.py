"""Reading the ledger for pages: lists by filter with their sums, one line in full, a point's day."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, exists, func, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.months import Month
from mealsvc.kernel.text import is_storable
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.policies.rules import Decision, Paid
from mealsvc.residents.models import Resident
from mealsvc.servings.models import DailyTally, FrozenMonth, Serving, ServingKey, ServingSlot
from mealsvc.servings.models import Decision as DecisionRow

STATES = {"valid": "未冲正", "reversed": "已冲正", "reversal": "冲正记录", "late": "迟到，转下月"}
LAST = 10

_Undo = aliased(Serving)
_undone = exists().where(_Undo.reverses == Serving.sequence).correlate(Serving)
_POINT_OF = (
    select(MealPoint.code)
    .join(Serving, Serving.point_id == MealPoint.id)
    .join(ServingKey, ServingKey.sequence == Serving.sequence)
)
_LINES: Any = (
    select(
        Serving,
        MealPoint.code.label("point"),
        MealPoint.name.label("point_name"),
        MealPoint.division,
        Resident.name,
        Resident.sex,
        _undone.label("undone"),
    )
    .join(MealPoint, MealPoint.id == Serving.point_id)
    .join(Resident, Resident.id == Serving.resident_id)
)


@dataclass(frozen=True, slots=True)
class LineFilter:
    """What a list of lines is narrowed to; empty values don't narrow. Days are inclusive."""

    first: date
    last: date
    point: str = ""
    meal: str = ""
    reason: str = ""  # "none": subsidised, "any": at full price, or one reason
    state: str = ""
    resident: int | None = None

    @property
    def tallied(self) -> bool:
        """Whether the daily tally, which knows no single lines, can answer for it."""
        return not self.state and self.resident is None


class Totals(NamedTuple):
    """Net counts and amounts (fen) of a filter."""

    servings: int
    subsidised: int
    price_fen: int
    subsidy_fen: int
    self_pay_fen: int


def found_lines(seen: ColumnElement[bool], wanted: LineFilter) -> Select[Any]:
    """The lines that somebody sees, narrowed, the latest first."""
    rows = _LINES.where(seen, Serving.served_on.between(wanted.first, wanted.last))
    if wanted.point:
        rows = rows.where(MealPoint.code == wanted.point)
    if wanted.meal:
        rows = rows.where(Serving.meal == wanted.meal)
    if wanted.resident is not None:
        rows = rows.where(Serving.resident_id == wanted.resident)
    match wanted.reason:
        case "none":
            rows = rows.where(Serving.reason.is_(None))
        case "any":
            rows = rows.where(Serving.reason.is_not(None))
        case reason if reason:
            rows = rows.where(Serving.reason == reason)
    state = _states().get(wanted.state)
    if state is not None:
        rows = rows.where(state)
    return rows.order_by(Serving.served_on.desc(), Serving.sequence.desc())


def _states() -> dict[str, ColumnElement[bool]]:
    return {
        "valid": Serving.reverses.is_(None) & ~_undone,
        "reversed": Serving.reverses.is_(None) & _undone,
        "reversal": Serving.reverses.is_not(None),
        "late": Serving.late.is_(True),
    }


def totals(seen: ColumnElement[bool], wanted: LineFilter) -> Totals | None:
    """The sums of all lines of a filter from the daily tally; None where it cannot know them."""
    if not wanted.tallied:
        return None
    net = DailyTally.lines - DailyTally.reversals
    # A subsidised decision never gives 0 fen: without subsidy nothing subsidised is left.
    subsidised = case((DailyTally.subsidy_fen != 0, net), else_=0)
    sums = (net, subsidised, DailyTally.price_fen, DailyTally.subsidy_fen, DailyTally.self_pay_fen)
    rows = (
        select(*(cast(func.coalesce(func.sum(one), 0), BigInteger) for one in sums))
        .join(MealPoint, MealPoint.id == DailyTally.point_id)
        .where(seen, DailyTally.served_on.between(wanted.first, wanted.last))
        # What settles late does so in a later month than its own, so the key's first column helps.
        .where(DailyTally.settle_month >= Month.of(wanted.first).key)
    )
    if wanted.point:
        rows = rows.where(MealPoint.code == wanted.point)
    if wanted.meal:
        rows = rows.where(DailyTally.meal == wanted.meal)
    if wanted.reason:
        rows = rows.join(DecisionRow, DecisionRow.id == DailyTally.decision_id)
        rows = rows.where(_decided(wanted.reason))
    return Totals(*db.session.execute(rows).one())


def _decided(reason: str) -> ColumnElement[bool]:
    """Decisions with this reason; their content is canonical JSON."""
    if reason in ("none", "any"):
        none = DecisionRow.content.contains('"reason":null', autoescape=True)
        return none if reason == "none" else ~none
    return DecisionRow.content.contains(f'"reason":{json.dumps(reason)}', autoescape=True)


def latest_day() -> date | None:
    """The latest day with a line."""
    return db.session.scalar(select(func.max(Serving.served_on)))


def line_of(sequence: int) -> Any:
    """One line with its point, resident and whether it was taken back; None if there is none."""
    return db.session.execute(_LINES.where(Serving.sequence == sequence)).first()


def decision_of(line: Serving) -> Decision:
    """What the rules gave on this line, as it was recorded."""
    row = db.session.get_one(DecisionRow, line.decision_id)
    told = json.loads(row.content)
    delivery = told.get("delivery")
    own = line if line.reverses is None else db.session.get_one(Serving, line.reverses)
    return Decision(
        told["policy"],
        told["reason"],
        own.subsidy_fen,
        own.self_pay_fen,
        line.age,
        told.get("tier"),
        told.get("tier_name", ""),
        tuple(_paid(*one) for one in told.get("rules", ())),
        _paid(*delivery) if delivery else None,
        told.get("cut_fen", 0),
        told.get("limit"),
    )


def _paid(code: str, fen: int, funding: Sequence[Sequence[Any]]) -> Paid:
    return Paid(code, fen, tuple((source, part) for source, part in funding))


def reversal_of(sequence: int) -> int | None:
    """The line that takes this one back."""
    return db.session.scalar(select(Serving.sequence).where(Serving.reverses == sequence))


def point_of_line(key: str) -> str | None:
    """The code of the point at which the line with this key was recorded, if there is one."""
    if not is_storable(key):
        return None
    return db.session.scalar(_POINT_OF.where(ServingKey.key == key))


def is_frozen(line: Serving) -> bool:
    """Whether the line's month was submitted for its point."""
    return db.session.get(FrozenMonth, (line.point_id, line.settle_month)) is not None


def last_lines(point_id: int, day: date) -> Sequence[Any]:
    """The last servings of a point on a day, the latest first, reversals left out."""
    mine = (Serving.point_id == point_id, Serving.served_on == day, Serving.reverses.is_(None))
    rows = _LINES.where(*mine).order_by(Serving.sequence.desc()).limit(LAST)
    return db.session.execute(rows).all()


def last_price(point_id: int, meal: str, day: date) -> int | None:
    """What the point took last for such a meal (fen), this month or the one before.

    The daily tally knows the last day with one, so that a meal never served costs nothing to look for.
    """
    month = Month.of(day)
    latest = (
        select(func.max(DailyTally.served_on))
        .where(
            DailyTally.settle_month.in_((month.key, month.previous.key)),
            DailyTally.point_id == point_id,
            DailyTally.meal == meal,
            DailyTally.served_on <= day,
        )
        .scalar_subquery()
    )
    mine = (Serving.point_id == point_id, Serving.served_on == latest, Serving.meal == meal)
    rows = select(Serving.price_fen).where(*mine, Serving.reverses.is_(None))
    return db.session.scalar(rows.order_by(Serving.sequence.desc()).limit(1))


def subsidised_already(resident_id: int, day: date, meal: str) -> Any:
    """The line that took this resident's slot: `Serving` with its point; None if it is free."""
    slot = ServingSlot.sequence == Serving.sequence
    mine = (
        ServingSlot.served_on == day,
        ServingSlot.meal == meal,
        ServingSlot.resident_id == resident_id,
    )
    return db.session.execute(_LINES.join(ServingSlot, slot).where(*mine)).first()
