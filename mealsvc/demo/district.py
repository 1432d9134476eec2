"""Wujin's ten directly managed towns and streets, made-up communities, points and a budget.

Town codes and names are the statistics bureau's; household figures are the demo's own estimates
(60 and over: about 217,000 in the directly managed area). Everything else is made up.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any, NamedTuple

from mealsvc.kernel.credit_code import check_character
from mealsvc.kernel.licence_number import check_digit
from mealsvc.kernel.money import share

DISTRICT = "320412"
POP60 = 217_000
CITY_RUN = "常州经济开发区"


class Town(NamedTuple):
    """A town with its demo household count, how many communities it gets, and its centre."""

    code: str
    name: str
    hukou: int
    communities: int
    lon: float
    lat: float


TOWNS = (
    Town("320412100", "湖塘镇", 192_800, 45, 119.957, 31.710),
    Town("320412102", "牛塘镇", 56_000, 14, 119.900, 31.713),
    Town("320412103", "洛阳镇", 66_000, 16, 120.075, 31.650),
    Town("320412110", "雪堰镇", 78_484, 26, 120.100, 31.530),
    Town("320412113", "前黄镇", 83_772, 20, 119.920, 31.590),
    Town("320412114", "礼嘉镇", 58_000, 15, 119.990, 31.650),
    Town("320412119", "嘉泽镇", 62_000, 17, 119.780, 31.690),
    Town("320412120", "湟里镇", 66_000, 18, 119.710, 31.620),
    Town("320412400", "西湖街道", 48_344, 10, 119.850, 31.720),
    Town("320412411", "南夏墅街道", 59_000, 14, 119.950, 31.640),
)
CITY_TOWNS = (
    ("320412001", "戚墅堰街道"),
    ("320412002", "丁堰街道"),
    ("320412003", "潞城街道"),
    ("320412104", "遥观镇"),
    ("320412105", "横林镇"),
    ("320412106", "横山桥镇"),
)
_FIRST = "丰安和景祥福康乐宁瑞兴华长永德仁明春秋石河桥塘荷竹松柏梅兰桂"
_SECOND = "乐泰平园庆苑里湾坊塘村溪桥巷港渎墩庄浜圩"


def divisions(random: Random) -> Iterator[dict[str, Any]]:
    """The district, its towns and communities, with residents of 60 and over."""
    yield {
        "code": DISTRICT,
        "name": "武进区",
        "level": "district",
        "managed_by": "武进区",
        "pop60": POP60,
    }
    for code, name in CITY_TOWNS:
        yield {"code": code, "name": name, "level": "town", "managed_by": CITY_RUN}
    for town, pop60 in zip(TOWNS, share(POP60, [town.hukou for town in TOWNS]), strict=True):
        yield {
            "code": town.code,
            "name": town.name,
            "level": "town",
            "pop60": pop60,
            "lon": town.lon,
            "lat": town.lat,
        }
        yield from _communities(town, pop60, random)


def _communities(town: Town, pop60: int, random: Random) -> Iterator[dict[str, Any]]:
    hosts = [HOMES[point.code] for point in (*POINTS, KITCHEN) if point.town == town.code]
    made_up = [one + two for one in _FIRST for two in _SECOND if one != two]
    names = hosts + random.sample(
        [name for name in made_up if name not in hosts], town.communities - len(hosts)
    )
    weights = [random.randint(40, 160) for _ in names]
    spread = 0.018 if town.communities > 30 else 0.035
    for number, (name, pop) in enumerate(zip(names, share(pop60, weights), strict=True), 1):
        rural = 200 if town.communities < 40 and number > 4 else 0
        yield {
            "code": f"{town.code}{rural + number:03d}",
            "name": f"{name}{'村' if rural else '社区'}",
            "level": "community",
            "pop60": pop,
            "lon": round(town.lon + random.uniform(-spread, spread), 5),
            "lat": round(town.lat + random.uniform(-spread, spread), 5),
        }


class DemoPoint(NamedTuple):
    """A demo point: code, name, kind, town, weight among the points, price of its set meal in fen."""

    code: str
    name: str
    kind: str
    town: str
    opened_on: date
    weight: int
    price_fen: int
    seats: int
    capacity: int
    dinner: bool = False
    supplier: str = ""
    mode: str = "self_run"


KITCHEN = DemoPoint(
    "WJ900", "阳湖中央厨房", "central_kitchen", "320412411", date(2023, 4, 1), 0, 0, 0, 900,
    mode="contracted",
)  # fmt: skip
POINTS = (
    DemoPoint("WJ001", "丰乐社区助餐点", "community_canteen", "320412100", date(2023, 4, 10), 16, 1300, 60, 220, True),
    DemoPoint("WJ002", "星火社区食堂", "community_canteen", "320412100", date(2023, 4, 20), 15, 1300, 56, 200, True),
    DemoPoint("WJ003", "河滨老年餐桌", "partner_restaurant", "320412100", date(2023, 8, 1), 13, 1500, 48, 180, True, mode="ordered"),
    DemoPoint("WJ004", "龚家分餐点", "serving_point", "320412411", date(2023, 6, 1), 9, 1200, 36, 150, supplier="WJ900", mode="ordered"),
    DemoPoint("WJ005", "洛阳长者食堂", "institution_canteen", "320412103", date(2023, 5, 8), 10, 1300, 50, 160, True),
    DemoPoint("WJ006", "牛塘分餐点", "serving_point", "320412102", date(2023, 7, 3), 9, 1200, 32, 140, supplier="WJ900", mode="ordered"),
    DemoPoint("WJ007", "前黄镇社区食堂", "community_canteen", "320412113", date(2023, 9, 4), 9, 1300, 44, 150),
    DemoPoint("WJ008", "雪堰老年餐桌", "partner_restaurant", "320412110", date(2023, 10, 9), 8, 1400, 40, 130, mode="ordered"),
    DemoPoint("WJ009", "礼嘉分餐点", "serving_point", "320412114", date(2023, 11, 6), 7, 1200, 28, 120, supplier="WJ900", mode="ordered"),
    DemoPoint("WJ010", "嘉泽邻里助餐点", "neighbour_table", "320412119", date(2024, 1, 8), 4, 1200, 16, 60),
)  # fmt: skip


HOMES = {
    "WJ001": "丰乐",
    "WJ002": "星火",
    "WJ003": "河滨",
    "WJ004": "龚家",
    "WJ005": "虞桥",
    "WJ006": "青云",
    "WJ007": "前漕",
    "WJ008": "雪湖",
    "WJ009": "礼河",
    "WJ010": "西城",
    "WJ900": "南河",
}
"""The community in which each point lies, without 社区 or 村."""


def home_of(point: DemoPoint, communities: list[dict[str, Any]]) -> dict[str, Any]:
    """The community of a point among those that were made."""
    return next(
        home
        for home in communities
        if home["code"].startswith(point.town) and home["name"].startswith(HOMES[point.code])
    )


def point_values(point: DemoPoint, community: dict[str, Any], number: int) -> dict[str, Any]:
    """One point as the list of points takes it; its unit and licence number are made up."""
    cooks = point.kind not in ("serving_point", "neighbour_table")
    return {
        "code": point.code,
        "name": point.name,
        "kind": point.kind,
        "division": community["code"],
        "address": f"{community['name']}演示路{number}号",
        "lon": community["lon"],
        "lat": community["lat"],
        "seats": point.seats,
        "daily_capacity": point.capacity,
        "opened_on": point.opened_on,
        "catering_mode": point.mode,
        "operator": f"演示助餐服务{number:02d}单位",
        "uscc": _credit_code(number),
        "licence_no": _licence_no(point, number) if cooks else "",
        "licence_expires_on": _licence_end(number) if cooks else None,
        "supplier": point.supplier,
        "lunch_hours": "10:30-12:30" if point.kind != "central_kitchen" else "",
        "dinner_hours": "16:30-18:00" if point.dinner else "",
    }


def _credit_code(number: int) -> str:
    first17 = f"91{DISTRICT}MA1YW{number:04d}"
    return first17 + check_character(first17)


def _licence_no(point: DemoPoint, number: int) -> str:
    form = 3 if point.kind == "institution_canteen" else 2
    digits = f"{form}{DISTRICT}{number:06d}"
    return f"JY{digits}{check_digit(digits)}"


def _licence_end(number: int) -> date:
    """One licence is about to end in the month that the demo shows; the others hold for years."""
    return date(2024, 6, 12) if number == 8 else date(2027 + number % 3, 1 + number % 12, 15)


BUDGET = (
    (2023, "district", 12_000_000),
    (2023, "town", 6_000_000),
    (2023, "lottery", 800_000),
    (2024, "district", 45_000_000),
    (2024, "town", 22_000_000),
    (2024, "lottery", 3_000_000),
)

POLICY = """\
[policy]
code = "DEMO-2023"
title = "演示：武进区老年助餐补贴标准（按天宁区2022年标准）"
division = "320412"
exclude = ["320412001", "320412002", "320412003", "320412104", "320412105", "320412106"]
effective_from = 2023-04-01
scope = "hukou"
min_age = 60
age_counts_from = "birthday"
min_self_pay_fen = 100
per_day = 1
meals = ["lunch", "dinner"]

[[rule]]
code = "U60"
layer = "universal"
min_age = 60
max_age = 79
amount_fen = 300
funding = { district = 200, town = 100 }

[[rule]]
code = "U80"
layer = "universal"
min_age = 80
amount_fen = 400
funding = { district = 200, town = 200 }

[[rule]]
code = "T1"
layer = "targeted"
categories = ["TK", "DB"]
amount_fen = 200
funding = { district = 200 }

[[delivery]]
code = "D1"
categories = ["SN"]
amount_fen = 100
funding = { lottery = 100 }

[[delivery]]
code = "D2"
categories = ["DJ"]
min_age = 80
amount_fen = 100
funding = { lottery = 100 }
"""
