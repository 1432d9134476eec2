"""Forms of cases: opening, working, asking and answering, deciding, ending."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from mealsvc.auditing.cases.money import BODIES
from mealsvc.auditing.cases.rules import FINDINGS, SOURCES
from mealsvc.kernel.text import tidy
from mealsvc.plumbing.forms import DayField, line, storable
from mealsvc.settlement.clawbacks import MODES
from mealsvc.supervision.photos.forms import photos_field

LONGEST, LONG_LIST = 1000, 40_000
MOST_PHOTOS = 6
GRADES = {
    "high": "高：立案时暂缓还没有审批的流水",
    "case": "一般：需要时再暂缓",
    "watch": "关注：先了解情况",
}
BY_HAND = ("sample", "complaint", "other")


def words(label: str, please: str = "", rows: int = 4, longest: int = LONGEST) -> TextAreaField:
    """Several lines; mandatory if `please` says what to write."""
    limits: list[Any] = [Length(max=longest, message=f"请不要超过{longest}个字。"), storable]
    limits.insert(0, DataRequired(please) if please else Optional(strip_whitespace=True))
    return TextAreaField(
        label, limits, filters=[lambda written: tidy(written or "")], render_kw={"rows": rows}
    )


def keys(label: str, please: str = "", rows: int = 5) -> TextAreaField:
    """Keys of lines, one after the other."""
    limits: list[Any] = [Length(max=LONG_LIST, message="内容太长，请分几次办理。"), storable]
    limits.insert(0, DataRequired(please) if please else Optional(strip_whitespace=True))
    return TextAreaField(label, limits, render_kw={"rows": rows})


def split_keys(written: str) -> Sequence[str]:
    """The keys that somebody wrote down, each once."""
    return [one for one in dict.fromkeys(re.split(r"[\s,，、;；]+", written.strip())) if one]


class KeyedForm(FlaskForm):
    """A form with photos; its key keeps them from being kept twice."""

    key = HiddenField(validators=[Length(max=40), storable])

    def fill_key(self) -> None:
        self.key.data = f"Q-{secrets.token_hex(10)}"


class LeadForm(FlaskForm):
    """A case on a lead; the ticked lines are read off the request."""

    title = line("案由", "请写明案由。", 80)
    scope = RadioField(
        "哪些流水立案", choices=[("all", "下面全部"), ("ticked", "只选勾选的")], default="all"
    )
    words = words("立案意见", rows=3)


class OpenForm(FlaskForm):
    """A case by hand."""

    title = line("案由", "请写明案由。", 80)
    source = SelectField("来源", choices=[(one, SOURCES[one]) for one in BY_HAND], default="other")
    severity = RadioField("等级", choices=list(GRADES.items()), default="case")
    lines = keys("流水号", "请填写要核查的流水号。")
    words = words("立案意见", rows=3)


class AssignForm(FlaskForm):
    worker = SelectField("经办人", [InputRequired("请选择经办人。")], coerce=str)
    words = words("要求", rows=2)


class AskForm(FlaskForm):
    words = words("询问内容", "请写明要助餐点说明什么、提供什么材料。")
    due_on = DayField("答复期限", [InputRequired("请输入答复期限。")])


class ExtendForm(FlaskForm):
    due_on = DayField("延长到", [InputRequired("请输入新的期限。")])
    words = words("延长的理由", "请写明延长的理由。", rows=2)


class ExplainForm(FlaskForm):
    words = words("理由", "请写明逾期催办的情况，或者不需要询问的理由。", rows=3)


class NoteForm(KeyedForm):
    words = words("记录", "请写明查了什么、结果如何。")
    photos = photos_field("照片")


class AnswerForm(KeyedForm):
    words = words("答复", "请写明情况，如当天谁值班、老人怎样就餐、为什么这样登记。", rows=6)
    photos = photos_field("照片（排班表、登记本、监控截图等）")


class DecideForm(FlaskForm):
    """The verdict; the findings of single lines are read off the request."""

    default = RadioField(
        "没有单独选的流水",
        [InputRequired("请选择没有单独选的流水怎样认定。")],
        choices=list(FINDINGS.items()),
    )
    others = keys("与此不同的流水号", rows=3)
    words = words("结论和理由", "请写明核实的经过、依据和结论。", rows=5)


class ClawbackForm(FlaskForm):
    mode = RadioField("追回方式", choices=list(MODES.items()), default="offset")
    words = words("情况说明", "请写明查实的情况和依据。", rows=3, longest=150)


class ReferForm(FlaskForm):
    body = SelectField(
        "接收部门", [InputRequired("请选择接收部门。")], choices=[("", "请选择"), *BODIES.items()]
    )
    facts = words("事实", "请写明事实，不写判断和个人信息。")
    evidence = words("证据清单", "请列出随函移送的证据。", rows=3)
    contact = line("联系人和电话", "请写明联系人和电话。", 60)


class ReceiptForm(FlaskForm):
    letter = HiddenField(validators=[InputRequired("请选择移送函。")])
    receipt_no = line("回执文号", "请输入回执文号；没有文号的写“无文号”。", 60)
    receipt_on = DayField("回执日期", [InputRequired("请输入回执日期。")])
    words = words("对方的答复", rows=2)


class CloseForm(FlaskForm):
    words = words("结案意见", "请写明结案意见。", rows=3)
