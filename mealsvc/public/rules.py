"""What citizens are told, as values: who is near, whether it is open now, what is too few to show. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Protocol, TypeVar

from mealsvc.kernel.distance import great_circle_m
from mealsvc.kernel.meals import MEALS

FEWEST = 3
"""A group of fewer elders than this is never told from others on a page that anybody can read."""
TOO_FEW = f"少于{FEWEST}"
ELSEWHERE = "其他村（社区）"
KIND_WORDS = {
    "central_kitchen": "中央厨房：给各分餐点做饭，一般不在这里吃",
    "community_canteen": "社区食堂：自己做饭，可以在这里吃",
    "institution_canteen": "养老机构食堂：也接待住在附近的老人",
    "partner_restaurant": "合作饭店：街上的饭店，老人来吃有优惠",
    "serving_point": "分餐点：饭菜在厨房做好送来，在这里吃",
    "neighbour_table": "邻里互助点：几位老人就近搭伙吃饭",
}
Hours = tuple[tuple[str, str], ...]
"""Meals with their span: (("lunch", "10:30-12:30"), …)."""


class Located(Protocol):
    """Whatever may have a position."""

    @property
    def lon(self) -> float | None: ...

    @property
    def lat(self) -> float | None: ...


Spot = TypeVar("Spot", bound=Located)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a meal is being served now, and in words what is or comes next."""

    is_open: bool
    words: str


def opening(hours: Hours, now: time) -> Opening:
    """As of a local time of a day on which the point operates."""
    spans = [(meal, *_span(written)) for meal, written in hours]
    for meal, opens, closes in spans:
        if opens <= now < closes:
            return Opening(True, f"正在供应{MEALS[meal]}，到{closes:%H:%M}")
    for meal, opens, _ in spans:
        if now < opens:
            return Opening(False, f"现在没有供餐，{opens:%H:%M}有{MEALS[meal]}")
    if spans:
        return Opening(False, f"今天已经结束，平常{spans[0][1]:%H:%M}供餐")
    return Opening(False, "供餐时间没有登记，请先打电话问")


def by_distance(places: Iterable[Spot], lon: float, lat: float) -> list[tuple[Spot, float | None]]:
    """The nearest first, with metres along the great circle; those nobody has located come last."""
    found = [(place, distance(place, lon, lat)) for place in places]
    return sorted(found, key=lambda one: (one[1] is None, one[1] or 0.0))


def distance(place: Located, lon: float, lat: float) -> float | None:
    """Metres; None where nobody knows."""
    if place.lon is None or place.lat is None:
        return None
    return great_circle_m(lon, lat, place.lon, place.lat)


def distance_words(metres: float | None) -> str:
    """约350米, 约1.2公里; a community's centre is not a door, so nothing finer is said."""
    if metres is None:
        return "距离不详"
    if metres < 975:
        return f"约{max(round(metres / 50) * 50, 50)}米"
    return f"约{metres / 1000:.1f}公里"


def coarse(diners: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """The posted list (masked name, village, servings) without villages that fewer than `FEWEST`
    of the listed come from: there the mask would not hide who it is."""
    villages = Counter(village for _, village, _ in diners)
    shown = [
        (name, village if villages[village] >= FEWEST else ELSEWHERE, servings)
        for name, village, servings in diners
    ]
    return sorted(shown, key=lambda one: (one[1] == ELSEWHERE, one[1], one[0], one[2]))


def stop_words(from_on: date, to_on: date | None) -> str:
    """从2026年11月1日起暂停供餐; the reason stays with those whom it concerns."""
    since = f"{from_on.year}年{from_on.month}月{from_on.day}日"
    if to_on is None:
        return f"从{since}起暂停供餐，恢复时间还没有定"
    return f"从{since}到{to_on.year}年{to_on.month}月{to_on.day}日暂停供餐"


def _span(written: str) -> tuple[time, time]:
    opens, _, closes = written.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)
