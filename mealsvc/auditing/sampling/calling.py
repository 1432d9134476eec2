"""Calling back: tasks shared out among callers, one telephone number at a time, coded answers."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select

from mealsvc.accounts.models import Account
from mealsvc.accounts.permissions import ACTIONS
from mealsvc.accounts.persons import together_since
from mealsvc.auditing.sampling import refusals
from mealsvc.auditing.sampling.models import AuditSample, CallAnswer, CallTask, SampleItem
from mealsvc.auditing.sampling.queries import most_calls, slim_items, tries_of
from mealsvc.auditing.sampling.rules.answers import (
    DEFINITE,
    STATES,
    WAITING,
    Said,
    contradiction,
    error_of,
    state_of,
)
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Serving
from mealsvc.supervision.visits.models import Inspector, InspectorInterest
from mealsvc.trail.services import record

CALLING = "calls.make"
WHY = "审计回访"
MOST_CALLERS = 200
SOURCES = {"call": "call", "visit": "visit", "papers": "other"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One answer as it was taken down: by which way, what was said, and free words."""

    way: str
    said: Said
    words: str = ""


def callers(division: str) -> Sequence[Account]:
    """Who can be given calls within a division; nobody from outside."""
    roles = [role for role, actions in ACTIONS.items() if CALLING in actions]
    rows = select(Account).where(
        Account.role.in_(roles),
        Account.scope.startswith(division, autoescape=True),
        Account.disabled_at.is_(None),
        or_(Account.expires_on.is_(None), Account.expires_on >= local_date(clock.now())),
        Account.outside.is_(False),
    )
    return db.session.scalars(rows.order_by(Account.role, Account.login).limit(MOST_CALLERS)).all()


def assign(
    sample_id: int, account_ids: Collection[int], again: bool, by: Actor, now: datetime
) -> tuple[int, int]:
    """Shares open lines out evenly; `again` takes those in from other callers that nobody has
    called yet. Returns how many were given and how many nobody of them may call: outside one's
    scope, or at a point where one works or from which one keeps away. Raises `NobodyToCall`.
    """
    row = db.session.get_one(AuditSample, sample_id)
    chosen = [one for one in callers(row.division) if one.id in account_ids]
    if not chosen:
        raise refusals.NobodyToCall()
    given = dict(
        db.session.execute(
            select(CallTask.sequence, CallTask.account_id).where(CallTask.sample_id == sample_id)
        ).all()
    )
    open_ones = [one for one in slim_items(row) if one.state in WAITING]
    free = [one for one in open_ones if one.sequence not in given or (again and not one.tries)]
    taken = {one.sequence for one in free}
    load = Counter(given[one.sequence] for one in open_ones if one.sequence not in taken)
    keeps_away, divisions = _away(chosen, now), _divisions({one.point_id for one in free})
    new: dict[int, int] = {}
    for one in free:
        able = [
            account
            for account in chosen
            if divisions[one.point_id].startswith(account.scope)
            and one.point_id not in keeps_away[account.id]
        ]
        if able:
            best = min(able, key=lambda account: load[account.id])
            new[one.sequence] = best.id
            load[best.id] += 1
    _write_tasks(sample_id, new, given)
    logins = {one.id: one.login for one in chosen}
    counts = Counter(logins[account] for account in new.values())
    record(by, "samples.assign", row.number, {"callers": counts, "again": again})
    return len(new), len(free) - len(new)


def reveal(sample_id: int, sequence: int, account_id: int, by: Actor) -> str:
    """The elder's telephone number, for whoever still has this call to make; the trail tells who asked.

    Raises `NotYourCall`, `AnsweredAlready` and `NoPhone`.
    """
    row = _own_task(sample_id, sequence, account_id)
    state = state_of(tries_of(sample_id, [sequence]).get(sequence, []), most_calls(row))
    if state not in WAITING:
        raise refusals.AnsweredAlready(state=STATES[state])
    resident = db.session.scalar(
        select(Resident)
        .join(Serving, Serving.resident_id == Resident.id)
        .where(Serving.sequence == sequence)
    )
    if resident is None or not resident.phone:
        raise refusals.NoPhone()
    detail = {"sample": row.number, "line": sequence, "why": WHY}
    record(by, "calls.reveal", resident.ref, detail)
    return vault().open(resident.phone)


