"""What a price on a slip is made of: the list price, and what the operator takes off it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from mealsvc.menus.register import filed_prices, in_force
from mealsvc.menus.rules import list_price_fen, prices_on

Line = Any
"""A line of the ledger: sequence, point_id, meal, served_on, price_fen."""


def parts(point_id: int, meal: str, day: date, price_fen: int) -> tuple[int, int]:
    """List price and operator's discount (fen) behind a charged price; list − discount = price.

    The list price is the public price that was filed with this very elder price; where two were,
    the lower one. Nothing such filed: the price itself, and no discount is claimed.
    """
    listed = list_price_fen(in_force(point_id, meal, day), price_fen)
    return listed, listed - price_fen


def parts_of(lines: Iterable[Line]) -> dict[int, tuple[int, int]]:
    """The same for lines of the ledger, by sequence; negative where the line takes one back."""
    register, found = filed_prices(), {}
    for line in lines:
        filed = register.get((line.point_id, line.meal), ())
        price, sign = abs(line.price_fen), -1 if line.price_fen < 0 else 1
        listed = list_price_fen(prices_on(filed, line.served_on), price)
        found[line.sequence] = sign * listed, sign * (listed - price)
    return found


def elder_price(point_id: int, meal: str, day: date) -> int | None:
    """The filed elder price (fen), where there is exactly one."""
    prices = {price.elder_fen for price in in_force(point_id, meal, day)}
    return prices.pop() if len(prices) == 1 else None


def public_price(point_id: int, meal: str, day: date) -> int | None:
    """The filed public price (fen), where there is exactly one."""
    prices = {price.public_fen for price in in_force(point_id, meal, day)}
    return prices.pop() if len(prices) == 1 else None
