"""Dishes, marks, set meals and filed prices as values. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

SET_MEAL = "套餐"
KINDS = ("大荤", "小荤", "素", "汤", "主食", SET_MEAL)
ALLERGENS = ("花生", "坚果", "蛋", "奶", "鱼", "虾蟹", "大豆", "麸质")
NO_ALLERGENS = "无"
"""Looked at, and there are none; an empty mark says that nobody has looked."""
DIETS = {
    "low_salt": "低盐",
    "low_oil": "低油",
    "low_sugar": "低糖",
    "soft": "软食",
    "boneless": "无骨",
    "vegetarian": "素食",
    "halal": "清真",
}
_DIET_CODES = {word: code for code, name in DIETS.items() for word in (code, name)}
_BETWEEN = re.compile(r"[;；,，、/\s]+")


class Filed(NamedTuple):
    """One filed price: from `effective_from` on this name costs so much, or is no longer offered."""

    name: str
    public_fen: int
    elder_fen: int
    effective_from: date
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A filed price beside what held before it; `before` is None for a name that is new."""

    price: Filed
    before: Filed | None

    @property
    def rises(self) -> bool:
        """Whether elders or the public pay more than before."""
        if self.before is None or self.price.ended:
            return False
        return (
            self.price.elder_fen > self.before.elder_fen
            or self.price.public_fen > self.before.public_fen
        )


def marks(text: str) -> tuple[str, ...]:
    """The marks in a text, once each, in its order; any usual sign may stand between them."""
    return tuple(dict.fromkeys(word for word in _BETWEEN.split(text.strip()) if word))


def joined(words: Iterable[str]) -> str:
    """Marks as they are stored."""
    return ";".join(dict.fromkeys(word for word in words if word))


def diet_code(word: str) -> str | None:
    """The code of a diet mark from its code or Chinese name; None for anything else."""
    return _DIET_CODES.get(word)


def diet_names(text: str) -> tuple[str, ...]:
    """The Chinese names of stored diet marks."""
    return tuple(DIETS.get(code, code) for code in marks(text))


def missing_parts(pattern: str, kinds: Collection[str]) -> tuple[str, ...]:
    """The kinds of dishes that a set meal should have and these dishes don't."""
    return tuple(part for part in marks(pattern) if part not in kinds)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_of(monday: date) -> tuple[date, ...]:
    """The seven days from this Monday on."""
    return tuple(monday + timedelta(days=number) for number in range(7))


def prices_on(filed: Sequence[Filed], day: date) -> tuple[Filed, ...]:
    """Of one point's and meal's prices those in force on a day, the dearest for elders first.

    `filed` is in order of `effective_from`. Of each name the latest counts.
    """
    latest = {price.name: price for price in filed if price.effective_from <= day}
    now = [price for price in latest.values() if not price.ended]
    return tuple(sorted(now, key=lambda price: (-price.elder_fen, price.name)))


def ceiling_fen(filed: Sequence[Filed], day: date) -> int | None:
    """The highest elder price in force on a day; None where none is. Asked for every serving."""
    latest: dict[str, int] = {}
    for name, _, elder_fen, effective_from, ended in filed:
        if effective_from <= day:
            latest[name] = 0 if ended else elder_fen
    return max(latest.values(), default=0) or None


def list_price_fen(in_force: Iterable[Filed], price_fen: int) -> int:
    """The lowest public price filed with exactly this elder price; else the price itself."""
    behind = [price.public_fen for price in in_force if price.elder_fen == price_fen]
    return min(behind, default=price_fen)


def change_of(filed: Sequence[Filed], price: Filed) -> Change:
    """What a price changes: its own name's price before or, for a new name, the dearest one."""
    before = prices_on(filed, price.effective_from - timedelta(days=1))
    own = next((other for other in before if other.name == price.name), None)
    return Change(price, own or next(iter(before), None))


def policies_near(starts: Iterable[date], takes_effect: date, days: int) -> tuple[date, ...]:
    """The policy starts that a price change comes shortly before: 0 to `days` days."""
    return tuple(
        start for start in starts if timedelta(0) <= start - takes_effect <= timedelta(days)
    )