def answer(
    sample_id: int, sequence: int, taken: Taken, account_id: int | None, by: Actor, now: datetime
) -> CallAnswer:
    """Takes an answer down; a denial becomes known to the scans in the same transaction.

    `account_id` is whoever has the task; None: whoever draws samples puts an answer right or adds
    what papers show. Raises `NotYourCall`, `AnsweredAlready`, `Contradiction`, `NoDifference`,
    `TooEarlyToVisit`.
    """
    if account_id is None:
        row = db.session.get_one(AuditSample, sample_id)
    else:
        row = _own_task(sample_id, sequence, account_id)
    item = db.session.get_one(SampleItem, (sample_id, sequence))
    line = db.session.get_one(Serving, sequence)
    place = db.session.get_one(MealPoint, line.point_id)
    tries = tries_of(sample_id, [sequence]).get(sequence, [])
    _check(tries, taken, account_id is None, most_calls(row))
    _check_words(taken.said, place.code, line.self_pay_fen)
    error = error_of(taken.said, place.code, item.subsidy_fen, line.self_pay_fen)
    got = "拿到的是物品或现金。" if taken.said.got == "goods" else ""
    words = f"{got}{taken.words}"
    made = CallAnswer(
        sample_id=sample_id,
        sequence=sequence,
        number=len(tries) + 1,
        way=taken.way,
        outcome=taken.said.outcome,
        ate_at=taken.said.ate_at,
        paid_fen=taken.said.paid,
        error_fen=error,
        words=vault().seal(words) if words else None,
        at=now,
        by=str(by),
    )
    db.session.add(made)
    db.session.flush()
    detail = {
        "line": sequence,
        "way": taken.way,
        "outcome": taken.said.outcome,
        "error_fen": error,
    }
    record(by, "calls.answer", row.number, detail)
    if taken.said.outcome == "denied":
        ref = f"{row.number}-{item.place}-{made.number}"
        from mealsvc.auditing.scanning.services import note_denial

        note_denial(sequence, SOURCES[taken.way], ref, by, now)
    return made


def _own_task(sample_id: int, sequence: int, account_id: int) -> AuditSample:
    task = db.session.get(CallTask, (sample_id, sequence))
    if task is None or task.account_id != account_id:
        raise refusals.NotYourCall()
    return db.session.get_one(AuditSample, sample_id)


def _check(tries: Sequence[tuple[str, str]], taken: Taken, amends: bool, calls: int) -> None:
    state = state_of(tries, calls)
    if not amends and state not in WAITING:
        raise refusals.AnsweredAlready(state=STATES[state])
    settled = taken.said.outcome in DEFINITE
    if taken.way != "call" and not settled and state == "call":
        raise refusals.TooEarlyToVisit(calls=calls)


def _check_words(said: Said, point: str, self_pay: int) -> None:
    field = contradiction(said, point, self_pay)
    if field == "outcome":
        raise refusals.NoDifference()
    if field:
        raise refusals.Contradiction()


def _write_tasks(sample_id: int, new: dict[int, int], given: dict[int, int]) -> None:
    fresh = [
        {"sample_id": sample_id, "sequence": sequence, "account_id": account}
        for sequence, account in new.items()
        if sequence not in given
    ]
    if fresh:
        db.session.execute(insert(CallTask), fresh)
    moved = {one: account for one, account in new.items() if one in given}
    for task in db.session.scalars(
        select(CallTask).where(CallTask.sample_id == sample_id, CallTask.sequence.in_(moved))
    ):
        task.account_id = moved[task.sequence]
    db.session.flush()


def _divisions(point_ids: Collection[int]) -> dict[int, str]:
    rows = select(MealPoint.id, MealPoint.division).where(MealPoint.id.in_(point_ids))
    return dict(db.session.execute(rows).all())


def _away(accounts: Sequence[Account], now: datetime) -> dict[int, set[int]]:
    """Points at which somebody works under another account, or from which she keeps away."""
    away: dict[int, set[int]] = defaultdict(set)
    together = together_since([one.id for one in accounts], now)
    others = {each for ids in together.values() for each in ids}
    works = (
        select(Account.id, MealPoint.id)
        .join(MealPoint, MealPoint.code == Account.scope)
        .where(Account.id.in_(others))
    )
    at_point: dict[int, set[int]] = defaultdict(set)
    for account, point in db.session.execute(works):
        at_point[account].add(point)
    for account, ids in together.items():
        away[account] |= set().union(*(at_point[each] for each in ids))
    interests = (
        select(Inspector.login, MealPoint.id)
        .join(InspectorInterest, InspectorInterest.inspector_id == Inspector.id)
        .join(
            MealPoint,
            (MealPoint.id == InspectorInterest.point_id)
            | (MealPoint.operator_id == InspectorInterest.operator_id),
        )
        .where(
            Inspector.login.in_([one.login for one in accounts]),
            InspectorInterest.ended_at.is_(None),
        )
    )
    ids = {one.login: one.id for one in accounts}
    for login, point in db.session.execute(interests):
        away[ids[login or ""]].add(point)
    return away
