"""Forms: opening a round, moving its deadlines, issuing to one more unit, reasons."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from mealsvc.kernel.text import tidy
from mealsvc.plumbing.forms import DayField, line, storable
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.reading import PRIVATE, is_private

LONGEST = 300


def unnamed(_form: Any, field: Field) -> None:
    """A validator: no number of a person, in words that others read or that are printed."""
    if is_private(field.data or ""):
        raise ValidationError(PRIVATE)


def words(label: str, please: str = "") -> TextAreaField:
    """A few lines of text; mandatory if `please` says what to write."""
    short = Length(max=LONGEST, message=f"请不要超过{LONGEST}个字。")
    limits: list[Any] = [short, storable, unnamed]
    limits.insert(0, DataRequired(please) if please else Optional())
    return TextAreaField(
        label, limits, filters=[lambda text: tidy(text or "")], render_kw={"rows": 3}
    )


def form_choices(letters: str) -> list[tuple[str, str]]:
    return [(letter, f"{letter}表　{FORMS[letter].name}") for letter in letters]


class RoundForm(FlaskForm):
    title = line("名称", "请写明是哪一次摸排，如“2024年上半年助餐服务摸排”。", 60)
    as_of = DayField("时点", [DataRequired("请输入日期。")])
    forms = SelectMultipleField(
        "下发哪些表",
        choices=form_choices("ABCDE"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    due_on = DayField("填报期限", [DataRequired("请输入日期。")])
    due_a = DayField("A表期限", [Optional()])
    due_b = DayField("B表期限", [Optional()])
    due_c = DayField("C表期限", [Optional()])
    due_d = DayField("D表期限", [Optional()])
    due_e = DayField("E表期限", [Optional()])
    note = words("要求")


class DeadlineForm(FlaskForm):
    form = SelectField("哪种表", [Optional()])
    due_on = DayField("改到哪一天", [DataRequired("请输入日期。")])
    reason = words("原因", "请写明原因，填报单位会看到。")


class IssueForm(FlaskForm):
    unit = SelectField("单位", [DataRequired("请选择单位。")])


class ReasonForm(FlaskForm):
    """Why a sheet is left out."""

    reason = words("原因", "请写明原因，会印在报告的缺报名单里。")


class UploadForm(FlaskForm):
    file = FileField("填好的表格", [FileRequired("请选择一个 XLSX 文件。")])


class Token(FlaskForm):
    """Nothing but the token against forged requests."""
