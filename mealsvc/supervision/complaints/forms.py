"""Forms of complaints and answers of stars: for staff, and for whoever scans the code on the table."""

import secrets
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from mealsvc.kernel.text import tidy
from mealsvc.plumbing.forms import line, storable
from mealsvc.supervision.complaints.rules import BY_STAFF, CHANNELS, KINDS, LEVELS

LONGEST = 500
STARS = {"5": "很满意", "4": "满意", "3": "一般", "2": "不满意", "1": "很不满意"}
GRADES = {"5": "好", "3": "一般", "1": "差"}


def text(label: str, please: str = "") -> TextAreaField:
    """Several lines; mandatory if `please` says what to write."""
    limits: list[Any] = [Length(max=LONGEST, message=f"请不要超过{LONGEST}个字。"), storable]
    limits.insert(0, DataRequired(please) if please else Optional(strip_whitespace=True))
    return TextAreaField(label, limits, filters=[lambda written: tidy(written or "")])


def stars(label: str, please: str = "") -> RadioField:
    """One to five; mandatory if `please` says so."""
    return RadioField(
        label, [InputRequired(please) if please else Optional()], choices=list(STARS.items())
    )


def grade(label: str) -> RadioField:
    return RadioField(label, [Optional()], choices=list(GRADES.items()))


class KeyedForm(FlaskForm):
    """A form that is recorded once, however often it is sent."""

    key = HiddenField(validators=[Length(min=8, max=40), storable])

    def fill_key(self) -> None:
        """A new key for a form that is shown for the first time."""
        self.key.data = f"F-{secrets.token_hex(12)}"


class GradesForm(KeyedForm):
    """What the three parts of an answer share."""

    dish = grade("饭菜")
    price = grade("价格")
    service = grade("服务")

    def grades(self) -> dict[str, int | None]:
        """The three grades as stars; None where nothing was chosen."""
        chosen = {"dish": self.dish.data, "price": self.price.data, "service": self.service.data}
        return {name: int(value) if value else None for name, value in chosen.items()}


class FeedbackForm(GradesForm):
    """The public page. `website` is a trap: people do not see it, programs fill it in."""

    stars = stars("您对这里的助餐满意吗？")
    kind = SelectField("是哪方面的", choices=list(KINDS.items()), default="other")
    words = text("有什么要投诉或反映的")
    contact = line("怎么联系您", longest=60)
    website = StringField("网址", [Length(max=200)])


class ComplaintForm(KeyedForm):
    point = SelectField("助餐点", [InputRequired("请选择助餐点。")])
    channel = SelectField("怎么来的", choices=[(one, CHANNELS[one]) for one in BY_STAFF])
    kind = SelectField(
        "类别", [InputRequired("请选择类别。")], choices=[("", "请选择"), *KINDS.items()]
    )
    words = text("说了什么", "请写下来人说了什么。")
    contact = line("联系方式", longest=60)


class RatingForm(GradesForm):
    point = SelectField("助餐点", [InputRequired("请选择助餐点。")])
    channel = SelectField("怎么来的", choices=[("counter", "窗口"), ("call", "回访")])
    stars = stars("老人对助餐满意吗", "请选择满意程度。")


class AssignForm(FlaskForm):
    level = SelectField("由谁办理", choices=list(LEVELS.items()))
    words = text("要求")


class AnswerForm(FlaskForm):
    words = text("答复", "请写明核实的情况和怎么处理的。")


class ReturnForm(FlaskForm):
    words = text("退回原因", "请写明哪里不行、要补什么。")


class CloseForm(FlaskForm):
    upheld = RadioField(
        "核实结果",
        [InputRequired("请选择是否属实。")],
        choices=[("yes", "属实或部分属实"), ("no", "不属实")],
    )
    words = text("办结意见", "请写明办结意见。")


class CallForm(FlaskForm):
    words = text("回访情况", "请写明对方怎么说。")


class ConfirmForm(FlaskForm):
    """Nothing but the token against forged requests."""
