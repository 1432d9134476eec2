"""Loads the demo district into an empty database: the services do the work, month by month."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from mealsvc.accounts import services as accounts
from mealsvc.accounts.models import Account
from mealsvc.accounts.permissions import ROLES, Scope
from mealsvc.demo import (
    assessed,
    batches,
    bookings,
    boundaries,
    cases,
    claims,
    complaints,
    contacts,
    counter,
    deliveries,
    district,
    findings,
    grants,
    history,
    logs,
    menus,
    people,
    plans,
    samples,
    scans,
    seals,
    surveys,
    units,
    visits,
)
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import Division, MealPoint
from mealsvc.places.services import put_candidate, put_division, put_point
from mealsvc.plumbing.db import db, writing
from mealsvc.policies.services import import_policy
from mealsvc.residents.departures import Departure, record_departure_batch
from mealsvc.residents.enrolment import enrol_batch
from mealsvc.residents.models import Resident
from mealsvc.servings.desk import Desk
from mealsvc.servings.models import Serving
from mealsvc.servings.rules import Order
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.budget_lines import put_budget
from mealsvc.settlement.services import submit
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record

SEED = 85_000
SOURCE = "演示数据"
LOADED = "demo.load"
LOGINS_FILE = "demo-logins.json"
SCOPES = {
    Scope.POINT: "WJ001",
    Scope.COMMUNITY: "320412100001",
    Scope.TOWN: "320412100",
    Scope.DISTRICT: district.DISTRICT,
}
Progress = Callable[[str, int, int], None]


class NotEmpty(Refusal):
    """数据库里已有数据，演示数据只能装入空的数据库：请换一个新的 MEALSVC_INSTANCE 文件夹。"""

    code = "not_empty"


class CutOff(Refusal):
    """演示数据上次没有装完，不能用：请删除实例文件夹 {folder} 后重做一次；用 PostgreSQL 的，先清空它的库。"""

    code = "cut_off"


def is_empty() -> bool:
    """Whether nothing but the thresholds was ever recorded here; raises `CutOff` for half a demo."""
    begun = select(TrailEvent.seq).where(TrailEvent.action == LOADED).limit(1)
    if db.session.scalar(begun) and not db.session.scalar(select(Account.id).limit(1)):
        raise CutOff(folder=current_app.config["INSTANCE"])
    tables = (Division, MealPoint, Resident, Account, Serving)
    return not any(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


def load_demo(by: Actor, now: datetime, progress: Progress) -> dict[str, Any]:
    """Makes the whole demo district; returns the sign-ins, which are kept in the instance folder."""
    if not is_empty():
        raise NotEmpty()
    random = Random(SEED)
    with writing():
        record(by, LOADED, "demo", {"seed": SEED})
        communities = _places(random, by)
        import_policy(district.POLICY, by, now)
        menus.file_prices(by)
        for year, source, amount_fen in district.BUDGET:
            put_budget(year, source, amount_fen, by)
    diners = _residents(communities, random, by, now, progress)
    carried: list[Order] = []
    _servings(diners, carried, random, by, progress)
    with writing():
        menus.put_menus(by, now)
    with writing():
        deliveries.put_deliveries(carried, by, now)
        counter.close_days(by)
        counter.leave_conflicts(by)
    with writing():
        bookings.put_coming_days(by, now)
    claims.settle_months(random, progress)
    grants.put_grants(grants.PEOPLE, now)
    units.put_units(by, now)
    logs.put_logs(by, now)
    with writing():
        complaints.put_complaints(by, now)
    logins = _logins(by, now)
    visits.put_visits(now)
    findings.put_findings()
    scans.put_scans(by, now)
    cases.put_cases(by, now)
    samples.put_samples(by, now)
    boundaries.put_boundaries(by, now)
    plans.put_plans(by, now)
    surveys.put_surveys(by, now)
    assessed.put_assessed(by, now)
    contacts.put_contacts(by, now)
    seals.put_seals(by, now)
    batches.put_batches(by, now)
    _keep(logins)
    return logins


def kept_logins() -> dict[str, Any] | None:
    """The sign-ins of a demo loaded earlier, if this is one."""
    path = Path(current_app.config["INSTANCE"]) / LOGINS_FILE
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _places(random: Random, by: Actor) -> list[dict[str, Any]]:
    communities = []
    for division in district.divisions(random):
        put_division(division, by)
        if division["level"] == "community":
            communities.append(division)
    for number, point in enumerate((*district.POINTS, district.KITCHEN), 1):
        home = district.home_of(point, communities)
        put_point(district.point_values(point, home, number), by)
    for number, home in enumerate(random.sample(communities, 12), 1):
        put_candidate(
            {
                "code": f"C{number:02d}",
                "name": f"{home['name']}闲置用房",
                "division": home["code"],
                "lon": home["lon"],
                "lat": home["lat"],
                "daily_capacity": random.choice((60, 80, 120, 200)),
                "build_cost_fen": random.randint(8, 40) * 1_000_000,
            },
            by,
        )
    return communities


def _residents(
    communities: list[dict[str, Any]], random: Random, by: Actor, now: datetime, progress: Progress
) -> list[history.Diner]:
    outside = [code for code, _ in district.CITY_TOWNS]
    elders = list(people.elders(people.RESIDENTS, communities, outside, random))
    for first in range(0, len(elders), 2_000):
        batch = elders[first : first + 2_000]
        with writing():
            outcomes = enrol_batch([elder.enrolment for elder in batch], by, now, source=SOURCE)
        assert all(outcome.result == "created" for outcome in outcomes)
        progress("登记老人", first + len(batch), len(elders))
    gone = [elder for elder in elders if elder.departure]
    with writing():
        record_departure_batch([_departure_row(elder) for elder in gone], by, now)
    return [_diner(elder, random) for elder in elders]


def _departure_row(elder: people.Elder) -> Departure:
    assert elder.departure is not None
    event, from_on, to_on = elder.departure
    return Departure(elder.enrolment.id_number, event, from_on, to_on, SOURCE)


def _diner(elder: people.Elder, random: Random) -> history.Diner:
    since = elder.enrolment.enrolled_on
    assert isinstance(since, date)
    until = elder.departure[1] if elder.departure else date.max
    card = elder.enrolment.card_no
    return history.Diner(
        card if isinstance(card, str) else None,
        elder.enrolment.id_number.number,
        str(elder.enrolment.residence_division),
        since,
        until,
        random.paretovariate(1.4),
    )


def _servings(
    diners: Sequence[history.Diner],
    carried: list[Order],
    random: Random,
    by: Actor,
    progress: Progress,
) -> None:
    """Day by day with the clock of that evening; every month but the last is submitted.

    What couriers hand over on the last day is put in `carried` instead.
    """
    desk, done, month = Desk(), 0, Month.of(history.FIRST)
    week: list[history.Day] = []
    for day in history.days(diners, random):
        if Month.of(day.day) != month:
            done += _serve(desk, week, by)
            week = []
            with writing():
                submit(month, None, by, _evening(day.day + timedelta(days=2)))
            month = Month.of(day.day)
        if day.day == history.LAST:
            with writing():
                bookings.put_last_day(day, by)
        week.append(deliveries.set_aside(day, carried))
        if len(week) == 7:
            done += _serve(desk, week, by)
            week = []
            progress("登记就餐", done, history.TOTAL + history.TAKEN_BACK)
    done += _serve(desk, week, by)
    progress("登记就餐", done + len(carried), history.TOTAL + history.TAKEN_BACK)


def _serve(desk: Desk, days: list[history.Day], by: Actor) -> int:
    if not days:
        return 0
    kept = 0
    with writing() as connection:
        for day in days:
            now = _evening(day.day)
            kept += _all_recorded(desk.record(connection, day.orders, by, now))
            for slip in day.reversals:
                reverse_serving(connection, slip.key, slip.reverses, "误操作", slip.at, by, now)
            _all_recorded(desk.record(connection, day.again, by, now))
    return kept


def _all_recorded(outcomes: list[Any]) -> int:
    for outcome in outcomes:
        if isinstance(outcome, Refusal):
            raise outcome
    return len(outcomes)


def _evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, 30, tzinfo=UTC)


def _logins(by: Actor, now: datetime) -> dict[str, Any]:
    """One account for each role and one device for each point, with random secrets."""
    secrets = {code: accounts.new_credentials() for code in ROLES}
    made: dict[str, list[dict[str, Any]]] = {"accounts": [], "devices": []}
    with writing():
        for code, role in ROLES.items():
            account = accounts.add_user(
                code.replace("_", ""),
                code,
                SCOPES[role.scope],
                f"演示{role.name}",
                by,
                now,
                credentials=secrets[code],
                must_change=False,
            )
            made["accounts"].append(
                {
                    "login": account.login,
                    "role": account.role,
                    "scope": account.scope,
                    "password": account.password,
                    "totp": account.totp,
                }
            )
        for point in district.POINTS:
            device = accounts.add_device(point.code, f"{point.code}-平板", by, now)
            made["devices"].append({"point": point.code, "token": device.token})
    return made


def _keep(logins: dict[str, Any]) -> None:
    path = Path(current_app.config["INSTANCE"]) / LOGINS_FILE
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(logins, file, ensure_ascii=False, indent=1)
