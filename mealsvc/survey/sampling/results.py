"""The questionnaire's answers as tables: each question with its figures, and one question by town,
age or living state. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.fields import NUMBERS, Field
from mealsvc.survey.forms.questionnaire import OUTCOME
from mealsvc.survey.sampling.estimates import (
    Asked,
    Estimate,
    Gathered,
    Value,
    by_group,
    mean,
    share,
)
from mealsvc.survey.sampling.rules import BANDS, LIVING

QUESTIONS = tuple(
    one
    for one in FORMS["D"].fields
    if one.code != OUTCOME and one.kind in (*NUMBERS, "choice", "choices")
)
OPINION = "D20"
BY = {"town": "镇（街道）", "band": "年龄", "living": "居住情况"}
_KEYS: dict[str, Callable[[Asked], str]] = {
    "town": lambda one: one.cell.town,
    "band": lambda one: str(one.cell.band),
    "living": lambda one: one.cell.living,
}


@dataclass(frozen=True, slots=True)
class Line:
    """An option with the share that chose it, or a number with its mean (money in yuan)."""

    option: str
    words: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Result:
    """A question with its figures; `n` answered it."""

    field: Field
    number: int
    lines: tuple[Line, ...]
    n: int
    is_mean: bool


def results(strata: Sequence[Gathered]) -> list[Result]:
    """Every question that has figures, in the order of the questionnaire."""
    return [result(strata, field) for field in QUESTIONS]


def result(strata: Sequence[Gathered], field: Field) -> Result:
    lines = tuple(
        Line(option, words, of(strata, value)) for option, words, of, value in _figures(field)
    )
    n = max((one.estimate.n for one in lines), default=0)
    return Result(field, number_of(field), lines, n, field.kind in NUMBERS)


def broken_down(
    strata: Sequence[Gathered], field: Field, by: str
) -> list[tuple[str, list[Estimate]]]:
    """For each group (its key, in order) the figures of a question, in the order of its lines."""
    found: dict[str, list[Estimate]] = {}
    for _, _, of, value in _figures(field):
        for key, estimate in by_group(strata, value, _KEYS[by], of).items():
            found.setdefault(key, []).append(estimate)
    return sorted(found.items(), key=lambda one: _order(by, one[0]))


def group_name(by: str, key: str, towns: dict[str, str]) -> str:
    if by == "town":
        return towns.get(key, key)
    return BANDS[int(key)] if by == "band" else LIVING[key]


def number_of(field: Field) -> int:
    """The question's number on paper."""
    return int(field.code[1:])


def _order(by: str, key: str) -> str:
    return str(list(LIVING).index(key)) if by == "living" else key


def _figures(
    field: Field,
) -> list[tuple[str, str, Callable[[Sequence[Gathered], Value], Estimate], Value]]:
    if field.kind in NUMBERS:
        return [("", "平均", mean, _number(field))]
    return [(code, name, share, _chosen(field.code, code)) for code, name in field.options]


def _number(field: Field) -> Value:
    parts = 100 if field.kind == "money" else 1

    def value(one: Asked) -> float | None:
        given = None if one.answers is None else one.answers.get(field.code)
        return None if given is None else given / parts

    return value


def _chosen(code: str, option: str) -> Value:
    def value(one: Asked) -> float | None:
        given = None if one.answers is None else one.answers.get(code)
        if given is None:
            return None
        return float(option == given if isinstance(given, str) else option in given)

    return value
