"""A month from its files to its settlement: import, settle, prove, find; over one installation."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from flask import Flask
from sqlalchemy import text

from mealsvc.auditing.proof import verify
from mealsvc.exchange.importing import import_file
from mealsvc.kernel.months import Month
from mealsvc.places.services import put_point
from mealsvc.plumbing.db import db, writing
from mealsvc.residents.search import find
from mealsvc.settlement.services import settlement_of
from tests.bench.files import MONTH, POINTS, point_code, residents_file, servings_file
from tests.bench.ground import Line, at_least, at_most, cpu_of, installation
from tests.bench.people import id_number, name, register
from tests.factories.tills import COMMUNITY, SHELL

FAST = 10_000  # rows a second
PROVEN = 1_000_000 / 60  # a million rows in a minute
AGGREGATE = text(
    "SELECT point_id, decision_id, count(*), sum(price_fen), sum(subsidy_fen), sum(self_pay_fen)"
    " FROM serving WHERE served_on BETWEEN '2024-05-01' AND '2024-05-31'"
    " GROUP BY point_id, decision_id"
)


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    residents: int
    servings: int
    points: int = POINTS


def lines(size: Size) -> list[Line]:
    """The lines of everything that needs a full register and ledger."""
    with installation() as app:
        return [*filled(app, size), _settle(), _prove(), _find(size)]


def filled(app: Flask, size: Size) -> list[Line]:
    """A full register and ledger from files; how fast they came in."""
    register(0)
    add_points(size.points)
    return _imports(app, size)


def add_points(how_many: int) -> None:
    """The points of the bench, all in one community."""
    with writing():
        for number in range(how_many):
            point = {"code": point_code(number), "name": f"助餐点{number}"}
            put_point(point | {"kind": "community_canteen", "division": COMMUNITY}, SHELL)


def _imports(app: Flask, size: Size) -> list[Line]:
    folder = Path(app.config["INSTANCE"])
    people = residents_file(folder / "residents.csv", size.residents)
    meals = servings_file(folder / "servings.csv", size.servings, size.residents, size.points)
    made = []
    for kind, file, rows in (
        ("residents", people, size.residents),
        ("servings", meals, size.servings),
    ):
        document: dict[str, Any] = {}
        began = time.perf_counter()
        cpu = cpu_of(lambda k=kind, f=file, d=document: d.update(_imported(k, f)))
        wall = time.perf_counter() - began
        if document["rejected"]:
            raise RuntimeError(f"{kind}: {document}")
        note = f"（{rows:,} 行；按钟表 {rows / wall:,.0f}）"
        made.append(at_least(f"导入 {kind}，每 CPU 秒", rows / cpu, FAST, "行", note))
    return made


def _imported(kind: str, file: Path) -> dict[str, Any]:
    return import_file(kind, file, SHELL, filename=file.name).document


def _settle() -> Line:
    def settled() -> None:
        db.session.rollback()
        settlement_of(Month.parse(MONTH))

    def aggregated() -> None:
        db.session.rollback()
        db.session.execute(AGGREGATE).all()

    ours, theirs = _best(settled), _best(aggregated)
    note = f"（{ours * 1000:.0f} / {theirs * 1000:.0f} ms，快 {theirs / ours:.1f} 倍）"
    return at_most("结算一个月 / 直接 SQL 汇总", ours / theirs, 1.5, note=note)


def _prove() -> Line:
    db.session.rollback()
    rows = 0

    def proven() -> None:
        nonlocal rows
        rows = verify().events

    cpu = cpu_of(proven)
    return at_least("核对留痕与流水，每 CPU 秒", rows / cpu, PROVEN, "行", f"（{rows:,} 行）")


def _find(size: Size) -> Line:
    """By card, ID number, name and last four, in turn; the 99th of a hundred."""
    asked = []
    for person in range(0, size.residents, max(size.residents // 100, 1)):
        number = id_number(person)
        asked += [f"C{person:06d}", number, name(person), number[-4:]]
    times = [database_part(lambda typed=typed: find(typed)) for typed in asked]
    p99 = quantiles(times, n=100)[98] * 1000
    return at_most(f"查找老人（{size.residents:,} 人）数据库部分 p99", p99, 1.0, "ms")


def database_part(work: Callable[[], Any]) -> float:
    """CPU seconds within the driver."""
    from sqlalchemy import event

    spent, began = 0.0, 0.0

    def before(*_: Any) -> None:
        nonlocal began
        began = time.process_time()

    def after(*_: Any) -> None:
        nonlocal spent
        spent += time.process_time() - began

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", before)
        event.remove(db.engine, "after_cursor_execute", after)
    return spent


def _best(work: Callable[[], Any]) -> float:
    return min(cpu_of(work) for _ in range(3))
