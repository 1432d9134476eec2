"""What is wrong in the demo's last month, planted so that an auditor's desk has something true to
show: cards kept at the counter, a list entered again, meals by hand after closing, and two deaths
that became known late. How many meals there are stays the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from mealsvc.kernel.meals import LOCAL
from mealsvc.servings.rules import Order

if TYPE_CHECKING:
    from mealsvc.demo.history import Diner

SEED = 604
KEEPER, COPIER, LATECOMER = "WJ007", "WJ001", "WJ003"
KEPT_FROM, KEPT_TO, KEPT = date(2024, 5, 13), date(2024, 5, 24), 14  # cards at the till, weekdays
COPIED = ((date(2024, 5, 15), date(2024, 5, 14)), (date(2024, 5, 22), date(2024, 5, 21)))
AFTER_CLOSING = (date(2024, 5, 7), date(2024, 5, 16), date(2024, 5, 20), date(2024, 5, 28))
BY_HAND = 12  # a day of those
DEATHS = (("WJ002", date(2024, 5, 14)), ("WJ005", date(2024, 5, 17)))
DEATHS_TOLD = "殡葬火化数据比对（演示）"
SPREAD = 60  # at most so many elders of a copied list


class Stories:
    """Alters the days as they come; draws on a source of chance of its own."""

    def __init__(self) -> None:
        self._random = Random(SEED)
        self._kept: list[Diner] = []
        self._lists: dict[date, list[str]] = {}

    def altered(self, day: date, orders: list[Order], pool: Sequence["Diner"]) -> list[Order]:
        """The day's orders, as many as before; `pool` are the usual guests of the keeper's point."""
        if KEPT_FROM <= day <= KEPT_TO and day.weekday() < 5:
            orders = self._swiped(day, orders, pool)
        self._remember(day, orders)
        for copy, template in COPIED:
            if day == copy:
                orders = self._copied(orders, self._lists[template])
        if day in AFTER_CLOSING:
            orders = self._entered_later(day, orders)
        return orders

    def _swiped(self, day: date, orders: list[Order], pool: Sequence["Diner"]) -> list[Order]:
        """The kept cards one after the other, whether or not their elders came."""
        if not self._kept:
            self._kept = [one for one in pool if one.card and one.since <= day < one.until][:KEPT]
        came = {order.credential: order for order in orders}
        spare = [
            order
            for order in orders
            if order.point == KEEPER and order.mode == "dine_in" and not self._holds(order)
        ]
        at = _at(day, time(11, 12)) + timedelta(seconds=self._random.randint(0, 240))
        changed: dict[str, Order] = {}
        for diner in self._kept:
            own = came.get(diner.card or "") or came.get(diner.id_number)
            if own is not None and (own.point != KEEPER or own.mode != "dine_in"):
                continue
            taken = own or spare.pop()
            at += timedelta(seconds=self._random.randint(2, 5))
            changed[taken.key] = replace(
                taken, credential=diner.card or "", served_at=at, method="card", note=""
            )
        return [changed.get(order.key, order) for order in orders]

    def _holds(self, order: Order) -> bool:
        return any(order.credential in (one.card, one.id_number) for one in self._kept)

    def _remember(self, day: date, orders: list[Order]) -> None:
        if any(day == template for _, template in COPIED):
            self._lists[day] = [order.credential for order in _at_table(orders, COPIER)]

    def _copied(self, orders: list[Order], template: list[str]) -> list[Order]:
        """Those who were there on the template's day are entered in its order, at an even pace."""
        here = {order.credential: order for order in _at_table(orders, COPIER)}
        again = [here[credential] for credential in template if credential in here][:SPREAD]
        times = sorted(order.served_at for order in again)
        changed = {
            order.key: replace(order, served_at=at)
            for order, at in zip(again, _apart(times), strict=True)
        }
        return [changed.get(order.key, order) for order in orders]

    def _entered_later(self, day: date, orders: list[Order]) -> list[Order]:
        """Some of the day's meals, by hand, when the counter had closed for long."""
        some = self._random.sample(_at_table(orders, LATECOMER), BY_HAND)
        at = _at(day, time(13, 25))
        changed: dict[str, Order] = {}
        for order in some:
            at += timedelta(seconds=self._random.randint(20, 70))
            changed[order.key] = replace(order, served_at=at, method="manual", note="补登")
        return [changed.get(order.key, order) for order in orders]


def _at_table(orders: Sequence[Order], point: str) -> list[Order]:
    """The point's lunches at the table, in the order of the clock."""
    mine = [
        order
        for order in orders
        if (order.point, order.meal, order.mode) == (point, "lunch", "dine_in")
    ]
    return sorted(mine, key=lambda order: (order.served_at, order.key))


def _apart(times: list[datetime]) -> list[datetime]:
    """The same times, each at least a second after the one before."""
    spread = times[:1]
    for at in times[1:]:
        spread.append(max(at, spread[-1] + timedelta(seconds=1)))
    return spread


def _at(day: date, local: time) -> datetime:
    return datetime.combine(day, local, LOCAL).astimezone(UTC)
