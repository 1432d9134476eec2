"""Arithmetic of payments: what is paid now, what is carried on, and account numbers. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from mealsvc.kernel.text import tidy_code
from mealsvc.policies.rules import SOURCES

_ACCOUNT = re.compile(r"[0-9]{8,30}")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount (fen) and the sources that it comes from; the parts add up to it."""

    fen: int = 0
    funding: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Money") -> "Money":
        return self._with(other, 1)

    def __sub__(self, other: "Money") -> "Money":
        return self._with(other, -1)

    def _with(self, other: "Money", sign: int) -> "Money":
        parts = Counter(self.funding)
        for source, part in other.funding.items():
            parts[source] += sign * part
        return Money(self.fen + sign * other.fen, _ordered(parts))


def pay_out(payable: Money, carried: Money) -> Money:
    """What is paid of both together: all of it if that is more than nothing, else nothing.

    What is not paid is carried on, source by source.
    """
    whole = payable + carried
    return whole if whole.fen > 0 else Money()


def account_number(written: str) -> str | None:
    """The digits of an account number as somebody wrote it; None if it is none."""
    digits = re.sub(r"[\s-]", "", tidy_code(written))
    return digits if _ACCOUNT.fullmatch(digits) else None


def masked(last4: str) -> str:
    """**** 1234"""
    return f"**** {last4}"


def _ordered(parts: Mapping[str, int]) -> dict[str, int]:
    return {source: parts[source] for source in SOURCES if parts.get(source)}
