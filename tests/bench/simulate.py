"""Twelve months replayed under another policy, against the plain aggregate of the same lines."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text

from mealsvc.exchange.importing import import_file
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.policies.document import read_policy
from mealsvc.simulation.services import months_between, simulate
from tests.bench.files import point_code, residents_file
from tests.bench.ground import Line, at_most, cpu_of, installation
from tests.bench.month import Size, add_points
from tests.bench.people import register
from tests.factories.policies import SAMPLE
from tests.factories.tills import SHELL

FIRST, LAST = Month(2023, 5), Month(2024, 4)
PER_LINE, AGAINST_SQL = 15.0, 15.0  # µs of CPU; times the aggregate
AGGREGATE = text(
    "SELECT point_id, decision_id, count(*), sum(price_fen), sum(subsidy_fen), sum(delivery_fen)"
    " FROM serving WHERE served_on BETWEEN '2023-05-01' AND '2024-04-30'"
    " GROUP BY point_id, decision_id"
)
DRAFT = (
    SAMPLE.replace("TN-2022", "BENCH")
    .replace("per_day = 2", "per_day = 1")
    .replace("per_month = 40", "per_month = 20")
    .replace(
        "amount_fen = 300\nfunding = { district = 200, town = 100 }",
        "percent = 30\nmax_fen = 400\nfunding = { district = 2, town = 1 }",
    )
)


def lines(size: Size) -> Iterator[Line]:
    """CPU of a year for each line, and against SQL; both in turns in one process."""
    people = min(size.residents, size.servings // 24)
    with installation() as app:
        folder = Path(app.config["INSTANCE"])
        register(0)
        add_points(size.points)
        for kind, file in (
            ("residents", residents_file(folder / "residents.csv", people)),
            ("servings", _servings(folder / "servings.csv", size, people)),
        ):
            document = import_file(kind, file, SHELL, filename=file.name).document
            if document["rejected"]:
                raise RuntimeError(f"{kind}: {document}")
        draft, months = read_policy(DRAFT), months_between(FIRST, LAST)
        found = simulate(draft, months, clock.now())
        if found["lines"] != size.servings or not found["losers"] or found["difference"] == {}:
            raise RuntimeError(f"replayed {found['lines']} of {size.servings}")

        def replayed() -> None:
            db.session.rollback()
            simulate(draft, months, clock.now())

        def aggregated() -> None:
            db.session.rollback()
            db.session.execute(AGGREGATE).all()

        pairs = [(cpu_of(replayed), cpu_of(aggregated)) for _ in range(3)]
        ours, theirs = (min(one[side] for one in pairs) for side in (0, 1))
        note = f"（{size.servings:,} 份 {ours:.1f} s，{size.points} 个点）"
        yield at_most("测算12个月，每份 CPU", ours / size.servings * 1e6, PER_LINE, "µs", note)
        note = f"（{ours * 1000:.0f} / {theirs * 1000:.0f} ms）"
        yield at_most("测算12个月 / 直接 SQL 汇总", ours / theirs, AGAINST_SQL, note=note)


def _servings(path: Path, size: Size, people: int) -> Path:
    """So many meals over the year: lunches and dinners of every elder in her turn, at five prices."""
    days = (LAST.last_day - FIRST.first_day).days + 1  # no elder eats twice a meal
    turns = -(-size.servings // people)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["key", "point", "credential", "served_at", "meal", "mode", "price_fen", "method"]
        )
        for serving in range(size.servings):
            turn, person = divmod(serving, people)
            day = FIRST.first_day + timedelta(days=turn // 2 * days // (turns // 2 + 1))
            rows.writerow(_meal(serving, turn, person, day, size.points))
    return path


def _meal(serving: int, turn: int, person: int, day: date, points: int) -> tuple[object, ...]:
    meal, hour = ("lunch", 11) if turn % 2 == 0 else ("dinner", 17)
    at = f"{day}T{hour}:{person % 60:02d}:{person // 60 % 60:02d}+08:00"
    price = 1000 + 100 * (person % 5)
    point, card = point_code(person % points), f"C{person:06d}"
    return f"Y{serving}", point, card, at, meal, "dine_in", price, "card"
