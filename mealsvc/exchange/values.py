"""One cell of text becomes one value, or a refusal that says what to write instead.

Parsers get text that is trimmed, half-width and not empty. Messages never repeat the cell:
they travel further than the file does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import ClassVar, NamedTuple

from mealsvc.exchange.choices import CATEGORY, Choices, spellings
from mealsvc.kernel import dates, resident_id
from mealsvc.kernel.divisions import is_division
from mealsvc.kernel.money import yuan as parse_yuan
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.resident_id import BadIdNumber, ResidentId
from mealsvc.kernel.text import is_storable, tidy_code
from mealsvc.menus.rules import DIETS, diet_code, joined, marks

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_REGION = re.compile(r"[0-9]{6,12}")
_PHONE = re.compile(r"[0-9+\-() /;,、]{3,40}")
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?[-~—–至]+([0-9]{1,2}):([0-9]{2})(?::00)?")
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_BETWEEN = re.compile("[;、,]")


class Malformed(Refusal):
    """{reason}"""

    code: ClassVar[str] = "malformed"


class UnknownCategory(Refusal):
    """有不认识的类别。请填写 {known}，多个用分号隔开。"""

    code: ClassVar[str] = "unknown_category"


class BadPeriod(Refusal):
    """止于日期早于起始日期，请核对这两个日期。"""

    code: ClassVar[str] = "bad_period"


class LostDigits(BadIdNumber):
    """身份证号被表格软件存成了数字，后几位已经丢失。请把这一列设为“文本”格式，重新填写号码。"""


class Spell(NamedTuple):
    """A category held from one date to another, both inclusive, None where open."""

    code: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Hours:
    """Local opening times of one meal."""

    opens: time
    closes: time


def text(limit: int) -> Callable[[str], str]:
    """One line of at most `limit` characters; line breaks of a sheet's cell become blanks."""

    def parse(cell: str) -> str:
        if not cell.isprintable():
            cell = " ".join(cell.split())
        if len(cell) > limit:
            raise Malformed(reason=f"太长，请缩短到 {limit} 个字以内。")
        if _CONTROL.search(cell):
            raise Malformed(reason="含有看不见的控制字符，请删去后重新填写。")
        return cell

    return parse


def verbatim(limit: int, name: str) -> Callable[[str], str]:
    """Text that is compared as written: a key or a credential."""

    def parse(cell: str) -> str:
        if len(cell) > limit or not is_storable(cell):
            raise Malformed(reason=f"{name}要有 1–{limit} 个字，请核对。")
        return cell

    return parse


def choice(choices: Choices) -> Callable[[str], str]:
    """The code for one of the accepted spellings."""
    known = spellings(choices)
    shown = "、".join(words[0] if words else code for code, words in choices.items())

    def parse(cell: str) -> str:
        code = known.get(cell) or known.get(tidy_code(cell).casefold())
        if code is None:
            raise Malformed(reason=f"请填写 {shown} 之一。")
        return code

    return parse


def day(cell: str) -> date:
    """A local date."""
    try:
        return dates.parse_date(cell)
    except ValueError:
        raise Malformed(reason="日期不对，请写成 2024-05-06 这样的形式。") from None


def past_day(cell: str, today: date) -> date:
    """A local date that is not to come."""
    found = day(cell)
    if found > today:
        raise Malformed(reason="日期不能晚于今天，请核对。")
    return found


def instant(cell: str) -> datetime:
    """An aware UTC instant."""
    try:
        return dates.parse_instant(cell)
    except ValueError:
        reason = "时间不对，请写成带时区的形式：2024-05-06T11:30:00+08:00。"
        raise Malformed(reason=reason) from None


def integer(low: int, high: int = 10**9) -> Callable[[str], int]:
    """A whole number between two bounds, both allowed."""

    def parse(cell: str) -> int:
        written = tidy_code(cell)
        if not _INTEGER.fullmatch(written) or not low <= int(written) <= high:
            raise Malformed(reason=f"请填写 {low} 到 {high} 之间的整数。")
        return int(written)

    return parse


def decimal(low: str, high: str, places: int) -> Callable[[str], Decimal]:
    """A decimal number between two bounds, both allowed, with so many places at most."""
    least, most = Decimal(low), Decimal(high)
    reason = f"请填写 {low} 到 {high} 之间的数，最多 {places} 位小数。"

    def parse(cell: str) -> Decimal:
        written = tidy_code(cell)
        if not _DECIMAL.fullmatch(written) or len(written.partition(".")[2]) > places:
            raise Malformed(reason=reason)
        number = Decimal(written)
        if not least <= number <= most:
            raise Malformed(reason=reason)
        return number

    return parse


