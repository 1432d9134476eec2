"""Forms of findings, orders, replies, re-inspections, letters, measures and receipts."""

import secrets
from datetime import date, datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from mealsvc.bookings.forms import TimeField, at_on
from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.signatures import SIGNATURE_LENGTH
from mealsvc.kernel.text import tidy
from mealsvc.plumbing.forms import DayField, WholeField, line, storable
from mealsvc.supervision.findings import rules
from mealsvc.supervision.photos.forms import photos_field

LONGEST = 1000


def words(label: str, please: str = "", rows: int = 4) -> TextAreaField:
    """Several lines; mandatory if `please` says what to write."""
    limits: list[Any] = [Length(max=LONGEST, message=f"请不要超过{LONGEST}个字。"), storable]
    limits.insert(0, DataRequired(please) if please else Optional(strip_whitespace=True))
    return TextAreaField(
        label, limits, filters=[lambda written: tidy(written or "")], render_kw={"rows": rows}
    )


class WhenForm(FlaskForm):
    """A day and a time of day, as one instant."""

    day = DayField("日期", [InputRequired("请输入日期。")])
    at = TimeField("时刻", [InputRequired("请输入时刻，如 10:40。")])

    def instant(self) -> datetime:
        """When it was."""
        assert self.day.data is not None and self.at.data is not None
        return at_on(self.day.data, self.at.data)

    def set_now(self, now: datetime) -> None:
        """The present minute, for a form that is shown for the first time."""
        local = now.astimezone(LOCAL)
        self.day.data, self.at.data = local.date(), local.time().replace(second=0, microsecond=0)


class FindingForm(FlaskForm):
    """A finding that no visit made."""

    item = SelectField("检查项", [InputRequired("请选择检查项。")])
    fact = words("事实", "请写明看到、查到的事实，不写判断和个人信息。")
    outcome = RadioField(
        "处理", [InputRequired("请选择怎样处理。")], choices=list(rules.OUTCOME_NAMES.items())
    )


class DecideForm(FlaskForm):
    """Whether a failed key item is handed to a competent body."""

    yes = RadioField(
        "是否移送", [InputRequired("请选择。")], choices=[("yes", "移送主管部门"), ("no", "不移送")]
    )
    why = words("理由", "请写明移送或不移送的理由。", rows=3)


class OrderForm(FlaskForm):
    """An order; its items and demands are read off the request by finding."""

    findings = StringField("问题")  # stands for the ticked findings; drawn by the page itself
    working_days = WholeField("整改期限", [InputRequired("请填整改期限。")])
    consequence = words("逾期不改的后果", "请写明逾期不改的后果。", rows=3)


class ReplyForm(FlaskForm):
    """What the unit says of one item; `key` keeps its photos from being kept twice."""

    key = HiddenField(validators=[Length(max=40), storable])
    cause = words("原因", "请写明为什么会这样。", rows=3)
    measure = words("整改措施", "请写明怎么改的。", rows=3)
    done_on = DayField("完成日期", [InputRequired("请输入完成日期。")])
    person = line("责任人", "请写明责任人姓名。", 30)
    before = photos_field("整改前照片")
    after = photos_field("整改后照片")

    def fill(self, today: date) -> None:
        """What a form that is shown for the first time starts with."""
        self.key.data, self.done_on.data = f"R-{secrets.token_hex(10)}", today


class CheckForm(FlaskForm):
    """A re-inspection; results and evidence are read off the request by finding."""

    checked_on = DayField("复查日期", [InputRequired("请输入复查日期。")])
    lead_id = SelectField("检查人员一", [InputRequired("请选择检查人员。")], coerce=str)
    second_id = SelectField("检查人员二", [InputRequired("请选择检查人员。")], coerce=str)
    present = line("单位在场人员", longest=60)
    next_step = words("下一步", rows=2)
    working_days = WholeField("未改好的新期限", [InputRequired("请填新的期限。")])


class LetterForm(FlaskForm):
    """A letter to a competent body; its findings are read off the request."""

    findings = StringField("问题")  # stands for the ticked findings; drawn by the page itself
    body = SelectField(
        "接收部门",
        [InputRequired("请选择接收部门。")],
        choices=[("", "请选择"), *rules.BODIES.items()],
    )
    copy_only = RadioField(
        "文书", choices=[("no", "移送函（请其办理）"), ("yes", "抄告函（告知）")], default="no"
    )
    facts = words("事实", "请写明事实，不写判断和个人信息。")
    evidence = words("证据清单", "请列出随函移送的证据。", rows=3)
    contact = line("联系人和电话", "请写明联系人和电话。", 60)


class SlipForm(FlaskForm):
    """The receipt slip of a letter."""

    receipt_no = line("回执文号", "请输入回执文号；没有文号的写“无文号”。", 60)
    receipt_on = DayField("回执日期", [InputRequired("请输入回执日期。")])


class AnswerForm(FlaskForm):
    """What the competent body did."""

    answer = words("办理结果", "请写明主管部门的办理结果。")


class InterviewForm(WhenForm):
    """An interview that was held."""

    place = line("地点", "请写明约谈地点。", 60)
    hosts = line("约谈人", "请写明约谈人姓名、职务。", 100)
    attendees = line("被约谈人", "请写明被约谈人姓名、职务。", 100)
    matters = words("约谈事项", "请写明约谈的事项和事实。")
    commitments = words("整改承诺", "请写明单位的整改承诺。", rows=3)


class MeasureForm(FlaskForm):
    """A decision on a measure; `sure` comes with its second page only."""

    from_on = DayField("从哪天起", [InputRequired("请输入第一天。")])
    facts = words("事实", "请写明作出决定的事实。")
    basis = words("依据", "请写明依据的协议条款、补贴办法。", rows=2)
    sure = BooleanField("已核对")


class ResumeForm(FlaskForm):
    """The end of a suspension."""

    resumed_on = DayField("从哪天起恢复", [InputRequired("请输入恢复的第一天。")])
    why = words("理由", "请写明恢复的理由，如复查结论。", rows=3)


class ReceiptForm(WhenForm):
    """How a paper was delivered."""

    paper = SelectField("文书", [InputRequired("请选择送达的文书。")])
    method = RadioField(
        "送达方式", [InputRequired("请选择送达方式。")], choices=list(rules.METHODS.items())
    )
    receiver = line("收件人", "请写明收件人姓名、职务。", 60)
    place = line("送达地点", longest=80)
    witness = line("见证人", longest=60)
    note = line("备注", longest=120)
    strokes = HiddenField(validators=[Length(max=SIGNATURE_LENGTH), storable])
