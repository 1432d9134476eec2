"""A month of servings over hundreds of points, straight into the tables: what a scan reads."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from mealsvc.kernel.meals import LOCAL
from mealsvc.plumbing.db import micros, writing

MONTH = "2024-05"
FIRST = date(2024, 5, 1)
DAYS, POINTS = 31, 300
COMMUNITY = "320412100001"
_COLUMNS = (
    "sequence", "key", "point_id", "resident_id", "served_at", "served_on", "meal", "mode",
    "method", "price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen", "reason", "decision_id",
    "age", "settle_month", "late", "reverses", "note", "content_mac", "operator", "device",
    "recorded_at",
)  # fmt: skip
_INSERT = f"INSERT INTO serving ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_TALLY = """
    INSERT INTO daily_tally
    SELECT settle_month, point_id, late, served_on, meal, decision_id, count(*), 0, sum(price_fen),
        sum(subsidy_fen), sum(self_pay_fen), sum(delivery_fen)
    FROM serving GROUP BY 1, 2, 3, 4, 5, 6
"""
_MODES, _METHODS = ("dine_in", "take_away", "delivery"), ("card", "qr", "id_card", "manual")


def fill(servings: int, points: int = POINTS) -> None:
    """So many servings in one month, every elder at her point with habits of her own."""
    random = np.random.default_rng(320412)
    elders = servings // 17
    with writing() as connection:
        _triggers_off(connection)
        _places(connection, points)
        _people(connection, elders, random)
        sequence = 0
        for day in range(DAYS):
            wanted = servings // DAYS + (day < servings % DAYS)
            rows = _day(day, wanted, sequence, elders, points, random)
            connection.exec_driver_sql(_INSERT, rows)
            sequence += len(rows)
        connection.exec_driver_sql(_TALLY)


def _triggers_off(connection: Connection) -> None:
    """The tables are this bench's own: nothing but the lines is read."""
    names = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN"
        " ('serving', 'resident', 'decision', 'daily_tally')"
    )
    for (name,) in names.all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _places(connection: Connection, points: int) -> None:
    connection.exec_driver_sql(
        "INSERT INTO division VALUES ('320412', '武进区', 'district', '', NULL, NULL, NULL)"
    )
    put = text(
        "INSERT INTO meal_point (id, code, name, kind, division, address, lon, lat, seats,"
        " catering_mode, licence_no, supplier, lunch_hours, dinner_hours) VALUES (:id, :code,"
        " :name, 'community_canteen', :division, '', :lon, 31.7, 400, '', '', '', '10:30-12:30',"
        " '16:30-18:30')"
    )
    for number in range(1, points + 1):
        place = {"id": number, "code": f"P{number:03d}", "name": f"助餐点{number}"}
        connection.execute(put, place | {"division": COMMUNITY, "lon": 119.9 + number / points})
    content = json.dumps({"policy": "测速", "rules": []}, ensure_ascii=False)
    connection.exec_driver_sql("INSERT INTO decision VALUES (1, 'bench', ?)", (content,))


def _people(connection: Connection, elders: int, random: np.random.Generator) -> None:
    born = random.integers(0, 9_000, elders)
    start = date(1932, 1, 1)
    connection.exec_driver_sql(
        "INSERT INTO resident (id, id_number, id_last4, id_converted, name, sort_key, sex,"
        " birth_on, hukou_division, residence_division) VALUES (?, zeroblob(47), '0000', 0, ?,"
        " '', ?, ?, ?, '')",
        [
            (
                number + 1,
                f"老人{number}",
                ("male", "female")[number % 2],
                (start + timedelta(days=int(days))).isoformat(),
                COMMUNITY,
            )
            for number, days in enumerate(born)
        ],
    )


def _day(
    day: int, wanted: int, sequence: int, elders: int, points: int, random: np.random.Generator
) -> list[tuple[Any, ...]]:
    """Who comes today, in the order of the clock: some most days, some now and then."""
    keen = np.arange(elders) % 7 / 7 + random.random(elders)
    who = np.argsort(-keen)[:wanted]
    who = np.concatenate([who, random.integers(0, elders, wanted - len(who))])
    dinner = who % 5 == 0
    usual = np.where(dinner, 59_400, 37_800) + (who * 7919) % 5_400
    second = (usual + random.normal(0, 420, wanted)).astype(np.int64)
    order = np.argsort(second, kind="stable")
    return list(_rows(day, sequence, who[order], dinner[order], second[order], points, random))


def _rows(
    day: int, sequence: int, who: Any, dinner: Any, second: Any, points: int, random: Any
) -> Iterator[tuple[Any, ...]]:
    today = FIRST + timedelta(days=day)
    midnight = micros(datetime(today.year, today.month, today.day, tzinfo=LOCAL).astimezone(UTC))
    mode = np.where(who % 11 == 0, 2, np.where(who % 7 == 0, 1, 0))
    method = np.where(random.random(len(who)) < 0.02, 3, np.where(who % 13 == 0, 1, 0))
    facts = zip(
        who.tolist(), dinner.tolist(), second.tolist(), mode.tolist(), method.tolist(), strict=True
    )
    for number, (elder, evening, at, how, by) in enumerate(facts, sequence + 1):
        point = elder % points + 1
        served_at = midnight + at * 1_000_000
        yield (
            number, f"S{number}", point, elder + 1, served_at, today.isoformat(),
            "dinner" if evening else "lunch", _MODES[how], _METHODS[by], 1_500, 300, 1_200, 0,
            None, 1, 75, 202405, 0, None, "", b"\0" * 16, "", f"P{point:03d}-till",
            served_at + 300_000,
        )  # fmt: skip
