"""Fields of the log sheets, made from what each kind's entries say."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from mealsvc.bookings.forms import TimeField
from mealsvc.kernel.text import is_storable, tidy
from mealsvc.plumbing.forms import DayField, TypedField, line, storable
from mealsvc.supervision.logs.judging import number
from mealsvc.supervision.logs.kinds import (
    ANSWERS,
    CODE,
    DAY,
    DEVICES,
    FLAG,
    ITEMS,
    NUMBER,
    Fact,
    LogKind,
)

MOST_LINES = 80
LONG = ("found", "decided")  # facts that take more than one line
_NUMBER = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,2})?")


class NumberField(TypedField):
    """A number with at most two decimals."""

    def read(self, written: str) -> float:
        if not _NUMBER.fullmatch(written):
            raise ValueError("请输入数字，如 72.5。")
        value = float(written)
        return int(value) if value.is_integer() else value

    def written(self, value: float) -> str:
        return number(value)


class WithdrawForm(FlaskForm):
    """Why an entry is taken back."""

    why = line("为什么撤回", "请写明为什么撤回，如“温度看错了”。", 100)


def _clean(text: str | None) -> str:
    typed = tidy(text or "")
    return typed if is_storable(typed) else ""


def _text(label: str) -> TextAreaField:
    return TextAreaField(label, [Length(max=1000, message="请不要超过1000个字。"), storable])


def field_of(kind: LogKind, fact: Fact) -> Any:
    """The form field for one fact of a kind."""
    if fact.shape == NUMBER:
        return NumberField(fact.chinese)
    if fact.shape == DAY:
        return DayField(fact.chinese)
    if fact.shape == FLAG:
        return BooleanField(fact.chinese)
    if fact.shape == CODE:
        choices = list(fact.choices.items())
        if kind.code == "cold_store":
            return SelectField(fact.chinese, choices=list(DEVICES.items()))
        return RadioField(fact.chinese, choices=choices, validate_choice=False)
    if fact.name in LONG:
        return _text(fact.chinese)
    return line(fact.chinese, longest=100)


def item_name(code: str) -> str:
    """The field of one item of the daily control."""
    return "item_" + code.replace("-", "_")


def head_form(kind: LogKind, names: tuple[str, ...], **data: Any) -> Any:
    """What is asked once for a whole sheet: the time, and facts that hold for all lines."""
    fields: dict[str, Any] = {
        "key": HiddenField(validators=[InputRequired("请刷新页面，重新填写。")], filters=[_clean]),
        "lines": HiddenField(filters=[_clean]),
        "at": TimeField("时间", [InputRequired("请输入时间，如 10:40。")]),
    }
    for name in names:
        fields[name] = field_of(kind, _fact(kind, name))
    return type("HeadForm", (FlaskForm,), fields)(**data)


def line_form(kind: LogKind, names: tuple[str, ...], number_: int, **data: Any) -> Any:
    """One line: its subject, its facts, and what was done where they are out of range.

    `given`: the subject was proposed and stands there; else somebody types it.
    """
    fields: dict[str, Any] = {
        "given": HiddenField(filters=[_clean]),
        "subject": line(kind.subject or "事项", longest=60),
        "action": line("采取的措施", longest=200),
    }
    for name in names:
        fact = _fact(kind, name)
        if fact.shape == ITEMS:
            fields |= {item_name(code): _answer(words) for code, words in fact.choices.items()}
        else:
            fields[name] = field_of(kind, fact)
    return type("LineForm", (Form,), fields)(prefix=f"l{number_}-", **data)


def _answer(words: str) -> RadioField:
    choices = list(ANSWERS.items())
    return RadioField(words, choices=choices, validate_choice=False)


def _fact(kind: LogKind, name: str) -> Fact:
    found = kind.fact(name)
    if found is None:
        raise KeyError(name)
    return found
