"""Which logs are due where and when. Pure.

| log           | cooks | serves only | for each      | done when                                   |
|---------------|-------|-------------|---------------|---------------------------------------------|
| morning_check | yes   |             | day           | everybody on the staff has an entry         |
| sample        | yes   |             | meal          | every dish of the menu has one              |
| core_temp     | yes   |             | meal          | there is a reading                          |
| hold_temp     | yes   |             | meal          | there is a reading                          |
| cold_store    | yes   |             | day           | every known device was read twice           |
| disinfection  | yes   | yes         | meal          | there is an entry                           |
| daily_control | yes   | yes         | day           | there is one, also where nothing was found  |
| weekly_check  | yes   | yes         | week (ISO)    | there is one by the week's last day         |
| monthly_meeting | yes | yes         | month         | there is one by the month's last day        |

The rest (purchase_check, waste, weighing, incident, sample_disposed) is logged as it happens and
never due. Days and meals count on which the point served; a central kitchen's are those of the
points that it supplies. The receiving check of a serving point belongs to bookings.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from mealsvc.supervision.logs.kinds import CONTROL, KITCHEN_ONLY

ONLY_SERVE = frozenset(("serving_point", "neighbour_table"))
BY_DAY = ("morning_check", "cold_store", "daily_control")
BY_MEAL = ("sample", "core_temp", "hold_temp", "disinfection")
DUE = ("morning_check", *BY_MEAL, "cold_store", "daily_control", "weekly_check", "monthly_meeting")
_EVERYWHERE = frozenset(("disinfection", "daily_control", "weekly_check", "monthly_meeting"))
DEVICE_MEMORY = timedelta(days=30)  # a device that was not read for so long is gone

MEAL_ENDS = {"breakfast": time(10, 0), "lunch": time(14, 0), "dinner": time(20, 0)}
LATE_FROM = {
    "morning_check": time(10, 0),
    "cold_store": time(20, 0),
    "daily_control": time(20, 0),
    "weekly_check": time(20, 0),
    "monthly_meeting": time(20, 0),
}
USUAL_TIMES = {"breakfast": time(7, 0), "lunch": time(11, 0), "dinner": time(17, 0)}
FIRST_THING, LAST_THING = time(9, 0), time(16, 0)

DONE, PARTLY, MISSING, WAITING = "done", "partly", "missing", "waiting"


@dataclass(frozen=True, slots=True)
class Serving:
    """What makes logs due at a point on a day: `meals` with their number of dishes on the menu,
    how many people are on the staff, how many devices are known, and what period ends.
    """

    cooks: bool
    meals: Mapping[str, int]
    staff: int = 0
    devices: int = 0
    week_ends: bool = False
    month_ends: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """One log that is due: how many entries make it complete (at least one)."""

    kind: str
    meal: str
    wanted: int


def cooks(point_kind: str) -> bool:
    """Whether meals are cooked at such a point (检查表 `applies` COOK)."""
    return point_kind not in ONLY_SERVE


def applies(kind: str, point_kind: str) -> bool:
    """Whether such a point keeps this log."""
    return cooks(point_kind) or kind not in _MADE_WHERE_COOKED


_MADE_WHERE_COOKED = frozenset(
    ("morning_check", "sample", "sample_disposed", "core_temp", "hold_temp", "cold_store")
)


def due_of(serving: Serving, readings_a_day: int = 2) -> list[Due]:
    """The logs that are due; none on a day without meals but those of a week or month that ends."""
    found = []
    if serving.meals:
        for kind in ("morning_check", *BY_MEAL, "cold_store", "daily_control"):
            if serving.cooks or kind in _EVERYWHERE:
                found += _of_kind(kind, serving, readings_a_day)
    if serving.week_ends:
        found.append(Due("weekly_check", "", 1))
    if serving.month_ends:
        found.append(Due("monthly_meeting", "", 1))
    return found


def _of_kind(kind: str, serving: Serving, readings_a_day: int) -> list[Due]:
    if kind in BY_MEAL:
        return [
            Due(kind, meal, max(dishes, 1) if kind == "sample" else 1)
            for meal, dishes in serving.meals.items()
        ]
    wanted = {"morning_check": serving.staff, "cold_store": serving.devices * readings_a_day}
    floor = readings_a_day if kind == "cold_store" else 1
    return [Due(kind, "", max(wanted.get(kind, 1), floor))]


def state_of(due: Due, have: int, now: time | None) -> str:
    """done, partly, missing, or waiting: today, before it is late; `now` is None for past days."""
    if have >= due.wanted:
        return DONE
    if now is not None and now < (MEAL_ENDS.get(due.meal) or LATE_FROM[due.kind]):
        return WAITING
    return PARTLY if have else MISSING


def share_missing(states: Sequence[tuple[Due, int]]) -> float:
    """The share of due logs that are missing, a half-done one as the part that lacks; 0 if none."""
    if not states:
        return 0.0
    return sum(1 - min(have, due.wanted) / due.wanted for due, have in states) / len(states)


def control_items(point_kind: str) -> dict[str, str]:
    """The items of the daily control that apply to such a point, with their words."""
    return {
        code: words
        for code, words in CONTROL.items()
        if cooks(point_kind) or code not in KITCHEN_ONLY
    }


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of a day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def usual_time(kind: str, meal: str) -> time:
    """The time of day that a file without one means."""
    if meal:
        return USUAL_TIMES[meal]
    return FIRST_THING if kind in ("morning_check", "cold_store", "purchase_check") else LAST_THING


def is_known(read_on: Sequence[date], day: date) -> bool:
    """Whether a device that was read on these days (in order) still counts on this one."""
    before = bisect_right(read_on, day)
    return before > 0 and day - read_on[before - 1] <= DEVICE_MEMORY
