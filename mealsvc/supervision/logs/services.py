"""What people at a point log, and take back with a reason. An entry is never edited."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.bulk import BulkInsert
from mealsvc.plumbing.db import db, micros, writer
from mealsvc.supervision.logs import judging, refusals
from mealsvc.supervision.logs.judging import Draft
from mealsvc.supervision.logs.kinds import KINDS
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.supervision.logs.purchases import put_purchase, take_back_purchase
from mealsvc.supervision.logs.thresholds import BACK_DAYS, Thresholds, thresholds
from mealsvc.trail.services import record

CREATED, UNCHANGED = "created", "unchanged"
SENT_HOME = "已离岗"
AHEAD = timedelta(minutes=5)  # of a clock that is a little fast
_CHUNK = 500
_COLUMNS = (
    "key", "point_id", "kind", "day", "meal", "subject", "facts", "within", "action", "at",
    "recorded_at", "by", "device", "withdrawn_by", "withdrawn_why",
)  # fmt: skip
_INSERT = BulkInsert(LogEntry.__table__, _COLUMNS)
_COMMON = ("day", "meal", "subject", "at", "action")
Outcome = str | Refusal
Slot = tuple[int, str, date, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry to be kept, at its point, under the key that its form made."""

    point: MealPoint
    draft: Draft
    key: str


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry that may be kept, completed and judged; `known`: it is kept already."""

    row: Row
    within: bool | None
    known: bool = False


def log(
    point: MealPoint,
    kind: str,
    values: Mapping[str, Any],
    key: str,
    by: Actor,
    now: datetime,
    device: str = "",
) -> LogEntry:
    """Keeps one entry; raises what `check` refuses. The same form sent twice counts once.

    `values`: day (today unless told), meal, subject, at (now unless told), action, and the facts of
    the kind; temperatures in °C, weights in grams or kilograms, times of treatment in minutes.
    """
    at = values.get("at") or now
    draft = Draft(
        kind,
        values.get("day") or local_date(at),
        values.get("meal", ""),
        values.get("subject", ""),
        at,
        {name: value for name, value in values.items() if name not in _COMMON},
        values.get("action", ""),
    )
    outcome = log_batch([Row(point, draft, key)], by, now, device)[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return db.session.scalars(select(LogEntry).where(LogEntry.key == key)).one()


def log_batch(
    rows: Sequence[Row], by: Actor, now: datetime, device: str = "", any_day: bool = False
) -> list[Outcome]:
    """Keeps all good ones of many entries and tells of each: created, unchanged, or why not.

    One row of the trail for all of them. `any_day`: however long ago (files).
    """
    checked = check(rows, now, any_day)
    fresh = [one for one in checked if isinstance(one, Checked) and not one.known]
    _INSERT(writer(), [_columns(one, by, now, device) for one in fresh])
    for one in fresh:
        _put_purchase(one.row, by)
    if fresh:
        codes = sorted({one.row.point.code for one in fresh})
        outside = sum(one.within is False for one in fresh)
        kinds = Counter(one.row.draft.kind for one in fresh)
        days = [one.row.draft.day for one in fresh]
        detail = {"kinds": dict(sorted(kinds.items())), "outside": outside}
        detail |= {"from": min(days), "to": max(days)}
        record(by, "logs.log", "、".join(codes[:3]) + "等" * (len(codes) > 3), detail)
    return [
        one if isinstance(one, Refusal) else UNCHANGED if one.known else CREATED for one in checked
    ]


def check(rows: Sequence[Row], now: datetime, any_day: bool = False) -> list[Checked | Refusal]:
    """What keeping these entries would come to, without keeping any.

    Refused: `malformed` (with its problems), `action_missing` for what is out of range without
    saying what was done, `in_future`, `too_late`, `point_not_operating`, `logged_already`,
    `key_conflict`.
    """
    limits = thresholds()
    known = _known_keys([row.key for row in rows])
    taken = _taken_slots(rows)
    samples = _samples_of(rows)
    found: list[Checked | Refusal] = []
    for row in rows:
        try:
            one = _check(_completed(row, limits, samples), now, any_day, limits, known, taken)
        except Refusal as refusal:
            found.append(refusal)
            continue
        found.append(one)
        known[row.key] = _content(one.row)
        if KINDS[row.draft.kind].once:
            taken[_slot(row)] = taken.get(_slot(row), False) or one.within is not False
    return found


def withdraw(entry_id: int, why: str, by: Actor, now: datetime) -> LogEntry:
    """Takes back an entry that was wrong; it stays, with the reason."""
    entry = db.session.get(LogEntry, entry_id)
    if entry is None:
        raise refusals.UnknownEntry()
    if entry.withdrawn_at is not None:
        raise refusals.WithdrawnAlready()
    if not why.strip():
        raise refusals.WhyMissing()
    entry.withdrawn_at, entry.withdrawn_by, entry.withdrawn_why = now, str(by), why.strip()
    db.session.flush()
    point = db.session.get_one(MealPoint, entry.point_id)
    if entry.kind == "purchase_check":
        take_back_purchase(point.id, point.code, _purchase(_draft_of(entry)), by)
    detail = {"kind": entry.kind, "day": entry.day, "meal": entry.meal}
    record(by, "logs.withdraw", f"{point.code}/{entry.id}", detail)
    return entry


def _check(
    row: Row,
    now: datetime,
    any_day: bool,
    limits: Thresholds,
    known: dict[str, tuple[Any, ...]],
    taken: dict[Slot, bool],
) -> Checked:
    draft = row.draft
    if problems := judging.lacking(draft):
        raise refusals.Incomplete(what="".join(one.message for one in problems), problems=problems)
    if row.key in known:
        if known[row.key] != _content(row):
            raise refusals.KeyConflict()
        return Checked(row, None, known=True)
    _check_day(row, now, None if any_day else limits)
    verdict = judging.judge(draft, limits.on(draft.day))
    if verdict.demands and not draft.action:
        what = "".join(one.message for one in verdict.wrong)
        raise refusals.ActionMissing(what=what, problems=list(verdict.wrong))
    if taken.get(_slot(row)) and verdict.within is not False:
        kind = KINDS[draft.kind]
        raise refusals.LoggedAlready(what=draft.subject or kind.chinese)
    return Checked(row, verdict.within)


def _check_day(row: Row, now: datetime, limits: Thresholds | None) -> None:
    draft, point = row.draft, row.point
    done_on, today = local_date(draft.at), local_date(now)
    if draft.at > now + AHEAD or draft.day > today:
        raise refusals.LogInFuture()
    if done_on < draft.day or (done_on > draft.day and draft.kind != "sample_disposed"):
        raise refusals.Incomplete(what="日期和时刻对不上。", problems=[_AT])
    if limits is not None:
        days = int(limits.on(today).number(BACK_DAYS))
        if done_on < today - timedelta(days=days):
            raise refusals.TooLate(days=days)
    opened, closed = point.opened_on, point.closed_on
    if (opened and draft.day < opened) or (closed and draft.day > closed):
        raise refusals.PointWasClosed()


_AT = judging.Problem("at", "日期和时刻对不上。")


def _completed(row: Row, limits: Thresholds, samples: Mapping[Slot, datetime]) -> Row:
    """With what follows from the rest: until when a sample is kept, that somebody was sent home."""
    draft = row.draft
    if draft.facts.get("off_duty") and not draft.action:
        return replace(row, draft=replace(draft, action=SENT_HOME))
    if draft.kind == "sample" and not draft.facts.get("kept_until"):
        until = judging.kept_until(draft.at, limits.on(draft.day))
    elif draft.kind == "sample_disposed":
        until = samples.get((row.point.id, "sample", draft.day, draft.meal, draft.subject))
    else:
        return row
    if until is None:
        return row
    return replace(row, draft=replace(draft, facts={**draft.facts, "kept_until": until}))


def _slot(row: Row) -> Slot:
    draft = row.draft
    return row.point.id, draft.kind, draft.day, draft.meal, draft.subject


def _content(row: Row) -> tuple[Any, ...]:
    """What makes two entries the same."""
    draft = row.draft
    return (*_slot(row), draft.at, draft.action, _written(draft))


def _written(draft: Draft) -> str:
    return json.dumps(judging.as_kept(draft.facts), ensure_ascii=False, sort_keys=True)


def _columns(one: Checked, by: Actor, now: datetime, device: str) -> tuple[Any, ...]:
    row, draft = one.row, one.row.draft
    return (
        row.key, row.point.id, draft.kind, draft.day, draft.meal, draft.subject, _written(draft),
        one.within, draft.action, micros(draft.at), micros(now), str(by), device, "", "",
    )  # fmt: skip


def _known_keys(keys: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The content of the entries that have one of these keys already."""
    found: dict[str, tuple[Any, ...]] = {}
    for some in _chunks(keys):
        for entry in db.session.scalars(select(LogEntry).where(LogEntry.key.in_(some))):
            slot = (entry.point_id, entry.kind, entry.day, entry.meal, entry.subject)
            found[entry.key] = (*slot, entry.at, entry.action, entry.facts)
    return found


