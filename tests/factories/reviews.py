"""A month of ten points for reviewers: eight honest ones, one that replays a list, one that books
at night by hand beyond its seats."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mealsvc.places.services import put_point
from mealsvc.plumbing.db import writer, writing
from mealsvc.residents.enrolment import enrol_batch
from mealsvc.servings.desk import Desk
from mealsvc.servings.rules import Order
from tests.factories import tills

REPLAYED, AT_NIGHT = "T03", "T07"
CODES = [f"T{number:02d}" for number in range(1, 11)]
DAYS = (6, 7, 8, 9, 10, 13, 14, 15, 16, 17)
JUNE = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
_TOGETHER = 32


def ten_points() -> None:
    """Points T01 to T10 in Hutang with a May each, recorded as it went."""
    tills.small_district()
    with writing():
        for code in CODES:
            given = {"kind": "community_canteen", "division": tills.COMMUNITY}
            hall = {"lunch_hours": "10:30-12:30", "seats": 5, "daily_capacity": 40}
            put_point({"code": code, "name": f"{code}助餐点", **given, **hall}, tills.SHELL)
        elders = [
            tills.enrolment(f"李秀{'兰珍华芳红'[at % 5]}", "19500101", f"{200 + at}", f"E{at:03d}")
            for at in range(8 * 6 + _TOGETHER + 24)
        ]
        enrol_batch(elders, tills.SHELL, tills.LUNCH, source="测试")
    orders = sorted(_orders(), key=lambda order: order.served_at)
    for day in sorted({order.served_at.date() for order in orders}):
        of_the_day = [order for order in orders if order.served_at.date() == day]
        with writing():
            Desk().record(writer(), of_the_day, tills.SHELL, of_the_day[-1].served_at)


def _orders() -> Iterator[Order]:
    rng, cards = random.Random(4), iter(f"E{at:03d}" for at in range(200))
    for code in CODES:
        number = {REPLAYED: _TOGETHER, AT_NIGHT: 24}.get(code, 6)
        mine = [next(cards) for _ in range(number)]
        for day in DAYS:
            if code == REPLAYED:
                yield from _one_day(code, day, mine, timedelta(seconds=2))
            elif code == AT_NIGHT:
                yield from _one_day(
                    code, day, mine, timedelta(minutes=1), hours=11, method="manual"
                )
            else:
                came = rng.sample(mine, rng.randrange(3, 7))
                yield from _one_day(code, day, came, timedelta(minutes=7))


def _one_day(
    code: str, day: int, cards: list[str], apart: timedelta, hours: int = 0, method: str = "card"
) -> Iterator[Order]:
    start = tills.a_day(day) + timedelta(hours=hours)
    for place, card in enumerate(cards):
        key = f"{code}-{day}-{card}"
        fields = {"point": code, "served_at": start + place * apart, "method": method}
        yield tills.order(key, card, **fields)
