"""Reading a draw: its strata, everybody in it and how the visit ended, and weighted answers."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from mealsvc.plumbing.db import db
from mealsvc.survey.forms.questionnaire import DONE, OUTSIDE, REPLACED
from mealsvc.survey.forms.rules import outcome
from mealsvc.survey.rounds import queries as rounds
from mealsvc.survey.rounds.models import SurveySheet
from mealsvc.survey.rounds.units import BY_PERSON
from mealsvc.survey.sampling import rules
from mealsvc.survey.sampling.estimates import Asked, Gathered, gathered
from mealsvc.survey.sampling.models import SurveyDraw, SurveyPerson
from mealsvc.survey.sampling.rules import Cell, Stratum

RESERVE, WAITING, REFUSED, LEFT, GONE = "reserve", "waiting", "refused", "left", "outside"
STANDS = {
    WAITING: "待访",
    DONE: "已完成",
    REFUSED: "不愿答或没遇到",
    GONE: "不在范围内",
    LEFT: "缺报",
    RESERVE: "替补待用",
}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a draw. `stratum` is the stratum's code, `stands` a key of `STANDS`; `answers`
    only of whoever answered. `counted`: the answer was taken as far as was asked for."""

    place: int
    resident_id: int
    cell: Cell
    stratum: str
    division: str
    stands: str
    sheet_id: int | None = None
    state: str = ""
    counted: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        return unit_of(self.place)


@dataclass(frozen=True, slots=True)
class Sample:
    """A kept draw with everybody in it, by place."""

    row: SurveyDraw
    strata: tuple[Stratum, ...]
    people: tuple[Member, ...]

    @property
    def population(self) -> int:
        return sum(one.population for one in self.strata)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a questionnaire is. `drawn` without the reserve, `called` of the reserve; `used`: the
    answers that count; `margin` is half the width of a 95 % interval that these give at a share of
    one half."""

    population: int
    drawn: int
    called: int
    answered: int
    refused: int
    outside: int
    left: int
    waiting: int
    used: int
    margin: float | None

    @property
    def response(self) -> float | None:
        """Of those who could be asked, the share that answered."""
        met = self.answered + self.refused + self.left
        return self.answered / met if met else None


@dataclass(frozen=True, slots=True)
class Response:
    """A finished questionnaire; `weight` is how many people it stands for."""

    town: str
    band: str
    living: str
    weight: Fraction
    answers: Mapping[str, Any]


def unit_of(place: int) -> str:
    """The unit of a place's sheet: D0001."""
    return f"{BY_PERSON}{place:04d}"


def draw_of(round_id: int) -> SurveyDraw | None:
    return db.session.scalar(select(SurveyDraw).where(SurveyDraw.round_id == round_id))


def sample_of(round_id: int, least: str = "accepted") -> Sample | None:
    """The draw of a round with everybody in it; answers count from the state `least` on (as in
    `rounds.queries.accepted`). None before the draw."""
    row = draw_of(round_id)
    if row is None:
        return None
    told = json.loads(row.strata)
    strata = tuple(
        Stratum(
            tuple(Cell.read(code) for code in one["cells"]),
            one["population"],
            one["drawn"],
            one["reserve"],
            one["digest"],
        )
        for one in told["strata"]
    )
    return Sample(row, strata, _members(row, strata, least))


def standing_of(sample: Sample) -> Standing:
    """Numbers of a draw so far."""
    counts: dict[str, int] = defaultdict(int)
    for one in sample.people:
        counts[one.stands] += 1
    used = sum(one.stands == DONE and one.counted for one in sample.people)
    groups = strata_answered(sample) if used else []
    reached = [Stratum((), group.population, min(group.size, group.population)) for group in groups]
    return Standing(
        population=sample.population,
        drawn=sum(one.place <= sample.row.size for one in sample.people),
        called=sum(one.place > sample.row.size and one.stands != RESERVE for one in sample.people),
        answered=counts[DONE],
        refused=counts[REFUSED],
        outside=counts[GONE],
        left=counts[LEFT],
        waiting=counts[WAITING],
        used=used,
        margin=rules.margin_of(reached) if used else None,
    )


