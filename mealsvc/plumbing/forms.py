"""Form fields as clerks type them, and how a refusal reaches its field."""

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import DateInput, TextInput

from mealsvc.kernel.dates import parse_date
from mealsvc.kernel.money import display, yuan
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import is_storable, tidy, tidy_code

LARGEST = 1_000_000_000


def show(form: FlaskForm, refusal: Refusal) -> None:
    """Puts a refusal at its field, or at the form as a whole."""
    field = form[refusal.field] if refusal.field and refusal.field in form else None
    if field is None:
        form.form_errors.append(refusal.message)
    else:
        field.errors = [*field.errors, refusal.message]


def line(label: str, please: str = "", longest: int = 100, **render: Any) -> StringField:
    """One line of text, trimmed; mandatory if `please` says what to type."""
    limits: list[Any] = [Length(max=longest, message=f"请不要超过{longest}个字。"), storable]
    if please:
        limits.insert(0, DataRequired(please))
    render = {"autocomplete": "off", **render}
    return StringField(label, limits, filters=[_tidied], render_kw=render)


class TypedField(Field):
    """A field whose text `read` turns into a value; empty is None. What was typed is kept."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.written(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        written = tidy_code(valuelist[0]) if valuelist else ""
        self.data = self.read(written) if written else None

    def read(self, written: str) -> Any:
        """The value; raises ValueError with what to type instead."""
        return written

    def written(self, value: Any) -> str:
        """The value as the clerk would type it."""
        return str(value)


class DayField(TypedField):
    """A local date: 20240506, 2024-05-06 or 2024年5月6日."""

    widget = DateInput()

    def read(self, written: str) -> date:
        try:
            return parse_date(written)
        except ValueError:
            raise ValueError("请输入一个日期，如 20240506。") from None


class WholeField(TypedField):
    """A whole number from 0 up."""

    def read(self, written: str) -> int:
        if not (written.isascii() and written.isdigit() and int(written) <= LARGEST):
            raise ValueError("请输入整数，不带逗号和单位。")
        return int(written)


class YuanField(TypedField):
    """An amount of 0 or more, typed in yuan; the value is integer fen."""

    def read(self, written: str) -> int:
        try:
            amount = yuan(written.replace(",", ""))
        except ValueError:
            amount = -1
        if amount < 0:
            raise ValueError("请输入金额，如 120000 或 120000.50，单位是元。")
        return amount

    def written(self, value: int) -> str:
        return display(value)


class DegreesField(TypedField):
    """A longitude or latitude in decimal degrees."""

    def read(self, written: str) -> float:
        try:
            degrees = float(written)
        except ValueError:
            degrees = 999.0
        if not -180 <= degrees <= 180:
            raise ValueError("请输入经纬度，如 119.9421。")
        return degrees


def _tidied(text: str | None) -> str:
    return tidy(text or "")


def storable(_form: Any, field: Field) -> None:
    """A validator: what both databases can keep."""
    if not is_storable(field.data or ""):
        raise ValidationError("有看不见的字符不能保存，请重新输入。")
