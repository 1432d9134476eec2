"""Meals, the ways to take and to identify them, and the local day they belong to."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from mealsvc.kernel.text import tidy

LOCAL = ZoneInfo("Asia/Shanghai")

# code -> what people read
MEALS = {"breakfast": "早餐", "lunch": "午餐", "dinner": "晚餐"}
MODES = {"dine_in": "堂食", "take_away": "自取", "delivery": "送餐"}
METHODS = {"card": "刷卡", "qr": "扫码", "id_card": "身份证", "manual": "手工"}

_LUNCH_FROM = time(10, 0)
_DINNER_FROM = time(15, 0)


def _codes(names: dict[str, str]) -> dict[str, str]:
    return {written: code for code, chinese in names.items() for written in (code, chinese)}


_MEAL_CODES, _MODE_CODES, _METHOD_CODES = _codes(MEALS), _codes(MODES), _codes(METHODS)


def local_date(instant: datetime) -> date:
    """The day in Asia/Shanghai on which an aware instant falls. Raises ValueError if naive."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(LOCAL).date()


def parse_meal(text: str) -> str | None:
    """The meal's code from its code or Chinese name; None for anything else."""
    return _MEAL_CODES.get(tidy(text))


def parse_mode(text: str) -> str | None:
    """The mode's code from its code or Chinese name; None for anything else."""
    return _MODE_CODES.get(tidy(text))


def parse_method(text: str) -> str | None:
    """The method's code from its code or Chinese name; None for anything else."""
    return _METHOD_CODES.get(tidy(text))


def meal_at(local_time: time) -> str:
    """The meal a till proposes at a local time: lunch from 10:00, dinner from 15:00."""
    if local_time < _LUNCH_FROM:
        return "breakfast"
    return "lunch" if local_time < _DINNER_FROM else "dinner"
