"""Reading what was measured for an item, and saying which values are outside their limits. Pure.

Clock times are local and of one day; amounts are typed in yuan; thresholds come as settings' texts.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.text import is_storable, tidy, tidy_code
from mealsvc.supervision.checklist import fields
from mealsvc.supervision.checklist.fields import Field
from mealsvc.supervision.checklist.items import Item

Values = Mapping[str, str]
Said = list[tuple[str, str]]  # field, sentence
LONGEST = 200
_NUMBER = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,6}")
_CLOCK = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]")
_YUAN = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,2})?")
_SETTING = re.compile(r"[a-z]")
SPECIAL_KEYS = (
    "hold.hot_c", "hold.cold_c", "hold.danger_minutes", "disinfect.steam", "disinfect.infrared",
    "disinfect.washer", "disinfect.chlorine", "deliver.eat_by_hours_hot", "training.months",
    "drill.months", "visit.portion_deviation",
)  # fmt: skip
_WANTED = {
    fields.NUMBER: (_NUMBER, "请填数字，最多三位小数"),
    fields.COUNT: (_COUNT, "请填整数"),
    fields.CLOCK: (_CLOCK, "请填时刻，如11:30"),
    fields.YUAN: (_YUAN, "请填金额（元），最多两位小数"),
}


def threshold_keys() -> frozenset[str]:
    """The settings by which measured values are judged."""
    asked = [one for row in fields.FIELDS.values() for one in row]
    named = {key for one in asked for key in (one.least, one.most, one.span) if _SETTING.match(key)}
    return frozenset(named | set(SPECIAL_KEYS))


def special_keys(item: Item) -> tuple[str, ...]:
    """The settings by which the values of an item are judged together; none where each stands alone."""
    return SPECIAL_KEYS if item.code in _SPECIAL else ()


def read_measured(item: Item, given: Any, complete: bool) -> tuple[dict[str, str], Said]:
    """The values of an item as they are kept, and what is wrong with what was entered.

    `complete`: every field that is needed must be there.
    """
    if not isinstance(given, Mapping):
        return {}, [("measured", "实测值的写法不对，请重新填写。")]
    asked = {one.name: one for one in fields.fields_of(item)}
    values: dict[str, str] = {}
    wrong: Said = [
        (str(name)[:40], "没有这个实测项，请删去。") for name in given if name not in asked
    ]
    for name, one in asked.items():
        text = _text(given.get(name))
        if text:
            try:
                values[name] = _read(one, text)
            except ValueError as error:
                wrong.append((name, f"{one.label}：{error}。"))
        elif complete and one.needed:
            wrong.append((name, f"请填写{one.label}。"))
    return values, wrong


def outside(item: Item, values: Values, limits: Values, day: date) -> Said:
    """Which values are outside their limits on that day; the record has to answer each."""
    said: Said = []
    for one in fields.fields_of(item):
        if one.name in values:
            said += [
                (one.name, f"{one.label}{text}") for text in _against(one, values, limits, day)
            ]
    if item.code in _SPECIAL:
        said += _SPECIAL[item.code](values, limits, day)
    return said


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return tidy(str(value))


def _read(one: Field, text: str) -> str:
    """The text as it is kept; ValueError says what to type."""
    if one.kind == fields.DAY:
        try:
            return parse_date(text).isoformat()
        except ValueError:
            raise ValueError("请填日期，如20240506") from None
    if one.kind == fields.CHOICE:
        options = one.options or {}
        codes = {name: code for code, name in options.items()}
        if text not in options and text not in codes:
            raise ValueError(f"请从{'、'.join(options.values())}中选一个")
        return codes.get(text, text)
    if one.kind == fields.TEXT:
        if len(text) > LONGEST or not is_storable(text):
            raise ValueError(f"请不要超过{LONGEST}个字")
        return text
    shape, wanted = _WANTED[one.kind]
    text = tidy_code(text)
    if not shape.fullmatch(text):
        raise ValueError(wanted)
    return text.rjust(5, "0") if one.kind == fields.CLOCK else text


def _against(one: Field, values: Values, limits: Values, day: date) -> list[str]:
    value, said = values[one.name], []
    least, most = _threshold(one.least, limits), _threshold(one.most, limits)
    if one.part_of:
        whole = Decimal(values.get(one.part_of, value))
        if Decimal(value) * 100 > whole * Decimal(most or 100):
            said.append(f"占比超过{most}%")
    elif most is not None and Decimal(value) > Decimal(most):
        said.append(f"{value}{one.unit}，高于上限{most}{one.unit}")
    if least is not None and Decimal(value) < Decimal(least):
        said.append(f"{value}{one.unit}，低于下限{least}{one.unit}")
    if one.span and not _within(value, limits[one.span]):
        said.append(f"{value}{one.unit}，不在{limits[one.span].replace('-', '～')}{one.unit}之内")
    if one.whole_of in values and Decimal(value) != Decimal(values[one.whole_of]):
        said.append(f"{value}，应为{values[one.whole_of]}")
    if one.after_today and value < day.isoformat():
        said.append(f"{value}，已过期")
    if one.good and value != one.good:
        said.append("：" + (one.options or {}).get(value, value))
    return said


def _threshold(named: str, limits: Values) -> str | None:
    if not named:
        return None
    return limits[named] if _SETTING.match(named) else named


def _within(value: str, span: str) -> bool:
    low, _, high = span.partition("-")
    return Decimal(low) <= Decimal(value) <= Decimal(high)


def _holding(values: Values, limits: Values, _day: date) -> Said:
    """Hot or cold enough, or not longer than the limit in between."""
    if "hold_temp_c" not in values:
        return []
    temp, minutes = Decimal(values["hold_temp_c"]), Decimal(values.get("minutes_in_zone", "0"))
    hot, cold = Decimal(limits["hold.hot_c"]), Decimal(limits["hold.cold_c"])
    longest = Decimal(limits["hold.danger_minutes"])
    if cold < temp < hot and ("minutes_in_zone" not in values or minutes > longest):
        return [
            (
                "hold_temp_c",
                f"存放温度{temp}℃在{cold}～{hot}℃之间，存放不能超过{longest}分钟，请填存放时间",
            )
        ]
    return []


def _disinfecting(values: Values, limits: Values, _day: date) -> Said:
    method = values.get("method", "")
    if method not in fields.DISINFECTION or method == fields.BOUGHT:
        return []
    first, last = (Decimal(part) for part in limits[f"disinfect.{method}"].split(","))
    measured, unit = ("ppm", "mg/L") if method == "chlorine" else ("temp_c", "℃")
    least = last / 60 if method == "washer" else last
    said: Said = []
    for name, need, of in ((measured, first, unit), ("minutes", least, "分钟")):
        if name not in values or Decimal(values[name]) < need:
            said.append((name, f"{fields.DISINFECTION[method]}消毒要求不低于{_plain(need)}{of}"))
    return said


def _delivering(values: Values, limits: Values, _day: date) -> Said:
    if not {"cooked_at", "delivered_at"} <= values.keys():
        return []
    took = _minutes(values["delivered_at"]) - _minutes(values["cooked_at"])
    hot, soon = Decimal(limits["hold.hot_c"]), Decimal(limits["hold.danger_minutes"])
    longest = 60 * int(limits["deliver.eat_by_hours_hot"])
    if took < 0:
        return [("delivered_at", "送达时刻早于烧熟时刻")]
    if took > longest:
        return [("delivered_at", f"烧熟到送达{took}分钟，超过{longest}分钟")]
    if took > soon and Decimal(values.get("core_temp_c", "0")) < hot:
        return [("core_temp_c", f"烧熟到送达{took}分钟，超过{soon}分钟，中心温度应不低于{hot}℃")]
    return []


def _portion(values: Values, limits: Values, _day: date) -> Said:
    if not {"grams", "standard_grams"} <= values.keys():
        return []
    grams, standard = Decimal(values["grams"]), Decimal(values["standard_grams"])
    most = Decimal(limits["visit.portion_deviation"])
    if abs(grams - standard) * 100 > most * standard:
        return [("grams", f"抽称重量{grams}克与标准{standard}克相差超过{most}%")]
    return []


def _price_parts(values: Values, _limits: Values, _day: date) -> Said:
    parts = [values.get(name) for name in ("list", "discount", "subsidy", "self_pay")]
    if None in parts:
        return []
    full, *less = (Decimal(str(part)) for part in parts)
    return [] if full == sum(less) else [("list", "原价不等于优惠、补贴、老人实付之和")]


def _filed_price(values: Values, _limits: Values, _day: date) -> Said:
    if not {"price_filed", "price_charged"} <= values.keys():
        return []
    same = Decimal(values["price_filed"]) == Decimal(values["price_charged"])
    return [] if same else [("price_charged", "执行价与备案价不一致")]


def _not_older(name: str, key: str, what: str) -> Callable[[Values, Values, date], Said]:
    def judge(values: Values, limits: Values, day: date) -> Said:
        if name not in values:
            return []
        months = int(limits[key])
        done = date.fromisoformat(values[name])
        age = (day.year - done.year) * 12 + day.month - done.month - (day.day < done.day)
        late = age > months or (age == months and day.day > done.day)
        return [(name, f"{what}已超过{months}个月")] if late else []

    return judge


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _plain(number: Decimal) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


_SPECIAL: dict[str, Callable[[Values, Values, date], Said]] = {
    "COK-03": _holding,
    "DIS-01": _disinfecting,
    "DLV-02": _delivering,
    "STD-02": _portion,
    "PRC-02": _price_parts,
    "PRC-03": _filed_price,
    "STF-05": _not_older("last_training_date", "training.months", "最近一次培训考核"),
    "UNT-02": _not_older("last_drill_date", "drill.months", "最近一次演练"),
}
