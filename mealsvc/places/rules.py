"""What a meal point is called, whether it operates on a day, and how its licence stands. Pure."""

import re
from datetime import date, timedelta

KIND_NAMES = {
    "central_kitchen": "中央厨房",
    "community_canteen": "社区食堂",
    "institution_canteen": "养老机构食堂",
    "partner_restaurant": "餐饮门店合作",
    "serving_point": "配送分餐点",
    "neighbour_table": "邻里互助点",
}
KITCHEN = "central_kitchen"  # supplies other points and serves nobody itself
SERVING = "serving"  # in a filter: every kind but the kitchen
CATERING_NAMES = {"self_run": "自营", "contracted": "委托承包", "ordered": "供餐单位订餐"}
STATUS_NAMES = {
    "operating": "正式运营",
    "suspended": "暂停运营",
    "point_closed": "已停业",
    "not_opened": "未开业",
}
LICENCE_WARNING = timedelta(days=30)
_HOURS = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
POINT, SUBSIDY = "point", "subsidy"  # what is suspended


def status_on(day: date, opened_on: date | None, closed_on: date | None, suspended: bool) -> str:
    """`operating`, `suspended`, `point_closed` or `not_opened`; a point still serves on `closed_on`."""
    if closed_on is not None and closed_on < day:
        return "point_closed"
    if opened_on is not None and opened_on > day:
        return "not_opened"
    return "suspended" if suspended else "operating"


def licence_state(expires_on: date | None, day: date) -> str | None:
    """`expired`, `due` (within 30 days) or `valid`; None when the day is not known."""
    if expires_on is None:
        return None
    if expires_on < day:
        return "expired"
    return "due" if expires_on <= day + LICENCE_WARNING else "valid"


def is_hours(written: str) -> bool:
    """Whether a text is a span of hours such as 10:30-12:30, ending after it begins."""
    opens, _, closes = written.partition("-")
    return bool(_HOURS.fullmatch(written)) and opens < closes
