"""The settlement clerk's verbs: compute a month, submit it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select, type_coerce, union

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.grades import stars_on
from mealsvc.places.models import Division, MealPoint, Operator
from mealsvc.plumbing.db import Instant, db, micros
from mealsvc.policies.operating import Earned
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Policy
from mealsvc.servings.models import DailyTally, Decision, FrozenMonth, Serving
from mealsvc.servings.services import freeze_month
from mealsvc.settlement import refusals
from mealsvc.settlement.acts import PREVIEW, least_advanced
from mealsvc.settlement.area import district as district
from mealsvc.settlement.batches import add_act, held_of
from mealsvc.settlement.models import SettlementAdjustment, SettlementBatch
from mealsvc.settlement.proving import ACT, CLAIM, GROUNDS, row_digest
from mealsvc.settlement.rules import (
    Extra,
    Group,
    Held,
    earned_by_point,
    less_held,
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
    held = held_of(month, list(places))
    open_places = {key: place for key, place in places.items() if key not in stored}
    points = [
        _entry(claim, PREVIEW, held.get(point_id, Held()).fen)
        for point_id, claim in claims_of(month, open_places).items()
    ]
    for point_id, batch in stored.items():
        carved = batch.held_fen
        if carved is None:
            carved = held.get(point_id, Held()).fen
        points.append(_entry(json.loads(batch.document), batch.status, carved))
    points.sort(key=lambda entry: entry["point"])
    return {
        "month": str(month),
        "division": district(),
        "status": least_advanced([entry["status"] for entry in points]),
        "points": points,
        "total": total_of(points),
    }


def submittable(month: Month, point: str | None, now: datetime, within: str = "") -> list[str]:
    """The codes of the points that `submit` would submit now, in order; refuses as it does."""
    if local_date(now) <= month.last_day:
        raise refusals.MonthNotEnded(month=month.chinese)
    places = _places(point, within)
    done = set(
        db.session.scalars(
            select(SettlementBatch.point_id).where(
                SettlementBatch.month == month.key, SettlementBatch.point_id.in_(places)
            )
        )
    )
    waiting = {key: places[key] for key in _points_with_money(month) & places.keys() - done}
    if point is not None and not waiting and not done:
        raise refusals.NothingToSubmit(point=point, month=month.chinese)
    _refuse_if_earlier_open(month, waiting)
    return sorted(place.code for place in waiting.values())


def submit(
    month: Month, point: str | None, by: Actor, now: datetime, within: str = ""
) -> list[str]:
    """Freezes the month for one point, or for all (`within` a division) with lines or adjustments
    in it.

    Returns the codes of the points submitted now; those submitted before stay as they are.
    Raises `MonthNotEnded`, `EarlierMonthOpen`, `NothingToSubmit`.
    """
    codes = submittable(month, point, now, within)
    places = {place.id: place for place in _places(point, within).values() if place.code in codes}
    stars = stars_on(places, month.last_day)
    for point_id, claim in sorted(
        claims_of(month, places, stars=stars).items(), key=lambda one: one[1]["point"]
    ):
        _submit_one(month, places[point_id], claim, stars.get(point_id), by, now)
    return codes


def digest_of_lines(month: Month, point_id: int) -> tuple[int, str, int]:
    """How many lines settle here, the SHA-256 (hex) over them, and the last one's sequence.

    Lines in the server's order, then what settles beside them; plain columns, because a month is
    read again at each step of its way.
    """
    where = {"point": point_id, "month": month.key}
    own = db.session.execute(
        _OWN_LINES, {**where, "first": month.first_day, "last": month.last_day}
    ).all()
    late = db.session.execute(_LATE_LINES, where).all()
    lines = sorted([*own, *late], key=_SEQUENCE) if late else own
    sha = hashlib.sha256()
    for line in lines:
        sha.update(canonical([*line]) + b"\n")
    for extra in adjustments_of(month, [point_id]):
        sha.update(canonical(_shown(extra)) + b"\n")
    return len(lines), sha.hexdigest(), _SEQUENCE(lines[-1]) if lines else 0


def _lines_of_a_month() -> Select[Any]:
    """Every column that tells what happened, as the ledger's digests spell it; none that follows
    from the others."""
    columns = [
        type_coerce(column, BigInteger) if isinstance(column.type, Instant) else column
        for column in Serving.__table__.columns
        if column.name not in ("decision_id", "content_mac")
    ]
    return (
        select(*columns, Decision.content)
        .join(Decision, Decision.id == Serving.decision_id)
        .where(Serving.point_id == bindparam("point"), Serving.settle_month == bindparam("month"))
    )


# Two statements, each along its own index, however long the point's history is.
_OWN_LINES = (
    _lines_of_a_month()
    .where(Serving.served_on.between(bindparam("first"), bindparam("last")), ~Serving.late)
    .order_by(Serving.sequence)
)
_LATE_LINES = _lines_of_a_month().where(Serving.late).order_by(Serving.sequence)
_SEQUENCE = itemgetter([column.name for column in Serving.__table__.columns].index("sequence"))


def adjustments_of(month: Month, point_ids: Iterable[int]) -> Sequence[SettlementAdjustment]:
    """What settles in this month at these points beside the ledger's lines, in order."""
    return db.session.scalars(
        select(SettlementAdjustment)
        .where(
            SettlementAdjustment.settle_month == month.key,
            SettlementAdjustment.point_id.in_(point_ids),
        )
        .order_by(SettlementAdjustment.id)
    ).all()


