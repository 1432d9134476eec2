"""Forms of reviewers and of the point that answers them."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from mealsvc.kernel.text import is_storable, tidy
from mealsvc.settlement.reasons import REASONS

TOO_LONG = "请不要超过200个字。"


def _tidied(text: str | None) -> str:
    return tidy(text or "")


def _note(label: str, please: str = "") -> TextAreaField:
    first = [DataRequired(please)] if please else []
    limits = [*first, Length(max=200, message=TOO_LONG)]
    return TextAreaField(label, limits, filters=[_tidied], render_kw={"rows": 3})


class _Storable(FlaskForm):
    def validate_note(self, field: StringField) -> None:
        if not is_storable(field.data or ""):
            raise ValidationError("有看不见的字符不能保存，请重新输入。")


class ActForm(_Storable):
    """One step for one or more months: an opinion, and at need why beyond the budget."""

    note = _note("意见")
    decision = StringField("超预算决定依据", [Length(max=200, message=TOO_LONG)], filters=[_tidied])

    def validate_decision(self, field: StringField) -> None:
        self.validate_note(field)


class SampleForm(ActForm):
    note = _note("抽查意见", "请写明抽查结果。")


class ObjectionForm(_Storable):
    """Why lines are held or sent back."""

    reason = SelectField(
        "原因", [InputRequired("请选择原因。")], choices=[("", "请选择"), *REASONS.items()]
    )
    note = _note("说明")

    def validate_note(self, field: StringField) -> None:
        super().validate_note(field)
        if self.reason.data == "other" and not field.data:
            raise ValidationError("选“其他”时请写明情况。")


class EndHoldForm(_Storable):
    note = _note("核实情况", "请写明怎样核实、结果如何。")


class AnswerForm(_Storable):
    note = _note("说明", "请写明情况，如当天谁值班、老人怎样就餐。")
