"""What a plan would bring and cost: who gains, what is built, what a year of subsidy comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select

from mealsvc.coverage.planning.services import Kept
from mealsvc.coverage.rules import GROUP_NAMES
from mealsvc.coverage.standing import standing
from mealsvc.kernel.months import Month
from mealsvc.places.queries import division_names
from mealsvc.plumbing.db import db
from mealsvc.servings.models import DailyTally
from mealsvc.settings.services import value_on


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the cost of a year rests on: elders who come on a day (share), days, subsidy of a meal
    in the last month with records (None: there is none)."""

    uptake: Fraction
    run_days: int
    mean_fen: Fraction | None
    month: Month | None

    def year_fen(self, elders: int) -> int | None:
        """Subsidy a year for so many newly covered elders, to the nearest fen."""
        if self.mean_fen is None:
            return None
        return round(elders * self.uptake * self.run_days * self.mean_fen)

    @property
    def words(self) -> str:
        """In Chinese, for page and paper."""
        share = f"{float(self.uptake * 100):g}%"
        if self.mean_fen is None or self.month is None:
            return "流水账上还没有享受补贴的就餐，无法估算每年补贴"
        return (
            f"新覆盖老人 × 每天来就餐的占{share} × 全年供餐{self.run_days}天 ×"
            f" 每份平均补贴{float(self.mean_fen) / 100:.2f}元（{self.month.chinese}流水账）"
        )


@dataclass(frozen=True, slots=True)
class TownGain:
    """A town in a plan."""

    code: str
    name: str
    eligible: int
    before: int
    after: int

    @property
    def gain(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Effect:
    """A kept plan with its consequences. `groups` are registered elders in need who live in the
    communities that it reaches first (`communities`)."""

    plan: Kept
    towns: tuple[TownGain, ...]
    communities: tuple[str, ...]
    groups: Mapping[str, int]
    year_fen: int | None
    assumption: str

    @property
    def new_elders(self) -> int:
        return self.plan.answer.covered_after - self.plan.answer.covered_before

    @property
    def cost_fen(self) -> int | None:
        return self.plan.cost_fen

    @property
    def gaining(self) -> list[TownGain]:
        """The towns that gain, the most first."""
        return sorted(
            (one for one in self.towns if one.gain), key=lambda one: (-one.gain, one.code)
        )


def compare(plans: Sequence[Kept], today: date) -> list[Effect]:
    """What each of these plans comes to, on the register and the ledger of today."""
    assumed = assumed_on(today)
    codes = {town.code for plan in plans for town in plan.answer.towns}
    names = division_names(codes | {code for plan in plans for code in plan.gained})
    here = standing(today, assumed.month or Month.of(today)) if plans else None
    rows = {row.division: row for row in here.rows} if here else {}

    def groups(plan: Kept) -> dict[str, int]:
        reached = [rows[code] for code in plan.gained if code in rows]
        return {
            kind: sum(row.groups[kind].known for row in reached if kind in row.groups)
            for kind in GROUP_NAMES
        }

    return [
        Effect(
            plan,
            tuple(
                TownGain(
                    one.code, names.get(one.code, one.code), one.eligible, one.before, one.after
                )
                for one in plan.answer.towns
            ),
            tuple(names.get(code, code) for code in plan.gained),
            groups(plan),
            assumed.year_fen(plan.answer.covered_after - plan.answer.covered_before),
            assumed.words,
        )
        for plan in plans
    ]


def overlap(plans: Sequence[Kept]) -> list[tuple[str, str, list[bool]]]:
    """Every site of any plan (code, name) and which of the plans have it, the shared ones first."""
    names = {site.code: site.title for plan in plans for site in plan.sites}
    inside = {code: [code in plan.answer.sites for plan in plans] for code in names}
    order = sorted(names, key=lambda code: (-sum(inside[code]), code))
    return [(code, names[code], inside[code]) for code in order]


def assumed_on(today: date) -> Assumed:
    """The settings of that day, and the mean subsidy of the last month with subsidised meals."""
    uptake = Fraction(value_on("plan.uptake", today)) / 100
    run_days = int(value_on("plan.run_days", today))
    sums = (
        select(
            DailyTally.settle_month,
            func.sum(DailyTally.lines - DailyTally.reversals),
            func.sum(DailyTally.subsidy_fen + DailyTally.delivery_fen),
        )
        .where(DailyTally.subsidy_fen != 0, DailyTally.served_on <= today)
        .group_by(DailyTally.settle_month)
        .order_by(DailyTally.settle_month.desc())
    )
    for month, meals, fen in db.session.execute(sums.limit(1)):
        if meals > 0:
            return Assumed(uptake, run_days, Fraction(int(fen), int(meals)), Month.from_key(month))
    return Assumed(uptake, run_days, None, None)
