"""Samples as pages, papers and other rooms read them: strata, progress, and the projection."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from mealsvc.accounts.models import Account
from mealsvc.auditing.sampling.models import AuditSample, CallAnswer, CallTask, SampleItem
from mealsvc.auditing.sampling.rules.answers import DEFINITE, WAITING, state_of
from mealsvc.auditing.sampling.rules.drawing import Stratum
from mealsvc.auditing.sampling.rules.projecting import Examined, Projection, project
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Serving
from mealsvc.settings.services import value_on

DISTRICT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Slim:
    """A line of a sample with where it stands; `error` is None until it is verified."""

    sequence: int
    place: int
    stratum: str
    why: str
    hits: int
    fen: int
    point_id: int
    tries: int
    state: str
    error: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A sample with all that follows from its answers; `projection` once every line is finished."""

    row: AuditSample
    month: Month
    population: dict[str, Any]
    plan: dict[str, Any]
    strata: tuple[Stratum, ...]
    items: tuple[Slim, ...]
    progress: Counter[str]
    wrong: Counter[str]  # by stratum
    done: Counter[str]  # by stratum
    projection: Projection | None

    @property
    def waiting(self) -> int:
        return sum(self.progress[state] for state in WAITING)


def samples_seen(principal: Principal) -> Select[Any]:
    """The samples that somebody sees, the latest first."""
    return select(AuditSample).where(seen_by(principal)).order_by(AuditSample.id.desc())


def seen_by(principal: Principal) -> ColumnElement[bool]:
    """A district's samples; a town sees those that hold lines of its own."""
    here = (
        select(SampleItem.sequence)
        .join(Serving, Serving.sequence == SampleItem.sequence)
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .where(SampleItem.sample_id == AuditSample.id, points_seen_by(principal))
        .correlate(AuditSample)
    )
    own = AuditSample.division.startswith(principal.scope, autoescape=True)
    return own if len(principal.scope) <= DISTRICT_DIGITS else or_(own, here.exists())


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a sample is: its lines, those finished, those found wrong."""

    lines: int
    done: int
    wrong: int


def standing_of(sample_ids: Collection[int]) -> dict[int, Standing]:
    """For a list of samples, in two questions."""
    lines = dict(
        db.session.execute(
            select(SampleItem.sample_id, func.count())
            .where(SampleItem.sample_id.in_(sample_ids))
            .group_by(SampleItem.sample_id)
        ).all()
    )
    last = (
        select(CallAnswer.sample_id, CallAnswer.sequence, func.max(CallAnswer.number).label("last"))
        .where(CallAnswer.sample_id.in_(sample_ids))
        .group_by(CallAnswer.sample_id, CallAnswer.sequence)
        .subquery()
    )
    wrong = CallAnswer.outcome.in_(DEFINITE) & (CallAnswer.error_fen > 0)
    rows = db.session.execute(
        select(CallAnswer.sample_id, func.count(), func.sum(case((wrong, 1), else_=0)))
        .join(
            last,
            (CallAnswer.sample_id == last.c.sample_id)
            & (CallAnswer.sequence == last.c.sequence)
            & (CallAnswer.number == last.c.last),
        )
        .where(_settled())
        .group_by(CallAnswer.sample_id)
    )
    found = {sample: (done, int(bad or 0)) for sample, done, bad in rows}
    return {one: Standing(lines.get(one, 0), *found.get(one, (0, 0))) for one in sample_ids}


def sample_shown(sample_id: int) -> Shown | None:
    """A sample with its figures; None where there is none."""
    row = db.session.get(AuditSample, sample_id)
    if row is None:
        return None
    plan = json.loads(row.plan)
    strata = tuple(Stratum(**one) for one in plan["strata"])
    items = tuple(slim_items(row))
    progress = Counter(one.state for one in items)
    examined = [Examined(one.stratum, one.hits, one.fen, one.error) for one in items]
    finished = not any(progress[state] for state in WAITING)
    return Shown(
        row,
        Month.from_key(row.month),
        json.loads(row.population),
        plan,
        strata,
        items,
        progress,
        Counter(one.stratum for one in items if one.error),
        Counter(one.stratum for one in items if one.state not in WAITING),
        project(strata, examined, row.confidence / 100) if finished else None,
    )


def slim_items(row: AuditSample) -> list[Slim]:
    """All lines of a sample in the order of drawing: two questions."""
    rows = db.session.execute(
        select(
            SampleItem.sequence,
            SampleItem.place,
            SampleItem.stratum,
            SampleItem.why,
            SampleItem.hits,
            SampleItem.subsidy_fen,
            Serving.point_id,
        )
        .join(Serving, Serving.sequence == SampleItem.sequence)
        .where(SampleItem.sample_id == row.id)
        .order_by(SampleItem.place)
    ).all()
    answers = _answers(row.id)
    calls = most_calls(row)
    made = []
    for one in rows:
        said = answers.get(one.sequence, [])
        state = state_of([(way, outcome) for way, outcome, _ in said], calls)
        error = said[-1][2] if said and state in DEFINITE else None
        made.append(
            Slim(
                one.sequence,
                one.place,
                one.stratum,
                one.why,
                one.hits,
                one.subsidy_fen,
                one.point_id,
                len(said),
                state,
                error,
            )
        )
    return made


def most_calls(row: AuditSample) -> int:
    """How often an elder is called before somebody goes there."""
    return int(value_on("audit.calls_a_line", local_date(row.drawn_at)))


def tries_of(sample_id: int, sequences: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """Way and outcome of each try at these lines, in order."""
    found = _answers(sample_id, CallAnswer.sequence.in_(sequences))
    return {one: [(way, outcome) for way, outcome, _ in tries] for one, tries in found.items()}


def details_of(sample_id: int, sequences: Collection[int]) -> dict[int, Any]:
    """Lines of a sample with elder, point, caller, by sequence."""
    rows = db.session.execute(
        select(
            Serving.sequence,
            Serving.key,
            Serving.served_on,
            Serving.served_at,
            Serving.meal,
            Serving.mode,
            Serving.subsidy_fen,
            Serving.self_pay_fen,
            Serving.resident_id,
            Resident.name,
            MealPoint.code,
            MealPoint.name.label("point_name"),
            MealPoint.division,
            Account.name.label("caller"),
        )
        .join(Resident, Resident.id == Serving.resident_id)
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .outerjoin(
            CallTask,
            (CallTask.sequence == Serving.sequence) & (CallTask.sample_id == sample_id),
        )
        .outerjoin(Account, Account.id == CallTask.account_id)
        .where(Serving.sequence.in_(sequences))
    )
    return {row.sequence: row for row in rows}


def answers_at(sample_id: int, sequence: int) -> Sequence[CallAnswer]:
    """What was answered about one line, in order."""
    rows = select(CallAnswer).filter_by(sample_id=sample_id, sequence=sequence)
    return db.session.scalars(rows.order_by(CallAnswer.number)).all()


def my_tasks(principal: Principal) -> Select[Any]:
    """What somebody has still to call or visit, those tried least first: task and tries."""
    tries = (
        select(func.count(CallAnswer.id))
        .where(CallAnswer.sample_id == CallTask.sample_id, CallAnswer.sequence == CallTask.sequence)
        .correlate(CallTask)
        .scalar_subquery()
    )
    rows: Any = (
        select(CallTask, tries.label("tries"))
        .join(SampleItem, _same_line(SampleItem))
        .join(Serving, Serving.sequence == CallTask.sequence)
        .join(MealPoint, MealPoint.id == Serving.point_id)
        .where(
            CallTask.account_id == principal.id, points_seen_by(principal), ~_finished().exists()
        )
        .order_by(tries, CallTask.sample_id, SampleItem.place)
    )
    return rows


def to_do(principal: Principal, today: date) -> int:
    """How many calls and visits wait for this person on the workbench."""
    inner = my_tasks(principal).order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(inner)) or 0


def unassigned(items: Sequence[Slim], sample_id: int) -> int:
    """Open lines that nobody has to call."""
    given = set(
        db.session.scalars(select(CallTask.sequence).where(CallTask.sample_id == sample_id))
    )
    return sum(1 for one in items if one.state in WAITING and one.sequence not in given)


def loads_of(items: Sequence[Slim], sample_id: int) -> list[tuple[str, int, int]]:
    """Each caller's name, lines given, and lines still open."""
    rows = db.session.execute(
        select(Account.id, Account.name, CallTask.sequence)
        .join(Account, Account.id == CallTask.account_id)
        .where(CallTask.sample_id == sample_id)
        .order_by(Account.id)
    ).all()
    waiting = {one.sequence for one in items if one.state in WAITING}
    names = {row.id: row.name for row in rows}
    given = Counter(row.id for row in rows)
    left = Counter(row.id for row in rows if row.sequence in waiting)
    return [(name, given[one], left[one]) for one, name in names.items()]


