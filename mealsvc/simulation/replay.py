"""The ledger's lines decided again under two sets of policies at once, in one pass. Pure.

Slots and caps are counted within the replay: a bit for each meal of the month and resident.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from mealsvc.kernel.ages import age_on
from mealsvc.kernel.months import Month
from mealsvc.policies.rules import MEALS, SUSPENDED, Meal, Policy, ResidentFacts
from mealsvc.simulation.rules import DECEASED, Judge, Outcome, Situation, View

Line = tuple[int, int, int, str, str, int, int, int, str | None]
"""resident, point, day of the month, meal, mode, price, and as recorded: subsidy, delivery money, reason"""
Pair = tuple[Outcome, Outcome]
Span = tuple[Situation, date, date]
Cell = tuple[int, int, int]
"""point, number of the outcome in force, number of the outcome on trial"""
MOST_STANDINGS, MOST_PAIRS = 100_000, 5_000
_BIT = {meal: place for place, meal in enumerate(MEALS)}


class History(Protocol):
    """A resident's dated facts."""

    def on(self, day: date) -> Span:
        """What holds on that day, with the first and last day of which the same is true."""
        ...


class Group(NamedTuple):
    """Under what a resident is counted: age, category, division as at her last meal."""

    age: int
    category: str
    division: str


class Standing:
    """How both judges see some residents, with the outcomes that their meals have had."""

    __slots__ = ("day", "facts", "group", "pairs", "views")

    def __init__(
        self,
        views: tuple[View, View],
        facts: ResidentFacts,
        day: date,
        group: Group,
        pairs: dict[tuple[str, str, int], Pair],
    ):
        self.views, self.facts, self.day, self.group, self.pairs = views, facts, day, group, pairs


class Eater:
    """A resident in the replay: her facts, and her sums so far."""

    __slots__ = (
        "base_mask",
        "base_subsidy",
        "birth_on",
        "group",
        "history",
        "price",
        "servings",
        "standing",
        "trial_mask",
        "trial_subsidy",
    )

    def __init__(self, birth_on: date, history: History) -> None:
        self.birth_on, self.history = birth_on, history
        self.servings = self.price = self.base_subsidy = self.trial_subsidy = 0
        self.base_mask = self.trial_mask = 0
        self.standing: Standing | None = None
        self.group: Group | None = None


class Recorded:
    """What the ledger holds for the same lines, and where the policies in force give another."""

    def __init__(self) -> None:
        self.servings = self.subsidised = self.subsidy_fen = self.delivery_fen = 0
        self.differing: dict[tuple[str | None, str | None], list[int]] = defaultdict(lambda: [0, 0])

    def add(self, servings: int, subsidised: int, subsidy_fen: int, delivery_fen: int) -> None:
        self.servings += servings
        self.subsidised += subsidised
        self.subsidy_fen += subsidy_fen
        self.delivery_fen += delivery_fen


class MonthSums:
    """One month: how often each outcome came at each point, and on which days a point served.

    `withheld` holds the points and days of the month on which the subsidy was suspended.
    """

    def __init__(self, month: Month, withheld: frozenset[tuple[int, int]] = frozenset()) -> None:
        self.month, self.withheld = month, withheld
        self.cells: defaultdict[Cell, int] = defaultdict(int)
        self.days: defaultdict[int, int] = defaultdict(int)


