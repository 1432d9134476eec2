"""Sheets of QR cards: ten thousand symbols against segno's usual way, and whole pages a second."""

import random

import segno

from mealsvc.plumbing.paper import qr
from mealsvc.reports.meal_cards import A_SHEET, Card, draw
from mealsvc.residents.card_numbers import new_number
from tests.bench.ground import Line, at_least, best_ratio, cpu_of
from tests.bench.people import name

SYMBOLS, OF_SEGNO, SHEETS, ROUNDS = 10_000, 200, 200, 5


def lines() -> list[Line]:
    """Symbols as modules, the patterns of the first one drawn within; then the paper."""
    drawn = random.Random(1)
    numbers = [new_number(drawn.choice) for _ in range(SYMBOLS)]

    def ours() -> float:
        qr.patterns.cache_clear()
        return cpu_of(lambda: [qr.symbol(number) for number in numbers]) / SYMBOLS

    def usual() -> float:
        some = numbers[:OF_SEGNO]
        return cpu_of(lambda: [segno.make(number, micro=False).matrix for number in some])

    faster = best_ratio(lambda: usual() / OF_SEGNO, ours, ROUNDS)
    note = f"（{SYMBOLS:,} 个用 {ours() * SYMBOLS * 1000:.0f} ms）"
    cards = [
        Card(name(place), f"R{place:06d}", number)
        for place, number in enumerate(numbers[: SHEETS * A_SHEET])
    ]
    draw(cards[:A_SHEET], "", demo=False)  # opens the fonts
    cpu = cpu_of(lambda: draw(cards, "政务服务热线 12345", demo=False))
    return [
        at_least("二维码 / segno 默认，快", faster, 40, "倍", note),
        at_least("助餐卡，每 CPU 秒", SHEETS / cpu, 100, "页", f"（每页 {A_SHEET} 张）"),
    ]
