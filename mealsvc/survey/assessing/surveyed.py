"""Reads what a survey says: the villages' and points' sheets, and the questionnaire's estimates."""

from collections.abc import Sequence
from fractions import Fraction

from mealsvc.survey.assessing.ground import Answers, Interview, Survey, meals_wanted, wishes
from mealsvc.survey.assessing.rules.demand import EVERYBODY, Key, Range, Told
from mealsvc.survey.rounds.queries import accepted
from mealsvc.survey.sampling.estimates import (
    Asked,
    Estimate,
    Gathered,
    Value,
    by_group,
    gathered,
    mean,
    share,
)
from mealsvc.survey.sampling.queries import asked_of, responses_of, sample_of, standing_of

_FINE = 10**6  # estimates are kept to the millionth: more is not known


def surveyed(round_id: int, self_pay_fen: Fraction) -> Survey:
    """Everything that was accepted in a round; `self_pay_fen` is what elders pay now for a serving."""
    sheets = {form: {one.unit: one.answers for one in accepted(round_id, form)} for form in "ABC"}
    meetings = len(accepted(round_id, "E"))
    sample = sample_of(round_id)
    if sample is None:
        return Survey(
            villages=sheets["A"],
            points=sheets["B"],
            resources=sheets["C"],
            meetings=meetings,
        )
    populations = {one.code: one.population for one in sample.strata}
    strata = gathered(asked_of(sample), populations)
    stands = standing_of(sample)
    return Survey(
        drawn=sample.row.size,
        margin=None if stands.margin is None else _exact(stands.margin),
        wish=_range(share(strata, _value(lambda one: float(wishes(one))))),
        delivery=_range(share(strata, _value(lambda one: float(one.get("D14") == "daily")))),
        meals_week=_range(mean(strata, _of_wishing)),
        told=_told(strata, _WANTED),
        paying=_told(strata, _value(lambda one: float(_paid(one, self_pay_fen)))),
        interviews=tuple(
            Interview(one.town, one.band, one.weight, one.answers) for one in responses_of(sample)
        ),
        villages=sheets["A"],
        points=sheets["B"],
        resources=sheets["C"],
        meetings=meetings,
    )


def _value(read) -> Value:
    return lambda one: None if one.answers is None else read(one.answers)


_WANTED = _value(lambda answers: float(meals_wanted(answers)))


def _of_wishing(one: Asked) -> float | None:
    if one.answers is None or not wishes(one.answers):
        return None
    return float(meals_wanted(one.answers))


def _paid(answers: Answers, self_pay_fen: Fraction) -> int:
    """The meals of somebody who would pay so much; none of somebody who would not."""
    return meals_wanted(answers) if answers.get("D12", 0) >= self_pay_fen else 0


def _told(strata: Sequence[Gathered], wanted: Value) -> dict[Key, Told]:
    """Meals a week that an elder wants: by town and band, by band, of everybody."""
    cells = by_group(strata, wanted, lambda one: f"{one.cell.town}/{one.cell.band}", mean)
    bands = by_group(strata, wanted, lambda one: f"/{one.cell.band}", mean)
    found: dict[Key, Told] = {}
    for key, estimate in (*cells.items(), *bands.items(), ("/", mean(strata, wanted))):
        week = _range(estimate)
        if week is not None:
            town, _, band = key.partition("/")
            found[town, band] = Told(estimate.n, week)
    return found if EVERYBODY in found else {}


def _range(estimate: Estimate) -> Range | None:
    """None where nobody answered; without an interval the value alone."""
    if estimate.value is None:
        return None
    low = estimate.value if estimate.low is None else estimate.low
    high = estimate.value if estimate.high is None else estimate.high
    return Range(max(Fraction(0), _exact(low)), _exact(estimate.value), _exact(high))


def _exact(number: float) -> Fraction:
    return Fraction(round(number * _FINE), _FINE)
