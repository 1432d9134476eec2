"""One row of a file of logs as an entry: what its kind's columns mean, and when it was. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from mealsvc.exchange import choices, values
from mealsvc.exchange.records import LogRow
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy_code
from mealsvc.supervision.logs import judging, rules
from mealsvc.supervision.logs.judging import Draft
from mealsvc.supervision.logs.kinds import ABSENT, ANSWERS, CODE, CONTROL, KINDS, OK, WRONG

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")
_BETWEEN = re.compile("[;、,]")
_RESULTS: dict[str, choices.Choices] = {
    "morning_check": {
        "normal": ("正常", "合格"),
        "fever": ("发热",),
        "diarrhoea": ("腹泻",),
        "throat": ("咽部炎症",),
        "skin": ("手部化脓", "手部化脓或皮肤病"),
        "other": ("其他不适", "其他"),
        ABSENT: ("不上班", "今天不上班", "休息", "请假"),
    },
    "purchase_check": {"accepted": ("收下", "合格"), "refused": ("拒收", "拒收退货")},
    "weekly_check": {OK: ("没有发现问题", "正常"), WRONG: ("发现问题", "有问题")},
}
_yes = values.choice(choices.YES_NO)


def yes_or_no(cell: str) -> bool:
    """是 or 否."""
    return _yes(cell) == "yes"


def moment(cell: str) -> datetime | time:
    """An instant, or a local time of the row's day such as 10:40."""
    found = _TIME.fullmatch(tidy_code(cell))
    if found:
        return time(int(found[1]), int(found[2]))
    try:
        return values.instant(cell)
    except values.Malformed:
        reason = "时间请写成 10:40，或带时区的 2024-05-06T10:40:00+08:00。"
        raise values.Malformed(reason=reason) from None


def check(row: LogRow) -> tuple[str, Refusal] | None:
    """What is wrong with the row as such: its column and why."""
    try:
        draft = draft_of(row, CONTROL)
    except _BadCell as bad:
        return bad.column, values.Malformed(reason=bad.reason)
    done_on = local_date(draft.at)
    if done_on < row.day or (done_on > row.day and row.kind != "sample_disposed"):
        return "at", values.Malformed(reason="时间不在这一天，请核对日期和时间。")
    for problem in judging.lacking(draft):
        return problem.field, values.Malformed(reason=problem.message)
    return None


def draft_of(row: LogRow, items: Mapping[str, str]) -> Draft:
    """The entry that a row means; `items` are those of the daily control that apply."""
    kind = KINDS[row.kind]
    facts: dict[str, Any] = {}
    for fact in kind.facts:
        value = getattr(row, fact.name, None)
        if fact.name == "items":
            value = _items(row, items)
        elif fact.name == "result" and value is not None:
            value = _result(row.kind, value)
        elif fact.shape == CODE and value is None and fact.name == "result":
            value = _only(row.kind)
        facts[fact.name] = _number(value) if isinstance(value, Decimal) else value
    subject = (row.subject or "") if kind.subject else ""
    meal = (row.meal or "") if kind.by_meal else ""
    return Draft(row.kind, row.day, meal, subject, _instant(row, meal), facts, row.action or "")


class _BadCell(Exception):
    """A cell that the row's kind cannot read."""

    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(reason)


def _instant(row: LogRow, meal: str) -> datetime:
    if isinstance(row.at, datetime):
        return row.at
    at = row.at or rules.usual_time(row.kind, meal)
    return datetime.combine(row.day, at, LOCAL).astimezone(UTC)


def _number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def _result(kind: str, written: str) -> str:
    known = choices.spellings(_RESULTS[kind])
    code = known.get(tidy_code(written).casefold())
    if code is None:
        shown = "、".join(words[0] for words in _RESULTS[kind].values())
        raise _BadCell("result", f"请填写 {shown} 之一。")
    return code


def _only(kind: str) -> str | None:
    """What a purchase without a result means."""
    return "accepted" if kind == "purchase_check" else None


def _items(row: LogRow, applicable: Mapping[str, str]) -> dict[str, str]:
    """Every item in order but those that the cell names: `COK-02;AGE-02=今天没有`."""
    answers = dict.fromkeys(applicable, OK)
    known = choices.spellings({code: (word,) for code, word in ANSWERS.items()})
    for part in _BETWEEN.split(tidy_code(row.items or "")):
        code, marked, word = part.strip().partition("=")
        if not code:
            continue
        answer = known.get(word.strip().casefold()) if marked else WRONG
        if code.upper() not in CONTROL or answer is None:
            raise _BadCell("items", "请写检查项编号，多个用分号隔开，如 COK-02;AGE-02。")
        answers[code.upper()] = answer
    return answers
