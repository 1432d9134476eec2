"""What an indicator is, how its figures read, and how a month compares with the one before."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from mealsvc.reports.facts import MonthFacts

NO_RECORD = "暂无记录"
HAS_RECORD = "有数据"
NOTHING = "—"
Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Value:
    """An indicator's figures for one month, as they are printed.

    `figure` is the printed value as a number (None where there is nothing to compare), `detail` a
    further sentence for the text.
    """

    numerator: str
    denominator: str
    shown: str
    figure: Fraction | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of the indicator table. `top` and `bottom` say what is divided by what; `needs`
    names the records without which there is no figure."""

    code: str
    name: str
    definition: str
    top: str
    bottom: str
    unit: str
    needs: tuple[str, ...]
    work: Callable[[MonthFacts], Value | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """An indicator read in a month and in the month before."""

    indicator: Indicator
    now: Value | None
    before: Value | None

    @property
    def state(self) -> str:
        return NO_RECORD if self.now is None else HAS_RECORD

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
        return f"{told}。{self.now.detail}"

    def change(self) -> str:
        """比上月上升2.1个百分点; says so where the month before has no records."""
        if self.now is None or self.now.figure is None:
            return NOTHING
        if self.before is None or self.before.figure is None:
            return "上月无可比记录"
        gap = self.now.figure - self.before.figure
        if gap == 0:
            return "与上月持平"
        word = "上升" if gap > 0 else "下降"
        unit = "个百分点" if self.indicator.unit == "%" else self.indicator.unit
        return f"比上月{word}{plain(abs(gap))}{unit}"


def no_records(facts: MonthFacts) -> None:
    """For what the installation keeps no records of yet: never a made-up figure."""


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


def read_all(
    indicators: tuple[Indicator, ...], now: MonthFacts, before: MonthFacts
) -> tuple[Reading, ...]:
    """Every indicator in both months; a month without a single serving has no comparison."""
    earlier = before.has_servings
    return tuple(
        Reading(each, each.work(now), each.work(before) if earlier else None) for each in indicators
    )
