"""Forms of the rounds, the courier and the office."""

import re
from datetime import time
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from mealsvc.deliveries.rules import CALLS, INFORMED, OUTCOMES, RECEIVERS
from mealsvc.kernel.signatures import SIGNATURE_LENGTH
from mealsvc.plumbing.forms import TypedField, line

KEY = re.compile(r"[!-~]+\Z")  # as keys.new_key makes them, and nothing that cannot be kept
OFFICE_OUTCOMES = [(code, name) for code, name in OUTCOMES.items() if code != "delivered"]
DOOR_OUTCOMES = [(code, OUTCOMES[code]) for code in ("delivered", "safe", "out", "other")]
STEPS = {
    "called": list(CALLS.items()),
    "reported": list(INFORMED.items()),
    "closed": OFFICE_OUTCOMES,
}


class DegreeField(TypedField):
    """A temperature in degrees with at most one decimal; the value is whole tenths."""

    def read(self, written: str) -> int:
        try:
            tenths = float(written) * 10
        except ValueError:
            tenths = float("nan")
        if not (-300 <= tenths <= 1200 and abs(tenths - round(tenths)) < 1e-6):
            raise ValueError("请输入温度，如 63.5。")
        return round(tenths)

    def written(self, value: int) -> str:
        return f"{value / 10:.1f}"


class ClockField(TypedField):
    """A local time: 10:05, 1005 or 10：05."""

    def read(self, written: str) -> time:
        digits = written.replace(":", "")
        try:
            if not (digits.isascii() and digits.isdigit() and len(digits) in (3, 4)):
                raise ValueError
            return time(int(digits[:-2]), int(digits[-2:]))
        except ValueError:
            raise ValueError("请输入时间，如 10:05。") from None


class KeyForm(FlaskForm):
    """Every step carries the key of the page that it was taken on."""

    key = HiddenField(validators=[DataRequired(), Length(max=40), Regexp(KEY)])


class HandoverForm(KeyForm):
    """What the courier says at the door; `warned` is the temperature she was already warned of."""

    expected = HiddenField()
    warned = HiddenField()
    receiver = RadioField("谁收的餐", choices=list(RECEIVERS.items()), default="self")
    temperature = DegreeField("中心温度", [Optional()])
    signature = HiddenField(validators=[Length(max=SIGNATURE_LENGTH)])
    outcome = SelectField(
        "刚才无人应答，最后是什么情况", choices=[("", "请选择"), *DOOR_OUTCOMES], default=""
    )
    note = line("说明")


class StepForm(KeyForm):
    """A call, a report, or how it ended."""

    step = HiddenField(validators=[DataRequired()])
    result = RadioField("结果", choices=[], validate_choice=False)
    note = line("说明")

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        known = dict(STEPS.get(self.step.data or "", ()))
        if valid and self.result.data not in known:
            self.result.errors = ["请选择一项。"]
            return False
        return valid


class RoundForm(FlaskForm):
    """A round's name and who usually carries it."""

    name = line("线路名称", "请给线路起个名字，如 东线。", 20)
    courier = line("送餐员", longest=20)
    active = BooleanField("使用中", default=True)


class AssignForm(FlaskForm):
    """Residents without a round, and the round that takes them."""

    round = SelectField("放到哪条线路", coerce=int)


class CookedForm(FlaskForm):
    """When the meal was cooked."""

    cooked = ClockField("烧熟时间", [DataRequired("请输入烧熟时间，如 10:05。")])