class Replay:
    """The pass: `begin` a month, then `add` its lines in the ledger's order."""

    def __init__(self, base: Judge, trial: Judge, draft: Policy) -> None:
        self.base, self.trial, self.draft = base, trial, draft
        self.eaters: dict[int, Eater] = {}
        self.recorded = Recorded()
        every = (*base.policies, *trial.policies)
        self._ways = sorted({policy.age_counts_from for policy in every})
        self._changes = sorted(_changes(every))
        self._standings: dict[tuple, Standing] = {}
        self._pairs: dict[tuple[View, View], dict[tuple[str, str, int], Pair]] = {}

    def begin(self, month: Month, withheld: frozenset[tuple[int, int]] = frozenset()) -> MonthSums:
        """Clears slots and counts, which never reach over a month's end; and memory that grew long."""
        if len(self._standings) > MOST_STANDINGS:
            self._standings.clear()
        for pairs in self._pairs.values():
            if len(pairs) > MOST_PAIRS:
                pairs.clear()
        for eater in self.eaters.values():
            eater.base_mask = eater.trial_mask = 0
            eater.standing = None
        return MonthSums(month, withheld)

    def add(self, sums: MonthSums, lines: Iterable[Line]) -> None:
        """Every resident of these lines must be in `eaters`."""
        eaters, cells, days, recorded = self.eaters, sums.cells, sums.days, self.recorded
        servings = subsidised = subsidy = delivery = 0
        for resident, point, day, meal, mode, price, paid, carried, reason in lines:
            eater = eaters[resident]
            standing = eater.standing or self._standing(eater, sums.month, day)
            pair = standing.pairs.get((meal, mode, price))
            if pair is None:
                pair = self._pair(standing, meal, mode, price)
            servings += 1
            subsidy += paid
            delivery += carried
            subsidised += paid > 0
            base, trial = pair
            if base.reason == DECEASED:
                _note(recorded, reason, DECEASED, -paid)
                continue
            slot = 3 * day + _BIT[meal]
            if eater.base_mask:
                base = _left(base, eater.base_mask, slot, day)
            if eater.trial_mask:
                trial = _left(trial, eater.trial_mask, slot, day)
            # what was subsidised before a suspension was decided stays so
            if not paid and (reason == SUSPENDED or (point, day) in sums.withheld):
                base, trial = base.withheld, trial.withheld
            if base.subsidy_fen:
                eater.base_mask |= 1 << slot
                eater.base_subsidy += base.subsidy_fen
            if trial.subsidy_fen:
                eater.trial_mask |= 1 << slot
                eater.trial_subsidy += trial.subsidy_fen
            eater.servings += 1
            eater.price += price
            eater.group = standing.group
            cells[point, base.number, trial.number] += 1
            days[point] |= 1 << day
            if paid != base.subsidy_fen or reason != base.reason:
                _note(recorded, reason, base.reason, base.subsidy_fen - paid)
        recorded.add(servings, subsidised, subsidy, delivery)

    def _standing(self, eater: Eater, month: Month, day_of_month: int) -> Standing:
        """Kept with the eater where nothing of it can change before the month ends."""
        day = date(month.year, month.month, day_of_month)
        situation, first, last = eater.history.on(day)
        ages = tuple(age_on(eater.birth_on, day, way) for way in self._ways)
        epoch = bisect_right(self._changes, day)
        key = (situation, ages, epoch)
        found = self._standings.get(key)
        if found is None:
            found = self._standings[key] = self._new(situation, eater.birth_on, day, ages)
        steady = (
            first <= month.first_day
            and month.last_day <= last
            and not _birthday_in(eater.birth_on, month)
            and bisect_right(self._changes, month.first_day) == epoch
            and bisect_right(self._changes, month.last_day) == epoch
        )
        if steady:
            eater.standing = found
        return found

    def _new(
        self, situation: Situation, birth_on: date, day: date, ages: tuple[int, ...]
    ) -> Standing:
        by_way = dict(zip(self._ways, ages, strict=True))
        division = situation.hukou
        if self.draft.scope == "residence":
            division = situation.residence or ""
        group = Group(by_way[self.draft.age_counts_from], situation.group, division)
        if situation.departure == "deceased":
            gone = View(DECEASED, 0, frozenset())
            views = gone, gone
        else:
            views = self.base.view(situation, day, by_way), self.trial.view(situation, day, by_way)
        pairs = self._pairs.setdefault(views, {})
        return Standing(views, situation.undated(birth_on), day, group, pairs)

    def _pair(self, standing: Standing, meal: str, mode: str, price: int) -> Pair:
        asked = Meal(standing.day, meal, mode, price)
        base, trial = standing.views
        pair = (
            self.base.outcome(base, standing.facts, asked),
            self.trial.outcome(trial, standing.facts, asked),
        )
        standing.pairs[meal, mode, price] = pair
        return pair


def _left(outcome: Outcome, mask: int, slot: int, day: int) -> Outcome:
    """What is given by what is left of the meal, the day and the month."""
    if mask >> slot & 1:
        return outcome.taken
    if (mask >> 3 * day & 7).bit_count() >= outcome.per_day:
        return outcome.day_cap
    if mask.bit_count() >= outcome.per_month:
        return outcome.month_cap
    return outcome


def _note(recorded: Recorded, was: str | None, now: str | None, fen: int) -> None:
    entry = recorded.differing[was, now]
    entry[0] += 1
    entry[1] += fen


def _changes(policies: Sequence[Policy]) -> set[date]:
    """The days on which another set of policies is in effect than the day before."""
    days = {policy.effective_from for policy in policies}
    ends = {policy.effective_to for policy in policies}
    return days | {end + timedelta(days=1) for end in ends if end is not None and end < date.max}


def _birthday_in(birth_on: date, month: Month) -> bool:
    """Whether a new age may begin within the month; 29 February's may begin in March."""
    leap_day = (birth_on.month, birth_on.day) == (2, 29) and month.month == 3
    return birth_on.month == month.month or leap_day
