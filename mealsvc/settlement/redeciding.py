"""Recorded lines decided once more, under what is known today of the day on which they were eaten.

Slots and caps count as the ledger stands without the line in question.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.months import Month
from mealsvc.places.queries import withheld_spans
from mealsvc.plumbing.db import db
from mealsvc.policies.register import policies_in_force
from mealsvc.policies.rules import (
    SUSPENDED,
    Decision,
    Meal,
    Policy,
    Usage,
    decide_under,
    governing,
    withheld,
)
from mealsvc.residents.models import Resident
from mealsvc.servings.lookup import PEOPLE, Person, person_on
from mealsvc.servings.models import Decision as DecisionRow
from mealsvc.servings.models import Serving, ServingSlot
from mealsvc.servings.rules import decision_content

DECEASED = "resident_deceased"
DAYS_AT_ONCE, PEOPLE_AT_ONCE = 62, 400
_Undo = aliased(Serving)
_LINES = (
    select(
        Serving.sequence,
        Serving.key,
        Serving.point_id,
        Serving.resident_id,
        Serving.served_at,
        Serving.served_on,
        Serving.meal,
        Serving.mode,
        Serving.method,
        Serving.price_fen,
        Serving.subsidy_fen,
        Serving.reason,
        Serving.delivery_fen,
        Serving.settle_month,
        DecisionRow.content,
    )
    .join(DecisionRow, DecisionRow.id == Serving.decision_id)
    .where(
        Serving.reverses.is_(None),
        ~exists().where(_Undo.reverses == Serving.sequence).correlate(Serving),
    )
)
_ON_DAYS = _LINES.where(
    Serving.served_on.in_(bindparam("days", expanding=True)),
    Serving.resident_id.in_(bindparam("people", expanding=True)),
)
_SLOTS: Any = select(
    ServingSlot.served_on, ServingSlot.meal, ServingSlot.resident_id, ServingSlot.sequence
).where(
    ServingSlot.served_on.in_(bindparam("days", expanding=True)),
    ServingSlot.meal.in_(tuple(MEALS)),
    ServingSlot.resident_id.in_(bindparam("people", expanding=True)),
)
_FACTS: Any = PEOPLE.where(Resident.id.in_(bindparam("people", expanding=True)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A line as it would be decided today; without a decision the meal could not be served."""

    line: Any
    decision: Decision | None

    @property
    def content(self) -> str:
        """The decision as the ledger would keep it; empty when there is none."""
        return "" if self.decision is None else decision_content(self.decision)

    @property
    def reason(self) -> str | None:
        return DECEASED if self.decision is None else self.decision.reason

    @property
    def subsidy_fen(self) -> int:
        return 0 if self.decision is None else self.decision.subsidy_fen

    @property
    def fen(self) -> int:
        """What the point would get for the meal: subsidy and delivery."""
        delivery = self.decision and self.decision.delivery
        return self.subsidy_fen + (delivery.fen if delivery else 0)

    @property
    def differs(self) -> bool:
        """Whether money, sources or the right to be served are not what was recorded."""
        return not same_money(self.content, self.line.content)


def same_money(one: str, other: str) -> bool:
    """Whether two decisions (empty: refused) pay the same rules from the same sources."""
    return one == other or _money(one) == _money(other)


def lines_of(sequences: Collection[int]) -> Sequence[Any]:
    """Of these lines those that are no reversals and were not taken back."""
    wanted = _LINES.where(Serving.sequence.in_(sequences)).order_by(Serving.sequence)
    return db.session.execute(wanted).all()


def lines_on(days: Sequence[date], people: Sequence[int]) -> Iterator[Any]:
    """The same, of these residents on these days."""
    for start in range(0, len(days), DAYS_AT_ONCE):
        some = days[start : start + DAYS_AT_ONCE]
        yield from db.session.connection().execute(_ON_DAYS, {"days": some, "people": people})


