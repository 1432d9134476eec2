"""The clerk's verbs at the till: record a serving, reverse one, freeze a point's month."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import Connection, bindparam, func, insert, select

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.refusals import Refusal
from mealsvc.menus.register import elder_ceiling, filed_prices
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import after_commit, db, micros
from mealsvc.plumbing.prepared import Prepared
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import Decision, Meal, Policy, Usage, decide_under, governing, withheld
from mealsvc.residents.models import Resident
from mealsvc.servings import refusals
from mealsvc.servings import rules as serving_rules
from mealsvc.servings.lookup import Person, Scene, frozen_months, month_count, read_scene
from mealsvc.servings.models import DailyTally, FrozenMonth, RefusedAttempt, Serving, ServingKey
from mealsvc.servings.models import Decision as DecisionRow
from mealsvc.servings.rules import Order, PointFacts
from mealsvc.trail.rules import digest
from mealsvc.trail.services import chain, record

RECORDED = "servings.record"
REVERSED = "servings.reverse"
LINE_COLUMNS = tuple(column.name for column in Serving.__table__.columns)
_INSERT = Prepared(insert(Serving), LINE_COLUMNS)
_LINE = (
    select(*Serving.__table__.columns, DecisionRow.content, Resident.name, MealPoint.code)
    .join(DecisionRow, DecisionRow.id == Serving.decision_id)
    .join(Resident, Resident.id == Serving.resident_id)
    .join(MealPoint, MealPoint.id == Serving.point_id)
)
_LINE_BY_SEQUENCE = _LINE.where(Serving.sequence == bindparam("sequence"))
_LINE_BY_KEY = _LINE.join(ServingKey, ServingKey.sequence == Serving.sequence).where(
    ServingKey.key == bindparam("key")
)
_REVERSAL_OF = select(Serving.sequence).where(Serving.reverses == bindparam("sequence"))
_DECISION = select(DecisionRow.id).where(DecisionRow.digest == bindparam("digest"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was recorded, as it is told to whoever asked; `fresh` is False for a replay."""

    key: str
    sequence: int
    resident_id: int
    resident_name: str
    price_fen: int
    subsidy_fen: int
    self_pay_fen: int
    reason: str | None
    tier: str | None
    rules: tuple[tuple[str, int], ...]
    fresh: bool
    reverses: str | None = None

    def body(self) -> dict[str, Any]:
        """The JSON body of the interface; the same for the first answer and for every replay."""
        if self.reverses is not None:
            return {
                "key": self.key,
                "reverses": self.reverses,
                "price_fen": self.price_fen,
                "subsidy_fen": self.subsidy_fen,
                "self_pay_fen": self.self_pay_fen,
                "sequence": self.sequence,
            }
        return {
            "key": self.key,
            "resident": {"name": mask_name(self.resident_name), "tier": self.tier},
            "price_fen": self.price_fen,
            "subsidy_fen": self.subsidy_fen,
            "self_pay_fen": self.self_pay_fen,
            "reason": self.reason,
            "rules": [{"rule": rule, "subsidy_fen": fen} for rule, fen in self.rules],
            "sequence": self.sequence,
        }


def record_serving(connection: Connection, order: Order, by: Actor, now: datetime) -> Receipt:
    """Records one meal, or answers a replay of it; raises a `Refusal` when no line may be written.

    `connection` is that of the present `writing()`; `now` the server's clock.
    """
    serving_rules.check_form(order)
    scene = read_scene(connection, order.key, order.point, order.credential, order.day, order.meal)
    content_mac = vault().index("content", order.content())
    if scene.prior is not None:
        line = connection.execute(_LINE_BY_SEQUENCE, {"sequence": scene.prior}).one()
        if line.content_mac == content_mac:
            return receipt_of(line, fresh=False)
    person, point = _admit(order, scene, now)
    decision = _decide(connection, order, scene, point)
    month, late = serving_rules.settling_month(order.day, frozenset())
    if scene.frozen:
        frozen = frozen_months(connection, [point.id])[point.id]
        month, late = serving_rules.settling_month(order.day, frozen)
    links = chain(scene.head)
    row = line_of(order, point.id, person.id, decision, month, late, content_mac, now)
    content = serving_rules.decision_content(decision)
    row |= {"sequence": links.next_seq, "decision_id": decision_id(connection, content)}
    links.append(by, RECORDED, order.key, line_digest(row, content), now)
    links.flush()
    _INSERT(connection, row)
    return Receipt(
        order.key,
        row["sequence"],
        person.id,
        person.name,
        row["price_fen"],
        decision.subsidy_fen,
        decision.self_pay_fen,
        decision.reason,
        decision.tier,
        tuple((paid.code, paid.fen) for paid in decision.rules),
        fresh=True,
    )


