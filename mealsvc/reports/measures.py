"""What an indicator is, how its figures read, and how they compare: with the time before, with the
district, with the target."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from mealsvc.reports.facts import Facts
from mealsvc.reports.point_facts import LEVELS

NO_RECORD = "暂无记录"
HAS_RECORD = "有数据"
NOTHING = "—"
UP, DOWN = "up", "down"
Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Value:
    """An indicator's figures, as they are printed.

    `figure` is the printed value as a number (None where there is nothing to compare), `detail` a
    further sentence for the text.
    """

    numerator: str
    denominator: str
    shown: str
    figure: Fraction | None = None
    detail: str = ""


class Target(NamedTuple):
    """What a figure should be: at least (`UP`) or at most (`DOWN`) so much, and who says so."""

    sense: str
    of: Callable[[Facts], Number]
    basis: str

    def met(self, figure: Fraction, facts: Facts) -> bool:
        wanted = Fraction(self.of(facts))
        return figure >= wanted if self.sense == UP else figure <= wanted

    def shown(self, facts: Facts, unit: str) -> str:
        """不低于100%"""
        word = "不低于" if self.sense == UP else "不高于"
        return f"{word}{plain(Fraction(self.of(facts)))}{unit}"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of the indicator table. `top` and `bottom` say what is divided by what; `needs`
    names the records without which there is no figure.

    `parts` are those of `gathering.PARTS` that it is read from, `basis` who defined it, `levels` what
    it is told of, `better` which way is better, `additive` whether places add up (a count), and
    `records` the lists that stand behind numerator and denominator (see `records`).
    """

    code: str
    name: str
    definition: str
    top: str
    bottom: str
    unit: str
    needs: tuple[str, ...]
    work: Callable[[Facts], Value | None]
    parts: tuple[str, ...] = ("ledger",)
    basis: str = "系统约定"
    levels: tuple[str, ...] = LEVELS
    better: str = ""
    target: Target | None = None
    additive: bool = False
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """An indicator read for a time, for the time before, and for the whole district; `places` is
    how many towns or points the district's figure is spread over."""

    indicator: Indicator
    now: Value | None
    before: Value | None
    before_word: str = "上期"
    district: Value | None = None
    places: int = 0
    met: bool | None = None
    target: str = ""

    @property
    def state(self) -> str:
        return NO_RECORD if self.now is None else HAS_RECORD

    @property
    def mean(self) -> str:
        """What the district has: its figure, or what a place of it has on average of a count."""
        value = self.district
        if value is None:
            return NOTHING
        if value.figure is None:
            return NOTHING
        if not self.indicator.additive:
            return value.shown
        if not self.places:
            return NOTHING
        return f"{text(value.figure / self.places, 1)}{self.indicator.unit}"

    @property
    def verdict(self) -> tuple[str, str]:
        """Tone and word: 达标 or 未达标 by the target, else which way it moved since before."""
        if self.now is None:
            return "muted", NO_RECORD
        if self.met is not None:
            return ("good", "达标") if self.met else ("bad", "未达标")
        gap = self.gap
        if gap and self.indicator.better:
            worse = (gap < 0) == (self.indicator.better == UP)
            return "warn" if worse else "good", "上升" if gap > 0 else "下降"
        return "info", HAS_RECORD

    @property
    def gap(self) -> Fraction | None:
        """The printed figure less that of the time before."""
        if self.now is None or self.now.figure is None:
            return None
        if self.before is None or self.before.figure is None:
            return None
        return self.now.figure - self.before.figure

    def sentence(self) -> str:
        """The figure with its parts and the comparison; what is missing where there is none."""
        of = self.indicator
        if self.now is None:
            return f"{of.name}（{of.code}）：{NO_RECORD}，缺少{'、'.join(of.needs)}。"
        parts = f"{of.top}{self.now.numerator}"
        if of.bottom:
            parts += f"，{of.bottom}{self.now.denominator}"
        told = f"{of.name}（{of.code}）为{self.now.shown}（{parts}）"
        if self.now.figure is not None:
            told += f"，{self.change()}"
        if self.district is not None and self.mean != NOTHING:
            told += f"，{'全区平均' if of.additive else '全区'}{self.mean}"
        if self.met is not None:
            told += f"，{'达到' if self.met else '未达到'}要求（{self.target}）"
        return f"{told}。{self.now.detail}"

    def change(self) -> str:
        """比上月上升2.1个百分点; says so where the time before has no records."""
        if self.now is None or self.now.figure is None:
            return NOTHING
        gap = self.gap
        if gap is None:
            return f"{self.before_word}无可比记录"
        if gap == 0:
            return f"与{self.before_word}持平"
        word = "上升" if gap > 0 else "下降"
        unit = "个百分点" if self.indicator.unit == "%" else self.indicator.unit
        return f"比{self.before_word}{word}{plain(abs(gap))}{unit}"


