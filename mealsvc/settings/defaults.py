"""What a threshold starts with, and the days from which most of them hold."""

from datetime import date
from typing import NamedTuple

FIRST = date(2022, 1, 1)
GB31654 = date(2022, 2, 22)


class Default(NamedTuple):
    """One threshold: key, value as text, unit, legal basis, the day it holds from, verified or not."""

    key: str
    name: str
    value: str
    unit: str
    basis: str
    effective_from: date
    verified: bool
