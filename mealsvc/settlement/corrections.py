"""Facts that became known late: what they change about recorded lines, proposed to a person.

Nothing here changes a line by itself. Who confirms takes the line back and records it anew under
what is known today; both are lines of the ledger, so a submitted month stays what it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.bulk import BulkInsert
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, micros, writer
from mealsvc.plumbing.lookups import look_up
from mealsvc.residents.models import FactChange
from mealsvc.servings.models import Serving
from mealsvc.servings.rules import Order
from mealsvc.servings.services import preview, record_serving, reverse_serving
from mealsvc.settlement import refusals
from mealsvc.settlement.correction_models import Correction, FactExamination
from mealsvc.settlement.correction_words import fact_in_words
from mealsvc.settlement.models import LineHold
from mealsvc.settlement.redeciding import (
    DECEASED,
    PEOPLE_AT_ONCE,
    Verdict,
    days_between,
    decide_again,
    lines_of,
    lines_on,
    same_money,
)
from mealsvc.trail.services import record

_COLUMNS = (
    "sequence",
    "fact_change_id",
    "point_id",
    "month",
    "before_fen",
    "before_subsidy_fen",
    "after_fen",
    "after_subsidy_fen",
    "after_reason",
    "after",
    "found_at",
    "status",
    "decided_by",
    "note",
    "reversal_key",
    "replacement_key",
)
_INSERT = BulkInsert(Correction.__table__, _COLUMNS)
_EARLIER = "SELECT sequence, id FROM correction WHERE sequence IN ({these})"
_CHANGES = select(*FactChange.__table__.columns)
SOURCES_OF_REASON = {
    DECEASED: "deceased",
    "moved_out": "moved_out",
    "in_institution": "institution",
}


@dataclass
class Decided:
    """What became of several corrections: confirmed, proposed anew, or refused with the reason."""

    confirmed: int = 0
    changed: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def find_corrections(by: Actor, now: datetime) -> int:
    """Looks at what became known since the last time, and proposes what it changes about lines
    that were recorded before; returns how many were proposed.
    """
    changes = _unexamined()
    if not changes:
        return 0
    found = 0
    first = db.session.scalar(select(func.min(Serving.served_on)))
    last = db.session.scalar(select(func.max(Serving.served_on)))
    if first is not None and last is not None:
        for some in _by_resident(changes):
            found += _examine(some, first, last, by, now)
    up_to = max(change.id for change in changes)
    db.session.add(FactExamination(up_to=up_to, found=found, at=now, by=str(by)))
    db.session.flush()
    if found:
        detail = {"facts": len(changes), "found": found}
        record(by, "settlement.find_corrections", str(up_to), detail)
    return found


def confirm_correction(correction_id: int, note: str, by: Actor, now: datetime) -> Correction:
    """Takes the line back and, unless it could not be served at all, records it anew as decided
    today.

    Raises `CorrectionDecided`, `LineTakenBack`, `LineHeld`, `CorrectionMoved` (then `renew` it).
    """
    one = _open(correction_id)
    found = lines_of([one.sequence])
    if not found:
        raise refusals.LineTakenBack()
    line = found[0]
    _refuse_held(line)
    (verdict,) = decide_again([line])
    if not (verdict.differs and same_money(verdict.content, one.after)):
        raise refusals.CorrectionMoved()
    told = fact_in_words(db.session.get_one(FactChange, one.fact_change_id))
    keys = [f"corr-{one.id}-{token_hex(4)}-{end}" for end in "ra"]
    order = None if verdict.decision is None else _order(line, keys[1], told, by)
    if order is not None:
        preview(writer(), order, now)  # refuses before anything is written
    reverse_serving(writer(), keys[0], line.key, f"迟到事实更正：{told}"[:200], None, by, now)
    if order is not None:
        again = record_serving(writer(), order, by, now)
        if again.subsidy_fen != one.after_subsidy_fen:
            raise RuntimeError(f"line {line.sequence}: recorded anew, but not as it was decided")
    one.reversal_key, one.replacement_key = keys[0], order.key if order else ""
    _decide(one, "confirmed", note, by, now)
    return one


def dismiss_correction(correction_id: int, note: str, by: Actor, now: datetime) -> Correction:
    """The line stays as it was recorded; it is proposed again only when the fact is restated.

    Raises `CorrectionDecided`, and `OpinionMissing` without a reason.
    """
    if not note.strip():
        raise refusals.OpinionMissing()
    one = _open(correction_id)
    _decide(one, "dismissed", note, by, now)
    return one


def confirm_corrections(ids: Sequence[int], note: str, by: Actor, now: datetime) -> Decided:
    """Confirms these in the order of their lines; what moved meanwhile is proposed anew."""
    done = Decided()
    for correction_id in _in_order_of_lines(ids):
        try:
            confirm_correction(correction_id, note, by, now)
        except (refusals.CorrectionMoved, refusals.LineTakenBack):
            renew([correction_id], by, now)
            done.changed += 1
        except Refusal as refusal:
            done.refused[correction_id] = refusal.message
        else:
            done.confirmed += 1
    return done


def dismiss_corrections(ids: Sequence[int], note: str, by: Actor, now: datetime) -> int:
    """Dismisses these; returns how many."""
    ordered = _in_order_of_lines(ids)
    for correction_id in ordered:
        dismiss_correction(correction_id, note, by, now)
    return len(ordered)


def renew(ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Puts what moved on since it was proposed out of the way, and proposes what holds now."""
    open_ones = [one for one in _corrections(ids) if one.status == "proposed"]
    lines = lines_of([one.sequence for one in open_ones])
    there = {line.sequence for line in lines}
    changes = {
        change.id: change
        for change in db.session.execute(
            _CHANGES.where(FactChange.id.in_([one.fact_change_id for one in open_ones]))
        )
    }
    causes = {one.sequence: changes[one.fact_change_id] for one in open_ones}
    for one in open_ones:
        if one.sequence not in there:
            _supersede(one, by, now)
    return _propose([(one, causes[one.line.sequence]) for one in decide_again(lines)], by, now)


