"""The form of a simulation: which policy, which months."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy_code
from mealsvc.plumbing.forms import TypedField
from mealsvc.policies.forms import DraftForm
from mealsvc.simulation.services import months_between

MOST_MONTHS = 24


class MonthField(TypedField):
    """A month: 2024-05 or 202405."""

    def read(self, written: str) -> Month:
        text = tidy_code(written)
        if len(text) == 6 and text.isascii() and text.isdigit():
            text = f"{text[:4]}-{text[4:]}"
        try:
            return Month.parse(text)
        except ValueError:
            raise ValueError("请输入月份，如 2024-05。") from None


class SimulationForm(DraftForm):
    """A policy of the register, or one that is uploaded or pasted; and from which month to which."""

    policy = SelectField("已有政策", validate_choice=True)
    first = MonthField("从", [InputRequired("请输入开始的月份。")])
    last = MonthField("到", [InputRequired("请输入最后的月份。")])

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        return sound and self._has_months()

    def _has_text(self) -> bool:
        if not self.policy.data:
            return super()._has_text()
        if (self.document.data or "").strip():
            self.policy.errors = [
                "已有政策和下面的内容只能选一种：请选“用下面的内容”，或清空内容。"
            ]
        return not self.policy.errors

    def _has_months(self) -> bool:
        first, last = self.first.data, self.last.data
        if first is None or last is None:
            return False
        if last < first:
            self.last.errors = ["最后的月份不能早于开始的月份。"]
        elif len(months_between(first, min(last, Month(first.year + 3, 1)))) > MOST_MONTHS:
            self.last.errors = [f"一次最多测算{MOST_MONTHS}个月。"]
        return not self.last.errors


class SaveForm(FlaskForm):
    """Nothing but the token against forged requests."""
