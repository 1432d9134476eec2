"""The settlement clerk's verbs: compute a month, submit it, keep the budget."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import Division, MealPoint, Operator
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.servings.models import DailyTally, Decision, FrozenMonth, Serving
from mealsvc.servings.services import LINE_COLUMNS, freeze_month, plain_value
from mealsvc.settlement import refusals
from mealsvc.settlement.models import BudgetLine, SettlementBatch
from mealsvc.settlement.rules import (
    PREVIEW,
    Group,
    least_advanced,
    settle_point,
    total_of,
)
from mealsvc.trail.rules import canonical
from mealsvc.trail.services import record

SUBMITTED = "submitted"
_AMOUNTS = ("lines", "reversals", "price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen")


def settlement_of(month: Month, point: str | None = None, within: str = "") -> dict[str, Any]:
    """The month's settlement as the interface shows it: submitted points as they were submitted,
    the others computed from the ledger. `point` (a code) restricts points and total to one,
    `within` (a division) to those that stand in it.
    """
    places = _places(point, within)
    stored = {
        batch.point_id: batch
        for batch in db.session.scalars(
            select(SettlementBatch).where(
                SettlementBatch.month == month.key, SettlementBatch.point_id.in_(places)
            )
        )
    }
    open_places = {key: place for key, place in places.items() if key not in stored}
    points = list(_computed(month, open_places).values())
    points += [{**json.loads(batch.document), "status": batch.status} for batch in stored.values()]
    points = [_with_status(entry) for entry in sorted(points, key=lambda entry: entry["point"])]
    return {
        "month": str(month),
        "division": district(),
        "status": least_advanced(entry["status"] for entry in points),
        "points": points,
        "total": total_of(points),
    }


def submit(
    month: Month, point: str | None, by: Actor, now: datetime, within: str = ""
) -> list[str]:
    """Freezes the month for one point, or for all (`within` a division) with lines or adjustments
    in it.

    Returns the codes of the points submitted now; those submitted before stay as they are.
    Raises `MonthNotEnded`, `EarlierMonthOpen`, `NothingToSubmit`.
    """
    if local_date(now) <= month.last_day:
        raise refusals.MonthNotEnded(month=month.chinese)
    places = _places(point, within)
    done = set(
        db.session.scalars(
            select(SettlementBatch.point_id).where(SettlementBatch.month == month.key)
        )
    )
    computed = _computed(month, {key: places[key] for key in places.keys() - done})
    if point is not None and not computed and not done & places.keys():
        raise refusals.NothingToSubmit(point=point, month=month.chinese)
    _refuse_if_earlier_open(month, {key: places[key] for key in computed})
    for point_id, document in sorted(computed.items(), key=lambda item: item[1]["point"]):
        _submit_one(month, places[point_id], document, by, now)
    return sorted(document["point"] for document in computed.values())


def lines_of(month: Month, point_id: int) -> Sequence[Any]:
    """The ledger lines that settle in this month at this point, in the server's order."""
    return db.session.execute(
        select(*Serving.__table__.columns, Decision.content)
        .join(Decision, Decision.id == Serving.decision_id)
        .where(
            Serving.point_id == point_id,
            Serving.settle_month == month.key,
            (Serving.served_on.between(month.first_day, month.last_day)) | Serving.late,
        )
        .order_by(Serving.sequence)
    ).all()


def digest_of_lines(month: Month, point_id: int) -> tuple[int, str, int]:
    """How many lines settle here, the SHA-256 (hex) over them, and the last one's sequence."""
    sha, count, last = hashlib.sha256(), 0, 0
    for line in lines_of(month, point_id):
        values = [
            plain_value(getattr(line, name)) for name in LINE_COLUMNS if name not in _NOT_SHOWN
        ]
        sha.update(canonical([*values, line.content]) + b"\n")
        count, last = count + 1, line.sequence
    return count, sha.hexdigest(), last


_NOT_SHOWN = {"decision_id", "content_mac"}


def batch_of(month: Month, point_id: int) -> SettlementBatch | None:
    """The point's submitted month, if it was submitted."""
    return db.session.scalar(
        select(SettlementBatch).where(
            SettlementBatch.month == month.key, SettlementBatch.point_id == point_id
        )
    )


def heading_of(place: MealPoint) -> dict[str, str]:
    """What a point, its unit and its town are called now; a submitted month keeps its own."""
    unit = db.session.get(Operator, place.operator_id) if place.operator_id else None
    town = db.session.get(Division, place.division[:9])
    return {
        "name": place.name,
        "unit": unit.name if unit else "",
        "uscc": (unit.uscc or "") if unit else "",
        "town": town.name if town else "",
    }


def latest_month() -> Month | None:
    """The latest month that has data, at which pages open; read from the end of the tally's key."""
    own = select(DailyTally.settle_month).where(~DailyTally.late)
    key = db.session.scalar(own.order_by(DailyTally.settle_month.desc()).limit(1))
    return None if key is None else Month.from_key(key)