def count_open(month: Month | None = None, point_id: int | None = None, *conditions: Any) -> int:
    """How many proposals wait for a person: of lines that settle in this month, at this point."""
    waiting = select(func.count()).where(Correction.status == "proposed", *conditions)
    if month is not None:
        waiting = waiting.where(Correction.month == month.key)
    if point_id is not None:
        waiting = waiting.where(Correction.point_id == point_id)
    waiting = waiting.select_from(Correction).join(MealPoint, MealPoint.id == Correction.point_id)
    return db.session.scalar(waiting) or 0


def _unexamined() -> Sequence[Any]:
    latest = select(FactExamination.up_to).order_by(FactExamination.id.desc()).limit(1)
    since = db.session.scalar(latest) or 0
    return db.session.execute(_CHANGES.where(FactChange.id > since)).all()


def _by_resident(changes: Sequence[Any]) -> Iterable[dict[int, list[Any]]]:
    """The changes of some hundred residents at a time, those that reach back equally far together."""
    people: defaultdict[int, list[Any]] = defaultdict(list)
    for change in changes:
        people[change.resident_id].append(change)
    ordered = sorted(people, key=lambda who: min(_first(change) for change in people[who]))
    for start in range(0, len(ordered), PEOPLE_AT_ONCE):
        yield {who: people[who] for who in ordered[start : start + PEOPLE_AT_ONCE]}


def _first(change: Any) -> date:
    return change.touched_from or date.min


def _examine(
    changes: dict[int, list[Any]], first: date, last: date, by: Actor, now: datetime
) -> int:
    """Looks at the lines of these residents; the ledger knows days from the first to the last."""
    every = [change for mine in changes.values() for change in mine]
    start = max(first, min(_first(change) for change in every))
    end = min(last, max(change.touched_to or last for change in every))
    touched = [
        line
        for line in lines_on(days_between(start, end), list(changes))
        if any(_touches(change, line) for change in changes[line.resident_id])
    ]
    found = [
        (verdict, _cause(verdict, changes[verdict.line.resident_id]))
        for verdict in decide_again(touched)
    ]
    return _propose(found, by, now)


def _touches(change: Any, line: Any) -> bool:
    """Whether this line was recorded before the change, on a day that it concerns."""
    return (
        line.sequence < change.revision
        and _first(change) <= line.served_on
        and (change.touched_to is None or line.served_on <= change.touched_to)
    )