def preview(connection: Connection, order: Order, now: datetime) -> tuple[Person, Decision]:
    """What `record_serving` would decide now, and for whom; reads only.

    Raises the same refusals: a used key conflicts, whatever its content.
    """
    serving_rules.check_form(order)
    scene = read_scene(connection, order.key, order.point, order.credential, order.day, order.meal)
    person, point = _admit(order, scene, now)
    return person, _decide(connection, order, scene, point)


def reverse_serving(
    connection: Connection,
    key: str,
    reverses: str,
    reason: str,
    at: datetime | None,
    by: Actor,
    now: datetime,
) -> Receipt:
    """Takes a serving back by a new line with the negative amounts (冲正); frees its slot.

    `reverses` is the key of the line; `at` when it happened, if the sender says so.
    """
    for name, text, longest in (
        ("流水号", key, 64),
        ("原流水号", reverses, 64),
        ("原因", reason, 200),
    ):
        serving_rules.check_text(name, text, longest)
    content = json.dumps([reverses, reason, at and at.timestamp()], ensure_ascii=False)
    content_mac = vault().index("content", content)
    used = connection.execute(_LINE_BY_KEY, {"key": key}).first()
    if used is not None and used.reverses is not None and used.content_mac == content_mac:
        return receipt_of(used, fresh=False, reverses=reverses)
    line = connection.execute(_LINE_BY_KEY, {"key": reverses}).first()
    if line is None:
        raise refusals.UnknownServing(key=reverses)
    if line.reverses is not None:
        raise refusals.NotReversible()
    if connection.execute(_REVERSAL_OF, {"sequence": line.sequence}).first():
        raise refusals.AlreadyReversed()
    if used is not None:
        raise refusals.KeyConflict(key=key)
    frozen = frozen_months(connection, [line.point_id])[line.point_id]
    month, late = serving_rules.settling_month(line.served_on, frozen)
    row = {name: getattr(line, name) for name in LINE_COLUMNS} | {
        "key": key,
        "price_fen": -line.price_fen,
        "subsidy_fen": -line.subsidy_fen,
        "self_pay_fen": -line.self_pay_fen,
        "delivery_fen": -line.delivery_fen,
        "settle_month": month,
        "late": late,
        "reverses": line.sequence,
        "note": reason,
        "content_mac": content_mac,
        "operator": by.name if by.kind == "user" else "",
        "device": by.name if by.kind == "device" else "",
        "recorded_at": now,
        "sequence": chain().next_seq,
    }
    chain().append(by, REVERSED, key, line_digest(row, line.content), now)
    chain().flush()
    _INSERT(connection, row)
    return receipt_of(
        connection.execute(_LINE_BY_SEQUENCE, {"sequence": row["sequence"]}).one(),
        fresh=True,
        reverses=reverses,
    )


def log_refusal(connection: Connection, order: Order, refusal: Refusal, now: datetime) -> None:
    """Keeps a refused attempt for audit: time, point, device, code; never the number in clear."""
    statement = select(RefusedAttempt.key).where(
        RefusedAttempt.key == order.key, RefusedAttempt.code == refusal.code
    )
    if connection.execute(statement).first() is None:
        connection.execute(insert(RefusedAttempt), refused_row(order, refusal, now))


def refused_row(order: Order, refusal: Refusal, now: datetime) -> dict[str, Any]:
    """One row of the log of refused attempts."""
    return {
        "key": order.key,
        "code": refusal.code,
        "at": now,
        "point": order.point,
        "device": order.device,
        "credential": vault().index("attempt", order.credential),
    }


def freeze_month(point_id: int, point_code: str, month: int, by: Actor) -> None:
    """Closes a month for a point: whatever reaches it later settles in a later one."""
    db.session.execute(insert(FrozenMonth), {"point_id": point_id, "month": month})
    record(by, "servings.freeze", point_code, {"month": month})


def last_day_of_policy(code: str) -> date | None:
    """The last local date on which a serving was subsidised under this policy."""
    used = [
        row.id
        for row in db.session.execute(select(DecisionRow.id, DecisionRow.content))
        if (content := json.loads(row.content))["policy"] == code and content["reason"] is None
    ]
    return db.session.scalar(
        select(func.max(DailyTally.served_on)).where(DailyTally.decision_id.in_(used))
    )


