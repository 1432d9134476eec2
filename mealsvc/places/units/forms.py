"""Forms of papers, people and events of a unit."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from mealsvc.kernel.text import tidy_code
from mealsvc.places.units.rules import DOCUMENTS, POSTS, RULES, STAFF_PAPERS
from mealsvc.plumbing.forms import DayField, TypedField, WholeField, line, storable

MOST_HOURS = 100_000


class HoursField(TypedField):
    """Hours with at most one decimal."""

    def read(self, written: str) -> float:
        try:
            hours = float(written)
        except ValueError:
            hours = -1.0
        if not 0 <= hours <= MOST_HOURS or round(hours, 1) != hours:
            raise ValueError("请输入小时数，最多一位小数，如 12.5。")
        return hours


def _number(label: str) -> StringField:
    return StringField(
        label,
        [Length(max=64, message="请不要超过64个字。"), storable],
        filters=[lambda text: tidy_code(text or "")],
        render_kw={"autocomplete": "off"},
    )


class DocumentForm(FlaskForm):
    kind = SelectField("种类", [InputRequired("请选择种类。")])
    number = _number("编号")
    issuer = line("发证单位或签约方")
    valid_from = DayField("有效期起", [Optional()])
    valid_to = DayField("有效期至", [Optional()])
    note = line("备注", longest=200)

    def offer(self, first: tuple[str, ...], with_others: bool = True) -> None:
        """The kinds to choose from: those that this point must hold before the others."""
        others = [code for code in DOCUMENTS if code not in (*first, *RULES)] if with_others else []
        codes = [*first, *others, *RULES] if with_others else list(first)
        names = [(code, DOCUMENTS[code].name) for code in codes]
        self.kind.choices = [("", "请选择"), *names]


class MemberForm(FlaskForm):
    name = line("姓名", "请输入姓名。", 40)
    post = SelectField(
        "岗位", [InputRequired("请选择岗位。")], choices=[("", "请选择"), *POSTS.items()]
    )
    handles_food = BooleanField("接触直接入口食品（须持健康证明）")
    volunteer = BooleanField("志愿者（不计入从业人员）")
    joined_on = DayField("到岗日期", [InputRequired("请输入到岗日期。")])


class LeaveForm(FlaskForm):
    left_on = DayField("最后在岗日期", [InputRequired("请输入最后在岗的日期。")])


class PaperForm(FlaskForm):
    kind = SelectField("种类", choices=list(STAFF_PAPERS.items()))
    number = _number("证书编号")
    issued_on = DayField("发证或培训日期", [InputRequired("请输入日期。")])
    valid_to = DayField("有效期至", [Optional()])
    note = line("备注", longest=200)


class DrillForm(FlaskForm):
    held_on = DayField("演练日期", [InputRequired("请输入日期。")])
    people = WholeField("参加人数", [Optional()])
    note = line("演练内容", "请写明演练的内容，如 食物中毒处置、火灾疏散。", 200)


class VolunteerForm(FlaskForm):
    held_on = DayField("日期", [InputRequired("请输入日期。")])
    hours = HoursField("志愿服务小时数", [InputRequired("请输入小时数。")])
    people = WholeField("志愿者人数", [Optional()])
    note = line("服务内容", longest=200)


class WithdrawForm(FlaskForm):
    why = line("撤回的原因", "请写明原因，如 日期录错。", 200)


EVENT_FORMS: dict[str, Any] = {"drill": DrillForm, "volunteer_hours": VolunteerForm}