def _shown(extra: SettlementAdjustment) -> list[Any]:
    return [extra.kind, extra.sequence, extra.amount_fen, extra.funding, micros(extra.made_at)]


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


def _submit_one(
    month: Month,
    place: MealPoint,
    claim: dict[str, Any],
    stars: int | None,
    by: Actor,
    now: datetime,
) -> None:
    count, digest, last = digest_of_lines(month, place.id)
    batch = SettlementBatch(
        point_id=place.id,
        month=month.key,
        status=SUBMITTED,
        document=json.dumps(claim, ensure_ascii=False),
        heading=json.dumps(heading_of(place), ensure_ascii=False),
        grounds=json.dumps(_grounds(place, stars)),
        payable_fen=claim["payable_fen"],
        line_count=count,
        line_digest=digest,
        last_sequence=last,
        submitted_at=now,
        submitted_by=str(by),
    )
    db.session.add(batch)
    db.session.flush()
    freeze_month(place.id, place.code, month.key, by)
    detail = {
        "lines": count,
        "digest": digest,
        "payable_fen": claim["payable_fen"],
        "claim": row_digest(batch, CLAIM),
        "grounds": row_digest(batch, GROUNDS),
    }
    act = add_act(batch, "submit", "submit", SUBMITTED, by, now, detail=detail)
    detail["act"] = row_digest(act, ACT)
    record(by, "settlement.submit", f"{month}/{place.code}", detail)


def _grounds(place: MealPoint, stars: int | None) -> dict[str, Any]:
    """What a claim is computed under, as known now: each policy in force with its last day, where
    the point stands, and its star grade on the month's last day.
    """
    policies = {one.code: str(one.effective_to or "") for one in policies_in_force()}
    return {"policies": policies, "division": place.division, "stars": stars}


def division_of(batch: SettlementBatch, place: MealPoint) -> str:
    """Where the point stood when the batch was submitted."""
    return json.loads(batch.grounds).get("division", place.division)


def stars_of(batch: SettlementBatch) -> int | None:
    """The point's star grade as it was known when the batch was submitted."""
    return json.loads(batch.grounds).get("stars")