def no_records(facts: Facts) -> None:
    """For what the installation keeps no records of: never a made-up figure."""


def rounded(value: Number, digits: int) -> Decimal:
    """Half up, exactly: 0.25 to one digit is 0.3."""
    exact = Fraction(value)
    whole = Decimal(exact.numerator) / Decimal(exact.denominator)
    return whole.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def text(value: Number, digits: int = 0) -> str:
    """12345.6 as 12,345.6 with so many decimals."""
    return f"{rounded(value, digits):,}"


def plain(value: Fraction) -> str:
    """A difference of printed values, with the decimals that it has."""
    exact = (Decimal(value.numerator) / Decimal(value.denominator)).normalize()
    return f"{exact:,f}"


def yuan(fen: Number) -> str:
    """Fen as yuan: 1,234.50."""
    return text(Fraction(fen) / 100, 2)


def percent(part: Number, whole: Number) -> Fraction | None:
    """part ÷ whole in percent, to one decimal as it is printed; None without a whole."""
    return Fraction(rounded(Fraction(part) / Fraction(whole) * 100, 1)) if whole else None


def share(
    part: int, whole: int, unit: str, detail: str = "", bottom_unit: str | None = None
) -> Value | None:
    """A percentage of counts; None where there is nothing to divide by."""
    figure = percent(part, whole)
    if figure is None:
        return None
    below = unit if bottom_unit is None else bottom_unit
    return Value(f"{part:,}{unit}", f"{whole:,}{below}", f"{text(figure, 1)}%", figure, detail)


def per(
    part: Number,
    whole: Number,
    digits: int,
    top: str,
    bottom: str,
    unit: str,
    detail: str = "",
) -> Value | None:
    """part ÷ whole with so many decimals; `top` and `bottom` are its parts as printed."""
    if not whole:
        return None
    figure = Fraction(rounded(Fraction(part) / Fraction(whole), digits))
    return Value(top, bottom, f"{text(figure, digits)}{unit}", figure, detail)


def number_of(number: int, unit: str, detail: str = "") -> Value:
    """A number by itself."""
    shown = f"{number:,}{unit}"
    return Value(shown, "", shown, Fraction(number), detail)


def read_one(
    indicator: Indicator, now: Facts, before: Facts, district: Facts | None = None, places: int = 0
) -> Reading:
    """One indicator in both times; a time without a single serving has no comparison.

    `district`: the same time of the whole district, where `now` is a town's or a point's.
    """
    value = indicator.work(now)
    target = indicator.target
    judged = target is not None and value is not None and value.figure is not None
    return Reading(
        indicator,
        value,
        indicator.work(before) if before.has_servings else None,
        now.period.before,
        None if district is None else indicator.work(district),
        places,
        target.met(value.figure, now) if judged else None,  # pyright: ignore
        "" if target is None else target.shown(now, indicator.unit),
    )
