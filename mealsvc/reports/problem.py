"""A problem that the report names, and who has to put it right."""

from dataclasses import dataclass
from datetime import date

from mealsvc.reports.facts import Facts
from mealsvc.reports.point_facts import PointFacts


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, with its figures, who has to put it right, and which advice goes with it.

    `section` is the chapter it belongs to: 规范化, 普及化 or 制度化; `detail` is told in the text
    and left out of the list. `deadline` and `person` where an order or a list names them; `grave`
    ones come first where only some are told.
    """

    section: str
    problem: str
    unit: str
    advice: str
    detail: str = ""
    deadline: date | None = None
    person: str = ""
    grave: bool = False


def bureau(facts: Facts) -> str:
    return f"{facts.district_name}民政局"


def town_office(facts: Facts, town: str) -> str:
    name = facts.name(town)
    return f"{name}办事处" if name.endswith("街道") else f"{name}人民政府"


def unit_of(point: PointFacts) -> str:
    return f"{point.unit}（{point.name}）" if point.unit else point.name