def _taken_slots(rows: Sequence[Row]) -> dict[Slot, bool]:
    """Where a valid entry of a kind that is logged once stands; True unless it was out of range."""
    once = [row for row in rows if KINDS[row.draft.kind].once]
    return {slot: within is not False for slot, within in _logged(once, LogEntry.within)}


def _samples_of(rows: Sequence[Row]) -> dict[Slot, datetime]:
    """Until when the samples are kept that some of these rows dispose of."""
    disposed = [
        replace(row, draft=replace(row.draft, kind="sample"))
        for row in rows
        if row.draft.kind == "sample_disposed"
    ]
    found = {}
    for slot, facts in _logged(disposed, LogEntry.facts):
        until = json.loads(facts).get("kept_until")
        if until:
            found[slot] = datetime.fromisoformat(until)
    return found


def _logged(rows: Sequence[Row], column: Any) -> Iterable[tuple[Slot, Any]]:
    """Slots of valid entries around these rows with one more column, out-of-range ones first."""
    if not rows:
        return
    days = [row.draft.day for row in rows]
    statement = (
        select(
            LogEntry.point_id, LogEntry.kind, LogEntry.day, LogEntry.meal, LogEntry.subject, column
        )
        .where(
            LogEntry.point_id.in_({row.point.id for row in rows}),
            LogEntry.kind.in_({row.draft.kind for row in rows}),
            LogEntry.day.between(min(days), max(days)),
            LogEntry.withdrawn_at.is_(None),
        )
        .order_by(LogEntry.within.is_not(False), LogEntry.id)
    )
    for point_id, kind, day, meal, subject, value in db.session.execute(statement):
        yield (point_id, kind, day, meal, subject), value


def _put_purchase(row: Row, by: Actor) -> None:
    draft = row.draft
    if draft.kind == "purchase_check" and draft.facts["result"] == "accepted":
        put_purchase(row.point.id, row.point.code, _purchase(draft), by)


def _purchase(draft: Draft) -> dict[str, Any]:
    facts = draft.facts
    return {
        "bought_on": draft.day,
        "item": draft.subject,
        "supplier": facts.get("supplier", ""),
        "batch": facts.get("batch") or "",
        "quantity_kg": float(facts["quantity_kg"]),
        "expires_on": facts.get("expires_on"),
    }


def _draft_of(entry: LogEntry) -> Draft:
    facts = judging.as_read(entry.kind, json.loads(entry.facts))
    return Draft(entry.kind, entry.day, entry.meal, entry.subject, entry.at, facts, entry.action)


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