def district() -> str:
    """The installation's district: the first six digits that most of its points share."""
    prefix = func.substr(MealPoint.division, 1, 6)
    counted = select(prefix).group_by(prefix).order_by(func.count().desc(), prefix).limit(1)
    return db.session.scalar(counted) or ""


def put_budget(year: int, source: str, amount_fen: int, by: Actor) -> str:
    """Sets what a source gives the district for a year; tells `created`, `updated`, `unchanged`."""
    here = district()
    line = db.session.scalar(
        select(BudgetLine).where(
            BudgetLine.district == here, BudgetLine.year == year, BudgetLine.source == source
        )
    )
    before = None if line is None else line.amount_fen
    if before == amount_fen:
        return "unchanged"
    if line is None:
        line = BudgetLine(district=here, year=year, source=source)
        db.session.add(line)
    line.amount_fen = amount_fen
    db.session.flush()
    detail = {"before": before, "after": amount_fen}
    record(by, "budget.write", f"{year}/{source}", detail)
    return "created" if before is None else "updated"


def _submit_one(
    month: Month, place: MealPoint, document: dict[str, Any], by: Actor, now: datetime
) -> None:
    count, digest, last = digest_of_lines(month, place.id)
    db.session.add(
        SettlementBatch(
            point_id=place.id,
            month=month.key,
            status=SUBMITTED,
            document=json.dumps(document, ensure_ascii=False),
            heading=json.dumps(heading_of(place), ensure_ascii=False),
            payable_fen=document["payable_fen"],
            line_count=count,
            line_digest=digest,
            last_sequence=last,
            submitted_at=now,
            submitted_by=str(by),
        )
    )
    db.session.flush()
    freeze_month(place.id, place.code, month.key, by)
    record(
        by,
        "settlement.submit",
        f"{month}/{place.code}",
        {"lines": count, "digest": digest, "payable_fen": document["payable_fen"]},
    )


def _places(point: str | None, within: str) -> dict[int, MealPoint]:
    statement = select(MealPoint)
    if point is not None:
        statement = statement.where(MealPoint.code == point)
    if within:
        statement = statement.where(MealPoint.division.startswith(within, autoescape=True))
    places = {place.id: place for place in db.session.scalars(statement)}
    if point is not None and not places:
        raise refusals.UnknownSettlementPoint(point=point)
    return places


def _computed(month: Month, places: dict[int, MealPoint]) -> dict[int, dict[str, Any]]:
    """The settlement of each of these points that has lines or adjustments in the month."""
    groups: dict[int, list[Group]] = defaultdict(list)
    sums = [func.sum(getattr(DailyTally, name)) for name in _AMOUNTS]
    rows = db.session.execute(
        select(
            DailyTally.point_id,
            Decision.content,
            DailyTally.late,
            *sums,
        )
        .join(Decision, Decision.id == DailyTally.decision_id)
        .where(DailyTally.settle_month == month.key)
        .group_by(DailyTally.point_id, DailyTally.late, Decision.id, Decision.content)
    )
    for row in rows:
        if row.point_id in places:
            amounts = (int(part) for part in row[3:])
            groups[row.point_id].append(Group(row.content, bool(row.late), *amounts))
    days = _days_with_serving(month)
    policies = policies_in_force()
    return {
        point_id: settle_point(
            places[point_id].code,
            places[point_id].division,
            month,
            found,
            days.get(point_id, 0),
            policies,
        )
        for point_id, found in groups.items()
    }


def _days_with_serving(month: Month) -> dict[int, int]:
    per_day = (
        select(DailyTally.point_id)
        .where(DailyTally.settle_month == month.key, ~DailyTally.late)
        .group_by(DailyTally.point_id, DailyTally.served_on)
        .having(func.sum(DailyTally.lines - DailyTally.reversals) > 0)
        .subquery()
    )
    counted = select(per_day.c.point_id, func.count()).group_by(per_day.c.point_id)
    return dict(db.session.execute(counted).all())


def _refuse_if_earlier_open(month: Month, places: dict[int, MealPoint]) -> None:
    frozen = (
        select(FrozenMonth.month)
        .where(
            FrozenMonth.point_id == DailyTally.point_id,
            FrozenMonth.month == DailyTally.settle_month,
        )
        .exists()
    )
    earlier = db.session.execute(
        select(DailyTally.settle_month, DailyTally.point_id)
        .where(DailyTally.settle_month < month.key, DailyTally.point_id.in_(places), ~frozen)
        .distinct()
        .order_by(DailyTally.settle_month)
    ).all()
    if earlier:
        first = earlier[0][0]
        codes = sorted(places[point_id].code for key, point_id in earlier if key == first)
        raise refusals.EarlierMonthOpen(
            month=Month.from_key(first).chinese, points="、".join(codes[:5])
        )


def _with_status(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its status in second place, as the interface orders it."""
    status = entry.pop("status", PREVIEW)
    return {"point": entry.pop("point"), "status": status, **entry}
