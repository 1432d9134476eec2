"""What a price on a slip is made of: the list price, and what the operator takes off it."""

from datetime import date

from mealsvc.menus.register import in_force
from mealsvc.menus.rules import list_price_fen


def parts(point_id: int, meal: str, day: date, price_fen: int) -> tuple[int, int]:
    """List price and operator's discount (fen) behind a charged price; list − discount = price.

    The list price is the public price that was filed with this very elder price; where two were,
    the lower one. Nothing such filed: the price itself, and no discount is claimed.
    """
    listed = list_price_fen(in_force(point_id, meal, day), price_fen)
    return listed, listed - price_fen


def elder_price(point_id: int, meal: str, day: date) -> int | None:
    """The filed elder price (fen), where there is exactly one."""
    prices = {price.elder_fen for price in in_force(point_id, meal, day)}
    return prices.pop() if len(prices) == 1 else None


def public_price(point_id: int, meal: str, day: date) -> int | None:
    """The filed public price (fen), where there is exactly one."""
    prices = {price.public_fen for price in in_force(point_id, meal, day)}
    return prices.pop() if len(prices) == 1 else None
