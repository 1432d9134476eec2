"""Forms: drawing a sample, sharing calls out, and what was answered."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from mealsvc.auditing.sampling.rules.answers import ELSEWHERE, HERE, OUTCOMES, UNSURE, WAYS
from mealsvc.auditing.sampling.services import (
    LEAST_CONFIDENCE,
    LONGEST_SEED,
    METHODS,
    MOST_CONFIDENCE,
)
from mealsvc.kernel.months import Month
from mealsvc.kernel.text import tidy
from mealsvc.plumbing.forms import TypedField, WholeField, YuanField, line, storable

LONGEST, LARGEST_SAMPLE = 500, 20_000
NOT_ASKED = ("", "没有问到")


class MonthField(TypedField):
    """A month typed as 2024-05 or 202405; the value is a `Month`."""

    def read(self, written: str) -> Month:
        try:
            if len(written) == 6 and written.isdigit():
                written = f"{written[:4]}-{written[4:]}"
            return Month.parse(written)
        except ValueError:
            raise ValueError("请输入月份，如 2024-05。") from None


class DrawForm(FlaskForm):
    month = MonthField("月份", [DataRequired("请输入月份，如 2024-05。")])
    method = RadioField("方法", choices=list(METHODS.items()), default="stratified")
    point = SelectField("助餐点", [Optional()])
    confidence = WholeField(
        "置信度",
        [
            Optional(),
            NumberRange(
                LEAST_CONFIDENCE,
                MOST_CONFIDENCE,
                f"请输入{LEAST_CONFIDENCE}到{MOST_CONFIDENCE}之间的整数。",
            ),
        ],
    )
    size = WholeField(
        "样本量",
        [Optional(), NumberRange(1, LARGEST_SAMPLE, f"请输入1到{LARGEST_SAMPLE}之间的整数。")],
    )
    seed = line("种子", longest=LONGEST_SEED)


class AssignForm(FlaskForm):
    callers = SelectMultipleField(
        "由谁回访",
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    again = BooleanField("已分派但还没打过的，也重新平均分")


class AnswerForm(FlaskForm):
    """The coded answers of a call; the free note is sealed."""

    way = RadioField("怎么核实的", choices=list(WAYS.items()), default="call")
    outcome = RadioField("结果", [InputRequired("请选择结果。")], choices=list(OUTCOMES.items()))
    ate_at = SelectField("在哪里吃的", [Optional()])
    got = SelectField(
        "吃的是什么",
        [Optional()],
        choices=[
            NOT_ASKED,
            ("meal", "饭菜"),
            ("goods", "不是饭菜，是物品或现金"),
            (UNSURE, "记不清"),
        ],
    )
    paid = YuanField("自己付了多少钱", [Optional()])
    words = TextAreaField(
        "老人的原话",
        [Optional(), Length(max=LONGEST, message=f"请不要超过{LONGEST}个字。"), storable],
        filters=[lambda written: tidy(written or "")],
    )

    def offer(self, point: str, others: Any) -> None:
        """The places to choose from: here, any other point, or not known."""
        self.ate_at.choices = [
            NOT_ASKED,
            (HERE, "就是这个助餐点"),
            *[(code, name) for code, name in others if code != point],
            (ELSEWHERE, "别的地方"),
            (UNSURE, "记不清"),
        ]