def standing(round_id: int) -> Standing | None:
    """How far a round's questionnaire is; None before the draw."""
    sample = sample_of(round_id)
    return standing_of(sample) if sample else None


def asked_of(sample: Sample) -> list[Asked]:
    """Whoever answered, and whoever turned out not to belong into the draw (without answers)."""
    return [
        Asked(one.stratum, one.cell, one.answers if one.stands == DONE else None)
        for one in sample.people
        if one.counted and one.stands in (DONE, GONE)
    ]


def responses(round_id: int, least: str = "accepted") -> list[Response]:
    """The finished questionnaires with their weights, by place; empty before the draw."""
    sample = sample_of(round_id, least)
    return responses_of(sample) if sample else []


def responses_of(sample: Sample) -> list[Response]:
    """As `responses`: a stratum's people over those of it that were asked with success."""
    found: list[Response] = []
    for group in strata_answered(sample):
        weight = Fraction(group.population, group.size)
        found += [
            Response(one.cell.town, str(one.cell.band), one.cell.living, weight, one.answers)
            for one in group.people
            if one.answers is not None
        ]
    return found


def to_call(sample: Sample) -> list[Member]:
    """Whom of the reserve to ask instead of those who refused or were never met."""
    missing: dict[str, int] = defaultdict(int)
    spare: dict[str, list[Member]] = defaultdict(list)
    for one in sample.people:
        missing[one.stratum] += one.stands == REFUSED
        if one.stands == RESERVE:
            spare[one.stratum].append(one)
        elif one.place > sample.row.size:
            missing[one.stratum] -= 1
    return [one for code, own in spare.items() for one in own[: max(0, missing[code])]]


def drawn(round_id: int) -> int:
    """How many were drawn for a round, the reserve not counted; 0 before the draw."""
    row = draw_of(round_id)
    return row.size if row else 0


def within(sample: Sample, area: str) -> Sample:
    """The part of a draw that lies in a town; the whole for the district."""
    if len(area) <= 6:
        return sample
    return replace(
        sample,
        strata=tuple(one for one in sample.strata if one.town == area[:9]),
        people=tuple(one for one in sample.people if one.division.startswith(area)),
    )


def strata_answered(sample: Sample) -> list[Gathered]:
    """What estimates are made from."""
    return gathered(asked_of(sample), _populations(sample))


def _populations(sample: Sample) -> dict[str, int]:
    return {one.code: one.population for one in sample.strata}


def _members(row: SurveyDraw, strata: Sequence[Stratum], least: str) -> tuple[Member, ...]:
    owner = {cell.code: one.code for one in strata for cell in one.cells}
    sheets = {
        one.unit: one
        for one in db.session.execute(
            select(SurveySheet.unit, SurveySheet.id, SurveySheet.state).where(
                SurveySheet.round_id == row.round_id, SurveySheet.form == BY_PERSON
            )
        )
    }
    answers = {one.unit: one for one in rounds.accepted(row.round_id, BY_PERSON, "filled")}
    people = db.session.scalars(
        select(SurveyPerson).where(SurveyPerson.draw_id == row.id).order_by(SurveyPerson.place)
    )
    found: list[Member] = []
    for one in people:
        unit = unit_of(one.place)
        sheet, answer = sheets.get(unit), answers.get(unit)
        stands = (
            RESERVE if sheet is None else _stands(sheet.state, answer.answers if answer else None)
        )
        found.append(
            Member(
                place=one.place,
                resident_id=one.resident_id,
                cell=Cell.read(one.stratum),
                stratum=owner[one.stratum],
                division=one.division,
                stands=stands,
                sheet_id=sheet.id if sheet else None,
                state=sheet.state if sheet else "",
                counted=answer is not None and answer.state in rounds.LEAST[least],
                answers=answer.answers if answer else {},
            )
        )
    return tuple(found)


def _stands(state: str, answers: Mapping[str, Any] | None) -> str:
    if state == "left":
        return LEFT
    if answers is None:
        return WAITING
    ended = outcome(answers)
    if ended in REPLACED:
        return REFUSED
    return GONE if ended in OUTSIDE else DONE
