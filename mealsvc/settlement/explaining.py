"""Why a line of the ledger is what it is: policy, facts of that day and since when they are known,
usage, and everything that became of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.months import Month
from mealsvc.places.models import Division
from mealsvc.plumbing.db import db
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.policies.register import as_policy
from mealsvc.policies.rules import Decision, Policy
from mealsvc.policies.summary import AGE_NAMES, conditions, rule_in_words
from mealsvc.residents.models import FactChange, Resident, ResidentFact
from mealsvc.servings.ledger import decision_of
from mealsvc.servings.models import Serving
from mealsvc.settlement.correction_words import fact_in_words, held_in_words
from mealsvc.settlement.line_events import Event, events_of
from mealsvc.settlement.redeciding import days_between

TOWN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the resident in words, its source, since when it is known (None: from the
    registration on), and whether that was after the line was recorded.
    """

    words: str
    source: str
    known_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one line, ready to be shown; `rules` are code and words of what paid."""

    policy: SubsidyPolicy | None
    age: str
    rules: list[tuple[str, str]]
    usage: list[str]
    facts: list[Fact]
    later: list[Fact] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def story_of_line(sequence: int, named: bool) -> Story:
    """The story of a line that exists; `named`: whether the reader may know which categories."""
    line = db.session.get_one(Serving, sequence)
    own = line if line.reverses is None else db.session.get_one(Serving, line.reverses)
    decision = decision_of(line)
    row = _policy_row(decision.policy_code)
    policy = row and as_policy(row)
    changes = _changes_of(own)
    facts = _facts_on(own, changes, named)
    said = {fact.words for fact in facts}
    later = [
        Fact(fact_in_words(one, named), one.source, one.at, True)
        for one in changes
        if one.revision > own.sequence
    ]
    return Story(
        row,
        f"{decision.age}岁（{AGE_NAMES[policy.age_counts_from] if policy else '满周岁当天起算'}）",
        _rules(policy, decision),
        _usage(own, policy),
        facts,
        [fact for fact in later if fact.words not in said],
        events_of(line, own),
    )


def _policy_row(code: str | None) -> SubsidyPolicy | None:
    return db.session.scalar(select(SubsidyPolicy).where(SubsidyPolicy.code == code))


def _rules(policy: Policy | None, decision: Decision) -> list[tuple[str, str]]:
    """The rules that paid, as the policy says them, the delivery money last."""
    if policy is None:
        return []
    words = {rule.code: rule_in_words(rule) for rule in policy.rules}
    told = [(paid.code, words.get(paid.code, "—")) for paid in decision.rules]
    for entry in policy.deliveries:
        if decision.delivery and entry.code == decision.delivery.code:
            told.append((entry.code, f"送餐补贴：{conditions(entry.when)}"))
    return told


def _usage(line: Serving, policy: Policy | None) -> list[str]:
    """What counted towards the caps when the line was recorded."""
    if policy is None:
        return []
    month = Month.of(line.served_on)
    day = _before(line, [line.served_on])
    told = [f"当天此前已补贴{day}餐{_most('每天', policy.per_day)}"]
    if policy.per_month is not None:
        days = days_between(month.first_day, month.last_day)
        told.append(f"当月此前已补贴{_before(line, days)}餐{_most('每月', policy.per_month)}")
    return told


def _most(unit: str, cap: int | None) -> str:
    return f"（{unit}最多{cap}餐）" if cap is not None else "（不限）"


def _before(line: Serving, days: Sequence[date]) -> int:
    """How many subsidised meals of these days stood in the ledger when the line came."""
    undo = aliased(Serving)
    undone = select(undo.sequence).where(
        undo.reverses == Serving.sequence, undo.sequence < line.sequence
    )
    counted = select(func.count()).where(
        Serving.served_on.in_(days),
        Serving.resident_id == line.resident_id,
        Serving.subsidy_fen > 0,
        Serving.reverses.is_(None),
        Serving.sequence < line.sequence,
        ~undone.exists(),
    )
    return db.session.scalar(counted) or 0


def _changes_of(line: Serving) -> list[FactChange]:
    """What became known of the resident that concerns the line's day, in that order."""
    day = line.served_on
    rows = select(FactChange).where(
        FactChange.resident_id == line.resident_id,
        FactChange.touched_from.is_(None) | (FactChange.touched_from <= day),
        FactChange.touched_to.is_(None) | (FactChange.touched_to >= day),
    )
    return list(db.session.scalars(rows.order_by(FactChange.id)))


def _facts_on(line: Serving, changes: Sequence[FactChange], named: bool) -> list[Fact]:
    """The facts of the line's day as they are known now."""
    day = line.served_on
    holding = select(ResidentFact).where(
        ResidentFact.resident_id == line.resident_id,
        ResidentFact.from_on.is_(None) | (ResidentFact.from_on <= day),
    )
    found = list(db.session.scalars(holding.order_by(ResidentFact.from_on, ResidentFact.id)))
    moves = {kind: [one for one in found if one.kind == kind] for kind in ("hukou", "residence")}
    resident = db.session.get_one(Resident, line.resident_id)
    told = [
        _place("户籍", resident.hukou_division, "hukou", moves["hukou"], changes, line),
        _place(
            "居住地", resident.residence_division, "residence", moves["residence"], changes, line
        ),
    ]
    for one in found:
        if one.kind not in moves and _lasts(one, day):
            told.append(_told(held_in_words(_Added(one), named), one, changes, line))
    return [one for one in told if one.words]


def _lasts(fact: ResidentFact, day: date) -> bool:
    return fact.value == "deceased" or fact.to_on is None or fact.to_on >= day


def _place(
    label: str,
    first: str,
    kind: str,
    moves: Sequence[ResidentFact],
    changes: Sequence[FactChange],
    line: Serving,
) -> Fact:
    """Where somebody belonged on that day, down to the town."""
    code = moves[-1].value if moves else first
    town = db.session.get(Division, code[:TOWN_DIGITS])
    words = f"{label}：{town.name if town else code}" if code else ""
    if moves:
        return _told(words, moves[-1], changes, line)
    right = [one for one in changes if (one.kind, one.change) == (kind, "corrected")]
    if not right:
        return Fact(words, "", None, False)
    return Fact(words, right[-1].source, right[-1].at, right[-1].revision > line.sequence)


def _told(words: str, fact: ResidentFact, changes: Sequence[FactChange], line: Serving) -> Fact:
    """A fact with the first change that brought it to this day."""
    mine = (fact.kind, fact.value, fact.from_on)
    known = [
        one
        for one in changes
        if (one.kind, one.value, one.from_on) == mine and one.change in ("added", "extended")
    ]
    if not known:
        return Fact(words, fact.source, None, False)
    return Fact(words, fact.source, known[-1].at, known[-1].revision > line.sequence)


class _Added:
    """A fact as `correction_words` reads it."""

    change = "added"

    def __init__(self, fact: ResidentFact) -> None:
        self.kind, self.value = fact.kind, fact.value
        self.from_on, self.to_on = fact.from_on, fact.to_on
