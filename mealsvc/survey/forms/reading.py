"""One answer as people type it: full-width digits, units, option names or their numbers. Pure."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.text import is_storable, tidy, tidy_code
from mealsvc.survey.forms.fields import Field

_BLANK = {"", "/", "\\", "-", "--", "—", "——", "－", "空", "不详"}
_UNITS = re.compile(
    "(?:元|人|份|天|个|位|座|处|度|平方米|平米|平方|m2|m²|㎡)(?:/份|每份|整)?$", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,12})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_BETWEEN = re.compile("[,，、;；/|\n]+")
_CIRCLED = {chr(0x2460 + number): str(number + 1) for number in range(20)}
_ID = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_SPACES = re.compile(r"[ \t\u3000]+")

PRIVATE = "请不要写证件号码和手机号码。"
NOT_CHOSEN = "请从给出的选项里选。"


class Unreadable(ValueError):
    """An answer that cannot be read; its text says what to type instead."""


def answer(field: Field, raw: str) -> Any:
    """The answer that was typed; None for a blank. Raises Unreadable."""
    if not is_storable(raw):
        raise Unreadable("有不能保存的字符，请重新输入。")
    return None if tidy(raw) in _BLANK else _READ[field.kind](field, raw)


def is_private(text: str, mobiles: bool = True) -> bool:
    """Whether a text names a person's number, which no form, reason or report needs."""
    return bool(_ID.search(text) or (mobiles and _MOBILE.search(text)))


def shown(field: Field, value: Any) -> str:
    """An answer as pages and papers show it; money in yuan."""
    if value is None:
        return ""
    if field.kind in ("choice", "choices"):
        chosen = [value] if isinstance(value, str) else value
        return "、".join(field.names.get(one, one) for one in chosen)
    if field.kind == "rows":
        return f"{len(value)}处"
    return typed(field, value)


def typed(field: Field, value: Any) -> str:
    """An answer as `answer` reads it back."""
    if value is None:
        return ""
    if field.kind == "money":
        whole, rest = divmod(abs(value), 100)
        return ("-" if value < 0 else "") + (f"{whole}.{rest:02d}" if rest else str(whole))
    if field.kind == "choices":
        return ",".join(value)
    return format(value, ".10g") if isinstance(value, float) else str(value)


def _count(field: Field, raw: str) -> int:
    number = _decimal(field, raw)
    if number != number.to_integral_value():
        raise Unreadable("请填整数。")
    return int(number)


def _number(field: Field, raw: str) -> int | float:
    number = _decimal(field, raw)
    return int(number) if number == number.to_integral_value() else float(number)


def _money(field: Field, raw: str) -> int:
    fen = _decimal(field, raw) * 100
    if fen != fen.to_integral_value():
        raise Unreadable("金额最多两位小数，请改正。")
    return int(fen)


def _decimal(field: Field, raw: str) -> Decimal:
    text = "".join(tidy_code(raw).split()).removeprefix("约").removeprefix("¥").removeprefix("￥")
    text = "0" if text in ("无", "没有", "〇", "零") else _UNITS.sub("", text)
    text = text.replace("−", "-").replace("负", "-", 1) if text[:1] in "−负" else text
    times = 10_000 if text.endswith("万") else 1
    text = text.removesuffix("万")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        raise Unreadable(f"请填数字{_like(field)}。")
    try:
        number = Decimal(text) * times
    except InvalidOperation:
        raise Unreadable(f"请填数字{_like(field)}。") from None
    if field.least is not None and number < Decimal(str(field.least)):
        words = "不能小于0" if field.least == 0 else f"不能小于{field.least:g}"
        raise Unreadable(f"{words}{field.unit if field.least else ''}，请改正。")
    if field.most is not None and number > Decimal(str(field.most)):
        raise Unreadable(f"不能大于{field.most:,.10g}，请核对。")
    return number


def _like(field: Field) -> str:
    return "，如 12.5" if field.kind == "money" else "，如 120" if field.kind == "count" else ""


def _text(field: Field, raw: str) -> str | None:
    lines = (_SPACES.sub(" ", line).strip() for line in tidy(raw).splitlines())
    text = ("\n" if field.kind == "long" else " ").join(line for line in lines if line)
    if field.most is not None and len(text) > field.most:
        raise Unreadable(f"最多{field.most:g}个字，现在有{len(text)}个，请精简。")
    if is_private(text, mobiles=field.kind == "long"):
        raise Unreadable(PRIVATE)
    return text


def _date(_field: Field, raw: str) -> str:
    text = tidy_code(raw)
    if re.fullmatch(r"[0-9-]{10}T[0-9:+.]+", text):  # how a workbook's cell of a moment reads
        text = text[:10]
    text = re.sub(r"^([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})$", r"\1/\2/\3", text)
    try:
        day: date = parse_date(text)
    except ValueError:
        raise Unreadable("请填日期，如 20240520。") from None
    if not 1990 <= day.year <= 2100:
        raise Unreadable("年份不对，请核对。")
    return day.isoformat()


def _choice(field: Field, raw: str) -> str:
    return _option(field, tidy(raw))


def _choices(field: Field, raw: str) -> list[str]:
    parts = [part for part in (tidy(one) for one in _BETWEEN.split(raw)) if part]
    found = {_option(field, part) for part in parts}
    if field.most is not None and len(found) > field.most:
        raise Unreadable(f"最多选{field.most:g}项，现在选了{len(found)}项。")
    if "none" in found and len(found) > 1:
        raise Unreadable(f"选了“{field.names['none']}”，就不能再选别的。")
    return [code for code, _ in field.options if code in found]


def _option(field: Field, text: str) -> str:
    """The option's code: of itself, its name, or its number in the list (2, ②, B)."""
    for code, name in field.options:
        if text in (code, name):
            return code
    number = _CIRCLED.get(text[:1], "") if len(text) == 1 else ""
    number = number or (str(ord(text.upper()) - 64) if re.fullmatch("[A-Za-z]", text) else text)
    if re.fullmatch("[0-9]{1,2}", number) and 1 <= int(number) <= len(field.options):
        return field.options[int(number) - 1][0]
    bare = re.sub(r"^[0-9A-Za-z①-⑳][.、．]?\s*", "", text)
    for code, name in field.options:
        if bare == name:
            return code
    raise Unreadable(NOT_CHOSEN)


def _no_rows(_field: Field, _raw: str) -> None:
    """Rows are read from their own keys."""


_READ: dict[str, Callable[[Field, str], Any]] = {
    "count": _count,
    "number": _number,
    "money": _money,
    "text": _text,
    "long": _text,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "rows": _no_rows,
}
