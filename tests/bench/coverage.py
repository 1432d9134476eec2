"""Who is reached, in a district of 200,000 elders: the page of coverage first and again, and the
counts beside a plain computation over every home."""

import sqlite3
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from flask import Flask, current_app

from mealsvc.coverage.standing import standing
from mealsvc.kernel.distance import great_circle_m
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db
from tests.bench.ground import Line, at_most, cpu_of, installation
from tests.bench.people import register
from tests.bench.report_ground import AT, DAY
from tests.support.client import OutsideClient
from tests.support.people import sign_in

PEOPLE, COMMUNITIES, POINTS, TOWNS = 200_000, 2_000, 100, 20
MEALS_A_DAY = 40
MONTH, ON = Month(2024, 5), date(2024, 5, 31)
PLAIN = 4_000  # homes that are counted again one by one
FIRST_S, NEXT_S = 1.5, 0.2
# A quarter of the elders has no position of their own; numbers spread evenly and without chance.
LON = "119.7 + ({n} * 7919 % 100003) / 100003.0 * 0.6"
LAT = "31.4 + ({n} * 104729 % 99991) / 99991.0 * 0.4"
HOME = f"printf('320412%03d%03d', 100 + {{n}} % {TOWNS}, 1 + {{n}} / {TOWNS})"
COUNT = (
    "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < {rows}) {then}"
)
FILL = (
    "CREATE TEMP TABLE d AS "
    + COUNT.format(rows=31, then="SELECT n, date('2024-05-01', '+' || n || ' days') AS day FROM n"),
    "INSERT OR IGNORE INTO division (code, name, level, managed_by) "
    + COUNT.format(rows=TOWNS, then="SELECT '320412' || (100 + n), '镇' || n, 'town', '' FROM n"),
    "INSERT OR IGNORE INTO division (code, name, level, managed_by, pop60, lon, lat) "
    + COUNT.format(
        rows=COMMUNITIES,
        then=f"SELECT {HOME.format(n='n')}, '村' || n, 'community', '', 50 + n * 37 % 400,"
        f" {LON.format(n='n')}, {LAT.format(n='n')} FROM n",
    ),
    "INSERT INTO meal_point (code, name, kind, division, address, lon, lat, seats, daily_capacity,"
    " catering_mode, licence_no, supplier, lunch_hours, dinner_hours) "
    + COUNT.format(
        rows=POINTS,
        then=f"SELECT 'B' || n, '点' || n, 'community_canteen', {HOME.format(n='n * 17')}, '',"
        f" {LON.format(n='n * 17')}, {LAT.format(n='n * 17')}, 40, 120, '', '', '', '', '' FROM n",
    ),
    "INSERT INTO resident (id_number, id_last4, id_converted, name, sort_key, sex, birth_on,"
    " hukou_division, residence_division, address, phone, lon, lat) "
    + COUNT.format(
        rows=PEOPLE,
        then="SELECT zeroblob(60), '0000', 0, '某', 'mou', 'F', date('1930-01-01', '+' || (n % 11000)"
        f" || ' days'), {HOME.format(n=f'(n % {COMMUNITIES})')}, '', zeroblob(80), zeroblob(50),"
        f" CASE n % 4 WHEN 0 THEN NULL ELSE {LON.format(n='n')} END,"
        f" CASE n % 4 WHEN 0 THEN NULL ELSE {LAT.format(n='n')} END FROM n",
    ),
    "INSERT INTO resident_fact (resident_id, kind, value, from_on, source) SELECT id, 'category',"
    " CASE id % 4 WHEN 0 THEN 'TK' WHEN 1 THEN 'DB' WHEN 2 THEN 'SN' ELSE 'DJ' END, '2020-01-01',"
    " 'bench' FROM resident WHERE id % 8 < 2",
    "INSERT INTO resident_fact (resident_id, kind, value, from_on, source) SELECT id, 'departure',"
    " 'deceased', '2024-04-01', 'bench' FROM resident WHERE id % 50 = 0",
    "INSERT INTO serving SELECT row_number() OVER () + 1000000, 'B' || p.id || '-' || d.n || '-'"
    " || m.n, p.id, 1 + (p.id * 311 + m.n * 7 + d.n % 3) % :people, :at + d.n * :day, d.day,"
    " 'lunch', 'dine_in', 'card', 1200, 300, 900, 0, NULL, 1, 70, 202405, 0, NULL, '', x'00', '',"
    " '', :at + d.n * :day FROM meal_point p, d, (SELECT n FROM ("
    + COUNT.format(rows=MEALS_A_DAY, then="SELECT n FROM n")
    + ")) m",
    "INSERT INTO daily_tally SELECT settle_month, point_id, late, served_on, meal, decision_id,"
    " count(*), 0, sum(price_fen), sum(subsidy_fen), sum(self_pay_fen), 0 FROM serving"
    " GROUP BY 1, 2, 3, 4, 5, 6",
)


def lines() -> Iterable[Line]:
    """The page as a leader opens it, first and again, and the standing itself."""
    with installation() as app:
        register(0)
        fill()
        app.test_client_class = OutsideClient
        client = app.test_client()
        sign_in(app, client, "leader")
        note = f"（{PEOPLE:,} 名老人，{COMMUNITIES:,} 个村社区，{POINTS} 个点）"
        yield at_most("服务覆盖：第一页 CPU", _page(app, client), FIRST_S, "s", note)
        again = sorted(_page(app, client, forget=False) for _ in range(5))[2]
        yield at_most("服务覆盖：再看一页 CPU", again, NEXT_S, "s")
        yield at_most("总览：再看一次 CPU", _again(client, "/overview"), NEXT_S, "s")
        wrong = abs(_counted() - _plain())
        yield at_most(f"距离：与逐户计算不同的（{PLAIN:,} 户）", wrong, 0, "户")


def fill() -> None:
    """Divisions, points, elders and a month, by SQL, without the triggers: a database to read."""
    db.session.remove()
    db.engine.dispose()
    connection = sqlite3.connect(Path(current_app.config["INSTANCE"]) / "mealsvc.db")
    values = {"people": PEOPLE, "at": AT, "day": DAY}
    with connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("INSERT INTO decision VALUES (1, 'bench', '{}')")
        for statement in FILL:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, named)
        connection.execute("ANALYZE")
    connection.close()


def _page(app: Flask, client, forget: bool = True) -> float:
    if forget:
        app.extensions["mealsvc.caches"].clear()
    return _again(client, "/coverage", 1)


def _again(client, address: str, times: int = 5) -> float:
    def ask() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.text}")

    return sorted(cpu_of(ask) for _ in range(times))[times // 2]


def _counted() -> int:
    """Of the first homes with a position, how many lie within the radius: as the standing counts."""
    import numpy as np

    from mealsvc.coverage.measuring import nearest_for

    homes, sites, radius = _homes()
    lon, lat = np.array(homes).T
    return int((nearest_for(lon, lat, sites, (radius,)) <= radius).sum())


def _plain() -> int:
    homes, sites, radius = _homes()
    return sum(min(great_circle_m(*home, *site) for site in sites) <= radius for home in homes)


def _homes() -> tuple[list[tuple[float, float]], list[tuple[float, float]], int]:
    from sqlalchemy import select

    from mealsvc.coverage.services import sites_on
    from mealsvc.residents.models import Resident

    placed = select(Resident.lon, Resident.lat).where(Resident.lon.is_not(None)).limit(PLAIN)
    homes = [
        (lon, lat) for lon, lat in db.session.execute(placed) if lon is not None and lat is not None
    ]
    return homes, sites_on(ON), standing(ON, MONTH).radius_m
