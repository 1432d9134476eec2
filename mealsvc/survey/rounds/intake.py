"""What is typed, from the page or a workbook, becomes answers: wrong ones are told, and what
disagrees with the register wants a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mealsvc.kernel.text import is_storable, tidy
from mealsvc.residents.rules import is_reason
from mealsvc.settings.services import value_on
from mealsvc.survey.forms import rules as form_rules
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.reading import PRIVATE, is_private
from mealsvc.survey.rounds.known import Known

REMARK = ".why"  # behind a field's code: the reason typed for it
LONGEST_REMARK = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """`errors` by raw key; `doubts` by field, with the reasons given in `remarks`; `silent` are the
    doubts for which nobody has given a reason yet."""

    answers: Mapping[str, Any]
    errors: Mapping[str, str]
    doubts: Mapping[str, str]
    remarks: Mapping[str, str]

    @property
    def silent(self) -> list[str]:
        return [code for code in self.doubts if code not in self.remarks]

    @property
    def good(self) -> bool:
        """Whether it can be handed in."""
        return not self.errors and not self.silent


def take(letter: str, typed: Mapping[str, str], known: Known, tolerance: float) -> Taken:
    """Reads a whole form; a reason is kept only where one is wanted."""
    form = FORMS[letter]
    answers, errors = form_rules.read(form, typed)
    errors = {**errors, **{key: _UNSEEN for key, text in typed.items() if not is_storable(text)}}
    doubts = doubts_of(letter, answers, known, tolerance)
    reasons = {code: tidy(typed.get(code + REMARK, ""))[:LONGEST_REMARK] for code in doubts}
    remarks = {code: text for code, text in reasons.items() if is_reason(text)}
    errors |= {code: PRIVATE for code, text in remarks.items() if is_private(text)}
    return Taken(answers, errors, doubts, remarks)


def doubts_of(
    letter: str, answers: Mapping[str, Any], known: Known, tolerance: float
) -> dict[str, str]:
    """Where the answers disagree with the register: by more than the tolerance where it is
    complete, or by fewer people than are registered."""
    form = FORMS[letter]
    found = form_rules.doubts(form, answers, known.whole, tolerance)
    for code, number in known.part.items():
        given = answers.get(code)
        if code not in found and isinstance(given, int | float) and given < number:
            unit = form.field(code).unit
            found[code] = f"名册里已登记{number:,}{unit}，填的更少，请说明原因。"
    return found


def tolerance_on(day: date) -> float:
    """By how many percent an answer may differ from the register without a reason."""
    return float(value_on("survey.tolerance", day))


_UNSEEN = "有看不见的字符不能保存，请重新输入。"