def degrees(bound: int, name: str) -> Callable[[str], float]:
    """A longitude or latitude in decimal degrees."""
    hint = f"{name}要是 -{bound} 到 {bound} 之间的小数，请核对，也看看经纬度是否填反了。"

    def parse(cell: str) -> float:
        written = tidy_code(cell)
        if not _DECIMAL.fullmatch(written) or abs(float(written)) > bound:
            raise Malformed(reason=hint)
        return float(written)

    return parse


def fen(cell: str) -> int:
    """An amount of fen, 0 or more."""
    written = tidy_code(cell)
    if not _INTEGER.fullmatch(written) or int(written) < 0:
        raise Malformed(reason="金额（分）要是不小于 0 的整数，请核对。")
    return int(written)


def yuan(cell: str) -> int:
    """Fen from an amount of yuan, 0 or more."""
    try:
        amount = parse_yuan(cell)
    except ValueError:
        amount = -1
    if amount < 0:
        raise Malformed(reason="金额（元）要是不小于 0 的数，最多两位小数，不带逗号和单位。")
    return amount


def price_fen(cell: str) -> int | None:
    """A serving's price in fen; None when unreadable, which is `bad_price` in its turn."""
    written = tidy_code(cell)
    return int(written) if _INTEGER.fullmatch(written) else None


def price_yuan(cell: str) -> int | None:
    """A serving's price written in yuan, as fen; None when unreadable."""
    try:
        return parse_yuan(cell)
    except ValueError:
        return None


def id_number(cell: str, today: date | None = None) -> ResidentId:
    """A resident's ID number; with `today`, a birth date that cannot be is refused."""
    try:
        return resident_id.normalise(cell, today)
    except BadIdNumber:
        if _EXPONENT.fullmatch(cell):
            raise LostDigits() from None
        raise


def division(cell: str) -> str:
    """A code of the division list: 6, 9 or 12 digits."""
    code = tidy_code(cell)
    if not is_division(code):
        raise Malformed(reason="区划代码要是 6 位（区县）、9 位（镇街）或 12 位（村社区）数字。")
    return code


def region(cell: str) -> str:
    """Where a person belongs: any division code, also of elsewhere."""
    code = tidy_code(cell)
    if not _REGION.fullmatch(code):
        raise Malformed(reason="区划代码要是 6 到 12 位数字，请核对。")
    return code


def phone(cell: str) -> str:
    """Phone numbers as written: digits, blanks and the usual signs."""
    written = tidy_code(cell)
    if not _PHONE.fullmatch(written):
        raise Malformed(reason="电话只能有数字和 + - ( )，请核对；没有电话就留空。")
    return written


def credit_code(cell: str) -> str:
    """A unified social credit code as written, upper case; its check digit is judged later."""
    return text(18)(tidy_code(cell).upper())


def hours(cell: str) -> Hours:
    """Opening hours such as 10:30-12:30."""
    reason = "时段请写成 10:30-12:30 这样的形式，结束要晚于开始。"
    found = _HOURS.fullmatch(tidy_code(cell).replace(" ", ""))
    if not found:
        raise Malformed(reason=reason)
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in found.groups())
    try:
        span = Hours(time(from_hour, from_minute), time(to_hour, to_minute))
    except ValueError:
        raise Malformed(reason=reason) from None
    if span.closes <= span.opens:
        raise Malformed(reason=reason)
    return span


_CATEGORIES = spellings(CATEGORY)


def categories(cell: str) -> tuple[Spell, ...]:
    """`TK@2024-01-01..2024-03-31;DB`: codes or Chinese names, each optionally dated."""
    parts = (part.strip() for part in _BETWEEN.split(tidy_code(cell)))
    return tuple(dict.fromkeys(_spell(part) for part in parts if part))


def diet(cell: str) -> str:
    """`低盐;软食`: diet marks by code or Chinese name, as menus keep them."""
    codes = [diet_code(word) for word in marks(cell)]
    if None in codes:
        raise Malformed(reason=f"请填写 {'、'.join(DIETS.values())}，多个用分号隔开。")
    return joined(code for code in codes if code)


def _spell(part: str) -> Spell:
    name, dated, period = part.partition("@")
    code = _CATEGORIES.get(name.strip().casefold())
    if code is None:
        raise UnknownCategory(known=" ".join(CATEGORY))
    if not dated:
        return Spell(code, None, None)
    start, mark, end = period.partition("..")
    if not mark:
        reason = "类别的起止日期请写成 TK@2024-01-01..2024-03-31，可以空着一头。"
        raise Malformed(reason=reason)
    from_on, to_on = (day(edge.strip()) if edge.strip() else None for edge in (start, end))
    if from_on and to_on and to_on < from_on:
        raise BadPeriod()
    return Spell(code, from_on, to_on)
