"""Reading a filled form: what was answered, what is wrong, what disagrees with the register. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from mealsvc.survey.forms import supply
from mealsvc.survey.forms.fields import NUMBERS, Answers, Field, Form, Sums
from mealsvc.survey.forms.questionnaire import DONE, OUTCOME
from mealsvc.survey.forms.reading import Unreadable, answer, shown, typed

TOLERANCE = 10.0  # percent, unless the caller knows the setting
_LITTLE = {"count": 3, "number": 5, "money": 1_000}  # differences that never want a reason
_ROUNDING_FEN = 100  # sums of money may miss by a yuan


def read(
    form: Form, raw: Mapping[str, str], whole: bool = True
) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers by field code, and what is wrong by raw key.

    Not `whole`: a draft, in which questions may be left open and sums need not hold yet.
    """
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in form.fields:
        value = (
            _rows(field, raw, errors, whole)
            if field.kind == "rows"
            else _one(field, raw, "", errors)
        )
        if value is not None and value != []:
            found[field.code] = value
    if whole:
        _check_asked(form, found, errors)
        for sums in form.sums:
            _check_sums(form, sums, found, errors)
    return found, errors


def asked(form: Form, answers: Answers, field: Field) -> bool:
    """Whether these answers lead to the question at all."""
    if field.asked_if is None:
        return True
    code, options = field.asked_if
    given = answers.get(code)
    return given in options and asked(form, answers, form.field(code))


def raw_of(form: Form, answers: Answers) -> dict[str, str]:
    """The answers as `read` takes them: what a page or a workbook is filled with again."""
    raw: dict[str, str] = {}
    for field in form.fields:
        value = answers.get(field.code)
        if value is None:
            continue
        if field.kind != "rows":
            raw[field.code] = typed(field, value)
            continue
        for number, row in enumerate(value, 1):
            for column in field.columns:
                if column.code in row:
                    raw[row_key(field, number, column)] = typed(column, row[column.code])
    return raw


def row_key(field: Field, number: int, column: Field) -> str:
    """The raw key of a cell of a row, the rows counted from 1."""
    return f"{field.code}.{number}.{column.code}"


def doubts(
    form: Form,
    answers: Answers,
    known: Mapping[str, Any],
    tolerance: float = TOLERANCE,
) -> dict[str, str]:
    """What disagrees with the register, or with itself, by field: a reason is wanted for each.

    `known` holds by field code what the register knows: a number (money in fen), an option's
    code, an ISO date. `tolerance` is in percent of it.
    """
    found: dict[str, str] = {}
    for field in form.fields:
        given, register = answers.get(field.code), known.get(field.code)
        if given is None or register in (None, ""):
            continue
        words = (
            _apart(field, given, float(register), tolerance)
            if field.kind in NUMBERS
            else _other(field, given, register)
        )
        if words:
            found[field.code] = words
    found.update(_own_doubts(form, answers))
    return found


def outcome(answers: Answers) -> str:
    """How a visit with the questionnaire ended; `done` for a form without that question."""
    return str(answers.get(OUTCOME, DONE))


def _one(field: Field, raw: Mapping[str, str], prefix: str, errors: dict[str, str]) -> Any:
    key = prefix + field.code
    try:
        return answer(field, raw.get(key, ""))
    except Unreadable as error:
        errors[key] = str(error)
        return None


def _rows(
    field: Field, raw: Mapping[str, str], errors: dict[str, str], whole: bool
) -> list[dict[str, Any]]:
    """The rows that have anything in them, in their order."""
    found: list[dict[str, Any]] = []
    for number in range(1, int(field.most or 1) + 1):
        wrong = len(errors)
        prefix = f"{field.code}.{number}."
        row = {
            column.code: value
            for column in field.columns
            if (value := _one(column, raw, prefix, errors)) not in (None, [])
        }
        if not row and len(errors) == wrong:
            continue
        for column in field.columns:
            if whole and column.required and column.code not in row:
                errors.setdefault(prefix + column.code, _please(column))
        found.append(row)
    return found


