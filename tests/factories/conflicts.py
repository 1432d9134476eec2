"""Meals without network that ended otherwise than the elder was told."""

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.servings import uploads
from tests.factories import tills


def note(key: str, outcome: str, code: str = "", receipt=None, **fields) -> None:
    """One at P01, of a lunch of 12 yuan for which the elder was told to pay 9."""
    with writing():
        order = tills.order(key, **({"device": "平板"} | fields))
        shown = uploads.Shown(900, 7_200_000)
        uploads.note_conflict(order, outcome, code, shown, receipt, tills.SHELL, clock.now())


def full_price(key: str = "K1") -> None:
    """The elder's place was taken at P02 meanwhile: she owes 12 yuan."""
    tills.serve(f"{key}-before", point="P02")
    receipt = tills.serve(key)
    note(key, uploads.FULL_PRICE, receipt.reason or "", receipt)


def one_of_each() -> None:
    """U1 at full price, U2 refused, U3 with a doubtful clock."""
    full_price("U1")
    note("U2", uploads.REFUSED, "resident_deceased", card="C002")
    note("U3", uploads.CLOCK, card="C004")