def line_of(
    order: Order,
    point_id: int,
    resident_id: int,
    decision: Decision,
    month: int,
    late: bool,
    content_mac: bytes,
    now: datetime,
) -> dict[str, Any]:
    """The ledger row of a serving, but for its sequence and decision row."""
    return {
        "key": order.key,
        "point_id": point_id,
        "resident_id": resident_id,
        "served_at": order.served_at,
        "served_on": order.day,
        "meal": order.meal,
        "mode": order.mode,
        "method": order.method,
        "price_fen": order.price_fen,
        "subsidy_fen": decision.subsidy_fen,
        "self_pay_fen": decision.self_pay_fen,
        "delivery_fen": decision.delivery.fen if decision.delivery else 0,
        "reason": decision.reason,
        "age": decision.age,
        "settle_month": month,
        "late": late,
        "reverses": None,
        "note": order.note,
        "content_mac": content_mac,
        "operator": order.operator,
        "device": order.device,
        "recorded_at": now,
    }


def line_digest(row: Any, content: str) -> str:
    """The digest of every column of a ledger row and of its decision, as the trail keeps it."""
    return digest(
        [*(plain_value(row[name]) for name in LINE_COLUMNS if name != "decision_id"), content]
    )


def decision_id(connection: Connection, content: str) -> int:
    """The row of this decision, made if it is the first of its kind."""
    key = digest([content])
    cache = current_app.extensions["mealsvc.caches"].setdefault("decisions", {})
    known = cache.get(key)
    if known is None:
        known = connection.execute(_DECISION, {"digest": key}).scalar()
        if known is None:
            known = connection.execute(
                insert(DecisionRow).returning(DecisionRow.id),
                {"digest": key, "content": content},
            ).scalar_one()
        after_commit(lambda: cache.__setitem__(key, known))
    return known


def decide_for(
    policies: tuple[Policy, ...], order: Order, point: PointFacts, facts: Any, usage: Any
) -> Decision:
    """The decision for an order; `usage(policy)` counts what the policy caps."""
    assert order.price_fen is not None
    governed = governing(policies, facts, order.day)
    meal = Meal(order.day, order.meal, order.mode, order.price_fen)
    counts = Usage() if isinstance(governed, str) else usage(governed)
    decision = decide_under(governed, meal, facts, counts)
    return decision if point.subsidises_on(order.day) else withheld(decision)


def receipt_of(line: Any, fresh: bool, reverses: str | None = None) -> Receipt:
    """The receipt of a stored line."""
    content = json.loads(line.content)
    return Receipt(
        line.key,
        line.sequence,
        line.resident_id,
        line.name,
        line.price_fen,
        line.subsidy_fen,
        line.self_pay_fen,
        line.reason,
        content.get("tier"),
        tuple((rule, fen) for rule, fen, _ in content.get("rules", ())),
        fresh,
        reverses,
    )


def receipt_under(connection: Connection, key: str) -> Receipt | None:
    """What was recorded under this key, as a replay would be told; None if nothing was."""
    line = connection.execute(_LINE_BY_KEY, {"key": key}).first()
    return None if line is None else receipt_of(line, fresh=False)


def _admit(order: Order, scene: Scene, now: datetime) -> tuple[Person, PointFacts]:
    """Who eats where, unless the order is refused."""
    person, point = scene.person, scene.point
    ceiling = None
    if point is not None:
        filed = filed_prices(scene.filed_revision)
        ceiling = elder_ceiling(filed, point.id, order.meal, order.day)
    serving_rules.check(
        order,
        point,
        person.facts.departures if person else None,
        scene.prior is not None,
        now,
        scene.price_limit_fen,
        ceiling,
    )
    assert person is not None and point is not None
    return person, point


def _decide(connection: Connection, order: Order, scene: Scene, point: PointFacts) -> Decision:
    person = scene.person
    assert person is not None

    def usage(policy: Policy) -> Usage:
        month = 0
        if policy.per_month is not None:
            month = month_count(connection, person.id, order.day)
        return Usage(scene.slot_taken, scene.day_count, month)

    policies = policies_in_force(scene.policy_revision)
    return decide_for(policies, order, point, person.facts, usage)


def plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, int) else str(value)
