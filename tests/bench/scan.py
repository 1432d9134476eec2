"""A whole scan of a month against one window query over the same rows: of SQLite, and of DuckDB."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from flask import Flask
from sqlalchemy import text

from mealsvc.plumbing.db import db
from tests.bench.ground import Line, at_most, cpu_of, installation
from tests.bench.scan_ground import MONTH, fill

LEAST = 10.0  # × DuckDB's single window query
SIX = 6.0  # × SQLite's: a query for each of six rules is what a scan does without
MEGABYTES = 300.0
WINDOW = (
    "SELECT count(*) FROM (SELECT served_at - lag(served_at) OVER w AS gap, point_id,"
    " lag(point_id) OVER w AS before FROM serving"
    " WINDOW w AS (PARTITION BY resident_id ORDER BY served_at)) AS pairs"
    " WHERE gap < 1800000000 AND point_id <> before"
)
ROWS = "SELECT resident_id, point_id, served_at FROM serving ORDER BY sequence"
SCAN = f"""
import json, os, resource, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from mealsvc.app import create_app
from mealsvc.kernel.months import Month
from mealsvc.auditing.scanning import services
def spent():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both), max(one.ru_maxrss for one in both)
with create_app().app_context():
    cpu, began = spent()[0], time.perf_counter()
    found = services.look(Month.parse("{MONTH}"), helped=(os.cpu_count() or 1) > 1)
    wall = time.perf_counter() - began
    after, most = spent()
    print(json.dumps([wall, after - cpu, most / 1024, found.servings, len(found.stories)]))
"""


def lines(servings: tuple[int, ...]) -> list[Line]:
    """Each number of servings in an installation of its own."""
    found: list[Line] = []
    for number in servings:
        with installation() as app:
            fill(number)
            found += _measured(app, number)
    return found


def _measured(app: Flask, number: int) -> list[Line]:
    wall, cpu, most, scanned, leads = _scan(app)
    if scanned != number:
        raise RuntimeError(f"{scanned} servings were scanned, not {number}")
    sqlite_s = _best(lambda: db.session.execute(text(WINDOW)).all(), time.perf_counter)
    duck = duckdb.connect()
    _load(duck)
    duck_s = _best(lambda: duck.execute(WINDOW).fetchall(), time.perf_counter)
    duck_cpu = min(cpu_of(lambda: duck.execute(WINDOW).fetchall()) for _ in range(3))
    what = f"扫描 {number:,} 笔"
    return [
        at_most(f"{what} / DuckDB 一个窗口查询（按钟表）", wall / duck_s, LEAST,
                note=f"（{wall:.2f} / {duck_s:.3f} s；误报线索 {leads} 条）"),
        at_most(f"{what} / DuckDB 一个窗口查询（CPU）", cpu / duck_cpu, LEAST,
                note=f"（{cpu:.2f} / {duck_cpu:.3f} s）"),
        at_most(f"{what} / SQLite 一个窗口查询（按钟表）", wall / sqlite_s, SIX,
                note=f"（{wall:.2f} / {sqlite_s:.2f} s）"),
        at_most(f"{what}，最大内存", most, MEGABYTES, "MB"),
    ]  # fmt: skip


def _scan(app: Flask) -> list[Any]:
    """In a process of its own, so that its memory is its own."""
    environment = os.environ | {"MEALSVC_INSTANCE": str(app.config["INSTANCE"])}
    done = subprocess.run(
        [sys.executable, "-c", SCAN],
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def _load(duck: duckdb.DuckDBPyConnection) -> None:
    """The same rows in a table of DuckDB's own, a million at a time."""
    duck.execute("CREATE TABLE serving (resident_id BIGINT, point_id BIGINT, served_at BIGINT)")
    rows = db.session.connection().exec_driver_sql(ROWS)
    while some := rows.fetchmany(1_000_000):
        columns = np.array(some, np.int64).T
        part = dict(zip(("elder", "place", "moment"), columns, strict=True))
        duck.register("part", part)
        duck.execute("INSERT INTO serving SELECT elder, place, moment FROM part")
        duck.unregister("part")


def _best(work: Callable[[], object], clock: Callable[[], float]) -> float:
    times: list[float] = []
    for _ in range(3):
        began = clock()
        work()
        times.append(clock() - began)
    return min(times)
