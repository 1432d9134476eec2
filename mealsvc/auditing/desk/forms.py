"""Forms of the auditor's desk."""

from flask_wtf import FlaskForm
from wtforms import RadioField, ValidationError
from wtforms.validators import InputRequired

from mealsvc.auditing.desk.kinds import REASONS
from mealsvc.bookings.rules import has_number
from mealsvc.plumbing.forms import line


def _no_number(_form: FlaskForm, one: line) -> None:
    if has_number(one.data or ""):
        raise ValidationError("请不要写身份证号、电话和卡号。")


class DismissForm(FlaskForm):
    """Why a lead is nothing to follow."""

    reason = RadioField(
        "原因", [InputRequired("请选择原因。")], choices=list(REASONS.items())
    )
    note = line("查证经过", "请写明怎样核实的，例如“5月20日电话问了3位老人，都说来吃了”。", 300)


class ReopenForm(FlaskForm):
    """Why a dismissed lead is looked at again."""

    note = line("恢复的理由", "请写明为什么要再看。", 300)