def _cause(verdict: Verdict, changes: Sequence[Any]) -> Any:
    """The change that speaks of what is proposed; else the latest one that touches the line."""
    touching = [change for change in changes if _touches(change, verdict.line)]
    wanted = SOURCES_OF_REASON.get(verdict.reason or "")
    saying = [change for change in touching if change.value == wanted]
    return (saying or touching)[-1]


def _propose(found: Sequence[tuple[Verdict, Any]], by: Actor, now: datetime) -> int:
    earlier = _latest_of([verdict.line.sequence for verdict, _ in found])
    rows = []
    for verdict, cause in found:
        before = earlier.get(verdict.line.sequence)
        if before is not None and _says_the_same(before, verdict, cause):
            continue
        if before is not None and before.status == "proposed":
            _supersede(before, by, now)
        if verdict.differs:
            rows.append(_row(verdict, cause, now))
    db.session.flush()
    _INSERT(db.session.connection(), rows)
    return len(rows)


def _says_the_same(before: Correction, verdict: Verdict, cause: Any) -> bool:
    """Whether it was said already: it waits, or was dismissed and nobody restated the fact."""
    if before.status not in ("proposed", "dismissed") or not verdict.differs:
        return False
    if not same_money(before.after, verdict.content):
        return False
    if before.status == "proposed":
        return True
    fact = db.session.get_one(FactChange, before.fact_change_id)
    return (fact.kind, fact.value) != (cause.kind, cause.value)


def _row(verdict: Verdict, cause: Any, now: datetime) -> tuple[Any, ...]:
    """A proposal, in the order of `_COLUMNS`."""
    line = verdict.line
    return (
        line.sequence,
        cause.id,
        line.point_id,
        line.settle_month,
        line.subsidy_fen + line.delivery_fen,
        line.subsidy_fen,
        verdict.fen,
        verdict.subsidy_fen,
        verdict.reason,
        verdict.content,
        micros(now),
        "proposed",
        *[""] * 4,
    )


def _latest_of(sequences: Sequence[int]) -> dict[int, Correction]:
    ids: dict[int, int] = {}
    for sequence, number in look_up(db.session.connection(), _EARLIER, sequences):
        ids[sequence] = max(number, ids.get(sequence, 0))
    return {sequence: db.session.get_one(Correction, number) for sequence, number in ids.items()}


def _supersede(one: Correction, by: Actor, now: datetime) -> None:
    _decide(one, "superseded", "事实或流水又有变化，按最新情况重新计算。", by, now)


def _decide(one: Correction, status: str, note: str, by: Actor, now: datetime) -> None:
    one.status, one.note, one.decided_by, one.decided_at = status, note, str(by), now
    db.session.flush()
    detail = {"correction": one.id, "before_fen": one.before_fen, "after_fen": one.after_fen}
    record(by, f"settlement.{_VERBS[status]}", str(one.sequence), detail)


_VERBS = {
    "confirmed": "confirm_correction",
    "dismissed": "dismiss_correction",
    "superseded": "renew_correction",
}


def _open(correction_id: int) -> Correction:
    one = db.session.get(Correction, correction_id)
    if one is None or one.status != "proposed":
        raise refusals.CorrectionDecided()
    return one


def _corrections(ids: Sequence[int]) -> Sequence[Correction]:
    rows = select(Correction).where(Correction.id.in_(ids)).order_by(Correction.sequence)
    return db.session.scalars(rows).all()


def _in_order_of_lines(ids: Sequence[int]) -> list[int]:
    return [one.id for one in _corrections(ids)]


def _refuse_held(line: Any) -> None:
    held = select(LineHold.id).where(LineHold.sequence == line.sequence, LineHold.outcome.is_(None))
    if db.session.scalar(held) is not None:
        raise refusals.LineHeld(key=line.key)


def _order(line: Any, key: str, told: str, by: Actor) -> Order:
    """The same meal once more, by a token that stands for the resident herself."""
    return Order(
        key,
        db.session.get_one(MealPoint, line.point_id).code,
        vault().token(line.resident_id),
        line.served_at,
        line.meal,
        line.mode,
        line.price_fen,
        line.method,
        operator=by.name if by.kind == "user" else "",
        note=f"更正原流水{line.key}：{told}",
    )
