"""The till by the thousand: files of servings, judged row by row, read and written batch by batch.

The rules are those of a single serving; only what they need is looked up for many rows at once,
and kept as long as nobody else has written.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.menus.register import elder_ceiling, filed_prices
from mealsvc.plumbing.bulk import BulkInsert
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import micros
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Decision, Policy, Usage
from mealsvc.servings import rules as serving_rules
from mealsvc.servings.desk_reading import (
    People,
    earlier_attempts,
    month_counts,
    price_limits,
    read_points,
    read_slots,
    used_keys,
)
from mealsvc.servings.lookup import DEFAULT_PRICE_LIMIT_FEN
from mealsvc.servings.models import RefusedAttempt, Serving
from mealsvc.servings.rules import Order, PointFacts
from mealsvc.servings.services import (
    LINE_COLUMNS,
    RECORDED,
    decide_for,
    decision_id,
    line_of,
    refused_row,
)
from mealsvc.trail.rules import digest
from mealsvc.trail.services import Chain, chain

_INSERT = BulkInsert(Serving.__table__, LINE_COLUMNS)
_REFUSED = insert(RefusedAttempt)
_STORED = {"served_at": micros, "recorded_at": micros, "served_on": date.isoformat}
_CONVERT = tuple((name, _STORED.get(name)) for name in LINE_COLUMNS)
_MAC, _DECISION = LINE_COLUMNS.index("content_mac"), LINE_COLUMNS.index("decision_id")
MOST_DECISIONS = 20_000  # different ones in memory; shares of odd prices make many


class Recorded(NamedTuple):
    """A row that now stands in the ledger; `fresh` is False for a replay."""

    subsidy_fen: int
    reason: str | None
    fresh: bool


REPLAYED = Recorded(0, None, fresh=False)


class Desk:
    """One desk for one file: call `record` batch by batch, rows in the order of evaluation."""

    def __init__(self) -> None:
        self._seen_seq = -1
        self._forget()

    def _forget(self) -> None:
        self.points: dict[str, PointFacts | None] = {}
        self.frozen: dict[int, frozenset[int]] = {}
        self.people = People()
        self.slots: dict[date, set[tuple[str, int]]] = {}
        self.months: dict[int, defaultdict[int, int]] = {}
        self.decisions: dict[Any, tuple[str, int]] = {}

    def record(
        self, connection: Connection, orders: Sequence[Order], by: Actor, now: datetime
    ) -> list[Recorded | Refusal]:
        """One outcome for each order, in order; lines, trail and log of refusals are written."""
        links = chain()
        if links.head.seq != self._seen_seq:
            self._forget()
        self._prepare(connection, orders)
        batch = _Batch(self, connection, orders, links, by, now)
        outcomes = [batch.outcome(order) for order in orders]
        batch.write()
        self._seen_seq = links.head.seq
        return outcomes

    def _prepare(self, connection: Connection, orders: Sequence[Order]) -> None:
        codes = {order.point for order in orders} - self.points.keys()
        if codes:
            points, frozen = read_points(connection, codes)
            self.points |= points
            self.frozen |= frozen
        self.people.load(connection, {order.credential for order in orders})
        days = {order.day for order in orders}
        self.slots = {day: slots for day, slots in self.slots.items() if day in days}
        for day in days - self.slots.keys():
            self.slots[day] = read_slots(connection, day)
        months = {_month_key(day) for day in days}
        self.months = {key: counts for key, counts in self.months.items() if key in months}
        if len(self.decisions) > MOST_DECISIONS:
            self.decisions = {}

    def takes_slot(self, order: Order, resident_id: int) -> None:
        """A subsidised line was added: it counts for the next ones."""
        self.slots[order.day].add((order.meal, resident_id))
        counts = self.months.get(_month_key(order.day))
        if counts is not None:
            counts[resident_id] += 1

    def month_count(self, connection: Connection, day: date, resident_id: int) -> int:
        """The resident's subsidised servings of that month, those of this batch included."""
        key = _month_key(day)
        if key not in self.months:
            month = Month.of(day)
            counts = month_counts(connection, month)
            for other, slots in self.slots.items():
                if other in month:
                    for _, taker in slots - read_slots(connection, other):
                        counts[taker] += 1
            self.months[key] = counts
        return self.months[key][resident_id]


