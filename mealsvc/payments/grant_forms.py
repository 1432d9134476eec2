"""Forms of construction grants."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from mealsvc.kernel.text import is_storable
from mealsvc.plumbing.forms import DayField, YuanField

_LONGEST = 500
PASS, RETURN = "pass", "return"


def _text(label: str, please: str = "", rows: int = 4) -> TextAreaField:
    limits: list[Any] = [Length(max=_LONGEST, message=f"请不要超过{_LONGEST}个字。"), _storable]
    if please:
        limits.insert(0, InputRequired(please))
    return TextAreaField(label, limits, filters=[_stripped], render_kw={"rows": rows})


def _stripped(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def _storable(_form: Any, field: TextAreaField) -> None:
    if not is_storable((field.data or "").replace("\n", " ")):
        raise ValidationError("有看不见的字符不能保存，请重新输入。")


class StageForm(FlaskForm):
    """Applying for a stage: what is handed in."""

    documents = _text("随附材料", "请写明随附的材料，如 竣工验收单、工程决算、发票。")


class FactsForm(StageForm):
    """The facts of the works, for the first stage."""

    completed_on = DayField("完工日期", [InputRequired("请输入完工（验收）日期。")])
    cost_fen = YuanField("建设成本", [InputRequired("请输入建设成本。")])


class GrantForm(FactsForm):
    """A new grant."""

    rule = SelectField("补贴项目", [InputRequired("请选择补贴项目。")])


class ReviewForm(FlaskForm):
    """A review: passed on, or sent back with a reason."""

    stage = HiddenField()
    verdict = RadioField(
        "结论",
        [InputRequired("请选择结论。")],
        choices=[(PASS, "同意"), (RETURN, "退回，由助餐点更正后再申请")],
    )
    opinion = _text("意见", rows=3)
    decision = _text("超预算决定", rows=2)

    def validate_opinion(self, field: TextAreaField) -> None:
        if self.verdict.data == RETURN and not field.data:
            raise ValidationError("请写明退回的原因。")
