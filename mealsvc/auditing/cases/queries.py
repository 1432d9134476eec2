"""Cases as lists, pages and other rooms read them: within a scope, with their money."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from mealsvc.accounts.models import Account
from mealsvc.auditing.cases import rules
from mealsvc.auditing.cases.models import AuditCase, CaseAct, CaseLine, CaseQuestion
from mealsvc.auditing.cases.sums import Money, counted, money_of
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.places.scope import points_seen_by
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case as other rooms name it."""

    id: int
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases within a scope and what waits in them."""

    open: int = 0
    new: int = 0
    overdue: int = 0
    to_decide: int = 0
    to_end: int = 0
    mine: int = 0
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Handled:
    """Cases whose explanation fell due in a period: how many, how many were in time; what the
    cases decided in the period took back or never paid."""

    due: int = 0
    in_time: int = 0
    bad: int = 0
    refused_fen: int = 0
    recovered_fen: int = 0
    cases: Sequence[tuple[int, str, bool]] = ()


def cases_seen(
    seen: ColumnElement[bool],
    *,
    state: str = "",
    point: str = "",
    month: Month | None = None,
    worker: str = "",
    overdue_on: date | None = None,
) -> Select[Any]:
    """Case, name and code of the point, who works it: those without a verdict first, the most urgent on top."""
    closed = AuditCase.state == "closed"
    rows: Any = (
        select(AuditCase, MealPoint.name, MealPoint.code, Account.name)
        .join(MealPoint, MealPoint.id == AuditCase.point_id)
        .outerjoin(Account, Account.id == AuditCase.assigned_to)
        .where(seen)
        .order_by(
            case((closed, 2), (AuditCase.state.in_(rules.DECIDED), 1), else_=0),
            case((closed, None), else_=AuditCase.due_on).asc().nulls_first(),
            AuditCase.id.desc(),
        )
    )
    if state == "open":
        rows = rows.where(AuditCase.state != "closed")
    elif state in rules.STATES:
        rows = rows.where(AuditCase.state == state)
    if point:
        rows = rows.where(MealPoint.code == point)
    if month:
        rows = rows.where(AuditCase.month == month.key)
    if worker:
        rows = rows.where(Account.login == worker)
    return rows.where(is_overdue(overdue_on)) if overdue_on else rows


def is_overdue(today: date) -> ColumnElement[bool]:
    return AuditCase.state.in_(("new", "assigned")) & (AuditCase.due_on < today)


def workers_seen(seen: ColumnElement[bool]) -> list[tuple[str, str]]:
    """Logins and names of those who were given a case within the scope."""
    rows = (
        select(Account.login, Account.name)
        .join(AuditCase, AuditCase.assigned_to == Account.id)
        .join(MealPoint, MealPoint.id == AuditCase.point_id)
        .where(seen)
        .distinct()
        .order_by(Account.login)
    )
    return [(row.login, row.name) for row in db.session.execute(rows)]


def questions_seen(seen: ColumnElement[bool], state: str = "") -> Select[Any]:
    """Questions to the points within a scope, those without an answer first: question, case, point's
    name. Lines of the case are counted."""
    lines = select(func.count()).where(CaseLine.case_id == AuditCase.id).scalar_subquery()
    rows: Any = (
        select(CaseQuestion, AuditCase, MealPoint.name, lines.label("lines"))
        .join(AuditCase, AuditCase.id == CaseQuestion.case_id)
        .join(MealPoint, MealPoint.id == AuditCase.point_id)
        .where(seen)
        .order_by(case((CaseQuestion.answered_at.is_(None), 0), else_=1), CaseQuestion.id.desc())
    )
    if state == "open":
        return rows.where(CaseQuestion.answered_at.is_(None), AuditCase.state != "closed")
    return rows.where(CaseQuestion.answered_at.is_not(None)) if state == "answered" else rows


def cases_of_lead(lead_ids: Collection[int]) -> dict[int, list[CaseRef]]:
    """The cases that follow each of these leads."""
    rows = db.session.execute(
        select(AuditCase.lead_id, AuditCase.id, AuditCase.number, AuditCase.state)
        .where(AuditCase.lead_id.in_(lead_ids))
        .order_by(AuditCase.id)
    )
    found: dict[int, list[CaseRef]] = defaultdict(list)
    for row in rows:
        found[row.lead_id].append(CaseRef(row.id, row.number, row.state))
    return found


def open_cases(point_ids: Collection[int]) -> dict[int, int]:
    """How many cases of each of these points are not closed; no entry: none."""
    rows = (
        select(AuditCase.point_id, func.count())
        .where(AuditCase.point_id.in_(point_ids), AuditCase.state != "closed")
        .group_by(AuditCase.point_id)
    )
    return {row[0]: row[1] for row in db.session.execute(rows)}


def cases_in(
    from_on: date, to_on: date, point_ids: Collection[int], today: date
) -> dict[int, Handled]:
    """By point: cases whose explanation fell due in the period, and what came of them (for reports).

    One that is not explained and still has time today is left out.
    """
    explained = (
        select(CaseAct.case_id, func.min(CaseAct.at).label("at"))
        .where(CaseAct.act.in_(("answered", "explained")))
        .group_by(CaseAct.case_id)
        .subquery()
    )
    rows = db.session.execute(
        select(AuditCase.id, AuditCase.point_id, AuditCase.number, AuditCase.due_on, explained.c.at)
        .outerjoin(explained, explained.c.case_id == AuditCase.id)
        .where(
            AuditCase.point_id.in_(point_ids),
            AuditCase.due_on.between(from_on, to_on),
            explained.c.at.is_not(None) | (AuditCase.due_on < today),
        )
        .order_by(AuditCase.id)
    ).all()
    return _handled(rows, money_of([row.id for row in rows]))


def to_do(principal: Principal, today: date) -> Counts:
    """What waits for this person, in one question."""
    if principal.can("cases.answer"):
        return Counts(questions=_open_questions(principal))
    if not principal.can("audit.read"):
        return Counts()
    mine = (Account.login == principal.login) & AuditCase.state.in_(("assigned",))
    row = db.session.execute(
        select(
            func.count(),
            counted(AuditCase.state == "new", 1),
            counted(is_overdue(today), 1),
            counted(AuditCase.state == "explained", 1),
            counted(AuditCase.state.in_(rules.DECIDED), 1),
            counted(mine, 1),
        )
        .join(MealPoint, MealPoint.id == AuditCase.point_id)
        .outerjoin(Account, Account.id == AuditCase.assigned_to)
        .where(AuditCase.state != "closed", points_seen_by(principal))
    ).one()
    return Counts(*(int(value or 0) for value in row))


def _open_questions(principal: Principal) -> int:
    rows = (
        select(func.count())
        .select_from(CaseQuestion)
        .join(AuditCase, AuditCase.id == CaseQuestion.case_id)
        .join(MealPoint, MealPoint.id == AuditCase.point_id)
        .where(
            CaseQuestion.answered_at.is_(None),
            AuditCase.state.in_(rules.STARTS["answered"]),
            points_seen_by(principal),
        )
    )
    return db.session.scalar(rows) or 0


def _handled(rows: Sequence[Any], money: Mapping[int, Money]) -> dict[int, Handled]:
    found: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)
    sums: dict[int, Money] = defaultdict(Money)
    for row in rows:
        in_time = row.at is not None and local_date(row.at) <= row.due_on
        found[row.point_id].append((row.id, row.number, in_time))
        sums[row.point_id] += money.get(row.id, Money())
    return {
        point_id: Handled(
            due=len(own),
            in_time=sum(one[2] for one in own),
            bad=sums[point_id].bad,
            refused_fen=sums[point_id].refused_fen,
            recovered_fen=sums[point_id].recovered_fen,
            cases=own,
        )
        for point_id, own in found.items()
    }