class _Batch:
    """Some orders on a desk; what they add is written together."""

    def __init__(
        self,
        desk: Desk,
        connection: Connection,
        orders: Sequence[Order],
        links: Chain,
        by: Actor,
        now: datetime,
    ) -> None:
        self.desk, self.connection, self.links, self.by, self.now = desk, connection, links, by, now
        self.keys = vault()
        self.policies = policies_in_force()
        self.filed = filed_prices()
        limits = price_limits(connection)
        self.price_limits = {
            day: next((fen for start, fen in limits if start <= day), DEFAULT_PRICE_LIMIT_FEN)
            for day in desk.slots
        }
        self.used = used_keys(connection, {order.key for order in orders})
        self.rows: list[tuple[Any, ...]] = []
        self.refused: dict[tuple[str, str], dict[str, Any]] = {}

    def outcome(self, order: Order) -> Recorded | Refusal:
        try:
            return self._record(order)
        except Refusal as refusal:
            if refusal.code != "malformed":
                row = refused_row(order, refusal, self.now)
                self.refused.setdefault((order.key, refusal.code), row)
            return refusal

    def write(self) -> None:
        """The trail, the lines, and the attempts that nobody has logged before."""
        self.links.flush()
        if self.rows:
            _INSERT(self.connection, self.rows)
        if self.refused:
            keys = {key for key, _ in self.refused}
            known = earlier_attempts(self.connection, keys)
            fresh = [row for name, row in self.refused.items() if name not in known]
            if fresh:
                self.connection.execute(_REFUSED, fresh)

    def _record(self, order: Order) -> Recorded:
        serving_rules.check_form(order)
        content_mac = self.keys.index("content", order.content())
        before = self.used.get(order.key)
        if before == content_mac:
            return REPLAYED
        point = self.desk.points[order.point]
        person = self.desk.people.on(order.day, order.credential)
        serving_rules.check(
            order,
            point,
            person.facts.departures if person else None,
            before is not None,
            self.now,
            self.price_limits[order.day],
            point and elder_ceiling(self.filed, point.id, order.meal, order.day),
        )
        assert person is not None and point is not None
        decision = decide_for(
            self.policies,
            order,
            point,
            person.facts,
            lambda policy: self._usage(policy, order, person.id),
        )
        month, late = serving_rules.settling_month(order.day, self.desk.frozen[point.id])
        line = line_of(order, point.id, person.id, decision, month, late, content_mac, self.now)
        self._add(line, decision)
        self.used[order.key] = content_mac
        if decision.reason is None:
            self.desk.takes_slot(order, person.id)
        return Recorded(decision.subsidy_fen, decision.reason, fresh=True)

    def _add(self, line: dict[str, Any], decision: Decision) -> None:
        content, line["decision_id"] = self._decision(decision)
        line["sequence"] = self.links.next_seq
        stored = [line[name] if plain is None else plain(line[name]) for name, plain in _CONVERT]
        self.rows.append(tuple(stored))
        # the same as `line_digest` of the row, whose dates and instants are plain already
        stored[_MAC] = stored[_MAC].hex()
        del stored[_DECISION]
        self.links.append(self.by, RECORDED, line["key"], digest([*stored, content]), self.now)

    def _decision(self, decision: Decision) -> tuple[str, int]:
        """Its content and row; most servings get one of a few decisions."""
        key = (
            decision.policy_code,
            decision.reason,
            decision.tier,
            decision.tier_name,
            decision.rules,
            decision.delivery,
            decision.cut_fen,
            decision.limit,
        )
        found = self.desk.decisions.get(key)
        if found is None:
            content = serving_rules.decision_content(decision)
            found = content, decision_id(self.connection, content)
            self.desk.decisions[key] = found
        return found

    def _usage(self, policy: Policy, order: Order, resident_id: int) -> Usage:
        slots = self.desk.slots[order.day]
        day_count = month_count = 0
        if policy.per_day is not None:
            day_count = sum((meal, resident_id) in slots for meal in MEALS)
        if policy.per_month is not None:
            month_count = self.desk.month_count(self.connection, order.day, resident_id)
        return Usage((order.meal, resident_id) in slots, day_count, month_count)


def _month_key(day: date) -> int:
    """202405: `Month.of(day).key`, for a loop of many thousands."""
    return day.year * 100 + day.month