def decide_again(lines: Sequence[Any]) -> list[Verdict]:
    """What the rules give for each of these lines today, in order."""
    facts, policies = _people({line.resident_id for line in lines}), policies_in_force()
    known = [person_on(line.served_on, facts[line.resident_id]) for line in lines]
    under: list[Policy | str | None] = [
        None
        if _is_dead(person, line.served_on)
        else governing(policies, person.facts, line.served_on)
        for line, person in zip(lines, known, strict=True)
    ]
    pairs = list(zip(lines, under, strict=True))
    ledger = _Ledger([line for line, one in pairs if isinstance(one, Policy)], pairs)
    withheld_at = _withheld_at(lines)
    decided = [
        _decide(line, person, one, ledger) for (line, one), person in zip(pairs, known, strict=True)
    ]
    return [
        Verdict(line, withheld(made) if made is not None and withheld_at(line) else made)
        for line, made in zip(lines, decided, strict=True)
    ]


def days_between(first: date, last: date) -> list[date]:
    """All days from the first to the last, inclusive."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


@lru_cache(maxsize=4_096)  # most lines got one of a few decisions
def _money(content: str) -> Any:
    if not content:
        return None
    told = json.loads(content)
    if told["reason"] is not None:
        return ()
    return told["policy"], told["rules"], told.get("delivery")


def _withheld_at(lines: Sequence[Any]) -> Callable[[Any], bool]:
    """Whether the point's subsidy was suspended for a line, as the till saw it: what it had
    subsidised before the suspension was decided stays so.
    """
    days = [line.served_on for line in lines]
    spans = withheld_spans(min(days), max(days)) if days else []

    def is_withheld(line: Any) -> bool:
        return line.reason == SUSPENDED or (
            not line.subsidy_fen
            and any(
                at == line.point_id and first <= line.served_on <= last for at, first, last in spans
            )
        )

    return is_withheld


def _is_dead(person: Person, day: date) -> bool:
    return any(one.event == "deceased" and one.from_on <= day for one in person.facts.departures)


def _decide(line: Any, person: Person, under: Any, ledger: "_Ledger") -> Decision | None:
    if under is None:
        return None
    meal = Meal(line.served_on, line.meal, line.mode, line.price_fen)
    usage = Usage() if isinstance(under, str) else ledger.without(line)
    return decide_under(under, meal, person.facts, usage)


def _people(wanted: Collection[int]) -> dict[int, list[Any]]:
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in _in_parts(_FACTS, list(wanted), {}):
        rows[row.resident_id].append(row)
    return rows


def _in_parts(statement: Any, people: Sequence[int], more: dict[str, Any]) -> Iterator[Any]:
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        some = people[start : start + PEOPLE_AT_ONCE]
        yield from db.session.connection().execute(statement, {"people": some, **more})


class _Ledger:
    """The subsidised meals of the residents of some lines, to count slots and caps."""

    def __init__(self, lines: Sequence[Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        self._slots: dict[tuple[date, str, int], int] = {}
        self._days: Counter[tuple[date, int]] = Counter()
        self._months: Counter[tuple[int, int]] = Counter()
        people = sorted({line.resident_id for line in lines})
        days = {line.served_on for line in lines}
        if any(isinstance(one, Policy) and one.per_month is not None for _, one in pairs):
            months = {Month.of(day) for day in days}
            days = {day for one in months for day in days_between(one.first_day, one.last_day)}
        ordered = sorted(days)
        for start in range(0, len(ordered), DAYS_AT_ONCE):
            some = {"days": ordered[start : start + DAYS_AT_ONCE]}
            for day, meal, resident_id, sequence in _in_parts(_SLOTS, people, some):
                self._slots[day, meal, resident_id] = sequence
                self._days[day, resident_id] += 1
                self._months[Month.of(day).key, resident_id] += 1

    def without(self, line: Any) -> Usage:
        """What the resident had beside this line."""
        day, who = line.served_on, line.resident_id
        holder = self._slots.get((day, line.meal, who))
        own = holder == line.sequence
        return Usage(
            holder is not None and not own,
            self._days[day, who] - own,
            self._months[Month.of(day).key, who] - own,
        )
