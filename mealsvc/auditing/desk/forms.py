"""Forms of the auditor's desk."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, ValidationError
from wtforms.validators import InputRequired

from mealsvc.auditing.desk.kinds import REASONS
from mealsvc.bookings.rules import has_number
from mealsvc.plumbing.forms import line

LONGEST = 300


class _NoteForm(FlaskForm):
    def validate_note(self, field: Any) -> None:
        if has_number(field.data or ""):
            raise ValidationError("这里不要写电话、证件等号码。")


class DismissForm(_NoteForm):
    """Why a lead is nothing to follow."""

    reason = RadioField("原因", [InputRequired("请选择原因。")], choices=list(REASONS.items()))
    note = line(
        "怎样核实的", "请写明怎样核实的，例如“5月20日电话问了3位老人，都说来吃了”。", LONGEST
    )


class ReopenForm(_NoteForm):
    """Why a dismissed lead is looked at again."""

    note = line("恢复的理由", "请写明为什么要再看。", LONGEST)