def _answers(sample_id: int, *only: Any) -> dict[int, list[tuple[str, str, int]]]:
    rows = db.session.execute(
        select(CallAnswer.sequence, CallAnswer.way, CallAnswer.outcome, CallAnswer.error_fen)
        .where(CallAnswer.sample_id == sample_id, *only)
        .order_by(CallAnswer.sequence, CallAnswer.number)
    )
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for sequence, way, outcome, error in rows:
        found[sequence].append((way, outcome, error))
    return dict(found)


def _finished() -> Select[Any]:
    """The last answer of a task, where it ends it: a definite one, or any after a visit."""
    last = (
        select(func.max(CallAnswer.number))
        .where(CallAnswer.sample_id == CallTask.sample_id, CallAnswer.sequence == CallTask.sequence)
        .correlate(CallTask)
        .scalar_subquery()
    )
    return (
        select(CallAnswer.id)
        .where(
            CallAnswer.sample_id == CallTask.sample_id,
            CallAnswer.sequence == CallTask.sequence,
            CallAnswer.number == last,
            _settled(),
        )
        .correlate(CallTask)
    )


def _settled() -> ColumnElement[bool]:
    """An answer after which nobody calls any more."""
    return or_(CallAnswer.outcome.in_(DEFINITE), CallAnswer.way != "call")


def _same_line(table: Any) -> ColumnElement[bool]:
    return (table.sample_id == CallTask.sample_id) & (table.sequence == CallTask.sequence)
