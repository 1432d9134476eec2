"""Gathers what an assessment stands on: a fixed number of set-based questions, no name of a person."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import BigInteger, and_, case, cast, func, or_, select

from mealsvc.coverage.standing import standing
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import CandidateSite, MealPoint, Operator
from mealsvc.places.queries import names_within, suspended_on
from mealsvc.places.rules import status_on
from mealsvc.places.units.indicators import rules_on
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident, ResidentFact
from mealsvc.servings.models import DailyTally, Serving
from mealsvc.settings.services import value_on
from mealsvc.settlement.area import district
from mealsvc.settlement.budget_report import report_of
from mealsvc.settlement.services import settlement_of
from mealsvc.supervision.complaints.models import Complaint
from mealsvc.supervision.findings.models import Finding, RectificationOrder
from mealsvc.supervision.findings.rules import ENDED
from mealsvc.supervision.visits.models import Visit
from mealsvc.survey.assessing.economics import economics_of
from mealsvc.survey.assessing.ground import (
    Cell,
    Ground,
    Limits,
    Money,
    Point,
    Problems,
    Register,
    Service,
    Survey,
    Trial,
    mean_self_pay,
)
from mealsvc.survey.assessing.models import TariffTrial
from mealsvc.survey.assessing.rules.demand import BANDS
from mealsvc.survey.assessing.rules.sites import Candidate
from mealsvc.survey.assessing.surveyed import surveyed
from mealsvc.survey.rounds.models import SurveyRound

NET = DailyTally.lines - DailyTally.reversals
EIGHTY, SOON = 80, 5


def gather(round_id: int | None, month: Month | None = None) -> Ground:
    """Everything about a round on its day, or, without one, about a month (the latest with records)."""
    row = db.session.get(SurveyRound, round_id) if round_id else None
    today = local_date(clock.now())
    day = row.as_of if row else min(month.last_day, today) if month else today
    month = service_month(month.last_day if month else day)
    day = day if row or month.last_day >= day else month.last_day
    here = row.division[:6] if row else district()
    limits, found = _limits(day), standing(day, month)
    points = _points(day, month, limits)
    return Ground(
        round_id=round_id,
        number=row.number if row else "",
        as_of=day,
        month=month,
        district=here,
        names=names_within(here),
        standing=found,
        points=points,
        service=_service(day, month),
        money=_money(month),
        register=_register(day, {row.division for row in found.towns}),
        survey=surveyed(row.id, mean_self_pay(points)) if row else Survey(),
        candidates=_candidates(),
        problems=_problems(day, today),
        trials=trials_of(round_id) if round_id else (),
        limits=limits,
    )


def service_month(day: date) -> Month:
    """The last month with servings that is over on a day; one that is not over if there is no
    other, and the day's own without any."""
    whole = Month.of(day) if Month.of(day).last_day == day else Month.of(day).previous
    keys = select(DailyTally.settle_month).where(~DailyTally.late)
    newest = keys.order_by(DailyTally.settle_month.desc()).limit(1)
    for last in (whole, Month.of(day)):
        key = db.session.scalar(newest.where(DailyTally.settle_month <= last.key))
        if key is not None:
            return Month.from_key(key)
    return Month.of(day)


def trials_of(round_id: int) -> tuple[Trial, ...]:
    """The tariffs that were tried for a round, in order."""
    rows = select(TariffTrial).where(TariffTrial.round_id == round_id).order_by(TariffTrial.id)
    return tuple(
        Trial(row.id, row.name, json.loads(row.outcome)) for row in db.session.scalars(rows)
    )


def _limits(day: date) -> Limits:
    def of(key: str) -> int:
        return int(value_on(key, day))

    return Limits(
        radius_m=of("coverage.radius_m"),
        near_m=of("coverage.near_m"),
        effective_days=of("point.effective_days"),
        effective_meals=of("point.effective_meals"),
        one_kitchen=Fraction(value_on("survey.one_kitchen", day)),
        seat_turns=of("survey.seat_turns"),
        licence_days=of("survey.licence_days"),
        gap_pop60=of("coverage.gap_pop60"),
    )


def _points(day: date, month: Month, limits: Limits) -> tuple[Point, ...]:
    rows = db.session.scalars(select(MealPoint).order_by(MealPoint.code)).all()
    units = dict(db.session.execute(select(Operator.id, Operator.name)).all())
    stopped, busy = suspended_on(day), _busy_days(month, limits.effective_meals)
    money = economics_of(rows, [month])
    return tuple(
        Point(
            id=row.id,
            code=row.code,
            name=row.name,
            kind=row.kind,
            division=row.division,
            operator=units.get(row.operator_id or 0, ""),
            seats=row.seats or 0,
            capacity=row.daily_capacity or 0,
            supplier=row.supplier,
            licence_expires_on=row.licence_expires_on,
            position=None if row.lon is None or row.lat is None else (row.lon, row.lat),
            operates=status_on(day, row.opened_on, row.closed_on, row.id in stopped) == "operating",
            busy_days=busy.get(row.id, 0),
            month=money[month.key, row.id],
        )
        for row in rows
    )


