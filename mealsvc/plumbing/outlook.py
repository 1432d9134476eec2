"""What a lower room shows of the records above it: the application hands the questions in.

Places and policies stand below the ledger, yet their pages tell what was served and who is
registered there. `home` answers; these rooms only know the questions.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from flask import Flask, current_app

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month

_EXTENSION = "mealsvc.outlook"


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts and amounts (fen) of some part of the ledger, net of reversals.

    `lines` counts what was written, reversals too: as long as it stands, nothing has changed.
    """

    servings: int = 0
    subsidised: int = 0
    subsidy_fen: int = 0
    self_pay_fen: int = 0
    lines: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.servings + other.servings,
            self.subsidised + other.subsidised,
            self.subsidy_fen + other.subsidy_fen,
            self.self_pay_fen + other.self_pay_fen,
            self.lines + other.lines,
        )


class Outlook(Protocol):
    """The questions; all months are those in which the meals were eaten, late lines left out."""

    def latest_month(self) -> Month | None:
        """The latest month with servings."""
        ...

    def sums_by_point(self, month: Month, points: Sequence[int]) -> dict[int, Sums]:
        """What each of these points (ids) served in the month."""
        ...

    def days_of(self, month: Month, points: Sequence[int]) -> dict[date, int]:
        """Net servings of these points on each day that has any."""
        ...

    def diners_a_meal(self, day: date, points: Sequence[int]) -> dict[int, float]:
        """Average diners of a meal at each of these points over the three months before a day's."""
        ...

    def residents_by_division(self, within: str, today: date) -> dict[str, int]:
        """Registered residents, alive and not moved out, by the division of their hukou."""
        ...

    def last_day_of_policy(self, code: str) -> date | None:
        """The last day on which a serving used this policy."""
        ...

    def policy_starts(self, divisions: Collection[str]) -> dict[str, list[tuple[date, str]]]:
        """First day and title of each approved policy that covers a division, by division."""
        ...

    def facts_changed(self, by: Actor, now: datetime) -> object:
        """Told within the transaction that changed facts of residents: recorded meals may differ."""
        ...

    def story_of_line(self, sequence: int, named: bool) -> Any:
        """All that is known of a line of the ledger: why this amount, and what became of it.

        `named`: whether the reader may know which categories somebody has.
        """
        ...

    def findings_at(self, point: int, today: date) -> dict[str, int]:
        """What supervision has open at a point: `running` findings, `repeats`, orders `overdue`."""
        ...

    def measures_behind(self, suspensions: Collection[int]) -> dict[int, tuple[int, str]]:
        """Of these suspensions (ids) those that supervision decided: row and number of the measure."""
        ...

    def open_anomalies(self, points: Collection[int]) -> dict[int, int]:
        """How many doubts about each of these points (ids) nobody has settled; no entry: none."""
        ...

    def visit_is_signed(self, visit_id: int) -> bool:
        """Whether a visit is signed: what the unit may see of it, it sees from then on."""
        ...

    def open_items(self, points: Collection[int]) -> dict[int, frozenset[str]]:
        """The checklist items (codes) that are still to be put right at each of these points."""
        ...

    def weighed_on_visits(
        self, from_on: date, to_on: date, points: Collection[int]
    ) -> list[tuple[int, date, float, float, int]]:
        """Portions weighed on inspections (STD-02): point, day, grams, what it should be, visit."""
        ...


def init(app: Flask, answers: Outlook) -> None:
    """Hands the answers in, once, when the application is made."""
    app.extensions[_EXTENSION] = answers


def outlook() -> Outlook:
    """Who answers in this application."""
    return current_app.extensions[_EXTENSION]
