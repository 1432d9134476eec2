"""The till by the thousand: files of servings, judged row by row, read and written batch by batch.

The rules are those of a single serving; only what they need is looked up for many rows at once,
and kept as long as nobody else has written.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.models import MealPoint, PointSuspension
from mealsvc.plumbing.crypto import vault
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Policy, Usage
from mealsvc.residents.models import Credential, Resident, ResidentFact
from mealsvc.servings import rules as serving_rules
from mealsvc.servings.lookup import (
    DEFAULT_PRICE_LIMIT_FEN,
    PRICE_LIMIT,
    frozen_months,
    identify,
    person_on,
)
from mealsvc.servings.models import RefusedAttempt, Serving, ServingKey, ServingSlot
from mealsvc.servings.rules import Order, PointFacts
from mealsvc.servings.services import (
    RECORDED,
    decide_for,
    decision_id,
    line_digest,
    line_of,
    refused_row,
)
from mealsvc.settings.models import Setting
from mealsvc.trail.services import chain

_INSERT = insert(Serving)
_REFUSED = insert(RefusedAttempt)
_FACTS = (
    select(
        Resident.id.label("resident_id"),
        Resident.name,
        Resident.birth_on,
        Resident.hukou_division,
        Resident.residence_division,
        ResidentFact.kind.label("fact"),
        ResidentFact.value,
        ResidentFact.from_on,
        ResidentFact.to_on,
    )
    .outerjoin(ResidentFact, ResidentFact.resident_id == Resident.id)
    .order_by(Resident.id)
)
MOST_KEPT = 50_000  # residents in memory; a file may name any number


class Recorded(NamedTuple):
    """A row that now stands in the ledger; `fresh` is False for a replay."""

    subsidy_fen: int
    reason: str | None
    fresh: bool


class Desk:
    """One desk for one file: call `record` batch by batch, rows in the order of evaluation."""

    def __init__(self) -> None:
        self._seen_seq = -1
        self._forget()

    def _forget(self) -> None:
        self._points: dict[str, PointFacts | None] = {}
        self._frozen: dict[int, frozenset[int]] = {}
        self._who: dict[str, int] = {}
        self._residents: dict[int, list[Any]] = {}
        self._slots: dict[date, set[tuple[str, int]]] = {}
        self._months: dict[int, defaultdict[int, int]] = {}
        self._policies: tuple[Policy, ...] = ()
        self._limits: list[tuple[date, int]] = []

    def record(
        self, connection: Connection, orders: Sequence[Order], by: Actor, now: datetime
    ) -> list[Recorded | Refusal]:
        """One outcome for each order, in order; lines, trail and log of refusals are written."""
        links = chain()
        if links.head.seq != self._seen_seq:
            self._forget()
        self._prepare(connection, orders)
        prior = self._prior(connection, orders)
        rows: list[dict[str, Any]] = []
        refused: dict[tuple[str, str], dict[str, Any]] = {}
        outcomes: list[Recorded | Refusal] = []
        for order in orders:
            try:
                outcomes.append(self._one(connection, order, by, now, prior, rows))
            except Refusal as refusal:
                outcomes.append(refusal)
                if refusal.code != "malformed":
                    refused[order.key, refusal.code] = refused_row(order, refusal, now)
        links.flush()
        if rows:
            connection.execute(_INSERT, rows)
        self._log(connection, refused)
        self._seen_seq = links.head.seq
        return outcomes

    def _one(
        self,
        connection: Connection,
        order: Order,
        by: Actor,
        now: datetime,
        prior: dict[str, bytes],
        rows: list[dict[str, Any]],
    ) -> Recorded:
        serving_rules.check_form(order)
        content_mac = vault().index("content", order.content())
        before = prior.get(order.key)
        if before == content_mac:
            return Recorded(0, None, fresh=False)
        point = self._points[order.point]
        resident_id = self._resident_of(order.credential)
        person = None
        if resident_id is not None:
            person = person_on(order.day, self._residents[resident_id])
        serving_rules.check(
            order,
            point,
            person.facts.departures if person else None,
            before is not None,
            now,
            self._price_limit(order.day),
        )
        assert person is not None and point is not None
        decision = decide_for(
            self._policies,
            order,
            person.facts,
            lambda policy: self._usage(connection, policy, order, person.id),
        )
        month, late = serving_rules.settling_month(order.day, self._frozen[point.id])
        row = line_of(order, point.id, person.id, decision, month, late, content_mac, now)
        content = serving_rules.decision_content(decision)
        links = chain()
        row |= {"sequence": links.next_seq, "decision_id": decision_id(connection, content)}
        links.append(by, RECORDED, order.key, line_digest(row, content), now)
        rows.append(row)
        prior[order.key] = content_mac
        if decision.reason is None:
            self._slots[order.day].add((order.meal, person.id))
            counts = self._months.get(Month.of(order.day).key)
            if counts is not None:
                counts[person.id] += 1
        return Recorded(decision.subsidy_fen, decision.reason, fresh=True)

    def _usage(
        self, connection: Connection, policy: Policy, order: Order, resident_id: int
    ) -> Usage:
        slots = self._slots[order.day]
        month_count = 0
        if policy.per_month is not None:
            month_count = self._month_counts(connection, order.day)[resident_id]
        day_count = sum((meal, resident_id) in slots for meal in ("breakfast", "lunch", "dinner"))
        return Usage((order.meal, resident_id) in slots, day_count, month_count)

    def _month_counts(self, connection: Connection, day: date) -> defaultdict[int, int]:
        month = Month.of(day)
        if month.key not in self._months:
            statement = (
                select(ServingSlot.resident_id, func.count())
                .where(ServingSlot.served_on.between(month.first_day, month.last_day))
                .group_by(ServingSlot.resident_id)
            )
            counts = defaultdict(int, {row[0]: row[1] for row in connection.execute(statement)})
            for order_day, slots in self._slots.items():
                if order_day in month:
                    self._add_unwritten(connection, counts, order_day, slots)
            self._months = {month.key: counts}
        return self._months[month.key]

    def _add_unwritten(
        self,
        connection: Connection,
        counts: defaultdict[int, int],
        day: date,
        slots: set[tuple[str, int]],
    ) -> None:
        written = self._read_slots(connection, day)
        for _, resident_id in slots - written:
            counts[resident_id] += 1

    def _prepare(self, connection: Connection, orders: Sequence[Order]) -> None:
        self._policies = policies_in_force()
        self._limits = _price_limits(connection)
        self._load_points(connection, {order.point for order in orders} - self._points.keys())
        self._load_residents(connection, orders)
        days = {order.day for order in orders}
        self._slots = {day: slots for day, slots in self._slots.items() if day in days}
        for day in days - self._slots.keys():
            self._slots[day] = self._read_slots(connection, day)

    def _read_slots(self, connection: Connection, day: date) -> set[tuple[str, int]]:
        statement = select(ServingSlot.meal, ServingSlot.resident_id)
        found = connection.execute(statement.where(ServingSlot.served_on == day))
        return {(meal, resident_id) for meal, resident_id in found}

    def _load_points(self, connection: Connection, codes: set[str]) -> None:
        if not codes:
            return
        self._points |= dict.fromkeys(codes)
        places = connection.execute(
            select(MealPoint.id, MealPoint.code, MealPoint.opened_on, MealPoint.closed_on).where(
                MealPoint.code.in_(codes)
            )
        ).all()
        ids = [place.id for place in places]
        suspensions: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
        for point_id, start, end in connection.execute(
            select(
                PointSuspension.point_id, PointSuspension.from_on, PointSuspension.to_on
            ).where(PointSuspension.point_id.in_(ids))
        ):
            suspensions[point_id].append((start, end))
        self._frozen |= frozen_months(connection, ids)
        for place in places:
            self._points[place.code] = PointFacts(
                place.id,
                place.code,
                place.opened_on,
                place.closed_on,
                tuple(suspensions[place.id]),
            )

    def _load_residents(self, connection: Connection, orders: Sequence[Order]) -> None:
        if len(self._residents) > MOST_KEPT:
            self._who, self._residents = {}, {}
        shown: dict[bytes, str] = {}
        for credential in {order.credential for order in orders} - self._who.keys():
            as_card, as_id, row = identify(credential)
            if row is not None:
                self._who[credential] = row
            else:
                shown[as_id] = shown[as_card] = credential
        statement = select(Credential.digest, Credential.resident_id)
        wanted = Credential.digest.in_(shown), Credential.status == "active"
        for digest, resident_id in connection.execute(statement.where(*wanted)):
            self._who[shown[bytes(digest)]] = resident_id
        ids = set(self._who.values()) - self._residents.keys()
        if ids:
            for row in connection.execute(_FACTS.where(Resident.id.in_(ids))):
                self._residents.setdefault(row.resident_id, []).append(row)

    def _resident_of(self, credential: str) -> int | None:
        resident_id = self._who.get(credential)
        return resident_id if resident_id in self._residents else None

    def _price_limit(self, day: date) -> int:
        return next((fen for start, fen in self._limits if start <= day), DEFAULT_PRICE_LIMIT_FEN)

    def _prior(self, connection: Connection, orders: Sequence[Order]) -> dict[str, bytes]:
        """The content of every key of the batch that is already used."""
        statement = select(ServingKey.key, Serving.content_mac).join(
            Serving, Serving.sequence == ServingKey.sequence
        )
        keys = {order.key for order in orders}
        found = connection.execute(statement.where(ServingKey.key.in_(keys)))
        return {key: bytes(mac) for key, mac in found}

    def _log(
        self, connection: Connection, refused: dict[tuple[str, str], dict[str, Any]]
    ) -> None:
        if refused:
            keys = {key for key, _ in refused}
            known = connection.execute(
                select(RefusedAttempt.key, RefusedAttempt.code).where(RefusedAttempt.key.in_(keys))
            )
            for key, code in known:
                refused.pop((key, code), None)
        if refused:
            connection.execute(_REFUSED, list(refused.values()))


def _price_limits(connection: Connection) -> list[tuple[date, int]]:
    statement = (
        select(Setting.effective_from, Setting.value)
        .where(Setting.key == PRICE_LIMIT)
        .order_by(Setting.effective_from.desc())
    )
    return [(start, int(value)) for start, value in connection.execute(statement)]
