"""Forms of public notices and clawbacks."""

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from mealsvc.plumbing.forms import DayField, line, storable
from mealsvc.settlement.clawbacks import MODES
from mealsvc.settlement.reasons import REASONS


class NoticeForm(FlaskForm):
    from_on = DayField("公示开始", [InputRequired("请输入公示开始的日期。")])
    to_on = DayField("公示结束", [InputRequired("请输入公示结束的日期。")])
    place = line("公示地点", "请写明贴在哪里。", 100)


class ClawbackForm(FlaskForm):
    sequences = TextAreaField(
        "流水号",
        [
            InputRequired("请填写要追回的流水号。"),
            Length(max=20_000, message="内容太长，请分几次办理。"),
            storable,
        ],
    )
    reason = SelectField("原因", choices=list(REASONS.items()))
    note = line("情况说明", "请写明查实的情况和依据。", 200)
    mode = RadioField("追回方式", choices=list(MODES.items()), default="offset")


class DecideForm(FlaskForm):
    note = line("审批意见", longest=200)


class RepaidForm(FlaskForm):
    repaid_on = DayField("到账日期", [InputRequired("请输入到账日期。")])
    voucher = line("凭证号", "请填写到账凭证号。", 60)