def policies_of(batch: SettlementBatch) -> tuple[Policy, ...]:
    """The policies as they were known when the batch was submitted."""
    known = json.loads(batch.grounds).get("policies")
    if known is None:
        return policies_in_force()
    return tuple(
        replace(
            policy, effective_to=date.fromisoformat(last) if (last := known[policy.code]) else None
        )
        for policy in policies_in_force()
        if policy.code in known
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


def claims_of(
    month: Month,
    places: Mapping[int, MealPoint],
    policies: Sequence[Policy] | None = None,
    stars: Mapping[int, int | None] | None = None,
    divisions: Mapping[int, str] | None = None,
) -> dict[int, dict[str, Any]]:
    """The claim of each of these points that has lines or adjustments in the month, from the ledger.

    `policies`, `stars`, `divisions`: those known at another time, for a month submitted then.
    """
    groups = _groups(month, places)
    extras: dict[int, list[Extra]] = defaultdict(list)
    for extra in adjustments_of(month, places):
        extras[extra.point_id].append(Extra(extra.amount_fen, json.loads(extra.funding)))
    days = _days_with_serving(month, places)
    if policies is None:
        policies = policies_in_force()
    if stars is None:
        stars = stars_on(places, month.last_day)
    return {
        point_id: settle_point(
            places[point_id].code,
            (divisions or {}).get(point_id, places[point_id].division),
            month,
            groups[point_id],
            days.get(point_id, 0),
            policies,
            extras[point_id],
            stars.get(point_id),
        )
        for point_id in groups.keys() | extras.keys()
    }


def earned_of(month: Month, place: MealPoint, batch: SettlementBatch | None) -> list[Earned]:
    """A point's operating money rule by rule, a submitted month's as it was known then."""
    division = place.division if batch is None else division_of(batch, place)
    known = (
        (policies_of(batch), stars_of(batch))
        if batch is not None
        else (policies_in_force(), stars_on([place.id], month.last_day).get(place.id))
    )
    groups = _groups(month, {place.id: place})[place.id]
    days = _days_with_serving(month, [place.id]).get(place.id, 0)
    return earned_by_point(division, month, groups, days, *known)


def _groups(month: Month, places: Mapping[int, MealPoint]) -> dict[int, list[Group]]:
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
        .where(DailyTally.settle_month == month.key, DailyTally.point_id.in_(places))
        .group_by(DailyTally.point_id, DailyTally.late, Decision.id, Decision.content)
    )
    for row in rows:
        amounts = (int(part) for part in row[3:])
        groups[row.point_id].append(Group(row.content, bool(row.late), *amounts))
    return groups


def _points_with_money(month: Month) -> set[int]:
    tallied = select(DailyTally.point_id).where(DailyTally.settle_month == month.key)
    extra = select(SettlementAdjustment.point_id).where(
        SettlementAdjustment.settle_month == month.key
    )
    return set(db.session.scalars(union(tallied, extra)))


def _days_with_serving(month: Month, points: Iterable[int]) -> dict[int, int]:
    per_day = (
        select(DailyTally.point_id)
        .where(
            DailyTally.settle_month == month.key,
            DailyTally.point_id.in_(points),
            ~DailyTally.late,
        )
        .group_by(DailyTally.point_id, DailyTally.served_on)
        .having(func.sum(DailyTally.lines - DailyTally.reversals) > 0)
        .subquery()
    )
    counted = select(per_day.c.point_id, func.count()).group_by(per_day.c.point_id)
    return dict(db.session.execute(counted).all())


def _refuse_if_earlier_open(month: Month, places: Mapping[int, MealPoint]) -> None:
    earlier: list[tuple[int, int]] = []
    for table in (DailyTally, SettlementAdjustment):
        frozen = (
            select(FrozenMonth.month)
            .where(FrozenMonth.point_id == table.point_id, FrozenMonth.month == table.settle_month)
            .exists()
        )
        rows = db.session.execute(
            select(table.settle_month, table.point_id)
            .where(table.settle_month < month.key, table.point_id.in_(places), ~frozen)
            .distinct()
        )
        earlier += [(row.settle_month, row.point_id) for row in rows]
    if earlier:
        first = min(earlier)[0]
        codes = sorted({places[point_id].code for key, point_id in earlier if key == first})
        raise refusals.EarlierMonthOpen(
            month=Month.from_key(first).chinese, points="、".join(codes[:5])
        )


def _entry(claim: Mapping[str, Any], status: str, held_fen: int) -> dict[str, Any]:
    """A point's settlement as the interface shows it: its status stands in second place."""
    entry = less_held(claim, held_fen)
    return {"point": entry.pop("point"), "status": status, **entry}