def _check_asked(form: Form, found: dict[str, Any], errors: dict[str, str]) -> None:
    """Questions that were left open, and answers to questions that were not asked."""
    for field in form.fields:
        is_open = field.code not in found
        if asked(form, found, field):
            touched = any(key.split(".")[0] == field.code for key in errors)
            if field.required and is_open and not touched:
                errors[field.code] = _please(field)
        elif not is_open and field.asked_if is not None:
            code, _ = field.asked_if
            if code in found and code not in errors:
                errors[field.code] = _not_asked(form, code, found)


def _not_asked(form: Form, code: str, found: Mapping[str, Any]) -> str:
    above = form.field(code)
    return f"“{above.label.rstrip('？')}”选了“{shown(above, found[code])}”，这一项不用填，请删去。"


def _please(field: Field) -> str:
    if field.kind == "rows":
        return "请至少填一行。"
    if field.kind in ("choice", "choices"):
        return "请选择。"
    zero = field.kind in NUMBERS and field.least == 0
    return f"请填写“{field.label.rstrip('？')}”{'，没有的填 0' if zero else ''}。"


def _check_sums(form: Form, sums: Sums, found: Answers, errors: dict[str, str]) -> None:
    parts, whole = _given(sums.parts, found), _given(sums.whole, found)
    if not parts or len(whole) < len(sums.whole):
        return
    if any(code in errors for code in (*sums.parts, *sums.whole)):
        return
    left, right = sum(parts.values()), sum(whole.values())
    slack = _ROUNDING_FEN if form.field(sums.parts[0]).kind == "money" else 0
    holds = abs(left - right) <= slack if sums.exact else left - right <= slack
    if not holds:
        at = sums.whole[-1] if sums.exact else list(parts)[-1]
        errors[at] = _sums_words(form, sums, left, right)


def _given(codes: tuple[str, ...], found: Answers) -> dict[str, float]:
    return {code: found[code] for code in codes if code in found}


def _sums_words(form: Form, sums: Sums, left: float, right: float) -> str:
    names = [_sum_name(form, codes) for codes in (sums.parts, sums.whole)]
    kind = form.field(sums.parts[0])
    figures = [shown(kind, left), shown(kind, right)]
    if sums.exact:
        return f"{names[0]}是{figures[0]}，{names[1]}是{figures[1]}，应当相等，请核对。"
    return f"{names[0]}是{figures[0]}，多于{names[1]}的{figures[1]}，请核对。"


def _sum_name(form: Form, codes: tuple[str, ...]) -> str:
    names = [form.field(code).label for code in codes]
    if len(names) == 1:
        return f"“{names[0]}”"
    if len(names) == 2:
        return f"“{names[0]}”加“{names[1]}”"
    return f"“{names[0]}”到“{names[-1]}”之和"


def _apart(field: Field, given: float, register: float, tolerance: float) -> str:
    gap = given - register
    if abs(gap) <= _LITTLE.get(field.kind, 0) or abs(gap) * 100 <= tolerance * abs(register):
        return ""
    plain = int(register) if register.is_integer() else register
    word = "多" if gap > 0 else "少"
    size = f"{word}{abs(gap) / abs(register):.0%}" if register else ""
    told = f"系统里是{shown(field, plain)}{field.unit}，填的是{shown(field, given)}{field.unit}"
    return "，".join(part for part in (told, size, "请说明原因。") if part)


def _other(field: Field, given: Any, register: Any) -> str:
    if given == register or field.kind not in ("choice", "date", "text"):
        return ""
    return f"系统里是{shown(field, register)}，填的是{shown(field, given)}，请说明原因。"


def _own_doubts(form: Form, answers: Answers) -> Iterator[tuple[str, str]]:
    if form is supply.SUPPLY:
        yield from _cost_doubts(answers)


def _cost_doubts(answers: Answers) -> Iterator[tuple[str, str]]:
    """A month's cost that is far from what its parts make."""
    if not all(code in answers for code in (supply.INGREDIENTS, supply.SERVINGS, supply.COST)):
        return
    made = supply.made_cost(answers)
    given = answers[supply.COST]
    if abs(given - made) > max(made, 100_00) * 0.15:
        told = shown(supply.SUPPLY.field(supply.COST), made)
        yield supply.COST, f"按份数、每份成本和各项支出算约{told}元，与填的相差较多，请说明原因。"