def _busy_days(month: Month, meals: int) -> dict[int, int]:
    """The days of the month with at least so many meals, by point."""
    per_day = (
        select(DailyTally.point_id)
        .where(DailyTally.settle_month == month.key, ~DailyTally.late)
        .group_by(DailyTally.point_id, DailyTally.served_on)
        .having(func.sum(NET) >= meals)
        .subquery()
    )
    counted = select(per_day.c.point_id, func.count()).group_by(per_day.c.point_id)
    return dict(db.session.execute(counted).all())


def _service(day: date, month: Month) -> Service:
    whole = select(func.min(DailyTally.served_on), _sum(NET)).where(DailyTally.served_on <= day)
    first_on, total = db.session.execute(whole).one()
    own = (DailyTally.settle_month == month.key, ~DailyTally.late)
    days = (
        select(_sum(NET).label("net"))
        .where(*own)
        .group_by(DailyTally.served_on)
        .having(func.sum(NET) > 0)
        .subquery()
    )
    number, servings = db.session.execute(
        select(func.count(), func.coalesce(func.sum(days.c.net), 0)).select_from(days)
    ).one()
    sign = case((Serving.reverses.is_(None), 1), else_=-1)
    brought = select(_sum(sign)).where(
        Serving.served_on.between(month.first_day, month.last_day),
        Serving.settle_month == month.key,
        ~Serving.late,
        Serving.mode == "delivery",
    )
    delivered = db.session.scalar(brought) or 0
    return Service(first_on, int(total), int(servings), int(number), int(delivered))


def _sum(column: Any) -> Any:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def _money(month: Month) -> Money:
    """The year of the service month, to its end; the forecast is that of the budget's own page."""
    report = report_of(month.year, month.last_day)
    budget, spent, funding = Counter[str](), Counter[str](), Counter[str]()
    forecast = 0
    for row in report.rows:
        budget[row.source] += row.budget_fen or 0
        spent[row.source] += row.used_fen
        forecast += row.year_fen[0] if row.year_fen else row.used_fen
    for entry in settlement_of(month)["points"]:
        funding.update(entry["funding"])
    known = any(row.forecast for row in report.rows)
    short = tuple(
        f"{row.label}：{row.warned.sentence}"
        for row in report.rows
        if row.warned is not None and row.warned.tone == "bad"
    )
    return Money(
        month.year,
        report.pattern.as_of,
        dict(+budget),
        dict(+spent),
        forecast if known else None,
        short,
        dict(funding),
    )


def _register(day: date, towns: Collection[str]) -> Register:
    """Registered, alive and not moved out on the day, by the town of their home: these towns only."""
    town = func.substr(
        func.coalesce(func.nullif(Resident.residence_division, ""), Resident.hukou_division), 1, 9
    )
    band = case(
        *((Resident.birth_on <= _before(day, int(code)), code) for code in sorted(BANDS)[::-1]),
        else_="",
    )
    gone = or_(
        and_(ResidentFact.value == "deceased", ResidentFact.from_on <= day),
        and_(
            ResidentFact.value == "moved_out",
            or_(ResidentFact.from_on.is_(None), ResidentFact.from_on <= day),
            or_(ResidentFact.to_on.is_(None), ResidentFact.to_on >= day),
        ),
    )
    left = select(ResidentFact.resident_id).where(ResidentFact.kind == "departure", gone)
    soon = _sum(
        case(
            (
                Resident.birth_on.between(
                    _before(day, EIGHTY) + timedelta(days=1), _before(day, EIGHTY - SOON)
                ),
                1,
            ),
            else_=0,
        )
    )
    rows = db.session.execute(
        select(town, band, func.count(), soon).where(Resident.id.not_in(left)).group_by(town, band)
    )
    bands: dict[Cell, int] = defaultdict(int)
    growing = 0
    for place, code, number, reaching in rows:
        if place in towns:
            growing += int(reaching)
            if code:
                bands[place, code] += number
    return Register(dict(bands), growing)


def _before(day: date, years: int) -> date:
    """The latest birthday of somebody who is so old on that day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def _candidates() -> tuple[Candidate, ...]:
    rows = db.session.scalars(select(CandidateSite).order_by(CandidateSite.code))
    return tuple(
        Candidate(
            row.code,
            row.name,
            row.division,
            (row.lon, row.lat),
            row.daily_capacity,
            row.build_cost_fen,
        )
        for row in rows
    )


def _problems(day: date, today: date) -> Problems:
    """Findings and orders as they stand now; visits of the year up to the day."""
    orders = RectificationOrder.state != "closed", RectificationOrder.deadline < today
    start = datetime.combine(date(day.year, 1, 1), time.min, LOCAL)
    end = datetime.combine(day + timedelta(days=1), time.min, LOCAL)
    visits = Visit.status == "signed", Visit.ended_at >= start, Visit.ended_at < end

    def count(model: Any, *conditions: Any) -> int:
        return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    return Problems(
        findings=count(Finding, Finding.state.not_in(ENDED)),
        overdue=count(RectificationOrder, *orders),
        visits=count(Visit, *visits),
        complaints=count(Complaint, Complaint.state != "closed"),
        rules_issued=rules_on(day)[0],
    )
