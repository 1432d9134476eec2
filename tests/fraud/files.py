"""A plot as the files of the contract, and its truth, for a check from end to end."""

import csv
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from mealsvc.auditing.scanning.rules.view import DINNER, LUNCH, MEALS, METHODS, MODES, day_of
from mealsvc.kernel import resident_id
from tests.fraud.book import column
from tests.fraud.plot import Plot
from tests.fraud.reading import purchases_of

LON, LAT, METRE = 119.95, 31.75, 1 / 111_195
POLICY = """[policy]
code = "FRAUD-1"
title = "演示：查账用标准"
division = "320412"
effective_from = 2020-01-01
scope = "hukou"
min_age = 60
age_counts_from = "birthday"
min_self_pay_fen = 100
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
"""


def write_files(plot: Plot, folder: Path) -> None:
    """divisions, points, residents, policy, servings, purchases, departures and truth.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    numbers = id_numbers(plot)
    _write(folder / "divisions.csv", "code,name,level,managed_by", divisions(plot))
    _write(
        folder / "points.csv",
        "code,name,kind,division,lon,lat,seats,daily_capacity,lunch_hours,dinner_hours",
        points(plot),
    )
    _write(
        folder / "residents.csv",
        "id_number,name,hukou_division,phone,card_no,enrolled_on,lon,lat",
        residents(plot, numbers),
    )
    _write(
        folder / "servings.csv",
        "key,point,credential,served_at,meal,mode,price_fen,method,operator,device",
        servings(plot),
    )
    _write(folder / "purchases.csv", "point,date,item,quantity_kg,supplier", purchases(plot))
    _write(folder / "departures.csv", "id_number,event,from_on,to_on,source", gone(plot, numbers))
    fraud, judged = column(plot.table, "fraud"), plot.judged()
    truth = {key_of(k): plot.names[f] for k, f, j in zip(plot.key, fraud, judged, strict=True) if j}
    month = "{:04d}-{:02d}".format(*plot.world.month)
    (folder / "truth.json").write_text(json.dumps({"month": month, "lines": truth}), "utf-8")


def key_of(number: int) -> str:
    """A line's key."""
    return f"TF{int(number):07d}"


def id_numbers(plot: Plot) -> list[str]:
    """A valid made-up number for each elder; all different."""
    elders, used, numbers = plot.world.elders, {}, []
    for birth, sex in zip(elders.birth.tolist(), elders.sex.tolist(), strict=True):
        born = day_of(birth)
        serial = used.get((born, sex), 0)
        used[born, sex] = serial + 1
        first = f"320499{born:%Y%m%d}{serial * 2 + (1 if sex == 1 else 2):03d}"
        numbers.append(first + resident_id.check_digit(first))
    return numbers


def divisions(plot: Plot) -> Iterable[tuple]:
    """The district, its towns, its communities."""
    yield "320412", "演示区", "district", ""
    codes = sorted({spot.division for spot in plot.world.spots})
    for town in sorted({code[:9] for code in codes}):
        yield town, f"演示{town[6:]}镇", "town", ""
    for code in codes:
        yield code, f"演示{code[9:]}社区", "community", ""


def points(plot: Plot) -> Iterable[tuple]:
    """The points; hours only where they told them."""
    for s in plot.world.spots:
        hours = [clocks(s.hours.get(m)) if s.told_hours else "" for m in (LUNCH, DINNER)]
        lon, lat = place(s.x, s.y)
        yield s.code, s.name, s.kind, s.division, lon, lat, s.seats or "", s.capacity or "", *hours


def residents(plot: Plot, numbers: list[str]) -> Iterable[tuple]:
    """Everybody registered; a double bears its original's name."""
    elders, spots = plot.world.elders, plot.world.spots
    for row, number in enumerate(numbers):
        original = int(elders.twin_of[row])
        name = f"演示{'甲乙丙丁戊己庚辛壬癸'[(row if original < 0 else original) % 10]}{row if original < 0 else original}"
        lon, lat = place(elders.x[row], elders.y[row])
        phone = f"199{int(elders.phone[row]):08d}"
        division = spots[int(elders.home[row])].division
        yield number, name, division, phone, card(row), day_of(elders.enrolled[row]), lon, lat


def servings(plot: Plot) -> Iterable[tuple]:
    """All lines, history too."""
    for key, line in zip(plot.key, plot.table.tolist(), strict=True):
        spot, elder, day, second, meal, mode, method, price, device, operator, *_ = line
        at = datetime.combine(day_of(day), datetime.min.time()) + timedelta(seconds=second)
        yield (
            key_of(key),
            plot.world.spots[spot].code,
            card(elder),
            f"{at:%Y-%m-%dT%H:%M:%S}+08:00",
            MEALS[meal],
            MODES[mode],
            price,
            METHODS[method],
            f"op{operator}" if operator else "",
            f"till{device}" if device else "",
        )


def purchases(plot: Plot) -> Iterable[tuple]:
    """What the kitchens bought."""
    for number, spot in enumerate(plot.world.spots):
        rng = np.random.default_rng([plot.world.seed, 9, number])
        for day, item, kg in purchases_of(plot, number, rng):
            yield spot.code, day_of(day), item, kg, "演示粮油"


def gone(plot: Plot, numbers: list[str]) -> Iterable[tuple]:
    """Departures, to be imported after the servings."""
    for elder, kind, start, end in plot.world.departures:
        yield numbers[elder], kind, day_of(start), day_of(end) if end else "", "演示名单"


def card(row: int) -> str:
    """An elder's card number."""
    return f"TC{row + 1:06d}"


def clocks(hours: tuple[int, int] | None) -> str:
    """`10:30-12:30`."""
    return "-".join(f"{s // 3600:02d}:{s // 60 % 60:02d}" for s in hours) if hours else ""


def place(x: float, y: float) -> tuple[str, str]:
    """Metres east and north as degrees."""
    return f"{LON + x * METRE / 0.85:.6f}", f"{LAT + y * METRE:.6f}"


def _write(path: Path, heading: str, rows: Iterable[tuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(heading.split(","))
        for row in rows:
            writer.writerow([cell.isoformat() if isinstance(cell, date) else cell for cell in row])
